//! Stopping: a request that is being answered is answered, and the process ends with status 0.

use anyhow::Result;
use end_to_end::http::Request;
use end_to_end::program::repository;
use end_to_end::server::Server;
use rustix::process::Signal;

#[test]
fn an_idle_server_stops_at_once() -> Result<()> {
    let server = Server::start(&repository().join("examples/hello/app.js"), &[])?;
    let _kept_alive = server.connect()?.send(&Request::get("/"))?;
    let (status, _) = server.stop()?;
    assert_eq!(status.code(), Some(0));
    Ok(())
}

#[test]
fn asked_twice_it_stops_at_once() -> Result<()> {
    let server = Server::start(&repository().join("examples/streaming/app.js"), &[])?;
    let mut connection = server.connect()?;
    connection.write_head(&Request::post("/", ""), None)?;
    connection.write_chunk(b"before ")?;
    assert_eq!(connection.read_head()?.status, 200);
    server.signal(Signal::INT)?;
    let (status, log) = server.stop()?;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.ends_with("error: stopped before the requests that were still open had ended\n"), "{log}");
    Ok(())
}

#[test]
fn interrupt_and_terminate_drain() -> Result<()> {
    for signal in [Signal::INT, Signal::TERM] {
        let server = Server::start(&repository().join("examples/streaming/app.js"), &[])?;
        let mut connection = server.connect()?;
        let request = Request::post("/", "");
        connection.write_head(&request, None)?;
        connection.write_chunk(b"before ")?;
        assert_eq!(connection.read_head()?.status, 200);
        assert_eq!(connection.read_chunk()?.as_deref(), Some(&b"BEFORE "[..]));
        server.signal(signal)?;
        connection.write_chunk(b"after")?;
        connection.write_chunk(b"")?;
        assert_eq!(connection.read_chunk()?.as_deref(), Some(&b"AFTER"[..]));
        assert_eq!(connection.read_chunk()?, None);
        let (status, log) = server.ended()?;
        assert_eq!(status.code(), Some(0), "{log}");
    }
    Ok(())
}
