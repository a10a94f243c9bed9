//! A report as one file of HTML, its plots in it.

use super::{Report, Table, markdown};
use anyhow::Result;
use std::fmt::Write as _;

/// How it looks: numbers to the right, wide tables scroll by themselves.
const STYLE: &str =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
caption{text-align:left;font-weight:600;padding:.5rem 0}
td,th{padding:.2rem .6rem;border-bottom:1px solid #ddd;text-align:left}
.number{text-align:right;white-space:nowrap}
.note{color:#666;font-size:13px;margin:.2rem 0}
.noise{background:#fff3cd;padding:.5rem 1rem}
svg{max-width:100%;height:auto}";

/// The whole report.
pub(super) fn page(report: &Report) -> Result<String> {
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Benchmarks</title>\n<style>{STYLE}</style>\n<h1>Benchmarks</h1>\n"
    );
    let noisy = report.noise().is_some();
    for (at, line) in markdown::head(report).iter().enumerate() {
        let class = if noisy && at == 0 { "noise" } else { "" };
        writeln!(text, "<p class=\"{class}\">{}</p>", escaped(line))?;
    }
    text.push_str(&table(&markdown::peers(report))?);
    for suite in &report.suites {
        writeln!(text, "<h2 id=\"{}\">{}</h2>", suite.name, escaped(suite.title))?;
        for paragraph in &suite.about {
            writeln!(text, "<p>{}</p>", escaped(paragraph))?;
        }
        for one in suite.headline.iter().chain(&suite.tables) {
            text.push_str(&table(one)?);
        }
        for plot in &suite.plots {
            writeln!(text, "<figure>{}<figcaption>{}</figcaption></figure>", plot.svg()?, escaped(&plot.says))?;
        }
    }
    text.push_str("</html>\n");
    Ok(text)
}

fn table(table: &Table) -> Result<String> {
    let mut text = format!("<table><caption>{}</caption>\n<tr>", escaped(&table.title));
    let class = |column: usize| if table.is_of_numbers(column) { " class=\"number\"" } else { "" };
    for (column, cell) in table.head.iter().enumerate() {
        write!(text, "<th{}>{}</th>", class(column), escaped(cell))?;
    }
    for row in &table.rows {
        text.push_str("</tr>\n<tr>");
        for (column, cell) in row.iter().enumerate() {
            write!(text, "<td{}>{}</td>", class(column), escaped(cell))?;
        }
    }
    text.push_str("</tr></table>\n");
    for note in &table.notes {
        writeln!(text, "<p class=\"note\">{}</p>", escaped(note))?;
    }
    Ok(text)
}

/// Text as HTML shows it; what is between backticks as code.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut shown = String::with_capacity(text.len());
    for (at, part) in text.split('`').enumerate() {
        if at > 0 {
            shown.push_str(if at % 2 == 1 { "<code>" } else { "</code>" });
        }
        shown.push_str(part);
    }
    shown
}
