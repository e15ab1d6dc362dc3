//! A request body that carries its own reading.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::nova::{InvalidBody, Operation, RequestBody};

pin_project! {
    /// A request body: untouched, or read, with what it says.
    pub struct InspectBody<B> {
        #[pin]
        kind: Kind<B>,
        // Whether a frame has been taken, so that the rest is not the whole.
        taken: bool,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B> {
        Streaming { #[pin] body: B },
        // Boxed, so that a body nobody reads stays as small as it was.
        Buffered { record: Box<Record<B>> },
        Gone,
    }
}

/// A body that was read, as far as it was.
struct Record<B> {
    data: Bytes,
    trailers: Option<HeaderMap>,
    /// What `data` says, read for this operation.
    view: Option<(Operation, RequestBody)>,
    /// What was not read, when `data` is only the beginning.
    rest: Option<Pin<Box<InspectBody<B>>>>,
}

/// What an inspector may do with a body.
pub(crate) enum State<'a> {
    /// Read it.
    Unread,
    /// Look at these bytes, which are all of it.
    Whole(&'a Bytes),
    /// Nothing: part of it is gone.
    Partial,
}

impl<B> InspectBody<B> {
    /// Wraps a body that nobody has taken a frame of.
    pub const fn new(body: B) -> Self {
        Self {
            kind: Kind::Streaming { body },
            taken: false,
        }
    }

    /// A body that was read to its end.
    pub(crate) fn whole(data: Bytes, trailers: Option<HeaderMap>) -> Self {
        Self::buffered(Record {
            data,
            trailers,
            view: None,
            rest: None,
        })
    }

    /// A body of which the beginning was read.
    pub(crate) fn resumed(data: Bytes, rest: Pin<Box<Self>>) -> Self {
        Self::buffered(Record {
            data,
            trailers: None,
            view: None,
            rest: Some(rest),
        })
    }

    fn buffered(record: Record<B>) -> Self {
        Self {
            kind: Kind::Buffered {
                record: Box::new(record),
            },
            taken: false,
        }
    }

    /// Takes the body out, and leaves nothing.
    pub(crate) fn take(&mut self) -> Self {
        let kind = std::mem::replace(&mut self.kind, Kind::Gone);
        Self {
            kind,
            taken: self.taken,
        }
    }

    pub(crate) fn state(&self) -> State<'_> {
        match &self.kind {
            _ if self.taken => State::Partial,
            Kind::Buffered { record } if record.rest.is_none() => State::Whole(&record.data),
            // Also one whose beginning an audit has read: all of it is still here.
            Kind::Buffered { .. } | Kind::Streaming { .. } => State::Unread,
            Kind::Gone => State::Partial,
        }
    }

    /// What the whole body says for this operation, if it has been read for it.
    pub(crate) fn view(&self, operation: Operation) -> Option<&RequestBody> {
        match &self.kind {
            Kind::Buffered { record } if !self.taken => record
                .view
                .as_ref()
                .filter(|(of, _)| *of == operation)
                .map(|(_, view)| view),
            Kind::Buffered { .. } | Kind::Streaming { .. } | Kind::Gone => None,
        }
    }

    /// Reads what the whole body says for this operation, and keeps it.
    pub(crate) fn interpret(&mut self, operation: Operation) -> Result<(), InvalidBody> {
        if let Kind::Buffered { record } = &mut self.kind {
            record.view = RequestBody::read(operation, &record.data)?.map(|view| (operation, view));
        }
        Ok(())
    }
}

impl<B> fmt::Debug for InspectBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bodies can hold passwords.
        let state = match self.state() {
            State::Unread => "unread",
            State::Whole(_) => "read",
            State::Partial => "partly read",
        };
        f.debug_tuple("InspectBody")
            .field(&format_args!("{state}"))
            .finish()
    }
}

impl<B: Body<Data = Bytes>> Body for InspectBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        *this.taken = true;
        match this.kind.project() {
            KindProj::Streaming { body } => body.poll_frame(cx),
            KindProj::Buffered { record } => {
                record.view = None;
                if !record.data.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut record.data)))));
                }
                if let Some(rest) = &mut record.rest {
                    return rest.as_mut().poll_frame(cx);
                }
                Poll::Ready(
                    record
                        .trailers
                        .take()
                        .map(|trailers| Ok(Frame::trailers(trailers))),
                )
            }
            KindProj::Gone => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Streaming { body } => body.is_end_stream(),
            Kind::Buffered { record } => {
                record.data.is_empty()
                    && record.trailers.is_none()
                    && record.rest.as_ref().is_none_or(|rest| rest.is_end_stream())
            }
            Kind::Gone => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Streaming { body } => body.size_hint(),
            Kind::Buffered { record } => {
                let read = record.data.len() as u64;
                let Some(rest) = &record.rest else {
                    return SizeHint::with_exact(read);
                };
                let rest = rest.size_hint();
                let mut hint = SizeHint::new();
                hint.set_lower(rest.lower().saturating_add(read));
                if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(read)) {
                    hint.set_upper(upper);
                }
                hint
            }
            Kind::Gone => SizeHint::with_exact(0),
        }
    }
}
