//! From a request to a verdict: reads and looks up what the policies ask for.

use std::pin::pin;

use bytes::Bytes;
use http::{
    HeaderMap, Request, Response,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName},
};
use http_body::Body;

use super::{layer::Settings, report::report};
use crate::{
    body::{InspectBody, ReadError, Reading, State},
    identity::Identity,
    nova::Operation,
    policy::{Denial, DenialKind, Facts, Hold, Inspection, Need, Policy},
};

/// One operation before one guard.
pub(super) struct Case<'a, P> {
    settings: &'a Settings<P>,
    operation: Operation,
}

/// What happens to a request.
pub(super) enum Verdict {
    /// It goes on as what was judged.
    Pass,
    /// It would be refused, and goes on as it came.
    Audited,
    /// It is answered with this.
    Refuse(Response<Bytes>),
}

/// What was looked up for a request, for the guards further in. Private, so that nobody else
/// can put facts into a request.
#[derive(Clone, Default)]
struct Known(Facts);

impl<'a, P: Policy> Case<'a, P> {
    pub(super) const fn new(settings: &'a Settings<P>, operation: Operation) -> Self {
        Self {
            settings,
            operation,
        }
    }

    /// The outcome, if it depends on nothing that is still to be had.
    pub(super) fn decide_now<B>(
        &self,
        request: &Request<InspectBody<B>>,
    ) -> Option<Result<(), Denial>> {
        match self.ask(request) {
            Ok(()) => Some(Ok(())),
            Err(Hold::Deny(denial)) => Some(Err(denial)),
            Err(Hold::Need(_)) => None,
        }
    }

    /// The outcome, after getting whatever it depends on.
    pub(super) async fn decide<B>(
        &self,
        request: &mut Request<InspectBody<B>>,
    ) -> Result<(), Denial>
    where
        B: Body<Data = Bytes>,
    {
        let mut met: Vec<Need> = Vec::new();
        loop {
            let need = match self.ask(request) {
                Ok(()) => return Ok(()),
                Err(Hold::Deny(denial)) => return Err(denial),
                Err(Hold::Need(need)) => need,
            };
            if met.contains(&need) {
                let message = "the request could not be judged";
                return Err(Denial::new(DenialKind::PolicyFailed, message));
            }
            match need {
                Need::Body => self.read_body(request).await?,
                Need::Ports | Need::ServerPorts(_) => self.look_up(need, request).await?,
            }
            met.push(need);
        }
    }

    /// Tells the outcome, and turns it into a verdict.
    pub(super) fn conclude<B>(
        &self,
        request: &Request<InspectBody<B>>,
        outcome: Result<(), Denial>,
    ) -> Verdict {
        // What broke off cannot be passed on, not even by an audit.
        let lost = matches!(&outcome, Err(denial) if denial.kind() == DenialKind::BodyUnreadable);
        let audited = self.settings.shared.audit && !lost;
        report(
            self.settings,
            self.operation,
            request,
            outcome.as_ref().err(),
            audited,
        );
        match outcome {
            Ok(()) if audited => Verdict::Audited,
            Ok(()) => Verdict::Pass,
            Err(_) if audited => Verdict::Audited,
            Err(denial) => Verdict::Refuse(self.settings.shared.renderer.answer(denial)),
        }
    }

    /// Asks the policies about what is known now.
    fn ask<B>(&self, request: &Request<InspectBody<B>>) -> Result<(), Hold> {
        let identity = authenticated(request.extensions())?;
        let mut inspection = Inspection::new(self.operation).identity(identity);
        if let Some(body) = request.body().view(self.operation) {
            self.within_limit(request.body())?;
            inspection = inspection.body(body);
        }
        if let Some(Known(facts)) = request.extensions().get() {
            inspection = inspection.facts(facts);
        }
        // Under its own name even if it stands alone; in a tuple, each member names itself.
        (&self.settings.policy,).check(&inspection)
    }

    async fn read_body<B>(&self, request: &mut Request<InspectBody<B>>) -> Result<(), Denial>
    where
        B: Body<Data = Bytes>,
    {
        readable(request.headers())?;
        let limit = self.settings.shared.body_limit;
        if declared(request) > limit as u64 {
            return Err(too_large(limit));
        }
        match request.body().state() {
            State::Whole(_) => self.within_limit(request.body())?,
            State::Unread => {
                let Some(body) = request.body_mut().take_unread() else {
                    return Err(unreadable());
                };
                *request.body_mut() = self.read(body, request, limit).await?;
            }
            State::Partial => return Err(unreadable()),
        }
        Ok(request.body_mut().interpret(self.operation)?)
    }

    async fn look_up<B>(
        &self,
        need: Need,
        request: &mut Request<InspectBody<B>>,
    ) -> Result<(), Denial> {
        let lookup = &self.settings.shared.lookup;
        let Known(facts) = request.extensions_mut().remove().unwrap_or_default();
        let found = match need {
            Need::ServerPorts(server) => lookup
                .server_ports(server)
                .await
                .map(|ports| facts.with_server_ports(server, ports)),
            Need::Ports | Need::Body => {
                let mut inspection = Inspection::new(self.operation);
                if let Some(body) = request.body().view(self.operation) {
                    inspection = inspection.body(body);
                }
                let named = inspection.named_ports();
                lookup
                    .ports(&named)
                    .await
                    .map(|ports| facts.with_ports(&named, &ports))
            }
        };
        let facts = found.map_err(|error| {
            tracing::warn!(%error, "a fact could not be looked up, so the request is refused");
            let message = "the networks of this request could not be looked up; try again later";
            Denial::new(DenialKind::LookupFailed, message)
        })?;
        request.extensions_mut().insert(Known(facts));
        Ok(())
    }
}

impl<P> Case<'_, P> {
    /// Holds this guard's limit against a body that another guard has read.
    fn within_limit<B>(&self, body: &InspectBody<B>) -> Result<(), Denial> {
        let limit = self.settings.shared.body_limit;
        match body.state() {
            State::Whole(bytes) if bytes.len() > limit => Err(too_large(limit)),
            State::Partial | State::Unread | State::Whole(_) => Ok(()),
        }
    }

    /// Reads an unread body. An audit has to be able to pass on what it did not read.
    async fn read<B>(
        &self,
        body: B,
        request: &mut Request<InspectBody<B>>,
        limit: usize,
    ) -> Result<InspectBody<B>, Denial>
    where
        B: Body<Data = Bytes>,
    {
        if !self.settings.shared.audit {
            let mut body = pin!(body);
            return Reading::new(body.as_mut(), limit)
                .await
                .map_err(|error| match error {
                    ReadError::Broken => unreadable(),
                    ReadError::TooLarge(_) => too_large(limit),
                });
        }
        let mut body = Box::pin(body);
        match Reading::new(body.as_mut(), limit).await {
            Ok(read) => Ok(read),
            Err(ReadError::Broken) => Err(unreadable()),
            Err(ReadError::TooLarge(read)) => {
                *request.body_mut() = InspectBody::resumed(read, body);
                Err(too_large(limit))
            }
        }
    }
}

fn authenticated(extensions: &http::Extensions) -> Result<&Identity, Denial> {
    let identity = extensions.get::<Identity>().ok_or_else(|| {
        Denial::new(
            DenialKind::IdentityMissing,
            "the caller is not authenticated",
        )
    })?;
    if identity.project_id().is_none() {
        let message = "the token is not scoped to a project";
        return Err(Denial::new(DenialKind::ScopeNotProject, message));
    }
    Ok(identity)
}

/// Whether Nova would read the body as the JSON that it is.
fn readable(headers: &HeaderMap) -> Result<(), Denial> {
    if let Some(content_type) = single(headers, &CONTENT_TYPE)? {
        // As Nova: what stands before the first `;`, compared as it is. Parameters, even a
        // charset, do not change how the body is read.
        let media_type = content_type
            .split(|&byte| byte == b';')
            .next()
            .unwrap_or_default();
        match media_type {
            b""
            | b"application/json"
            | b"text/plain"
            | b"application/vnd.openstack.compute+json" => {}
            _ => {
                let message = "the content type is not application/json";
                return Err(Denial::new(DenialKind::MediaType, message));
            }
        }
    }
    match single(headers, &CONTENT_ENCODING)? {
        None | Some(b"identity") => Ok(()),
        Some(_) => {
            let message = "the body must not be encoded";
            Err(Denial::new(DenialKind::ContentEncoding, message))
        }
    }
}

/// The value of a header that may come once. Servers choose differently among several.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, Denial> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(http::HeaderValue::as_bytes);
    if values.next().is_some() {
        let message = format!("the header `{name}` came more than once");
        return Err(Denial::new(DenialKind::DuplicateHeader, message));
    }
    Ok(first)
}

/// The length that the headers or the body announce, in bytes.
fn declared<B: Body<Data = Bytes>>(request: &Request<InspectBody<B>>) -> u64 {
    let header = request.headers().get(CONTENT_LENGTH);
    let header = header
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    request.body().size_hint().lower().max(header)
}

fn too_large(limit: usize) -> Denial {
    let message = format!("the request body is larger than {limit} bytes");
    Denial::new(DenialKind::BodyTooLarge, message)
}

fn unreadable() -> Denial {
    Denial::new(
        DenialKind::BodyUnreadable,
        "the request body could not be received whole",
    )
}
