//! Bodies in chunks, each behind a line with its length.

use std::{
    io,
    task::{Context, Poll, ready},
};

use bytes::{Buf as _, Bytes};
use http::{HeaderName, HeaderValue};
use memchr::memchr;

use super::connection::{Connection, READ};

/// Where in a body its reading is.
#[derive(Debug)]
pub(super) enum Chunks {
    /// Before the length of a chunk.
    Length,
    /// In a chunk, of which so many bytes are still to come.
    Data(u64),
    /// Behind the data of a chunk, before the end of its line.
    DataEnd,
    /// Behind the last chunk, of whose trailers so many bytes may still come.
    Trailers(usize),
}

impl Chunks {
    /// The next piece. None is the end of the body.
    pub(super) fn poll_data(
        &mut self,
        connection: &mut Connection,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<Bytes>>> {
        loop {
            match self {
                Self::Length => {
                    let line = ready!(poll_line(connection, cx, LINE))?;
                    *self = match length(&line)? {
                        0 => Self::Trailers(TRAILERS),
                        length => Self::Data(length),
                    };
                }
                Self::Data(left) => {
                    let data = ready!(connection.poll_data(cx, *left))?;
                    if data.is_empty() {
                        return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                    }
                    *left -= data.len() as u64;
                    if *left == 0 {
                        *self = Self::DataEnd;
                    }
                    return Poll::Ready(Ok(Some(data)));
                }
                Self::DataEnd => {
                    if !ready!(poll_line(connection, cx, 0))?.is_empty() {
                        return Poll::Ready(Err(invalid("a chunk is longer than it says")));
                    }
                    *self = Self::Length;
                }
                Self::Trailers(left) => {
                    let line = ready!(poll_line(connection, cx, *left))?;
                    if line.is_empty() {
                        return Poll::Ready(Ok(None));
                    }
                    // Nobody asked for them, and nobody reads them.
                    if !is_field(&line) {
                        return Poll::Ready(Err(invalid("a trailer is none")));
                    }
                    *left = left.saturating_sub(line.len());
                }
            }
        }
    }
}

/// The next line without its end, if it is not longer than this.
fn poll_line(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    most: usize,
) -> Poll<io::Result<Bytes>> {
    loop {
        let read = &mut connection.read;
        match memchr(b'\n', read) {
            Some(end) if end <= most + 1 => {
                let mut line = read.split_to(end).freeze();
                read.advance(1);
                if memchr(b'\r', &line).is_none_or(|at| at + 1 != end) {
                    return Poll::Ready(Err(invalid("a line of the body ends wrongly")));
                }
                line.truncate(end - 1);
                return Poll::Ready(Ok(line));
            }
            None if read.len() <= most + 1 => {}
            Some(_) | None => {
                return Poll::Ready(Err(invalid("a line of the body is too long")));
            }
        }
        if ready!(connection.poll_read(cx, READ))? == 0 {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
    }
}

/// The length of a chunk, whose line can also have extensions.
fn length(line: &[u8]) -> io::Result<u64> {
    let end = line.iter().position(|byte| !byte.is_ascii_hexdigit());
    let (digits, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.iter().find(|byte| !b" \t".contains(byte));
    let is_ended = matches!(rest, None | Some(b';'));
    let digits = str::from_utf8(digits).ok().filter(|_| is_ended);
    let length = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    length.ok_or_else(|| invalid("the length of a chunk is not a number"))
}

fn is_field(line: &[u8]) -> bool {
    let colon = memchr(b':', line).and_then(|at| line.split_at_checked(at));
    colon.is_some_and(|(name, value)| {
        HeaderName::from_bytes(name).is_ok() && HeaderValue::from_bytes(value).is_ok()
    })
}

fn invalid(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// The longest line before a chunk.
const LINE: usize = 1024;

/// The most bytes of trailers.
const TRAILERS: usize = 16 * 1024;
