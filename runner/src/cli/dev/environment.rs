//! Variables of an application while it is developed: from files beside it, and from this process where the settings name
//! them. They are the environment of requests; an artifact never has them.

use anyhow::{Context, Result, bail};
use std::io::ErrorKind;
use std::path::Path;

/// Files of variables; a later one wins.
pub(super) const FILES: [&str; 2] = [".env", ".env.local"];

/// Variables of the project in `folder`, whose settings name `names`, of which this process's own win.
///
/// # Errors
/// A file that cannot be read, with the line.
pub(super) fn read<'a>(folder: &Path, names: impl Iterator<Item = &'a str>) -> Result<Vec<(String, String)>> {
    let mut variables = Vec::new();
    for file in FILES {
        for (name, value) in read_file(&folder.join(file)).with_context(|| file.to_owned())? {
            set(&mut variables, name, value);
        }
    }
    for name in names {
        if let Ok(value) = std::env::var(name) {
            set(&mut variables, name.to_owned(), value);
        }
    }
    Ok(variables)
}

fn set(variables: &mut Vec<(String, String)>, name: String, value: String) {
    variables.retain(|(known, _)| *known != name);
    variables.push((name, value));
}

fn read_file(path: &Path) -> Result<Vec<(String, String)>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => bail!("cannot be read: {error}"),
    };
    let mut variables = Vec::new();
    for variable in dotenvy::from_read_iter(text.as_bytes()) {
        match variable {
            Ok(variable) => variables.push(variable),
            Err(dotenvy::Error::LineParse(part, _)) => {
                let number = line_of(&part, &text, variables.len());
                bail!("line {number} is no variable: expected NAME=VALUE, with quotes around a value with spaces");
            }
            Err(other) => bail!("cannot be read: {other}"),
        }
    }
    Ok(variables)
}

/// Number of the line that has `part` in it, behind as many lines as there are variables `before`.
fn line_of(part: &str, text: &str, before: usize) -> usize {
    let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let lines = text.lines().enumerate().filter(|(_, line)| !is_comment(line)).skip(before);
    lines.into_iter().find(|(_, line)| line.contains(part.trim())).map_or(0, |(index, _)| index + 1)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn later_files_win_and_what_is_no_variable_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let variables = |names: &[&str]| {
            read(folder.path(), names.iter().copied()).map_err(|error| format!("{error:#}")).map(|variables| {
                variables.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
            })
        };
        assert_eq!(variables(&["NO_SUCH_VARIABLE"]).unwrap(), "");
        std::fs::write(folder.path().join(".env"), "# said first\nA=1\nexport B=\"two words\"\n").unwrap();
        std::fs::write(folder.path().join(".env.local"), "A=3\nPATH=mine\n").unwrap();
        assert_eq!(variables(&[]).unwrap(), "B=two words A=3 PATH=mine");
        let path = std::env::var("PATH").unwrap();
        assert_eq!(variables(&["PATH"]).unwrap(), format!("B=two words A=3 PATH={path}"));
        std::fs::write(folder.path().join(".env"), "A='two words'\n\nB=two words\n").unwrap();
        let error = variables(&[]).unwrap_err();
        assert!(error.starts_with(".env: line 3 is no variable"), "{error}");
    }
}
