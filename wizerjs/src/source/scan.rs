//! What a module imports, found by parsing it.

use oxc_allocator::Allocator;
use oxc_ast::ast::{Expression, Program, Statement};
use oxc_parser::Parser;
use oxc_span::SourceType;

/// Deepest nesting of brackets that is parsed. Real code stays below a hundred; the parser's recursion takes some
/// kilobytes of stack a level.
const NESTING_MAX: usize = 20_000;

/// A specifier in a source.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// As written.
    pub(super) specifier: String,
    /// Offset of the string literal in bytes.
    pub(super) offset: usize,
    /// Whether it is `import(…)`.
    pub(super) dynamic: bool,
    /// Whether it has attributes, as in `with { type: 'json' }`.
    pub(super) attributes: bool,
}

/// A source that is not a module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// Where, in bytes.
    pub(super) offset: usize,
    /// Why.
    pub(super) message: String,
}

/// Everything that a module imports by a literal specifier, in the order of the text; each specifier once.
pub(super) fn imports(text: &str) -> Result<Vec<Import>, SyntaxError> {
    check_nesting(text)?;
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::mjs()).parse();
    if let Some(error) = parsed.diagnostics.errors().next() {
        let offset = error.labels.first().map_or(0, |label| label.offset() as usize);
        let help = error.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        return Err(SyntaxError { offset, message: format!("{}{help}", error.message) });
    }
    let with_attributes = attribute_offsets(&parsed.program);
    let fixed = parsed.module_record.requested_modules.iter().flat_map(|(specifier, requests)| {
        requests.iter().map(|request| Import {
            specifier: specifier.to_string(),
            offset: request.span.start as usize,
            dynamic: false,
            attributes: false,
        })
    });
    let dynamic = parsed.module_record.dynamic_imports.iter().filter_map(|import| {
        let span = import.module_request;
        let specifier = literal(text.get(span.start as usize..span.end as usize)?)?;
        Some(Import { specifier, offset: span.start as usize, dynamic: true, attributes: false })
    });
    let mut imports: Vec<Import> = fixed.chain(dynamic).collect();
    imports.sort_by_key(|import| import.offset);
    for import in &mut imports {
        import.attributes = with_attributes.contains(&import.offset);
    }
    let mut seen = std::collections::HashSet::new();
    // A static import counts before a dynamic one: it decides whether the module must be there.
    imports.sort_by_key(|import| import.dynamic);
    imports.retain(|import| seen.insert(import.specifier.clone()));
    imports.sort_by_key(|import| import.offset);
    Ok(imports)
}

/// Offsets of the specifiers of imports and re-exports with attributes.
fn attribute_offsets(program: &Program<'_>) -> Vec<usize> {
    let source = |statement: &Statement<'_>| match statement {
        Statement::ImportDeclaration(import) => import.with_clause.as_ref().map(|_| import.source.span),
        Statement::ExportAllDeclaration(export) => export.with_clause.as_ref().map(|_| export.source.span),
        Statement::ExportFromDeclaration(export) => export.with_clause.as_ref().map(|_| export.source.span),
        _ => None,
    };
    program.body.iter().filter_map(source).map(|span| span.start as usize).collect()
}

/// The value of an expression that is a string literal.
fn literal(expression: &str) -> Option<String> {
    let allocator = Allocator::default();
    match Parser::new(&allocator, expression, SourceType::mjs()).parse_expression().ok()? {
        Expression::StringLiteral(string) => Some(string.value.to_string()),
        Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
            Some(template.quasis.first()?.value.cooked?.to_string())
        }
        _ => None,
    }
}

/// Refuse what would exhaust the parser's stack. Brackets in strings and comments count: that errs on the safe side.
fn check_nesting(text: &str) -> Result<(), SyntaxError> {
    let mut depth = 0usize;
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth > NESTING_MAX {
            return Err(SyntaxError { offset, message: format!("nested more than {NESTING_MAX} levels deep") });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::imports;

    fn found(text: &str) -> String {
        match imports(text) {
            Ok(imports) => imports
                .iter()
                .map(|import| {
                    let dynamic = if import.dynamic { " dynamic" } else { "" };
                    let attributes = if import.attributes { " with" } else { "" };
                    format!("{}@{}{dynamic}{attributes}", import.specifier, import.offset)
                })
                .collect::<Vec<_>>()
                .join(", "),
            Err(error) => format!("{}: {}", error.offset, error.message),
        }
    }

    #[test]
    fn every_kind_of_import_is_found_in_order() {
        assert_eq!(found("import './b.js'; import a from \"./a.js\";"), "./b.js@7, ./a.js@31");
        assert_eq!(found("export * from './b.js'; export {x} from './a.js'"), "./b.js@14, ./a.js@40");
        assert_eq!(found("f(() => import('./a\\x2ejs'))"), "./a.js@15 dynamic");
        assert_eq!(found("await import(`./a.js`); import(`./${b}.js`); import(c)"), "./a.js@13 dynamic");
        assert_eq!(found("import j from './j.json' with { type: 'json' }"), "./j.json@14 with");
        assert_eq!(found("// import './a.js'\n'import \"./b.js\"'"), "");
    }

    #[test]
    fn a_specifier_is_found_once_and_static_if_it_is_both() {
        assert_eq!(found("import('./a.js'); import './a.js'; import './a.js'"), "./a.js@25");
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        assert_eq!(found("let a = 1;\nlet b = ;"), "19: Unexpected token");
    }
}
