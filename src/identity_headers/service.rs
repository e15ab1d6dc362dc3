//! The service around another.

use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::{ResponseFuture, read::read};
use crate::{
    body::ResponseBody,
    fault::Renderer,
    identity::{Anonymous, Identity, strip},
    middleware::inner_service_accessors,
    nova::{Mount, reads_versions},
    policy::DenialKind,
};

/// Turns identity headers into an [`Identity`]. See the [module](super).
#[derive(Clone, Debug)]
pub struct IdentityHeaders<S> {
    inner: S,
    mount: Mount,
    renderer: Renderer,
}

impl<S> IdentityHeaders<S> {
    pub(super) const fn new(inner: S, mount: Mount, renderer: Renderer) -> Self {
        Self {
            inner,
            mount,
            renderer,
        }
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
        request.extensions_mut().remove::<Anonymous>();
        let identity = read(request.headers());
        strip(request.headers_mut());
        match identity {
            Ok(identity) => {
                request.extensions_mut().insert(identity);
            }
            Err(denial)
                if denial.kind() == DenialKind::IdentityMissing
                    && reads_versions(request.method(), request.uri(), &self.mount) =>
            {
                request.extensions_mut().insert(Anonymous::new());
            }
            Err(denial) => return ResponseFuture::refused(self.renderer.answer(denial)),
        }
        ResponseFuture::pass(self.inner.call(request))
    }
}
