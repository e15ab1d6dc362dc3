//! A request on its way to Nova.

use std::{
    future::poll_fn,
    io::{self, IoSlice, Write as _},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::{
    Method, Request,
    header::{CONNECTION, TRANSFER_ENCODING},
    request::Parts,
};
use http_body::Body;

use super::{BoxError, SendError, connection::Stream};
use crate::proxy::{hop_by_hop::has_word, outgoing::Outgoing};

/// A head and a body, as far as they are not written yet.
///
/// Small pieces are joined, so that the usual request is one call to the system.
pub(super) struct Sending<B> {
    /// Comes first.
    joined: BytesMut,
    /// Comes then: a piece that is too large to be copied.
    large: Bytes,
    /// Comes last, and is none once all of it is above.
    body: Option<Outgoing<B>>,
    length: Length,
    method: Method,
    is_last: bool,
    has_begun: bool,
    is_done: bool,
    failed: Option<io::Error>,
}

enum Length {
    /// So many bytes are still to come.
    Known(u64),
    /// Nobody knows, so that it goes in chunks; whether the end of one is still to be written.
    Chunks { open: bool },
}

impl<B> Sending<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    /// The length of a request, in its headers, is that of its body.
    pub(super) fn new(request: Request<Outgoing<B>>) -> Self {
        let (head, body) = request.into_parts();
        let length = if body.is_end_stream() {
            Length::Known(0)
        } else {
            let exact = body.size_hint().exact();
            exact.map_or(Length::Chunks { open: false }, Length::Known)
        };
        let is_empty = matches!(length, Length::Known(0));
        Self {
            joined: write_head(&head, &length),
            large: Bytes::new(),
            body: (!is_empty).then_some(body),
            length,
            is_last: has_word(&head.headers, &CONNECTION, "close"),
            method: head.method,
            has_begun: false,
            is_done: false,
            failed: None,
        }
    }

    pub(super) const fn method(&self) -> &Method {
        &self.method
    }

    /// Whether it says that no other request comes behind it.
    pub(super) const fn is_last(&self) -> bool {
        self.is_last
    }

    /// Whether any of it was written.
    pub(super) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Whether all of it was.
    pub(super) const fn is_done(&self) -> bool {
        self.is_done
    }

    /// Gives up writing: the answer may be there already, or come yet.
    pub(super) fn fail(&mut self, error: io::Error) {
        self.failed = Some(error);
    }

    /// Why it was given up.
    pub(super) const fn failure(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// Whether there is something to write, or may be.
    pub(super) const fn goes_on(&self) -> bool {
        !self.is_done && self.failed.is_none()
    }

    /// Writes all of it, as long as it goes on.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut dyn Stream,
    ) -> Poll<Result<(), SendError>> {
        loop {
            let gathered = self.poll_gather(cx)?;
            if self.joined.is_empty() && self.large.is_empty() {
                // Also when the body goes on later: what encrypts may have kept something.
                ready!(Pin::new(stream).poll_flush(cx)).map_err(SendError::Write)?;
                ready!(gathered);
                self.is_done = true;
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_write(cx, stream)).map_err(SendError::Write)?;
        }
    }

    /// Reads the rest of the body, of which nobody wants to know any more, for a while: a caller
    /// that is cut off while it writes may never look for the answer.
    pub(super) async fn discard(mut self) {
        let reading = async {
            let mut read = 0;
            while let Some(body) = &mut self.body
                && let Some(Ok(frame)) = poll_fn(|cx| pin!(&mut *body).poll_frame(cx)).await
                && read < DISCARDED
            {
                read += frame.data_ref().map_or(0, Bytes::len);
            }
        };
        // Whether it came to the end does not matter.
        let _in_time = tokio::time::timeout(PATIENCE, reading).await;
    }

    /// Takes as much of the body as is there and can be joined.
    fn poll_gather(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        while self.large.is_empty()
            && self.joined.len() < JOINED
            && let Some(body) = &mut self.body
        {
            let frame = ready!(pin!(body).poll_frame(cx)).transpose();
            let frame = frame.map_err(|error| SendError::Exchange(error.into()))?;
            match frame.map(http_body::Frame::into_data) {
                Some(Ok(data)) if !data.is_empty() => self.add(data)?,
                Some(_) => {}
                None => self.end()?,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn add(&mut self, data: Bytes) -> Result<(), SendError> {
        match &mut self.length {
            Length::Known(left) => {
                *left = left
                    .checked_sub(data.len() as u64)
                    .ok_or_else(|| wrong("more"))?;
            }
            Length::Chunks { .. } => {
                let mut writer = (&mut self.joined).writer();
                write!(writer, "{:x}\r\n", data.len()).map_err(SendError::Write)?;
            }
        }
        let is_small = data.len() <= JOINED;
        if is_small {
            self.joined.extend_from_slice(&data);
        } else {
            self.large = data;
        }
        if let Length::Chunks { open } = &mut self.length {
            *open = true;
        }
        if is_small {
            self.end_chunk();
        }
        if matches!(self.length, Length::Known(0)) {
            self.body = None;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), SendError> {
        self.body = None;
        match self.length {
            Length::Known(_) => Err(wrong("less")),
            Length::Chunks { .. } => {
                self.joined.extend_from_slice(b"0\r\n\r\n");
                Ok(())
            }
        }
    }

    /// Once its data is written, or on its way to be.
    fn end_chunk(&mut self) {
        if let Length::Chunks { open } = &mut self.length
            && std::mem::take(open)
        {
            self.joined.extend_from_slice(b"\r\n");
        }
    }

    fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut dyn Stream,
    ) -> Poll<io::Result<()>> {
        let stream = Pin::new(stream);
        let written = ready!(match (&*self.joined, &*self.large) {
            (joined, []) => stream.poll_write(cx, joined),
            ([], large) => stream.poll_write(cx, large),
            (joined, large) => {
                stream.poll_write_vectored(cx, &[IoSlice::new(joined), IoSlice::new(large)])
            }
        })?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.has_begun = true;
        let of_joined = written.min(self.joined.len());
        self.joined.advance(of_joined);
        self.large.advance(written - of_joined);
        if self.large.is_empty() {
            self.end_chunk();
        }
        Poll::Ready(Ok(()))
    }
}

/// The request line and headers, with what says how long the body is.
fn write_head(head: &Parts, length: &Length) -> BytesMut {
    let mut joined = BytesMut::with_capacity(HEAD);
    for part in [head.method.as_str(), " ", head.uri.path()] {
        joined.extend_from_slice(part.as_bytes());
    }
    if let Some(query) = head.uri.query() {
        joined.extend_from_slice(b"?");
        joined.extend_from_slice(query.as_bytes());
    }
    joined.extend_from_slice(b" HTTP/1.1\r\n");
    for (name, value) in &head.headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            joined.extend_from_slice(part);
        }
    }
    if matches!(length, Length::Chunks { .. }) {
        for part in [TRANSFER_ENCODING.as_str(), ": chunked\r\n"] {
            joined.extend_from_slice(part.as_bytes());
        }
    }
    joined.extend_from_slice(b"\r\n");
    joined
}

fn wrong(how: &str) -> SendError {
    SendError::Exchange(format!("the request body has {how} bytes than it said").into())
}

/// Up to here, copying costs less than a call to the system with several pieces.
const JOINED: usize = 8 * 1024;

/// How much of a body is read, and for how long, once its answer is there.
const DISCARDED: usize = 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// The usual head, and a small body.
const HEAD: usize = 2 * 1024;
