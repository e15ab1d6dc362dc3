//! A request's turn at a server. The rules are those of [`server_lock`](crate::server_lock).

use http::Response;

use crate::{
    nova::{NetworkId, Operation, Port, PortId, RequestedNetwork, ServerId},
    policy::{Denial, DenialKind, Hold, Inspection},
    server_lock::{Held, LockError, ServerLock, Uncertain},
};

/// The turn, from before the lookup to Nova's answer.
pub(crate) struct Turn {
    held: Box<dyn Held>,
    server: ServerId,
    /// The ports that the request puts on the server.
    adds: Vec<Added>,
    /// What the server may come to have by that.
    expects: Vec<Uncertain>,
    /// Whether some of the ports on those networks are only assumed.
    assumes: bool,
}

/// A port that a server is to get.
#[derive(Clone)]
pub(crate) struct Added {
    pub(crate) network: NetworkId,
    /// The port itself, if it is there already.
    pub(crate) port: Option<Port>,
}

/// The port that a request would put on its server.
pub(super) fn added(request: &Inspection<'_>) -> Result<Option<Added>, Hold> {
    match request.operation() {
        Operation::AttachInterface { .. } => {
            let requested = request.interface_attach()?.network;
            let network = request.resolve(requested)?.network;
            let port = match requested {
                RequestedNetwork::Network(_) => None,
                RequestedNetwork::Port { port, .. } => request.port(port)?.cloned(),
            };
            Ok(Some(Added { network, port }))
        }
        // None of them does: an address is added to a port that is there.
        Operation::ServerAction { .. } => request.server_action().map(|_| None),
        Operation::CreateServer
        | Operation::DetachInterface { .. }
        | Operation::ExistingServer { .. }
        | Operation::ExternalEvents
        | Operation::Other => Ok(None),
    }
}

impl Turn {
    /// Waits for it.
    pub(crate) async fn take(lock: &dyn ServerLock, server: ServerId) -> Result<Self, Denial> {
        Ok(Self {
            held: lock
                .acquire(server)
                .await
                .map_err(|error| refusal(&error))?,
            server,
            adds: Vec::new(),
            expects: Vec::new(),
            assumes: false,
        })
    }

    /// Says which ports the request puts on the server, before it is found out what that has.
    pub(crate) fn adding(&mut self, adds: Vec<Added>) {
        self.adds = adds;
    }

    pub(crate) const fn server(&self) -> ServerId {
        self.server
    }

    /// The ports that the server has, as they are shown now, and those that it may have.
    pub(crate) fn with_uncertain(&mut self, mut ports: Vec<Port>) -> Vec<Port> {
        let adds = self.adds.iter();
        let shown: Vec<_> = adds.map(|it| on(it.network, &ports)).collect();
        let doubts = self.held.uncertain();
        for port in doubts.iter().filter_map(|doubt| doubt.port.as_ref()) {
            if ports.iter().all(|known| known.id != port.id) {
                ports.push(port.clone());
            }
        }
        for doubt in doubts {
            let missing = doubt.ports.saturating_sub(on(doubt.network, &ports));
            // Ids that no port has.
            let ids = (0..missing as u128).map(PortId::from_u128);
            ports.extend(ids.map(|id| Port::new(id, doubt.network)));
        }
        self.assumes = false;
        self.expects.clear();
        for (Added { network, port }, shown) in self.adds.iter().zip(shown) {
            let count = on(*network, &ports);
            self.assumes |= count > shown;
            let before = self.expects.iter().filter(|it| it.network == *network);
            let most = count.saturating_add(before.count()).saturating_add(1);
            self.expects
                .push(Uncertain::new(*network, most, port.clone()));
        }
        ports
    }

    /// Leaves word of what the request adds, before it goes on.
    pub(crate) async fn begin(&mut self) -> Result<(), Denial> {
        for expected in self.expects.drain(..) {
            let begun = self.held.begin(expected).await;
            begun.map_err(|error| refusal(&error))?;
        }
        Ok(())
    }

    /// Ends it with the answer.
    pub(crate) fn end<R, E>(mut self, answer: &Result<Response<R>, E>) {
        let settled = answer.as_ref().is_ok_and(|response| {
            let status = response.status();
            // One of the ports that are shown from now on is this one. What was in doubt before
            // still is.
            let adds_to_a_doubt = status.is_success() && self.assumes;
            !adds_to_a_doubt && (!status.is_server_error() || was_not_sent(response))
        });
        if settled {
            self.held.settle();
        }
    }
}

fn on(network: NetworkId, ports: &[Port]) -> usize {
    let ports = ports.iter().filter(|port| port.network == network);
    ports.count()
}

/// Whether an error is of this side of Nova.
fn was_not_sent<R>(response: &Response<R>) -> bool {
    let denial = response.extensions().get::<Denial>();
    denial.is_some_and(|denial| {
        matches!(
            denial.kind(),
            DenialKind::KeystoneUnavailable
                | DenialKind::LockUnavailable
                | DenialKind::LookupFailed
                | DenialKind::PolicyFailed
                | DenialKind::UpstreamUnreachable
        )
    })
}

fn refusal(error: &LockError) -> Denial {
    match error {
        LockError::Busy => busy(),
        LockError::Unavailable(_) => {
            tracing::warn!(%error, "a request is refused because it cannot have its turn");
            Denial::new(
                DenialKind::LockUnavailable,
                "the request could not be judged on its own; try again later",
            )
        }
    }
}

pub(crate) fn busy() -> Denial {
    Denial::new(
        DenialKind::ServerBusy,
        "other requests on this server are being judged; try again",
    )
}
