//! The future of the answer: waits until the branch is ready, then for the branch.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{body::ResponseBody, middleware::Early};

pin_project! {
    /// The answer of a [`RoleRouter`](super::RoleRouter).
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        early: Early<Driven<S, B>>,
    }
}

pin_project! {
    #[project = DrivenProj]
    enum Driven<S, B>
    where
        S: Service<Request<B>>,
    {
        Waiting { branch: S, request: Option<Request<B>> },
        Called { #[pin] future: S::Future },
    }
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    pub(super) const fn drive(branch: S, request: Request<B>) -> Self {
        Self {
            early: Early::pass(Driven::Waiting {
                branch,
                request: Some(request),
            }),
        }
    }

    pub(super) fn refused(response: Response<Bytes>) -> Self {
        Self {
            early: Early::refused(response),
        }
    }
}

impl<S, B> Future for Driven<S, B>
where
    S: Service<Request<B>>,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match self.as_mut().project() {
                DrivenProj::Waiting { branch, request } => {
                    ready!(branch.poll_ready(cx))?;
                    // INVARIANT: taken only here, and the state changes at once.
                    let Some(request) = request.take() else {
                        return Poll::Pending;
                    };
                    let future = branch.call(request);
                    self.set(Self::Called { future });
                }
                DrivenProj::Called { future } => return future.poll(cx),
            }
        }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Output = Result<Response<ResponseBody<R>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().early.poll(cx)
    }
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture")
    }
}
