//! A body that arrives as it is told to.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

/// How a body arrives.
#[derive(Clone, Debug, Default, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub struct Framing {
    /// It ends in an error.
    pub broken: bool,
    /// The sizes of all frames but the last.
    pub frames: Vec<u8>,
    pub late: bool,
    pub trailers: bool,
    /// It says how long it is.
    pub sized: bool,
}

/// What a body that broke off ends in.
#[derive(Debug)]
pub struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

enum Step {
    Break,
    Data(Bytes),
    Trailers,
    Wait,
}

/// The body.
pub struct Script {
    steps: VecDeque<Step>,
    size: SizeHint,
}

impl Script {
    /// These bytes, arriving so.
    pub fn new(bytes: &[u8], framing: &Framing) -> Self {
        let mut steps = VecDeque::new();
        let mut rest = Bytes::copy_from_slice(bytes);
        for &size in &framing.frames {
            let frame = rest.split_to(usize::from(size).min(rest.len()));
            steps.push_back(Step::Data(frame));
            if framing.late {
                steps.push_back(Step::Wait);
            }
        }
        steps.push_back(Step::Data(rest));
        if framing.trailers {
            steps.push_back(Step::Trailers);
        }
        if framing.broken {
            steps.push_back(Step::Break);
        }
        let size = if framing.sized {
            SizeHint::with_exact(bytes.len() as u64)
        } else {
            SizeHint::new()
        };
        Self { steps, size }
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Break) => Poll::Ready(Some(Err(Broken))),
            Some(Step::Data(bytes)) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Some(Step::Trailers) => Poll::Ready(Some(Ok(Frame::trailers(HeaderMap::new())))),
            Some(Step::Wait) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}
