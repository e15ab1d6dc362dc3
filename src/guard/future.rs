//! The future of a guard's answer.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use crate::{body::ResponseBody, middleware::Early};

type Judging<R, E> = Pin<Box<dyn Future<Output = Result<Response<ResponseBody<R>>, E>> + Send>>;

pin_project! {
    /// The answer of a [`Guard`](super::Guard).
    pub struct ResponseFuture<F, R, E> {
        #[pin]
        state: State<F, R, E>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, R, E> {
        // Decided at once: no box.
        Early { #[pin] early: Early<F> },
        // Reading and looking up. Boxed, so that pass-through moves little.
        Judging { future: Judging<R, E> },
    }
}

impl<F, R, E> ResponseFuture<F, R, E> {
    pub(crate) const fn pass(future: F) -> Self {
        Self {
            state: State::Early {
                early: Early::pass(future),
            },
        }
    }

    pub(crate) fn refused(response: Response<Bytes>) -> Self {
        Self {
            state: State::Early {
                early: Early::refused(response),
            },
        }
    }

    pub(crate) fn judging(
        future: impl Future<Output = Result<Response<ResponseBody<R>>, E>> + Send + 'static,
    ) -> Self {
        Self {
            state: State::Judging {
                future: Box::pin(future),
            },
        }
    }
}

#[cfg(feature = "config")]
impl<F, R, E> crate::middleware::Settle for ResponseFuture<F, R, E> {
    type Inner = F;

    fn settled(self) -> crate::middleware::Settled<F, Self> {
        let later = |state| Self { state };
        match self.state {
            State::Early { early } => early.settled(|early| later(State::Early { early })),
            judging @ State::Judging { .. } => crate::middleware::Settled::Later(later(judging)),
        }
    }
}

impl<F, R, E> Future for ResponseFuture<F, R, E>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<ResponseBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Early { early } => early.poll(cx),
            StateProj::Judging { future } => future.as_mut().poll(cx),
        }
    }
}

impl<F, R, E> fmt::Debug for ResponseFuture<F, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture")
    }
}
