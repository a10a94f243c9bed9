//! A small host built on the runner library: load an application, ask it for `/` (or the path given), print the answer.
//!
//! ```text
//! wizerjs build examples/hello/app.js -o hello.wasm
//! cargo run --release -p embed -- hello.wasm
//! ```

use anyhow::{Context, Result};
use http::Request;
use http_body_util::{BodyExt, Empty};
use runner::App;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let artifact = args.next().context("usage: embed ARTIFACT [PATH]")?;
    let path = args.next().unwrap_or_else(|| "/".to_owned());
    // Any tokio runtime will do; on this one guests run fastest.
    runner::runtime(1)?.block_on(async {
        let app = App::load(artifact)?;
        let request = Request::get(path).header("host", "localhost").body(Empty::<&[u8]>::new())?;
        let response = app.handle(request).await;
        println!("{}", response.status());
        let body = response.into_body().collect().await?.to_bytes();
        print!("{}", String::from_utf8_lossy(&body));
        Ok(())
    })
}
