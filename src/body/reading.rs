//! Reading a body to its end, or to a limit.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body;

/// Reads all of a body that stays within a limit.
pub(crate) struct Reading<'a, B> {
    body: Pin<&'a mut B>,
    limit: usize,
    read: Read,
    trailers: Option<HeaderMap>,
}

/// Why a body was not read to its end.
pub(crate) enum ReadError {
    /// It could not be received.
    Broken,
    /// It is larger than the limit. This much had come.
    TooLarge(Bytes),
}

/// The bytes so far: nothing, one frame as it came, or several joined.
#[derive(Default)]
enum Read {
    #[default]
    Nothing,
    One(Bytes),
    Joined(BytesMut),
}

impl Read {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(bytes) => bytes.len(),
            Self::Joined(bytes) => bytes.len(),
        }
    }

    /// Adds a frame; `expected` is how much is still to come, to make room once.
    fn push(&mut self, frame: Bytes, expected: usize) {
        *self = match std::mem::take(self) {
            Self::Nothing => Self::One(frame),
            Self::One(first) => {
                let mut joined = BytesMut::with_capacity(first.len() + frame.len() + expected);
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&frame);
                Self::Joined(joined)
            }
            Self::Joined(mut joined) => {
                joined.extend_from_slice(&frame);
                Self::Joined(joined)
            }
        }
    }

    fn freeze(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(bytes) => bytes,
            Self::Joined(bytes) => bytes.freeze(),
        }
    }
}

impl<'a, B: Body<Data = Bytes>> Reading<'a, B> {
    /// Reads `body`, but not more than `limit` bytes of it.
    pub(crate) fn new(body: Pin<&'a mut B>, limit: usize) -> Self {
        Self {
            body,
            limit,
            read: Read::Nothing,
            trailers: None,
        }
    }
}

impl<B: Body<Data = Bytes>> Future for Reading<'_, B> {
    /// All the bytes, and the trailers.
    type Output = Result<(Bytes, Option<HeaderMap>), ReadError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let Some(frame) = ready!(self.body.as_mut().poll_frame(cx)) else {
                let data = std::mem::take(&mut self.read).freeze();
                return Poll::Ready(Ok((data, self.trailers.take())));
            };
            let Ok(frame) = frame else {
                return Poll::Ready(Err(ReadError::Broken));
            };
            match frame.into_data() {
                Ok(data) if data.is_empty() => {}
                Ok(data) => {
                    let left = self.limit - self.read.len();
                    let fits = data.len() <= left;
                    // What is over the limit is kept only so that an audit can pass it on.
                    let expected = if fits {
                        self.expected(left - data.len())
                    } else {
                        0
                    };
                    self.read.push(data, expected);
                    if !fits {
                        let read = std::mem::take(&mut self.read).freeze();
                        return Poll::Ready(Err(ReadError::TooLarge(read)));
                    }
                }
                Err(frame) => self.trailers = frame.into_trailers().ok(),
            }
        }
    }
}

impl<B: Body<Data = Bytes>> Reading<'_, B> {
    /// What the body says is still to come, but never more than `most`.
    fn expected(&self, most: usize) -> usize {
        let lower = self.body.size_hint().lower();
        usize::try_from(lower).map_or(most, |lower| lower.min(most))
    }
}

#[cfg(test)]
mod tests;
