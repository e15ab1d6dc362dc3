//! One connection to Nova.

use std::{
    future::poll_fn,
    io,
    pin::pin,
    task::{Context, Poll, Waker, ready},
};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite},
    task::unconstrained,
    time::Instant,
};

use super::idle::Rest;
use crate::{http_client::HTTP1_BUFFER, proxy::deadline::Deadline};

/// What a connection goes over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection, and what was read from it and belongs to no answer yet.
pub(in crate::proxy) struct Connection {
    pub(super) stream: Box<dyn Stream>,
    pub(super) read: BytesMut,
    /// Whether that has more room than it needs while the connection rests.
    is_large: bool,
    /// Of the answer that is waited for.
    pub(super) deadline: Deadline,
}

impl Connection {
    /// Boxed, because it is moved from answer to answer.
    pub(super) fn new(stream: impl Stream + 'static, due: Instant) -> Box<Self> {
        Box::new(Self {
            stream: Box::new(stream),
            read: BytesMut::new(),
            is_large: false,
            deadline: Deadline::new(due),
        })
    }

    /// Reads more, with room for at least so many bytes, and says how many came. None is the
    /// end.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        room: usize,
    ) -> Poll<io::Result<usize>> {
        // Pieces of a body share an allocation as long as it has room: each may be kept for long.
        if self.read.capacity() - self.read.len() < room.min(READ) {
            self.is_large |= room > READ;
            self.read.reserve(room.min(HTTP1_BUFFER));
        }
        pin!(self.stream.read_buf(&mut self.read)).poll(cx)
    }

    /// Up to so many of the next bytes. None are the end.
    pub(super) fn poll_data(&mut self, cx: &mut Context<'_>, most: u64) -> Poll<io::Result<Bytes>> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if self.read.is_empty() {
            // What is large comes in large pieces.
            ready!(self.poll_read(cx, most.max(READ)))?;
        }
        let length = self.read.len().min(most);
        Poll::Ready(Ok(self.read.split_to(length).freeze()))
    }

    /// What was read beyond the head, and the rest, once it carries another protocol.
    pub(in crate::proxy) fn into_parts(self) -> (Bytes, impl AsyncRead + AsyncWrite + Unpin) {
        (self.read.freeze(), self.stream)
    }
}

impl Rest for Box<Connection> {
    fn is_usable(&mut self) -> bool {
        // What comes before a request, even the end, is no answer to it.
        self.read.is_empty() && {
            let cx = &mut Context::from_waker(Waker::noop());
            // Also for a task that has used up its budget: then all would look silent.
            let reading = unconstrained(poll_fn(|cx| self.poll_read(cx, READ)));
            pin!(reading).poll(cx).is_pending()
        }
    }

    fn begin(&mut self) {
        // Gives back the room that a large answer took.
        if std::mem::take(&mut self.is_large) {
            self.read = BytesMut::new();
        }
    }
}

/// Room for the usual head, with the body if it is small.
pub(super) const READ: usize = 8 * 1024;
