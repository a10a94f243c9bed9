//! `wizerjs build`, `link` and `split`.

mod cases;
mod embedded;
mod engines;
mod formats;
mod large;
mod oracle;
mod refusals;
mod reproducible;
