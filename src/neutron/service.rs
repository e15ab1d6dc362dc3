//! The service around another.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request as HttpRequest, Response};
use tower_service::Service;

use super::{
    DeviceLookup, Request,
    judge::{Ruling, decide},
};
#[cfg(feature = "lock")]
use crate::guard::detached;
use crate::{
    body::{InspectBody, IntoInspect, ResponseBody},
    guard::{
        Case, ResponseFuture, Settings, Verdict, authenticated, describe_body, rewrite_target,
    },
    identity::Identity,
    middleware::inner_service_accessors,
    nova::{AttachApi, Operation, PortId, ServerId},
    policy::{Denial, Inspection, Policy},
};

/// Lets through what a policy passes. See the [module](super).
pub struct PortGuard<S, P> {
    inner: S,
    settings: Arc<Settings<P>>,
    devices: Arc<dyn DeviceLookup>,
}

impl<S, P> PortGuard<S, P> {
    pub(super) const fn new(
        inner: S,
        settings: Arc<Settings<P>>,
        devices: Arc<dyn DeviceLookup>,
    ) -> Self {
        Self {
            inner,
            settings,
            devices,
        }
    }

    inner_service_accessors!();
}

impl<S: Clone, P> Clone for PortGuard<S, P> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            settings: Arc::clone(&self.settings),
            devices: Arc::clone(&self.devices),
        }
    }
}

impl<S: fmt::Debug, P> fmt::Debug for PortGuard<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortGuard")
            .field("policy", &self.settings.name)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, P, B, R> Service<HttpRequest<B>> for PortGuard<S, P>
where
    S: Service<HttpRequest<InspectBody<B::Stream>>, Response = Response<R>>
        + Clone
        + Send
        + 'static,
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

    fn call(&mut self, request: HttpRequest<B>) -> Self::Future {
        let mut request = request.map(IntoInspect::into_inspect);
        let shared = &self.settings.shared;
        let asked = Request::of(request.method(), request.uri(), &shared.mount);
        if asked.is_ok_and(|asked| asked == Request::Other || !concerns(&*self.settings.policy)) {
            return ResponseFuture::pass(self.inner.call(request));
        }
        let ready = asked.map_err(Denial::from).and_then(|asked| {
            let identity = authenticated(request.extensions())?;
            Ok((asked, identity.clone()))
        });
        // Before the decision, so that what is judged is what goes on. An audit changes nothing.
        let ready = match ready {
            Ok(ready) if !shared.audit => rewrite_target(&mut request).map(|()| ready),
            ready => ready,
        };
        let (asked, identity) = match ready {
            Ok((_, identity)) if is_service(&identity) => {
                return ResponseFuture::pass(self.inner.call(request));
            }
            Ok(ready) => ready,
            Err(denial) => {
                let case = Case::new(&self.settings, Operation::Other);
                return match case.conclude(&request, Err(denial)) {
                    Verdict::Pass | Verdict::Audited => {
                        ResponseFuture::pass(self.inner.call(request))
                    }
                    Verdict::Refuse(response) => ResponseFuture::refused(response),
                };
            }
        };
        // The service that is ready goes along; its clone, which is not, stays.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let settings = Arc::clone(&self.settings);
        let devices = Arc::clone(&self.devices);
        #[cfg(feature = "lock")]
        let takes_turns = settings.shared.turns().is_some();
        let judging = async move {
            let ruling = decide(&settings, &*devices, (asked, &identity), &mut request).await;
            let Ruling {
                about,
                outcome,
                turns,
            } = ruling;
            let verdict = match about {
                Some(operation) => Case::new(&settings, operation).conclude(&request, outcome),
                None if settings.shared.audit => Verdict::Audited,
                None => Verdict::Pass,
            };
            match verdict {
                Verdict::Pass => describe_body(&mut request),
                Verdict::Audited => {}
                Verdict::Refuse(response) => {
                    let refused = Ok::<_, S::Error>(response);
                    turns.end(&refused);
                    return refused.map(ResponseBody::own);
                }
            }
            let lent = turns.lend(&mut request);
            let answer = inner.call(request).await;
            lent.back().end(&answer);
            answer.map(ResponseBody::pass)
        };
        // A caller that goes away must not end a turn while Neutron is still at the request.
        #[cfg(feature = "lock")]
        if takes_turns {
            return ResponseFuture::judging(detached(judging));
        }
        ResponseFuture::judging(judging)
    }
}

/// Whether the policies judge any change of a server's ports; which server is not known yet.
fn concerns(policy: &impl Policy) -> bool {
    let server = ServerId::from_u128(0);
    let attach = Operation::AttachInterface {
        server,
        api: AttachApi::OsInterface,
    };
    let detach = Operation::DetachInterface {
        server,
        port: PortId::from_u128(0),
    };
    policy.concerns(&attach) || policy.concerns(&detach)
}

/// Whether a service asks, in its own name or with the token of a user that it acts for.
fn is_service(identity: &Identity) -> bool {
    let asks = Inspection::new(Operation::Other).identity(identity);
    asks.require_service().is_ok()
}
