//! Components of StarlingMonkey for `wasmtime serve`: made by componentize-js, compiled by Wasmtime.

use super::{Context, bundle};
use crate::peers::Package;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// componentize-js, of a script that listens to `fetch`.
pub(super) fn componentize(context: &mut Context, source: &Path, output: &Path) -> Result<Command> {
    let packages = context.peers.get(Package::Npm("componentize-js"))?;
    let mut command = Command::new(context.peers.node()?);
    command.arg(bundle::source("serving/componentize.mjs")).arg(packages).arg(source).arg(output);
    Ok(command)
}

/// Wasmtime's compiler, with the settings of a server that makes an instance for each request.
pub(super) fn compile(context: &mut Context, component: &Path, output: &Path) -> Result<Command> {
    let mut command = Command::new(context.peers.wasmtime()?);
    command.args(["compile", "-O", "pooling-allocator", "-o"]).args([output, component]);
    Ok(command)
}

/// The server of such a component.
pub(super) fn serve(context: &mut Context, compiled: &Path, address: std::net::SocketAddr) -> Result<Command> {
    let mut command = Command::new(context.peers.wasmtime()?);
    command.args(["serve", "--addr", &address.to_string(), "-S", "cli", "-O", "pooling-allocator"]);
    command.arg("--allow-precompiled").arg(compiled);
    Ok(command)
}
