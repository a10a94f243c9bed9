//! One instance in the hands of a caller, without HTTP around it: for measurements and for proofs.

use crate::host::App;
use crate::instance::{Entry, Instance, ResetReport, pool};
use crate::outcome::Outcome;
use crate::stream::{Body, BodySource};
use anyhow::{Context, Result};
use engine_abi::{Message, State};
use http::{Method, Response};
use std::time::Instant;

/// An instance of an application, pristine when made and after [`Session::reset`].
pub struct Session {
    app: App,
    instance: Option<Box<Instance>>,
}

impl App {
    /// An instance, taken and given back as requests do.
    ///
    /// # Errors
    /// No instance can be made.
    pub fn session(&self) -> Result<Session> {
        let instance = pool::acquire(&self.0.host.idle, &self.0.image, &self.0.context)?;
        Ok(Session { app: self.clone(), instance: Some(instance) })
    }
}

impl Session {
    /// Hand an encoded [`engine_abi::Request`] to the guest, and wait for it on this thread. The response, if the handler gave
    /// one without waiting for anything.
    ///
    /// # Errors
    /// How the request ended otherwise.
    pub fn handle_sync(&mut self, message: &[u8]) -> Result<Response<Body>, Outcome> {
        let Some(instance) = &mut self.instance else { return Err(Outcome::NoInstance) };
        instance.state_mut().begin(&Method::GET, BodySource::empty(), Instant::now());
        match instance.call_at_once(Entry::HandleRequest, message)? {
            State::Done | State::Pending => instance.state_mut().take_answer().ok_or(Outcome::NoResponse),
            State::Failed => Err(Outcome::Failed),
            State::Stalled => Err(Outcome::Stalled),
        }
    }

    /// Wasm instructions that the guest has run since the instance was made, if the host counts them: the same for the same
    /// work, whatever else the machine does.
    pub fn instructions(&self) -> Option<u64> {
        self.instance.as_ref()?.instructions()
    }

    /// Bring the instance back to the application's image.
    ///
    /// # Errors
    /// Why it has to be thrown away instead.
    pub fn reset(&mut self) -> Result<ResetReport> {
        let instance = self.instance.as_mut().context("no instance")?;
        let (context, image) = (&self.app.0.context, &self.app.0.image);
        instance.restore(image, context.clone())
    }

    /// Compare everything that the guest can see of itself (all of memory, every exported mutable global) with the image.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare_with_image(&mut self) -> Result<()> {
        self.instance.as_mut().context("no instance")?.compare(&self.app.0.image)
    }

    /// A GET request for `url` as an encoded message.
    pub fn get(url: &str) -> Vec<u8> {
        let body = engine_abi::Body::Empty;
        engine_abi::Request { method: "GET", url, headers: vec![], body, received_ns: 0, env: vec![] }.encode()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(instance) = self.instance.take() {
            // Whatever the caller did, it is brought back, or thrown away if that is not possible.
            let app = &self.app.0;
            pool::release(&app.host.idle, &app.image, &app.context, instance, true);
        }
    }
}
