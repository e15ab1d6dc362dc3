//! What was looked up for a request.

use http::Request;

use super::{LookupError, judge::Case};
use crate::{
    body::InspectBody,
    nova::Operation,
    policy::{Denial, DenialKind, Facts, Inspection, Need, Policy},
};

/// What was looked up for a request, for the guards further in. Private, so that nobody else
/// can put facts into a request.
#[derive(Clone, Default)]
pub(super) struct Known {
    pub(super) facts: Facts,
    /// What the operation's server has was looked up by a guard that takes no turns.
    out_of_turn: bool,
}

impl Known {
    /// Whether a guard can judge by it: one that takes turns looks for itself, in its turn.
    pub(super) const fn serves(&self, takes_turns: bool) -> bool {
        !(takes_turns && self.out_of_turn)
    }
}

impl<P: Policy> Case<'_, P> {
    /// Adds to what is known of a request.
    pub(super) async fn look_up<B>(
        &mut self,
        need: Need,
        request: &mut Request<InspectBody<B>>,
    ) -> Result<(), Denial> {
        let takes_turns = self.lock().is_some();
        let known: Option<Known> = request.extensions_mut().remove();
        let known = known.filter(|known| known.serves(takes_turns));
        let Known { facts, out_of_turn } = known.unwrap_or_default();
        let facts = self.found(need, facts, request).await.map_err(|error| {
            tracing::warn!(%error, "a fact could not be looked up, so the request is refused");
            let message = match need {
                Need::ServerProject(_) => {
                    "the server's project could not be looked up; try again later"
                }
                _ => "the networks of this request could not be looked up; try again later",
            };
            Denial::new(DenialKind::LookupFailed, message)
        })?;
        let of_server = self.operation.server().map(Need::ServerPorts) == Some(need);
        request.extensions_mut().insert(Known {
            facts,
            out_of_turn: out_of_turn || of_server && !takes_turns,
        });
        Ok(())
    }

    /// The facts and what is found out now.
    async fn found<B>(
        &mut self,
        need: Need,
        facts: Facts,
        request: &mut Request<InspectBody<B>>,
    ) -> Result<Facts, LookupError> {
        let shared = &self.settings.shared;
        match need {
            Need::ServerPorts(server) => {
                let shown = shared.lookup.server_ports(server).await?;
                let ports = match &mut self.turn {
                    Some(turn) if turn.server() == server => turn.with_uncertain(shown),
                    Some(_) | None => shown,
                };
                Ok(facts.with_server_ports(server, ports))
            }
            Need::ServerProject(server) => {
                let project = shared.project_lookup.server_project(server).await?;
                Ok(facts.with_server_project(server, project))
            }
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
                let ports = shared.lookup.ports(&named, server).await?;
                Ok(facts.with_ports(&named, &ports))
            }
        }
    }
}
