//! From a request to a ruling: reads and looks up what it changes, and asks the policies.

use bytes::Bytes;
use http::Request as HttpRequest;
use http_body::Body;

use super::{
    DeviceLookup, Request,
    change::{Change, failed},
};
use crate::{
    body::{InspectBody, State},
    guard::{LookupError, Settings, read_body},
    identity::Identity,
    nova::{Operation, Port, PortId, RequestedNetwork, ServerId},
    policy::{Denial, DenialKind, Facts, Hold, Inspection, Need, Policy},
};

/// What was decided, and about what.
pub(super) struct Ruling {
    /// The change that was refused, or else the first.
    pub(super) operation: Operation,
    pub(super) outcome: Result<(), Denial>,
}

impl Ruling {
    const fn refuse(operation: Operation, denial: Denial) -> Self {
        Self {
            operation,
            outcome: Err(denial),
        }
    }
}

/// Decides about a request; nothing is said of one that changes no server.
pub(super) async fn decide<P, B>(
    settings: &Settings<P>,
    devices: &dyn DeviceLookup,
    (asked, identity): (Request, &Identity),
    request: &mut HttpRequest<InspectBody<B>>,
) -> Option<Ruling>
where
    P: Policy,
    B: Body<Data = Bytes>,
{
    let changes = match changes(settings, devices, asked, request).await {
        Ok(changes) => changes,
        Err(denial) => return Some(Ruling::refuse(Operation::Other, denial)),
    };
    let first = changes.first()?.operation();
    let mut case = Case {
        settings,
        identity,
        facts: Facts::new(),
        coming: Vec::new(),
    };
    let last = changes.len();
    for (at, change) in changes.into_iter().enumerate() {
        let judged = match case.judge(change).await {
            Ok(()) if at + 1 < last => case.assume(change).await,
            judged => judged,
        };
        if let Err(denial) = judged {
            return Some(Ruling::refuse(change.operation(), denial));
        }
    }
    Some(Ruling {
        operation: first,
        outcome: Ok(()),
    })
}

/// The changes of servers that a request means, in its order.
async fn changes<P, B>(
    settings: &Settings<P>,
    devices: &dyn DeviceLookup,
    asked: Request,
    request: &mut HttpRequest<InspectBody<B>>,
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
    let mut changes = Vec::new();
    for wish in asked.wishes(&body)? {
        changes.extend(wish.changes(devices).await?);
    }
    Ok(changes)
}

/// The changes of one request before the policies, one after the other.
struct Case<'a, P> {
    settings: &'a Settings<P>,
    identity: &'a Identity,
    /// What is known so far, with what the changes before would do.
    facts: Facts,
    /// What the changes before would attach.
    coming: Vec<(ServerId, Port)>,
}

impl<P: Policy> Case<'_, P> {
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
                let mut ports = shared.lookup.server_ports(server).await?;
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
