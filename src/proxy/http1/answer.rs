//! The head of an answer.

use std::{
    mem::MaybeUninit,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version,
    header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING},
    response::Parts,
};
use memchr::memmem;

use super::{
    BoxError,
    connection::{Connection, READ},
};
use crate::{http_client::HTTP1_BUFFER, proxy::hop_by_hop::has_word};

/// What follows a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes.
    Length(u64),
    /// Pieces that tell how long they are.
    Chunks,
    /// All until the connection ends.
    UntilEnd,
    /// Another protocol.
    Switched,
}

/// A head, and what it says of the connection.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) head: Parts,
    pub(super) framing: Framing,
    /// Whether another request can follow.
    pub(super) stays: bool,
}

/// Reads the head of the answer to a request with this method. Those that only say that the
/// answer is on its way are passed over.
pub(super) fn poll_answer(
    connection: &mut Connection,
    method: &Method,
    cx: &mut Context<'_>,
) -> Poll<Result<Answer, BoxError>> {
    loop {
        while let Some(end) = memmem::find(&connection.read, b"\r\n\r\n") {
            let head = parse(&connection.read.split_to(end + 4).freeze())?;
            let answer = Answer::of(head, method)?;
            if !answer.head.status.is_informational() || answer.framing == Framing::Switched {
                return Poll::Ready(Ok(answer));
            }
        }
        if connection.read.len() >= HTTP1_BUFFER {
            return Poll::Ready(Err("the head of the answer is too large".into()));
        }
        if ready!(connection.poll_read(cx, READ))? == 0 {
            return Poll::Ready(Err("the connection was closed before an answer".into()));
        }
    }
}

impl Answer {
    fn of(mut head: Parts, method: &Method) -> Result<Self, BoxError> {
        let headers = &head.headers;
        let length = length(headers)?;
        let has_chunks = has_chunks(headers)?;
        if has_chunks && head.version == Version::HTTP_10 {
            return Err("the answer is in chunks that its version of HTTP has not".into());
        }
        let framing = match head.status {
            StatusCode::SWITCHING_PROTOCOLS => Framing::Switched,
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => Framing::Length(0),
            status if status.is_informational() || method == Method::HEAD => Framing::Length(0),
            _ if has_chunks => Framing::Chunks,
            _ => length.map_or(Framing::UntilEnd, Framing::Length),
        };
        let stays = if head.version == Version::HTTP_10 {
            has_word(headers, &CONNECTION, "keep-alive")
        } else {
            !has_word(headers, &CONNECTION, "close")
        };
        let is_clear = match head.status {
            StatusCode::NO_CONTENT => !has_chunks && length.unwrap_or(0) == 0,
            _ => !has_chunks || length.is_none(),
        };
        if let Some(length) = length {
            // The same length can have come several times.
            head.headers.insert(CONTENT_LENGTH, length.into());
        }
        Ok(Self {
            head,
            framing,
            stays: stays && is_clear,
        })
    }
}

fn parse(text: &Bytes) -> Result<Parts, BoxError> {
    let mut headers = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut head = httparse::Response::new(&mut []);
    let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
        &mut head,
        text,
        &mut headers,
    )?;
    // Some take the end of one line for the end of a head.
    if parsed != httparse::Status::Complete(text.len()) {
        return Err("the head of the answer ends early".into());
    }
    let mut parts = Response::new(()).into_parts().0;
    parts.status = StatusCode::from_u16(head.code.unwrap_or_default())?;
    parts.version = match head.version {
        Some(0) => Version::HTTP_10,
        _ => Version::HTTP_11,
    };
    parts.headers.reserve(head.headers.len());
    for header in head.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes())?;
        let value = HeaderValue::from_maybe_shared(text.slice_ref(header.value))?;
        parts.headers.append(name, value);
    }
    Ok(parts)
}

/// The one length that is said.
fn length(headers: &HeaderMap) -> Result<Option<u64>, BoxError> {
    let mut found = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        let digits = value.to_str().ok().filter(|text| is_digits(text));
        let length = digits.and_then(|digits| digits.parse().ok());
        let length: u64 = length.ok_or("the length of the answer is not a number")?;
        if found.is_some_and(|found| found != length) {
            return Err("the answer has two lengths".into());
        }
        found = Some(length);
    }
    Ok(found)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a body comes in chunks. No other coding was asked for, and none could be passed on.
fn has_chunks(headers: &HeaderMap) -> Result<bool, BoxError> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(false),
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(true),
        (Some(_), _) => Err("the answer is encoded in a way that was not asked for".into()),
    }
}

/// More than Nova's answers have.
const MOST_HEADERS: usize = 100;
