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
    judge::{Case, Verdict},
    layer::Settings,
    prepare::{describe_body, rewrite_target},
};
use crate::{
    body::{InspectBody, IntoInspect, ResponseBody},
    middleware::inner_service_accessors,
    nova::Operation,
    policy::{Denial, Policy},
};

/// Lets through what a policy passes. See the [module](super).
pub struct Guard<S, P> {
    inner: S,
    settings: Arc<Settings<P>>,
}

impl<S, P> Guard<S, P> {
    pub(super) const fn new(inner: S, settings: Arc<Settings<P>>) -> Self {
        Self { inner, settings }
    }

    inner_service_accessors!();
}

impl<S: Clone, P> Clone for Guard<S, P> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            settings: Arc::clone(&self.settings),
        }
    }
}

impl<S: fmt::Debug, P> fmt::Debug for Guard<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("policy", &self.settings.name)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, P, B, R> Service<Request<B>> for Guard<S, P>
where
    S: Service<Request<InspectBody<B::Stream>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    P: Policy + 'static,
    B: IntoInspect,
    B::Stream: Send + 'static,
    R: Send + 'static,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut request = request.map(IntoInspect::into_inspect);
        let settings = &*self.settings;
        let mount = &settings.shared.mount;
        let operation = match Operation::of(request.method(), request.uri(), mount) {
            Ok(operation) if !settings.policy.concerns(&operation) => {
                return ResponseFuture::pass(self.inner.call(request));
            }
            Ok(operation) => operation,
            Err(unclear) => {
                let case = Case::new(settings, Operation::Other);
                return match case.conclude(&request, Err(Denial::from(unclear))) {
                    Verdict::Pass | Verdict::Audited => {
                        ResponseFuture::pass(self.inner.call(request))
                    }
                    Verdict::Refuse(response) => ResponseFuture::refused(response),
                };
            }
        };
        let case = Case::new(settings, operation);
        // Before the decision, so that what is judged is what goes on. An audit changes nothing.
        let rewritten = if settings.shared.audit {
            Ok(())
        } else {
            rewrite_target(&mut request)
        };
        // What an outer guard read and looked up may be all that is needed.
        let outcome = match rewritten {
            Ok(()) => case.decide_now(&request),
            Err(denial) => Some(Err(denial)),
        };
        if let Some(outcome) = outcome {
            return match case.conclude(&request, outcome) {
                Verdict::Pass => {
                    describe_body(&mut request);
                    ResponseFuture::pass(self.inner.call(request))
                }
                Verdict::Audited => ResponseFuture::pass(self.inner.call(request)),
                Verdict::Refuse(response) => ResponseFuture::refused(response),
            };
        }
        // The service that is ready goes along; its clone, which is not, stays.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let settings = Arc::clone(&self.settings);
        #[cfg(feature = "lock")]
        let takes_turns = case.lock().is_some();
        let judging = async move {
            let mut case = Case::new(&settings, operation);
            let outcome = case.decide(&mut request).await;
            match case.conclude(&request, outcome) {
                Verdict::Pass => describe_body(&mut request),
                Verdict::Audited => {}
                Verdict::Refuse(response) => return Ok(ResponseBody::own(response)),
            }
            let answer = inner.call(request).await;
            if let Some(turn) = case.turn {
                turn.end(&answer);
            }
            answer.map(ResponseBody::pass)
        };
        // A caller that goes away must not end a turn while Nova is still at the request.
        #[cfg(feature = "lock")]
        if takes_turns {
            return ResponseFuture::judging(super::task::detached(judging));
        }
        ResponseFuture::judging(judging)
    }
}
