//! Responses of the host itself: plain text.

use super::Body;
use http::{HeaderValue, Response, StatusCode, header};

/// A response of plain text.
pub(crate) fn plain_text(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
