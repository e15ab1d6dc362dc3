//! A request's body on its way to Nova.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

/// How far a body has come, told to whoever waits for the answer: when there is none, it
/// matters whose fault that is.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<AtomicU8>);

/// The caller has sent what was asked for so far, or all.
const SENT: u8 = 0;
/// The caller is to send more.
const AWAITED: u8 = 1;
/// The caller broke off, or a layer did.
const FAILED: u8 = 2;

impl Progress {
    pub(super) fn is_awaited(&self) -> bool {
        self.0.load(Ordering::Relaxed) == AWAITED
    }

    pub(super) fn has_failed(&self) -> bool {
        self.0.load(Ordering::Relaxed) == FAILED
    }

    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }
}

pin_project! {
    /// Passes frames of data on as they come, and no trailers: nobody judged them, and there
    /// are servers that read them as headers.
    #[derive(Debug)]
    pub(super) struct Outgoing<B> {
        #[pin]
        body: B,
        // None for a body that is empty, which needs no watching, or is not sent.
        progress: Option<Progress>,
        is_sent: bool,
    }
}

impl<B: Body<Data = Bytes>> Outgoing<B> {
    pub(super) fn new(body: B) -> Self {
        let progress = (!body.is_end_stream()).then(Progress::default);
        Self {
            body,
            progress,
            is_sent: true,
        }
    }

    /// Takes the place of a body that is not sent.
    pub(super) fn unsent(body: B) -> Self {
        Self {
            body,
            progress: None,
            is_sent: false,
        }
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        self.progress.clone()
    }
}

impl<B: Body<Data = Bytes>> Body for Outgoing<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        if !*this.is_sent {
            return Poll::Ready(None);
        }
        let progress = this.progress.as_ref();
        let tell = |state| {
            if let Some(progress) = progress {
                progress.set(state);
            }
        };
        loop {
            tell(AWAITED);
            match ready!(this.body.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) if frame.is_data() => {
                    tell(SENT);
                    return Poll::Ready(Some(Ok(frame)));
                }
                Some(Ok(_trailers)) => {}
                Some(Err(error)) => {
                    tell(FAILED);
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    tell(SENT);
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.is_sent || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_sent {
            self.body.size_hint()
        } else {
            SizeHint::with_exact(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use http::HeaderMap;
    use http_body_util::{BodyExt, Empty, StreamBody};

    use super::*;

    fn body(
        frames: Vec<Result<Frame<Bytes>, &'static str>>,
    ) -> Outgoing<impl Body<Data = Bytes, Error = &'static str> + Unpin> {
        Outgoing::new(StreamBody::new(futures_util::stream::iter(VecDeque::from(
            frames,
        ))))
    }

    #[tokio::test]
    async fn data_passes_and_trailers_do_not() {
        let mut outgoing = body(vec![
            Ok(Frame::data(Bytes::from_static(b"a"))),
            Ok(Frame::trailers(HeaderMap::new())),
        ]);
        let progress = outgoing.progress().unwrap();
        assert_eq!(
            outgoing
                .frame()
                .await
                .unwrap()
                .unwrap()
                .into_data()
                .unwrap(),
            "a"
        );
        assert!(outgoing.frame().await.is_none());
        assert!(!progress.is_awaited() && !progress.has_failed());
    }

    #[tokio::test]
    async fn a_failure_is_told() {
        let mut outgoing = body(vec![Err("gone")]);
        let progress = outgoing.progress().unwrap();
        assert!(outgoing.frame().await.unwrap().is_err());
        assert!(progress.has_failed());
    }

    #[test]
    fn an_empty_body_is_not_watched() {
        let empty: Outgoing<Empty<Bytes>> = Outgoing::new(Empty::new());
        assert!(empty.progress().is_none());
    }
}
