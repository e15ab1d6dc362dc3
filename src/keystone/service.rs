//! The service around another.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::{
    ResponseFuture,
    judge::{Judge, Keys},
};
use crate::{body::ResponseBody, middleware::inner_service_accessors};

/// Turns a token into an [`Identity`](crate::identity::Identity). See the [module](super).
#[derive(Clone)]
pub struct Keystone<S> {
    inner: S,
    judge: Arc<Judge>,
}

impl<S> Keystone<S> {
    pub(super) const fn new(inner: S, judge: Arc<Judge>) -> Self {
        Self { inner, judge }
    }

    inner_service_accessors!();
}

impl<S: fmt::Debug> fmt::Debug for Keystone<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keystone")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, B, R> Service<Request<B>> for Keystone<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: 'static,
    B: Send + 'static,
    R: 'static,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let judge = &self.judge;
        let case = match judge.open(&mut request) {
            Ok(Some(case)) => case,
            Ok(None) => {
                let future = self.inner.call(request);
                return ResponseFuture::pass(future, Arc::clone(judge), Keys::default());
            }
            Err(denial) => return ResponseFuture::refused(judge.refuse(denial)),
        };
        if let Some(verdict) = judge.decide_now(&case) {
            return match verdict.and_then(|good| judge.admit(&mut request, good)) {
                Ok(()) => {
                    let future = self.inner.call(request);
                    ResponseFuture::pass(future, Arc::clone(judge), case.keys())
                }
                Err(denial) => ResponseFuture::refused(judge.refuse(denial)),
            };
        }
        // The service that is ready goes along; its clone, which is not, stays.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let judge = Arc::clone(judge);
        ResponseFuture::validating(async move {
            let verdict = judge.decide(&case, request.headers()).await;
            if let Err(denial) = verdict.and_then(|good| judge.admit(&mut request, good)) {
                return Ok(ResponseBody::own(judge.refuse(denial)));
            }
            let mut response = inner.call(request).await?;
            judge.look_at(&case.keys(), &mut response);
            Ok(ResponseBody::pass(response))
        })
    }
}
