//! The future of the answer.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use crate::{body::ResponseBody, middleware::Early};

pin_project! {
    /// The answer of [`IdentityHeaders`](super::IdentityHeaders).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        early: Early<F>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn pass(future: F) -> Self {
        Self {
            early: Early::pass(future),
        }
    }

    pub(super) fn refused(response: Response<Bytes>) -> Self {
        Self {
            early: Early::refused(response),
        }
    }
}

#[cfg(feature = "config")]
impl<F> crate::middleware::Settle for ResponseFuture<F> {
    type Inner = F;

    fn settled(self) -> crate::middleware::Settled<F, Self> {
        self.early.settled(|early| Self { early })
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<ResponseBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().early.poll(cx)
    }
}
