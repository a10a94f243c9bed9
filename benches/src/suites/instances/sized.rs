//! Applications whose difference from the engine has a size.

use crate::measure::engine::EngineUnderTest;
use anyhow::Result;
use std::path::Path;

/// Sizes of the data at the top level, in bytes, and what applications of these are called.
pub(super) const SIZES: [(&str, usize); 4] = [("8 KB", 0), ("100 KB", 90 << 10), ("1 MB", 1 << 20), ("7 MB", 7 << 20)];

/// Bytes of memory that one row of the data takes.
const ROW_BYTES: usize = 232;

/// The artifact of an application with so many bytes of data. It answers `/wait` in a minute.
pub(super) fn artifact(engine: &EngineUnderTest, bytes: usize, folder: &Path) -> Result<Vec<u8>> {
    let entry = folder.join(format!("data-{bytes}.js"));
    let rows = bytes / ROW_BYTES;
    let source = format!(
        "const rows = Array.from({{ length: {rows} }}, (_, at) => ({{ number: at, name: `row ${{at}}`, tags: [at, at + 1] }}));\n\
         export default {{\n\
         \x20 async fetch(request) {{\n\
         \x20   if (request.url.endsWith('/wait')) await new Promise((resolve) => setTimeout(resolve, 60000));\n\
         \x20   return new Response(`${{rows.length}}`);\n\
         \x20 }},\n\
         }};\n"
    );
    std::fs::write(&entry, source)?;
    Ok(wizerjs::build(&engine.build_options(entry))?.bytes)
}
