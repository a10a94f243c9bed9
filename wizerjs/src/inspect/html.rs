//! An inspection as one page that needs nothing else: sizes, and each memory as a map.

use super::Inspection;
use super::map::MemoryMap;
use super::text::{grouped, text};
use std::fmt::Write;

/// Everything that does not depend on the module.
const TEMPLATE: &str = include_str!("page.html");

/// The page.
pub fn html(name: &str, inspection: &Inspection) -> String {
    let mut memories = String::new();
    for (memory, map) in inspection.memories.iter().zip(&inspection.maps) {
        let cells = map.cells.len();
        // Writing to a string cannot fail.
        let _ = write!(
            memories,
            "<section><h2>Memory {}</h2>\
             <p>{} bytes, {} used in {} segments; image {:.1} % full, {}. One cell is {} bytes.</p>\
             <canvas role=\"img\" aria-label=\"map of memory {}\" data-cell=\"{}\" data-cells=\"{cells}\" data-map=\"{}\"></canvas>\
             <output></output></section>",
            memory.index,
            grouped(memory.bytes),
            grouped(memory.nonzero_bytes),
            grouped(memory.segments),
            memory.image_density * 100.0,
            memory.how_it_starts(),
            grouped(map.cell_bytes),
            memory.index,
            map.cell_bytes,
            levels(map),
        );
    }
    TEMPLATE
        .replace("{{name}}", &escaped(name))
        .replace("{{sections}}", &sections(inspection))
        .replace("{{memories}}", &memories)
        .replace("{{text}}", &escaped(&text(inspection)))
}

/// How full each cell is, in runs: hexadecimal level (0 empty, f full), `*`, how many cells, `,`. An empty tail is left out.
fn levels(map: &MemoryMap) -> String {
    /// Levels above empty.
    const LEVELS: u64 = 15;
    let level = |used: u64| (used * LEVELS).div_ceil(map.cell_bytes).min(LEVELS);
    let mut out = String::new();
    for run in map.cells.chunk_by(|left, right| level(*left) == level(*right)) {
        let _ = write!(out, "{:x}*{},", level(run[0]), run.len());
    }
    out
}

fn sections(inspection: &Inspection) -> String {
    let mut out = String::new();
    let largest = inspection.sections.iter().map(|section| section.bytes).max().unwrap_or(0).max(1);
    for section in &inspection.sections {
        let share = section.bytes as f64 * 100.0 / largest as f64;
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}{}</th><td>{}</td><td class=\"bar\"><i style=\"width:{share:.2}%\"></i></td></tr>",
            escaped(&section.name),
            if section.is_custom { " <small>custom</small>" } else { "" },
            grouped(section.bytes),
        );
    }
    out
}

/// Names come from the module, which may be hostile.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // So that no name can be taken for a placeholder.
            '{' => out.push_str("&#123;"),
            c => out.push(c),
        }
    }
    out
}
