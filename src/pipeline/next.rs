//! The rest of a pipeline, whatever it is made of.

use std::{
    convert::Infallible,
    fmt,
    future::{Future, ready},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::Response;
use http_body::Body as HttpBody;
use tower::ServiceExt as _;
use tower_service::Service;

use super::{Body, BoxError, Request};
use crate::middleware::{Settle, Settled};

/// The service that a filter stands in front of. Clones are cheap and share it.
///
/// It is always ready: what is behind is waited for in the future, so that one slow branch
/// does not stop the others.
#[derive(Clone)]
pub struct Next(Arc<dyn Call>);

/// The answer that is on its way.
pub type NextFuture = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

trait Call: Send + Sync {
    fn call(&self, request: Request) -> NextFuture;
}

struct Erased<S>(S);

impl<S, R> Call for Erased<S>
where
    S: Service<Request, Response = Response<R>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    fn call(&self, request: Request) -> NextFuture {
        let mut service = self.0.clone();
        // Nearly all are ready at once: then the request need not go into the box.
        match service.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => {
                let answer = service.call(request);
                Box::pin(async move { Ok(answer.await?.map(Body::new)) })
            }
            Poll::Pending => {
                Box::pin(async move { Ok(service.oneshot(request).await?.map(Body::new)) })
            }
        }
    }
}

/// A layer of this crate around the rest, which is boxed already.
struct Layered<S>(S);

impl<S, R> Call for Layered<S>
where
    S: Service<Request, Response = Response<R>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Settle<Inner = NextFuture> + Send,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    fn call(&self, request: Request) -> NextFuture {
        // As ready as the rest, which always is.
        match self.0.clone().call(request).settled() {
            Settled::Pass(answer) => answer,
            Settled::Refused(response) => Box::pin(ready(Ok(response.map(Body::from)))),
            Settled::Later(answer) => Box::pin(async move { Ok(answer.await?.map(Body::new)) }),
        }
    }
}

struct Answering<F>(F);

impl<F, A> Call for Answering<F>
where
    F: Fn(Request) -> A + Send + Sync,
    A: Future<Output = Response<Body>> + Send + 'static,
{
    fn call(&self, request: Request) -> NextFuture {
        let answer = (self.0)(request);
        Box::pin(async move { Ok(answer.await) })
    }
}

impl Next {
    /// Any service of a pipeline's requests.
    pub fn new<S, R>(service: S) -> Self
    where
        S: Service<Request, Response = Response<R>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
        R: HttpBody<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        Self(Arc::new(Erased(service)))
    }

    /// A layer of this crate around the rest of a pipeline.
    pub(super) fn layered<S, R>(service: S) -> Self
    where
        S: Service<Request, Response = Response<R>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Settle<Inner = NextFuture> + Send,
        R: HttpBody<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        Self(Arc::new(Layered(service)))
    }

    /// A function that answers requests.
    pub fn from_fn<F, A>(function: F) -> Self
    where
        F: Fn(Request) -> A + Send + Sync + 'static,
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        Self(Arc::new(Answering(function)))
    }
}

impl Service<Request> for Next {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = NextFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> NextFuture {
        self.0.call(request)
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Next")
    }
}
