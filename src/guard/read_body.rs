//! Gets what a body says: once, within the limit, and only if Nova would read it so.

use std::pin::pin;

use bytes::Bytes;
use http::{
    HeaderMap, Request,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName},
};
use http_body::Body;

use super::layer::Shared;
use crate::{
    body::{InspectBody, ReadError, Reading, State},
    nova::Operation,
    policy::{Denial, DenialKind},
};

/// Reads and interprets the body of a request, and leaves it in the request, read.
pub(crate) async fn read_body<B>(
    shared: &Shared,
    operation: Operation,
    request: &mut Request<InspectBody<B>>,
) -> Result<(), Denial>
where
    B: Body<Data = Bytes>,
{
    readable(request.headers())?;
    if declared(request) > shared.body_limit as u64 {
        return Err(too_large(shared.body_limit));
    }
    match request.body().state() {
        State::Whole(_) => within_limit(shared, request.body())?,
        State::Unread => {
            let body = request.body_mut().take();
            *request.body_mut() = read(shared, body, request).await?;
        }
        State::Partial => return Err(unreadable()),
    }
    Ok(request.body_mut().interpret(operation)?)
}

/// Holds a guard's limit against a body that another guard has read.
pub(super) fn within_limit<B>(shared: &Shared, body: &InspectBody<B>) -> Result<(), Denial> {
    match body.state() {
        State::Whole(bytes) if bytes.len() > shared.body_limit => Err(too_large(shared.body_limit)),
        State::Partial | State::Unread | State::Whole(_) => Ok(()),
    }
}

/// Reads an unread body. An audit has to be able to pass on what it did not read.
async fn read<B>(
    shared: &Shared,
    body: InspectBody<B>,
    request: &mut Request<InspectBody<B>>,
) -> Result<InspectBody<B>, Denial>
where
    B: Body<Data = Bytes>,
{
    let limit = shared.body_limit;
    if !shared.audit {
        let mut body = pin!(body);
        return match Reading::new(body.as_mut(), limit).await {
            Ok((data, trailers)) => Ok(InspectBody::whole(data, trailers)),
            Err(ReadError::Broken) => Err(unreadable()),
            Err(ReadError::TooLarge(_)) => Err(too_large(limit)),
        };
    }
    let mut body = Box::pin(body);
    match Reading::new(body.as_mut(), limit).await {
        Ok((data, trailers)) => Ok(InspectBody::whole(data, trailers)),
        Err(ReadError::Broken) => Err(unreadable()),
        Err(ReadError::TooLarge(read)) => {
            *request.body_mut() = InspectBody::resumed(read, body);
            Err(too_large(limit))
        }
    }
}

/// Whether Nova would read the body as the JSON that it is.
fn readable(headers: &HeaderMap) -> Result<(), Denial> {
    if let Some(content_type) = single(headers, &CONTENT_TYPE)? {
        // As Nova: what stands before the first `;`, compared as it is. Parameters, even a
        // charset, do not change how the body is read.
        let media_type = content_type
            .split(|&byte| byte == b';')
            .next()
            .unwrap_or_default();
        match media_type {
            b""
            | b"application/json"
            | b"text/plain"
            | b"application/vnd.openstack.compute+json" => {}
            _ => {
                let message = "the content type is not application/json";
                return Err(Denial::new(DenialKind::MediaType, message));
            }
        }
    }
    match single(headers, &CONTENT_ENCODING)? {
        None | Some(b"identity") => Ok(()),
        Some(_) => {
            let message = "the body must not be encoded";
            Err(Denial::new(DenialKind::ContentEncoding, message))
        }
    }
}

/// The value of a header that may come once. Servers choose differently among several.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, Denial> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(http::HeaderValue::as_bytes);
    if values.next().is_some() {
        let message = format!("the header `{name}` came more than once");
        return Err(Denial::new(DenialKind::DuplicateHeader, message));
    }
    Ok(first)
}

/// The length that the headers or the body announce, in bytes.
fn declared<B: Body<Data = Bytes>>(request: &Request<InspectBody<B>>) -> u64 {
    let header = request.headers().get(CONTENT_LENGTH);
    let header = header
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    request.body().size_hint().lower().max(header)
}

fn too_large(limit: usize) -> Denial {
    let message = format!("the request body is larger than {limit} bytes");
    Denial::new(DenialKind::BodyTooLarge, message)
}

fn unreadable() -> Denial {
    Denial::new(
        DenialKind::BodyUnreadable,
        "the request body could not be received whole",
    )
}
