//! From a request to a verdict: asks the policies until nothing is missing.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;

use super::{
    known::Known,
    layer::Settings,
    read_body::{read_body, within_limit},
    report::report,
    turn::{Turn, added},
};
use crate::{
    body::InspectBody,
    identity::Identity,
    nova::{Operation, ServerId},
    policy::{Denial, DenialKind, Hold, Inspection, Need, Policy},
    server_lock::ServerLock,
};

/// One operation before one guard.
pub(crate) struct Case<'a, P> {
    pub(super) settings: &'a Settings<P>,
    pub(super) operation: Operation,
    /// The turn at the operation's server, once it is taken.
    pub(super) turn: Option<Turn>,
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

impl<'a, P: Policy> Case<'a, P> {
    pub(crate) const fn new(settings: &'a Settings<P>, operation: Operation) -> Self {
        Self {
            settings,
            operation,
            turn: None,
        }
    }

    /// The lock and the server at which this operation has to take its turn before what the
    /// server has is looked up.
    pub(super) fn lock(&self) -> Option<(&'a dyn ServerLock, ServerId)> {
        let lock = self.settings.shared.turns()?;
        Some((lock, self.operation.server()?))
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
        &mut self,
        request: &mut Request<InspectBody<B>>,
    ) -> Result<(), Denial>
    where
        B: Body<Data = Bytes>,
    {
        let mut met: Vec<Need> = Vec::new();
        loop {
            let need = match self.ask(request) {
                Ok(()) => break,
                Err(Hold::Deny(denial)) => return Err(denial),
                Err(Hold::Need(need)) => self.prepare(need, request).await?,
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
        match &mut self.turn {
            Some(turn) => turn.begin().await,
            None => Ok(()),
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
        let inspection = self.inspection(request)?.identity(identity);
        // Under its own name even if it stands alone; in a tuple, each member names itself.
        (&self.settings.policy,).check(&inspection)
    }

    /// What is known now, but for the caller.
    fn inspection<'r, B>(
        &self,
        request: &'r Request<InspectBody<B>>,
    ) -> Result<Inspection<'r>, Denial> {
        let mut inspection = Inspection::new(self.operation);
        if let Some(body) = request.body().view(self.operation) {
            within_limit(&self.settings.shared, request.body())?;
            inspection = inspection.body(body);
        }
        let known = request.extensions().get::<Known>();
        if let Some(known) = known.filter(|known| known.serves(self.lock().is_some())) {
            inspection = inspection.facts(&known.facts);
        }
        Ok(inspection)
    }

    /// Takes the turn at the server if this can only be had in it. Gives what is to be had now:
    /// before the turn, all that says what the request adds to the server, because a turn must
    /// not last as long as a caller takes to send a body.
    async fn prepare<B>(
        &mut self,
        need: Need,
        request: &mut Request<InspectBody<B>>,
    ) -> Result<Need, Denial> {
        let Some((lock, server)) = self.lock() else {
            return Ok(need);
        };
        if need != Need::ServerPorts(server) {
            return Ok(need);
        }
        let adds = match added(&self.inspection(request)?) {
            Ok(adds) => adds,
            Err(Hold::Need(first)) => return Ok(first),
            Err(Hold::Deny(denial)) => return Err(denial),
        };
        let mut turn = Turn::take(lock, server).await?;
        turn.adding(adds.into_iter().collect());
        self.turn = Some(turn);
        Ok(need)
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
