//! The service around another.

use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::{ResponseFuture, read::read};
use crate::{
    body::ResponseBody,
    fault::Renderer,
    identity::{Identity, strip},
    middleware::inner_service_accessors,
};

/// Turns identity headers into an [`Identity`]. See the [module](super).
#[derive(Clone, Debug)]
pub struct IdentityHeaders<S> {
    inner: S,
    renderer: Renderer,
}

impl<S> IdentityHeaders<S> {
    pub(super) const fn new(inner: S, renderer: Renderer) -> Self {
        Self { inner, renderer }
    }

    inner_service_accessors!();
}

impl<S, B, R> Service<Request<B>> for IdentityHeaders<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().remove::<Identity>();
        match read(request.headers()) {
            Ok(identity) => {
                strip(request.headers_mut());
                request.extensions_mut().insert(identity);
                ResponseFuture::pass(self.inner.call(request))
            }
            Err(denial) => ResponseFuture::refused(self.renderer.answer(denial)),
        }
    }
}
