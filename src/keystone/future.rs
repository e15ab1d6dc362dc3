//! The future of the answer.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use super::judge::{Judge, Keys};
use crate::{body::ResponseBody, middleware::Early};

type Validating<R, E> = Pin<Box<dyn Future<Output = Result<Response<ResponseBody<R>>, E>> + Send>>;

pin_project! {
    /// The answer of a [`Keystone`](super::Keystone).
    pub struct ResponseFuture<F, R, E> {
        #[pin]
        state: State<F, R, E>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, R, E> {
        // The token was remembered: no box.
        Pass { #[pin] early: Early<F>, judge: Arc<Judge>, keys: Keys },
        Refused { #[pin] early: Early<F> },
        Validating { future: Validating<R, E> },
    }
}

impl<F, R, E> ResponseFuture<F, R, E> {
    pub(super) const fn pass(future: F, judge: Arc<Judge>, keys: Keys) -> Self {
        Self {
            state: State::Pass {
                early: Early::pass(future),
                judge,
                keys,
            },
        }
    }

    pub(super) fn refused(response: Response<Bytes>) -> Self {
        Self {
            state: State::Refused {
                early: Early::refused(response),
            },
        }
    }

    pub(super) fn validating(
        future: impl Future<Output = Result<Response<ResponseBody<R>>, E>> + Send + 'static,
    ) -> Self {
        Self {
            state: State::Validating {
                future: Box::pin(future),
            },
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
            StateProj::Pass { early, judge, keys } => {
                let mut answer = ready!(early.poll(cx));
                if let Ok(response) = &mut answer {
                    judge.look_at(keys, response);
                }
                Poll::Ready(answer)
            }
            StateProj::Refused { early } => early.poll(cx),
            StateProj::Validating { future } => future.as_mut().poll(cx),
        }
    }
}

impl<F, R, E> fmt::Debug for ResponseFuture<F, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture")
    }
}
