//! TypeScript's declaration of an application's environment.

use std::fmt::Write;

/// `interface Env` with these variables; nothing if there are none. It belongs behind [`crate::TYPES`].
pub fn declaration<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut members = String::new();
    for name in names {
        // Strings of JSON are names of members. Writing to a string does not fail.
        let _ = match is_identifier(name) {
            true => writeln!(members, "  readonly {name}: string;"),
            false => writeln!(members, "  readonly {}: string;", serde_json::Value::from(name)),
        };
    }
    if members.is_empty() {
        return members;
    }
    format!(
        "\n/** The second argument of a handler: the variables that `wizerjs.toml` names. */\ninterface Env {{\n{members}}}\n"
    )
}

fn is_identifier(name: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    name.starts_with(is_start) && name.chars().all(|c| is_start(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::declaration;

    #[test]
    fn names_are_members() {
        assert_eq!(declaration([].into_iter()), "");
        let written = declaration(["TOKEN", "a-b\""].into_iter());
        assert!(
            written.ends_with("interface Env {\n  readonly TOKEN: string;\n  readonly \"a-b\\\"\": string;\n}\n"),
            "{written}"
        );
    }
}
