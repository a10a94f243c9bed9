//! Where a module names another, or a global that does not exist here, found by parsing it: the place that a message begins with.

use super::kinds;
use oxc_allocator::Allocator;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, CallExpression, ExportAllDeclaration, ExportFromDeclaration, Expression, ImportDeclaration,
    ImportExpression, StringLiteral, TryStatement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use std::path::Path;

/// How a module is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `import` and `export … from`.
    Static,
    /// `import()`.
    Dynamic,
    /// `require()`.
    Require,
}

/// A place where a module is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Offset of the specifier in bytes.
    pub(super) offset: usize,
    /// Whether it stands in the block of a `try`, whose `catch` expects that the module may not be there.
    pub(super) in_try: bool,
}

/// The place where `text`, the file at `path`, names `specifier` in this form: one outside of `try` before one inside.
pub(super) fn find(path: &Path, text: &str, specifier: &str, form: Form) -> Option<Found> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, source_type(path)).parse();
    let mut finder = Finder { specifier, form, tries: 0, found: Vec::new() };
    finder.visit_program(&parsed.program);
    finder.found.iter().find(|found| !found.in_try).or(finder.found.first()).copied()
}

/// The first use in `text`, the file at `path`, of each of the `globals` that it does not declare: its index and its offset in
/// bytes. To ask for its type is no use.
pub(super) fn uses(path: &Path, text: &str, globals: &[&str]) -> Vec<(usize, usize)> {
    if !globals.iter().any(|global| text.contains(global)) {
        return Vec::new();
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, source_type(path)).parse();
    let semantic = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program).semantic;
    let scoping = semantic.scoping();
    let first_use = |global: &str| {
        let (_, references) = scoping.root_unresolved_references().iter().find(|(name, _)| name.as_str() == global)?;
        let references = references.iter().map(|id| scoping.get_reference(*id));
        let used = references.filter(|reference| {
            let parent = semantic.nodes().parent_kind(reference.node_id());
            reference.flags().is_read()
                && !matches!(parent, AstKind::UnaryExpression(unary) if unary.operator.is_typeof())
        });
        used.map(|reference| semantic.reference_span(reference).start as usize).min()
    };
    globals.iter().enumerate().filter_map(|(index, global)| Some((index, first_use(global)?))).collect()
}

fn source_type(path: &Path) -> SourceType {
    match kinds::ending(path) {
        // JSX may stand in .js files of packages; nothing else changes its meaning by it.
        "js" | "mjs" => SourceType::mjs().with_jsx(true),
        "cjs" => SourceType::cjs(),
        _ => SourceType::from_path(path).unwrap_or_default(),
    }
}

struct Finder<'s> {
    specifier: &'s str,
    form: Form,
    /// How many `try` blocks are around.
    tries: usize,
    found: Vec<Found>,
}

impl Finder<'_> {
    fn note(&mut self, form: Form, literal: &StringLiteral<'_>) {
        if form == self.form && literal.value == self.specifier {
            self.found.push(Found { offset: literal.span.start as usize, in_try: self.tries > 0 });
        }
    }
}

impl<'a> Visit<'a> for Finder<'_> {
    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        self.note(Form::Static, &import.source);
    }

    fn visit_export_all_declaration(&mut self, export: &ExportAllDeclaration<'a>) {
        self.note(Form::Static, &export.source);
    }

    fn visit_export_from_declaration(&mut self, export: &ExportFromDeclaration<'a>) {
        self.note(Form::Static, &export.source);
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        if let Expression::StringLiteral(literal) = &import.source {
            self.note(Form::Dynamic, literal);
        }
        walk::walk_import_expression(self, import);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if let (Expression::Identifier(callee), Some(Argument::StringLiteral(literal))) =
            (&call.callee, call.arguments.first())
            && callee.name == "require"
        {
            self.note(Form::Require, literal);
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_try_statement(&mut self, statement: &TryStatement<'a>) {
        self.tries += 1;
        self.visit_block_statement(&statement.block);
        self.tries -= 1;
        if let Some(handler) = &statement.handler {
            self.visit_catch_clause(handler);
        }
        if let Some(finalizer) = &statement.finalizer {
            self.visit_block_statement(finalizer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, Found, find, uses};
    use std::path::Path;

    fn found(file: &str, text: &str, form: Form) -> Option<(usize, bool)> {
        find(Path::new(file), text, "x", form).map(|Found { offset, in_try }| (offset, in_try))
    }

    #[test]
    fn every_form_is_found() {
        for (text, form) in [
            ("import a from 'x'", Form::Static),
            ("import 'x'", Form::Static),
            ("export * from 'x'", Form::Static),
            ("export { a } from 'x'", Form::Static),
            ("f(() => import('x'))", Form::Dynamic),
            ("if (a) { b = require('x') }", Form::Require),
        ] {
            assert_eq!(found("a.js", text, form), text.find("'x'").map(|at| (at, false)), "{text}");
        }
        assert_eq!(found("a.js", "import 'x'", Form::Require), None);
        assert_eq!(found("a.ts", "const a: string = require('x') as any", Form::Require), Some((26, false)));
        assert_eq!(found("a.js", "let = = ;", Form::Static), None);
    }

    #[test]
    fn globals_are_found_where_they_are_used() {
        let globals = ["WebSocket", "caches"];
        let found = |file: &str, text: &str| uses(Path::new(file), text, &globals);
        assert_eq!(found("a.js", "const a = new WebSocket(u); caches.open()"), [(0, 14), (1, 28)]);
        assert_eq!(found("a.js", "if (typeof WebSocket === 'undefined') b()"), []);
        assert_eq!(found("a.js", "if (typeof caches !== 'x') caches.match(r)"), [(1, 27)]);
        assert_eq!(found("a.ts", "let socket: WebSocket | undefined; class caches {} new caches()"), []);
        assert_eq!(found("a.js", "globalThis.WebSocket; ({ caches: 1 }); function f(WebSocket) { WebSocket() }"), []);
        assert_eq!(found("a.js", "new WebSocket("), []);
    }

    #[test]
    fn only_the_block_of_a_try_expects_failure() {
        assert_eq!(found("a.cjs", "try { require('x') } catch {}", Form::Require), Some((14, true)));
        assert_eq!(found("a.cjs", "try {} catch { require('x') }", Form::Require), Some((23, false)));
        assert_eq!(found("a.cjs", "try { require('x') } catch {}; require('x')", Form::Require), Some((39, false)));
    }
}
