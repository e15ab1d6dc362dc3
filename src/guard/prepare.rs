//! Makes a request say only what was judged.

use http::{
    HeaderValue, Request, Uri,
    header::{
        CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderMap, TRANSFER_ENCODING,
    },
};

use crate::{
    body::{InspectBody, State},
    nova::canonical_path,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Rewrites a judged request: the canonical path, and for a body that was read, headers that
/// describe these bytes and leave nothing to interpret.
pub(super) fn prepare<B>(request: &mut Request<InspectBody<B>>) {
    if let Some(uri) = canonical_uri(request.uri()) {
        *request.uri_mut() = uri;
    }
    let State::Whole(bytes) = request.body().state() else {
        return;
    };
    let length = bytes.len();
    let headers = request.headers_mut();
    for name in [TRANSFER_ENCODING, CONTENT_ENCODING, EXPECT] {
        headers.remove(name);
    }
    if headers.get(CONTENT_TYPE) != Some(&JSON) {
        headers.insert(CONTENT_TYPE, JSON);
    }
    if !says_length(headers, length) {
        headers.insert(CONTENT_LENGTH, length.into());
    }
}

/// Whether there is exactly one content length, and it is this.
fn says_length(headers: &HeaderMap, length: usize) -> bool {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let said = values
        .next()
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    said == Some(length) && values.next().is_none()
}

/// The same URI with its path in the one spelling; `None` if it is spelled so.
fn canonical_uri(uri: &Uri) -> Option<Uri> {
    // INVARIANT: the path was read before, so it has a canonical spelling.
    let path = canonical_path(uri.path()).ok()?;
    if path == uri.path() {
        return None;
    }
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.into_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = target.parse().ok();
    Uri::from_parts(parts).ok()
}
