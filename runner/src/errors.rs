//! Errors of libraries and of the system, in one line each.

/// An error of Wasmtime in one line.
pub(crate) fn one_line(error: wasmtime::Error) -> anyhow::Error {
    let causes: Vec<String> =
        error.chain().map(|cause| cause.to_string().lines().next().unwrap_or_default().to_owned()).collect();
    anyhow::anyhow!("{}", causes.join(": "))
}

/// The causes of an error in one line.
pub(crate) fn first_lines(error: anyhow::Error) -> anyhow::Error {
    let causes: Vec<_> =
        error.chain().map(|cause| cause.to_string().lines().next().unwrap_or_default().to_owned()).collect();
    anyhow::anyhow!("{}", causes.join(": "))
}

/// An error of the system in words, without its number.
pub(crate) fn in_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}
