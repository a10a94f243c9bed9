//! The part of the README that a run writes: the headlines of its suites and one plot, between two marks.

use super::{Report, markdown};
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Before the part.
const BEGIN: &str = "<!-- benches: begin -->\n";
/// After it.
const END: &str = "<!-- benches: end -->\n";
/// The plot, by its name, and where it is kept.
const PLOT: (&str, &str) = ("serving-hello", "docs/serving-hello.svg");

impl Report {
    /// Write the part of `README.md` in `repository`, and its plot.
    ///
    /// # Errors
    /// The run was noisy or short, the README has no such part, or it cannot be written.
    pub fn write_readme(&self, repository: &Path) -> Result<()> {
        if let Some(noise) = self.noise() {
            bail!("README.md stays as it is. {noise}");
        }
        if self.quick {
            bail!("README.md stays as it is: this was a short run");
        }
        let path = repository.join("README.md");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let plots = self.suites.iter().flat_map(|suite| &suite.plots);
        let mut part = self.headlines();
        if let Some(plot) = plots.into_iter().find(|plot| plot.name == PLOT.0) {
            std::fs::write(repository.join(PLOT.1), plot.svg()?)?;
            part += &format!("![{}]({})\n\n{}\n\n", plot.title, PLOT.1, plot.says);
        }
        Ok(std::fs::write(&path, replaced(&text, &part)?)?)
    }

    /// Where and when it ran, and the headline of every suite.
    fn headlines(&self) -> String {
        let mut part: String = markdown::head(self).iter().map(|line| format!("{line}\n\n")).collect();
        for table in self.suites.iter().filter_map(|suite| suite.headline.as_ref()) {
            part += &markdown::table(table);
        }
        part
    }
}

/// `text` with `part` between the marks.
fn replaced(text: &str, part: &str) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).context("README.md has no mark where the part begins")?;
    let (_, after) = rest.split_once(END).context("README.md has no mark where the part ends")?;
    Ok(format!("{before}{BEGIN}\n{part}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, replaced};

    #[test]
    fn what_is_between_the_marks_is_replaced() {
        let text = format!("before\n{BEGIN}old\n{END}after\n");
        let new = replaced(&text, "new\n\n").unwrap();
        assert_eq!(new, format!("before\n{BEGIN}\nnew\n\n{END}after\n"));
        assert_eq!(replaced(&new, "new\n\n").unwrap(), new);
        assert!(replaced("no marks", "new").is_err());
    }

    #[test]
    fn the_readme_has_the_marks() {
        let readme = std::fs::read_to_string(end_to_end::program::repository().join("README.md")).unwrap();
        assert!(replaced(&readme, "").is_ok());
    }
}
