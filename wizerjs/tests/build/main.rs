//! `wizerjs build`, `link` and `split`.

mod cases;
mod engines;
mod formats;
mod refusals;
