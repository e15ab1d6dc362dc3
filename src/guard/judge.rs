//! From a request to a verdict: reads and looks up what the policies ask for.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;

use super::{
    layer::Settings,
    read_body::{read_body, within_limit},
    report::report,
};
use crate::{
    body::InspectBody,
    identity::Identity,
    nova::Operation,
    policy::{Denial, DenialKind, Facts, Hold, Inspection, Need, Policy},
};

/// One operation before one guard.
pub(crate) struct Case<'a, P> {
    settings: &'a Settings<P>,
    operation: Operation,
}

/// What happens to a request.
pub(crate) enum Verdict {
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
    pub(crate) const fn new(settings: &'a Settings<P>, operation: Operation) -> Self {
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
                Need::Body => read_body(&self.settings.shared, self.operation, request).await?,
                Need::Ports | Need::ServerPorts(_) | Need::ServerProject(_) => {
                    self.look_up(need, request).await?;
                }
            }
            met.push(need);
        }
    }

    /// Tells the outcome, and turns it into a verdict.
    pub(crate) fn conclude<B>(
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
            within_limit(&self.settings.shared, request.body())?;
            inspection = inspection.body(body);
        }
        if let Some(Known(facts)) = request.extensions().get() {
            inspection = inspection.facts(facts);
        }
        // Under its own name even if it stands alone; in a tuple, each member names itself.
        (&self.settings.policy,).check(&inspection)
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
            Need::ServerProject(server) => self
                .settings
                .shared
                .project_lookup
                .server_project(server)
                .await
                .map(|project| facts.with_server_project(server, project)),
            Need::Ports | Need::Body => {
                let mut inspection = Inspection::new(self.operation);
                if let Some(body) = request.body().view(self.operation) {
                    inspection = inspection.body(body);
                }
                let named = inspection.named_ports();
                let server = match self.operation {
                    Operation::DetachInterface { server, .. } => Some(server),
                    _ => None,
                };
                lookup
                    .ports(&named, server)
                    .await
                    .map(|ports| facts.with_ports(&named, &ports))
            }
        };
        let facts = found.map_err(|error| {
            tracing::warn!(%error, "a fact could not be looked up, so the request is refused");
            let message = match need {
                Need::ServerProject(_) => {
                    "the server's project could not be looked up; try again later"
                }
                _ => "the networks of this request could not be looked up; try again later",
            };
            Denial::new(DenialKind::LookupFailed, message)
        })?;
        request.extensions_mut().insert(Known(facts));
        Ok(())
    }
}

/// The caller, if it can be judged.
pub(crate) fn authenticated(extensions: &http::Extensions) -> Result<&Identity, Denial> {
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
