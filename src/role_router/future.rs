//! The future of the answer: waits until the branch is ready, then for the branch.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
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
        Failed { error: Option<S::Error> },
    }
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    pub(super) fn drive(mut branch: S, request: Request<B>) -> Self {
        // Nearly all are ready at once: then the request need not go into the future.
        let driven = match branch.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => Driven::Called {
                future: branch.call(request),
            },
            Poll::Ready(Err(error)) => Driven::Failed { error: Some(error) },
            Poll::Pending => Driven::Waiting {
                branch,
                request: Some(request),
            },
        };
        Self {
            early: Early::pass(driven),
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
                DrivenProj::Failed { error } => {
                    return error
                        .take()
                        .map_or(Poll::Pending, |error| Poll::Ready(Err(error)));
                }
            }
        }
    }
}

#[cfg(feature = "config")]
impl<S, B> crate::middleware::Settle for ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    type Inner = S::Future;

    fn settled(self) -> crate::middleware::Settled<S::Future, Self> {
        use crate::middleware::Settled;
        match self.early.settled(|early| Self { early }) {
            Settled::Pass(Driven::Called { future }) => Settled::Pass(future),
            Settled::Pass(driven) => Settled::Later(Self {
                early: Early::pass(driven),
            }),
            Settled::Refused(response) => Settled::Refused(response),
            Settled::Later(later) => Settled::Later(later),
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
