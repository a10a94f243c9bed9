//! A report as Markdown.

use super::{Report, Suite, Table};
use std::fmt::Write as _;

/// The whole report.
pub(super) fn page(report: &Report) -> String {
    let mut text = String::from("# Benchmarks\n\n");
    for line in head(report) {
        let _ = writeln!(text, "{line}\n");
    }
    text.push_str(&table(&peers(report)));
    for suite in &report.suites {
        text.push_str(&section(suite));
    }
    text
}

/// What stands above all numbers, a paragraph each.
pub(super) fn head(report: &Report) -> Vec<String> {
    let machine = &report.machine;
    let mut lines: Vec<String> = report.noise().into_iter().collect();
    lines.push(format!(
        "{} UTC, commit {}, `{}`{}, {:.0} s.",
        machine.date,
        machine.commit,
        report.command,
        if report.quick { " (short: few rounds)" } else { "" },
        report.seconds
    ));
    lines.push(format!(
        "{} × {}, {:.0} GiB, Linux {}, {}; load when it began {:.1}, and with each sample in `report.json`.",
        machine.processors,
        machine.processor,
        machine.memory_bytes as f64 / (1 << 30) as f64,
        machine.kernel,
        machine.system,
        machine.load
    ));
    lines
}

/// Who was compared with.
pub(super) fn peers(report: &Report) -> Table {
    let row = |peer: &super::PeerRow| {
        vec![peer.name.clone(), peer.package.clone(), peer.error.clone().unwrap_or_else(|| "installed".to_owned())]
    };
    Table {
        title: "Compared with".to_owned(),
        head: ["", "package", ""].map(str::to_owned).to_vec(),
        rows: report.peers.iter().map(row).collect(),
        notes: Vec::new(),
    }
}

fn section(suite: &Suite) -> String {
    let mut text = format!("## {} (`{}`)\n\n", suite.title, suite.name);
    for paragraph in &suite.about {
        let _ = writeln!(text, "{paragraph}\n");
    }
    for one in suite.headline.iter().chain(&suite.tables) {
        text.push_str(&table(one));
    }
    for plot in &suite.plots {
        let _ = writeln!(text, "![{}]({})\n\n{}\n", plot.title, plot.file(), plot.says);
    }
    text
}

/// A table with its title and notes.
pub(super) fn table(table: &Table) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = (0..table.head.len()).map(|column| if table.is_of_numbers(column) { "--:" } else { "---" });
    let mut text = format!("**{}**\n\n{}", table.title, line(&table.head));
    let _ = writeln!(text, "|{}|", rule.collect::<Vec<_>>().join("|"));
    for row in &table.rows {
        text.push_str(&line(row));
    }
    text.push('\n');
    for note in &table.notes {
        let _ = writeln!(text, "- {note}");
    }
    if !table.notes.is_empty() {
        text.push('\n');
    }
    text
}
