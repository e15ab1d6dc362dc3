//! A request's turn at a server. The rules are those of [`server_lock`](crate::server_lock).

use http::Response;

use crate::{
    nova::{NetworkId, Operation, Port, PortId, ServerId},
    policy::{Denial, DenialKind, Hold, Inspection},
    server_lock::{Held, LockError, ServerLock, Uncertain},
};

/// The turn, from before the lookup to Nova's answer.
pub(super) struct Turn {
    held: Box<dyn Held>,
    server: ServerId,
    /// The network on which the request puts a port.
    adds: Option<NetworkId>,
    /// How many ports the server may have there, with that one.
    expects: Option<Uncertain>,
    /// Whether some of them are only assumed.
    assumes: bool,
}

/// The network on which a request would put one more port on its server.
pub(super) fn added(request: &Inspection<'_>) -> Result<Option<NetworkId>, Hold> {
    match request.operation() {
        Operation::AttachInterface { .. } => request
            .resolve(request.interface_attach()?.network)
            .map(Some),
        Operation::CreateServer | Operation::DetachInterface { .. } | Operation::Other => Ok(None),
    }
}

impl Turn {
    /// Waits for it.
    pub(super) async fn take(
        lock: &dyn ServerLock,
        server: ServerId,
        adds: Option<NetworkId>,
    ) -> Result<Self, Denial> {
        Ok(Self {
            held: lock.acquire(server).await.map_err(refusal)?,
            server,
            adds,
            expects: None,
            assumes: false,
        })
    }

    pub(super) const fn server(&self) -> ServerId {
        self.server
    }

    /// The ports that the server has, as they are shown now, and those that it may have.
    pub(super) fn with_uncertain(&mut self, mut ports: Vec<Port>) -> Vec<Port> {
        for doubt in self.held.uncertain() {
            let missing = doubt.ports.saturating_sub(on(doubt.network, &ports));
            self.assumes |= missing > 0 && self.adds == Some(doubt.network);
            // Ids that no port has.
            let assumed =
                (0..missing).map(|n| Port::new(PortId::from_u128(n as u128), doubt.network));
            ports.extend(assumed);
        }
        self.expects = self
            .adds
            .map(|network| Uncertain::new(network, on(network, &ports).saturating_add(1)));
        ports
    }

    /// Leaves word of what the request adds, before it goes on.
    pub(super) async fn begin(&mut self) -> Result<(), Denial> {
        match self.expects {
            Some(expected) => self.held.begin(expected).await.map_err(refusal),
            None => Ok(()),
        }
    }

    /// Ends it with the answer.
    pub(super) fn end<R, E>(mut self, answer: &Result<Response<R>, E>) {
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

fn refusal(error: LockError) -> Denial {
    match error {
        LockError::Busy => Denial::new(
            DenialKind::ServerBusy,
            "other requests on this server are being judged; try again",
        ),
        LockError::Unavailable(_) => {
            tracing::warn!(%error, "a request is refused because it cannot have its turn");
            Denial::new(
                DenialKind::LockUnavailable,
                "the request could not be judged on its own; try again later",
            )
        }
    }
}
