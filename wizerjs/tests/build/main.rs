//! `wizerjs build`, `link` and `split`.

mod cases;
mod embedded;
mod engines;
mod formats;
mod oracle;
mod refusals;
