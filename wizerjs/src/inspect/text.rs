//! An inspection for people to read in a terminal.

use super::{Application, Inspection, MemoryUse};
use crate::record::Initialization;
use std::fmt::Write;

/// The inspection as lines of text.
pub fn text(inspection: &Inspection) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_all(&mut out, inspection);
    out
}

fn write_all(out: &mut String, inspection: &Inspection) -> std::fmt::Result {
    writeln!(out, "{:>14}  file", grouped(inspection.bytes))?;
    for section in &inspection.sections {
        let kind = if section.is_custom { "custom section" } else { "section" };
        writeln!(out, "{:>14}  {kind} {}", grouped(section.bytes), escaped(&section.name))?;
    }
    let counts = inspection.counts;
    writeln!(
        out,
        "\n{} functions ({} imported), {} tables, {} globals, {} exports",
        counts.functions, counts.imported_functions, counts.tables, counts.globals, counts.exports
    )?;
    writeln!(out, "{} active and {} passive data segments", inspection.active_segments, inspection.passive_segments)?;
    for memory in &inspection.memories {
        write_memory(out, memory)?;
    }
    if let Some(application) = &inspection.application {
        write_application(out, application)?;
    }
    if let Some(initialization) = &inspection.initialization {
        write_initialization(out, initialization)?;
    }
    for warning in inspection.warnings() {
        writeln!(out, "\nwarning: {warning}")?;
    }
    Ok(())
}

fn write_memory(out: &mut String, memory: &MemoryUse) -> std::fmt::Result {
    writeln!(
        out,
        "\nmemory {}: {} bytes in {} pages of {}",
        memory.index,
        grouped(memory.bytes),
        grouped(memory.pages),
        grouped(memory.page_bytes)
    )?;
    writeln!(out, "{:>14}  bytes used, {} zero", grouped(memory.nonzero_bytes), grouped(memory.zero_bytes))?;
    writeln!(out, "{:>14}  bytes in {} segments", grouped(memory.segment_bytes), grouped(memory.segments))?;
    let mapped = memory.how_it_starts();
    writeln!(
        out,
        "{:>14}  bytes of image, {:.1} % full, {mapped}",
        grouped(memory.image_bytes),
        memory.image_density * 100.0
    )
}

fn write_application(out: &mut String, application: &Application) -> std::fmt::Result {
    writeln!(out, "\napplication {} of {}", escaped(&application.entry), escaped(&application.engine))?;
    writeln!(out, "                engine digest {}", application.engine_digest)?;
    writeln!(out, "{:>14}  pages of the engine's memory", grouped(application.memory_pages))?;
    writeln!(out, "{:>14}  globals changed", application.globals_changed)?;
    for name in &application.environment {
        writeln!(out, "                environment variable {}", escaped(name))?;
    }
    Ok(())
}

fn write_initialization(out: &mut String, initialization: &Initialization) -> std::fmt::Result {
    writeln!(out, "\ninitialization")?;
    for call in &initialization.host_calls {
        writeln!(out, "{:>14}  calls of {}.{}", grouped(call.count), escaped(&call.module), escaped(&call.name))?;
    }
    let reads = &initialization.reads;
    writeln!(out, "{:>14}  readings of the wall clock", grouped(reads.wall_clock))?;
    writeln!(out, "{:>14}  readings of the monotonic clock", grouped(reads.monotonic_clock))?;
    writeln!(out, "{:>14}  bytes of randomness", grouped(reads.random_bytes))?;
    writeln!(out, "{:>14}  environment variables granted and read", reads.environment.len())?;
    for name in &reads.environment {
        writeln!(out, "                {}", escaped(name))?;
    }
    writeln!(out, "{:>14}  globals changed", initialization.globals_changed.len())?;
    for global in &initialization.globals_changed {
        writeln!(out, "                global {} = {}", global.index, escaped(&global.value))?;
    }
    writeln!(out, "{:>14}  tables changed", initialization.tables_changed.len())?;
    for table in &initialization.tables_changed {
        writeln!(out, "                table {}: {} entries, {} null", table.index, table.entries, table.null)?;
    }
    writeln!(out, "{:>14}  data segments dropped", initialization.data_dropped.len())?;
    writeln!(out, "{:>14}  element segments dropped", initialization.elements_dropped.len())
}

/// Names come from the module: what a terminal would act on is shown instead.
fn escaped(name: &str) -> String {
    name.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// A number with its digits in groups of three.
pub(super) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(escaped("a\u{1b}[31mb"), "a\\u{1b}[31mb");
    }
}
