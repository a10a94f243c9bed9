//! Commands that end by themselves, or are ended.

use anyhow::{Context, Result, bail};
use end_to_end::program::repository;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often it is looked whether a command has ended.
const LOOK: Duration = Duration::from_millis(1);

/// What a command wrote to standard output.
///
/// # Errors
/// It cannot be started, fails, or is not done within `patience`; then it is killed.
pub fn output(command: &mut Command, patience: Duration) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let stdout = read(child.stdout.take().context("piped")?);
    let stderr = read(child.stderr.take().context("piped")?);
    let until = Instant::now() + patience;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > until {
            child.kill()?;
            child.wait()?;
            bail!("{name} was not done after {} s", patience.as_secs());
        }
        std::thread::sleep(LOOK);
    };
    let errors = stderr.join().unwrap_or_default();
    if !status.success() {
        bail!("{name}, {status}: {}", reason(&errors));
    }
    Ok(stdout.join().unwrap_or_default())
}

/// A command as it would be typed, without what depends on where the repository is.
pub fn shown(command: &Command) -> String {
    let envs = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let envs = envs.map(|(name, value)| format!("{}={}", name.display(), value.display()));
    let arguments = command.get_args().map(|argument| argument.display().to_string());
    let words: Vec<String> = envs.chain([command.get_program().display().to_string()]).chain(arguments).collect();
    words.join(" ").replace(&format!("{}/", repository().display()), "")
}

fn read(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The line of an error's text that says what went wrong.
fn reason(errors: &str) -> &str {
    let lines = || errors.lines().map(str::trim).filter(|line| !line.is_empty());
    lines().find(|line| line.contains("rror:")).or_else(|| lines().next_back()).unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests {
    use super::{output, shown};
    use std::process::Command;
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn a_command_ends_or_is_ended() {
        assert_eq!(output(Command::new("echo").arg("yes"), PATIENCE).unwrap(), "yes\n");
        let failed = output(Command::new("sh").args(["-c", "echo 'TypeError: no' >&2; echo at >&2; exit 3"]), PATIENCE);
        assert_eq!(failed.unwrap_err().to_string(), "sh, exit status: 3: TypeError: no");
        let hangs = output(Command::new("sleep").arg("1000"), Duration::from_millis(50));
        assert!(hangs.unwrap_err().to_string().contains("not done"));
        assert!(output(&mut Command::new("/no/such/program"), PATIENCE).is_err());
    }

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let path = end_to_end::program::repository().join("target/x");
        assert_eq!(shown(Command::new(path).env("A", "b").args(["-c", "d"])), "A=b target/x -c d");
    }
}
