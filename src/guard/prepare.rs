//! Makes a request say only what was judged.

use http::{
    HeaderValue, Request, Uri,
    header::{
        CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderMap, TRANSFER_ENCODING,
    },
    uri::PathAndQuery,
};

use crate::{
    body::{InspectBody, State},
    identity::remove_where,
    nova::{Unclear, canonical_path},
    policy::Denial,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Gives a judged request the one spelling of its path, and none of another.
pub(crate) fn rewrite_target<B>(request: &mut Request<B>) -> Result<(), Denial> {
    let uri = request.uri();
    let path = canonical_path(uri.path())?;
    if path == uri.path() {
        return Ok(());
    }
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.into_owned(),
    };
    // Escapes can make a target too long to be one.
    let unclear = |_| Denial::from(Unclear::UnknownForm);
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).map_err(unclear)?);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| Denial::from(Unclear::UnknownForm))?;
    Ok(())
}

/// Makes the headers of a judged request describe the bytes that were read, if any were, and
/// leave nothing to interpret.
pub(crate) fn describe_body<B>(request: &mut Request<InspectBody<B>>) {
    let State::Whole(bytes) = request.body().state() else {
        return;
    };
    let length = bytes.len();
    let headers = request.headers_mut();
    remove_where(headers, |name| {
        [TRANSFER_ENCODING, CONTENT_ENCODING, EXPECT].contains(name)
    });
    if headers.get(CONTENT_TYPE) != Some(&JSON) {
        headers.insert(CONTENT_TYPE, JSON);
    }
    if !says_length(headers, length) {
        headers.insert(CONTENT_LENGTH, length.into());
    }
}

/// Whether there is exactly one content length, and it is this, in digits alone.
fn says_length(headers: &HeaderMap, length: usize) -> bool {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let digits = values.next().and_then(|value| value.to_str().ok());
    let digits = digits.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|text| text.parse().ok()) == Some(length) && values.next().is_none()
}
