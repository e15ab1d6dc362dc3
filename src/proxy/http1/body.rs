//! The body of an answer.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::{answer::Framing, chunks::Chunks, connection::Connection, idle::Idle};

/// A body that is read from its connection as it is asked for.
///
/// The connection rests again when all of it was read, and is closed when the body is dropped
/// before.
pub(in crate::proxy) struct Http1Body {
    /// Until the end.
    connection: Option<Box<Connection>>,
    left: Left,
    /// Told once what came before has had its turn.
    failed: Option<io::Error>,
    /// Where the connection goes then, if it can be used again.
    idle: Option<Arc<Idle<Box<Connection>>>>,
}

enum Left {
    Chunks(Chunks),
    Length(u64),
    Switched,
    UntilEnd,
}

impl Http1Body {
    pub(super) fn new(
        connection: Box<Connection>,
        framing: Framing,
        idle: Option<Arc<Idle<Box<Connection>>>>,
    ) -> Self {
        let (left, idle) = match framing {
            Framing::Chunks => (Left::Chunks(Chunks::Length), idle),
            Framing::Length(length) => (Left::Length(length), idle),
            // These are the connection's last.
            Framing::Switched => (Left::Switched, None),
            Framing::UntilEnd => (Left::UntilEnd, None),
        };
        let mut body = Self {
            connection: Some(connection),
            left,
            failed: None,
            idle,
        };
        if let Left::Length(0) = body.left {
            body.end();
        }
        body
    }

    /// The connection, if it carries another protocol from here on.
    pub(in crate::proxy) fn into_switched(self) -> Option<Box<Connection>> {
        self.connection
            .filter(|_| matches!(self.left, Left::Switched))
    }

    /// All of it was read.
    fn end(&mut self) {
        let connection = self.connection.take();
        if let (Some(connection), Some(idle)) = (connection, self.idle.take())
            // What comes behind an answer is none that was asked for.
            && connection.read.is_empty()
        {
            idle.put(connection);
        }
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        let Some(connection) = &mut self.connection else {
            return Poll::Ready(Ok(None));
        };
        let data = match &mut self.left {
            Left::Chunks(chunks) => ready!(chunks.poll_data(connection, cx))?,
            Left::Length(left) => {
                let data = ready!(connection.poll_data(cx, *left))?;
                if data.is_empty() {
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
                *left -= data.len() as u64;
                if *left == 0 {
                    self.end();
                }
                Some(data)
            }
            Left::UntilEnd => {
                let data = ready!(connection.poll_data(cx, u64::MAX))?;
                (!data.is_empty()).then_some(data)
            }
            Left::Switched => None,
        };
        if data.is_none() {
            self.end();
        }
        Poll::Ready(Ok(data))
    }
}

impl Body for Http1Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        match ready!(self.poll_data(cx)) {
            Ok(data) => Poll::Ready(data.map(|data| Ok(Frame::data(data)))),
            Err(error) => {
                // A server that is told at once drops what it has not written yet, even the head.
                self.connection = None;
                self.failed = Some(error);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.connection.is_none() && self.failed.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.left {
            _ if self.connection.is_none() => SizeHint::with_exact(0),
            Left::Length(left) => SizeHint::with_exact(left),
            Left::Chunks(_) | Left::Switched | Left::UntilEnd => SizeHint::default(),
        }
    }
}

impl fmt::Debug for Http1Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http1Body").finish_non_exhaustive()
    }
}
