//! Which application a request is for.

use crate::app::App;
use crate::body::{Body, BoxError};
use crate::host::Shared;
use http::{Request, Response};
use http_body::Body as HttpBody;

/// Finds the application of a request.
#[derive(Clone)]
pub struct Router(App);

impl From<App> for Router {
    fn from(app: App) -> Self {
        Self(app)
    }
}

impl Router {
    pub(crate) fn shared(&self) -> &Shared {
        &self.0.0.context.shared
    }

    /// Answer a request with the application it is for.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: HttpBody + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.0.handle(request).await
    }
}
