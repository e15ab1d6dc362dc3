//! From a request to a ruling: reads and looks up what it changes, and asks the policies.

use bytes::Bytes;
use http::Request as HttpRequest;
use http_body::Body;

use super::{
    DeviceLookup, Request,
    change::{Change, failed},
    turns::Turns,
};
use crate::{
    body::{InspectBody, State},
    guard::{Added, LookupError, Settings, busy, read_body},
    identity::Identity,
    nova::{Operation, Port, PortId, RequestedNetwork, ServerId},
    policy::{Denial, DenialKind, Facts, Hold, Inspection, Need, Policy},
};

/// What was decided, and about what.
pub(super) struct Ruling {
    /// The change that was refused, or else the first; none if no server is changed.
    pub(super) about: Option<Operation>,
    pub(super) outcome: Result<(), Denial>,
    /// The turns that the request has, until it is answered.
    pub(super) turns: Turns,
}

/// Decides about a request.
pub(super) async fn decide<P, B>(
    settings: &Settings<P>,
    devices: &dyn DeviceLookup,
    (asked, identity): (Request, &Identity),
    request: &mut HttpRequest<InspectBody<B>>,
) -> Ruling
where
    P: Policy,
    B: Body<Data = Bytes>,
{
    let mut case = Case {
        settings,
        identity,
        facts: Facts::new(),
        coming: Vec::new(),
        turns: Turns::borrow(request),
    };
    let (about, outcome) = match changes((settings, devices), asked, request, &mut case.turns).await
    {
        Ok(changes) => case.decide(&changes).await,
        Err(denial) => (Some(Operation::Other), Err(denial)),
    };
    Ruling {
        about,
        outcome,
        turns: case.turns,
    }
}

/// The changes of servers that a request means, in its order, once it has a turn at each of
/// these.
async fn changes<P, B>(
    (settings, devices): (&Settings<P>, &dyn DeviceLookup),
    asked: Request,
    request: &mut HttpRequest<InspectBody<B>>,
    turns: &mut Turns,
) -> Result<Vec<Change>, Denial>
where
    B: Body<Data = Bytes>,
{
    if asked.has_body() {
        read_body(&settings.shared, Operation::Other, request).await?;
    }
    let body = match request.body().state() {
        State::Whole(body) => body.clone(),
        State::Partial | State::Unread => Bytes::new(),
    };
    let wishes = asked.wishes(&body)?;
    for _ in 0..ROUNDS {
        let mut changes = Vec::new();
        for wish in &wishes {
            changes.extend(wish.changes(devices).await?);
        }
        match settings.shared.turns() {
            // While it waits, another request may move the same port.
            Some(lock) if !turns.cover(&changes) => turns.take(lock, &changes).await?,
            Some(_) | None => return Ok(changes),
        }
    }
    Err(busy())
}

/// How often it is found out where the ports of a request are, until it has a turn there.
const ROUNDS: usize = 4;

/// The changes of one request before the policies, one after the other.
struct Case<'a, P> {
    settings: &'a Settings<P>,
    identity: &'a Identity,
    /// What is known so far, with what the changes before would do.
    facts: Facts,
    /// What the changes before would attach.
    coming: Vec<(ServerId, Port)>,
    turns: Turns,
}

impl<P: Policy> Case<'_, P> {
    /// The change that is refused, or else the first, and what is decided.
    async fn decide(&mut self, changes: &[Change]) -> (Option<Operation>, Result<(), Denial>) {
        let Some(first) = changes.first().map(|change| change.operation()) else {
            return (None, Ok(()));
        };
        if let Err(denial) = self.announce(changes).await {
            return (Some(first), Err(denial));
        }
        for (at, &change) in changes.iter().enumerate() {
            let judged = match self.judge(change).await {
                Ok(()) if at + 1 < changes.len() => self.assume(change).await,
                judged => judged,
            };
            if let Err(denial) = judged {
                return (Some(change.operation()), Err(denial));
            }
        }
        (Some(first), self.turns.begin().await)
    }

    /// Tells the turns what their servers are to get.
    async fn announce(&mut self, changes: &[Change]) -> Result<(), Denial> {
        if self.turns.is_empty() {
            return Ok(());
        }
        let named: Vec<_> = changes
            .iter()
            .filter_map(|change| change.attached())
            .collect();
        let mut found = Vec::new();
        if !named.is_empty() {
            let lookup = self.settings.shared.lookup.ports(&named, None).await;
            found = lookup.map_err(|error| failed(&error))?;
            self.facts = std::mem::take(&mut self.facts).with_ports(&named, &found);
        }
        let adds = changes.iter().filter_map(|&change| {
            let Change::Attach { server, network } = change else {
                return None;
            };
            let added = match network {
                RequestedNetwork::Network(network) => Added {
                    network,
                    port: None,
                },
                RequestedNetwork::Port { port, .. } => {
                    let port = found.iter().find(|it| it.id == port)?;
                    Added {
                        network: port.network,
                        port: Some(port.clone()),
                    }
                }
            };
            Some((server, added))
        });
        self.turns.adding(&adds.collect::<Vec<_>>());
        Ok(())
    }

    async fn judge(&mut self, change: Change) -> Result<(), Denial> {
        let operation = change.operation();
        let body = change.body();
        let mut met: Vec<Need> = Vec::new();
        loop {
            let mut inspection = Inspection::new(operation).identity(self.identity);
            if let Some(body) = &body {
                inspection = inspection.body(body);
            }
            // Under its own name even if it stands alone, and only about what it concerns.
            let need = match (&self.settings.policy,).check(&inspection.facts(&self.facts)) {
                Ok(()) => return Ok(()),
                Err(Hold::Deny(denial)) => return Err(denial),
                Err(Hold::Need(need)) => need,
            };
            if met.contains(&need) {
                let message = "the request could not be judged";
                return Err(Denial::new(DenialKind::PolicyFailed, message));
            }
            self.look_up(need, &inspection)
                .await
                .map_err(|error| failed(&error))?;
            met.push(need);
        }
    }

    async fn look_up(
        &mut self,
        need: Need,
        inspection: &Inspection<'_>,
    ) -> Result<(), LookupError> {
        let shared = &self.settings.shared;
        let facts = std::mem::take(&mut self.facts);
        self.facts = match need {
            // All that there is of a body was given at once.
            Need::Body => facts,
            Need::Ports => {
                let named = inspection.named_ports();
                let ports = shared.lookup.ports(&named, None).await?;
                facts.with_ports(&named, &ports)
            }
            Need::ServerPorts(server) => {
                let shown = shared.lookup.server_ports(server).await?;
                let mut ports = match self.turns.at(server) {
                    Some(turn) => turn.with_uncertain(shown),
                    None => shown,
                };
                let coming = self.coming.iter().filter(|(to, _)| *to == server);
                ports.extend(coming.map(|(_, port)| port.clone()));
                facts.with_server_ports(server, ports)
            }
            Need::ServerProject(server) => {
                let project = shared.project_lookup.server_project(server).await?;
                facts.with_server_project(server, project)
            }
        };
        Ok(())
    }

    /// Takes it that a change has been made, for those after it.
    async fn assume(&mut self, change: Change) -> Result<(), Denial> {
        // A server that loses a port is judged as if it kept it: the change may yet fail.
        let Change::Attach { server, network } = change else {
            return Ok(());
        };
        let port = match network {
            // One that is to be made has no id yet, and nobody asks for it.
            RequestedNetwork::Network(network) => {
                Port::new(PortId::from_u128(self.coming.len() as u128), network)
            }
            RequestedNetwork::Port { port, .. } => {
                let lookup = &self.settings.shared.lookup;
                let found = lookup
                    .ports(&[port], None)
                    .await
                    .map_err(|error| failed(&error))?
                    .pop();
                found.ok_or_else(|| {
                    let message = format!("port {port} could not be found");
                    Denial::new(DenialKind::PortUnknown, message)
                })?
            }
        };
        let facts = std::mem::take(&mut self.facts);
        let known = Inspection::new(change.operation()).facts(&facts);
        let ports = known.server_ports(server).ok().map(|ports| {
            let ports = ports.iter().chain([&port]);
            ports.cloned().collect()
        });
        self.facts = match ports {
            Some(ports) => facts.with_server_ports(server, ports),
            None => facts,
        };
        self.coming.push((server, port));
        Ok(())
    }
}
