//! What rolldown found wrong, in this program's words and with its places.

use super::importer::Importer;
use crate::source::{Located, Remark};
use engine_source_map::excerpt;
use rolldown_error::{BuildDiagnostic, EventKind};

/// An error.
pub(super) fn located(diagnostic: &BuildDiagnostic, importer: &Importer) -> Located {
    let message = message(diagnostic, importer);
    if let Some(located) = broken_tsconfig(&message, importer) {
        return located;
    }
    let Some((shown, line, column)) = place(diagnostic) else {
        let file = diagnostic.id().map(|id| importer.name(&id).into_owned()).unwrap_or_default();
        return Located { file, position: None, message, excerpt: String::new(), details: String::new() };
    };
    let path = importer.path(&shown);
    // Read again: only what fails needs it.
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    Located {
        file: importer.name(&path.to_string_lossy()).into_owned(),
        position: Some((line, column)),
        message,
        excerpt: excerpt(&text, line, column),
        details: String::new(),
    }
}

/// The place in a message about a `tsconfig.json`: "Failed to load tsconfig 'tsconfig.json': expected value at line 1 column 4".
fn broken_tsconfig(message: &str, importer: &Importer) -> Option<Located> {
    let (shown, cause) = message.strip_prefix("Failed to load tsconfig '")?.split_once("': ")?;
    let (cause, place) = cause.rsplit_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    let (line, column) = (line.parse().ok()?, column.parse().ok()?);
    let path = importer.path(shown);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    Some(Located {
        file: importer.name(&path.to_string_lossy()).into_owned(),
        position: Some((line, column)),
        message: format!("not JSON: {cause}"),
        excerpt: excerpt(&text, line, column),
        details: String::new(),
    })
}

/// A warning about a file of the application; packages are not its author's to mend.
pub(super) fn remark(diagnostic: &BuildDiagnostic, importer: &Importer) -> Option<Remark> {
    if !is_told(diagnostic.kind()) {
        return None;
    }
    let (shown, line, column) = place(diagnostic)?;
    let file = importer.name(&importer.path(&shown).to_string_lossy()).into_owned();
    let own = !super::project::is_packages(&file) && !shown.starts_with("\\0");
    own.then(|| Remark { file, position: (line, column), message: message(diagnostic, importer) })
}

/// Whether a warning is of a kind that means a mistake.
fn is_told(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ImportIsUndefined | EventKind::CommonJsVariableInEsm | EventKind::UnsupportedTsconfigOption
    )
}

/// File as rolldown shows it, line and column from 1.
fn place(diagnostic: &BuildDiagnostic) -> Option<(String, u32, u32)> {
    let (file, line, column, _) = diagnostic.to_diagnostic().get_primary_location()?;
    Some((file, u32::try_from(line).ok()?, u32::try_from(column).ok()?.saturating_add(1)))
}

fn message(diagnostic: &BuildDiagnostic, importer: &Importer) -> String {
    let said = diagnostic.to_string();
    // Their messages name files by their paths on this machine.
    let said = said.replace(&format!("{}/", importer.project.root().display()), "");
    let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason was given").trim();
    match diagnostic.kind() {
        EventKind::ParseError => format!("SyntaxError: {first}"),
        EventKind::JsonParseError => format!("not JSON: {first}"),
        EventKind::MissingExportError => match diagnostic.exporter() {
            Some(exporter) => {
                let name = first.split('"').nth(1).unwrap_or_default();
                format!("SyntaxError: {} does not export '{name}'", importer.name(&exporter))
            }
            None => format!("SyntaxError: {first}"),
        },
        _ => first.to_owned(),
    }
}
