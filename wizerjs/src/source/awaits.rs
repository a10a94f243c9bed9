//! Where modules wait at their top level: what a build that never ends its waiting can point at.

use super::read::on_parser_stack;
use super::{SourceModule, Sources, position_of};
use oxc_allocator::Allocator;
use oxc_ast::ast::{ArrowFunctionExpression, AwaitExpression, ForOfStatement, Function};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_span::SourceType;
use oxc_syntax::scope::ScopeFlags;

/// A place in a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Module name.
    pub file: String,
    /// Line and column.
    pub position: (u32, u32),
}

/// Every top-level `await` and `for await`, module by module in the order of the text.
pub fn top_level_awaits(sources: &Sources) -> Vec<Place> {
    let find = || sources.modules.iter().flat_map(in_module).collect();
    on_parser_stack(find).unwrap_or_default()
}

fn in_module(module: &SourceModule) -> Vec<Place> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &module.text, SourceType::mjs()).parse();
    let mut awaits = Awaits(Vec::new());
    awaits.visit_program(&parsed.program);
    awaits.0.sort_unstable();
    let place = |offset: u32| Place { file: module.name.clone(), position: position_of(&module.text, offset as usize) };
    awaits.0.into_iter().map(place).collect()
}

/// Offsets of awaits outside of functions.
struct Awaits(Vec<u32>);

impl<'a> Visit<'a> for Awaits {
    fn visit_function(&mut self, _: &Function<'a>, _: ScopeFlags) {}

    fn visit_arrow_function_expression(&mut self, _: &ArrowFunctionExpression<'a>) {}

    fn visit_await_expression(&mut self, expression: &AwaitExpression<'a>) {
        self.0.push(expression.span.start);
        walk::walk_await_expression(self, expression);
    }

    fn visit_for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        if statement.r#await {
            self.0.push(statement.span.start);
        }
        walk::walk_for_of_statement(self, statement);
    }
}

#[cfg(test)]
mod tests {
    use super::top_level_awaits;
    use crate::source::{SourceModule, Sources};

    #[test]
    fn awaits_in_functions_do_not_count() {
        let text = "async function f() { await 1; }\nconst g = async () => await 2;\nif (f) {\n  x(await g());\n}\n\
            for await (const a of b) {}\nclass C { async m() { await 3; } }\n";
        let module = SourceModule { name: "app.js".to_owned(), text: text.to_owned(), imports: Vec::new() };
        let sources = Sources { modules: vec![module], source_map: String::new(), remarks: Vec::new() };
        let places: Vec<_> = top_level_awaits(&sources).into_iter().map(|place| place.position).collect();
        assert_eq!(places, [(4, 5), (6, 1)]);
    }
}
