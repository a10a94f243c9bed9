//! `wizerjs schema`: what `wizerjs.toml` may say, for editors.

use anyhow::Result;
use wizerjs::settings::Settings;

/// Print the JSON schema of `wizerjs.toml`
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(Args {}: Args) -> Result<()> {
    super::print(&Settings::schema())
}
