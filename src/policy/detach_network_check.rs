//! Networks that a server must stay on.

use std::borrow::Cow;

use super::{Denial, DenialKind, Hold, Inspection, NetworkSet, Policy};
use crate::nova::{NetworkId, Operation};

/// An interface on one of these networks cannot be detached.
///
/// A detach passes when:
///
/// 1. the port's network, as it is looked up, is not one of these.
///
/// A detach is refused when:
///
/// 2. it is: 403 `network_not_detachable`;
/// 3. there is no such port: 404 `interface_unknown`;
/// 4. the lookup fails: 503 `lookup_failed`.
///
/// No other request concerns it, and with an empty list none does.
///
/// | setting | default | meaning |
/// |---|---|---|
/// | `required_nets` | none | the networks that stay |
///
/// # Differences from the Python filter
///
/// * The network is the port's own; the original took it from the first fixed address, and
///   crashed on a port without one.
/// * Ids in another spelling are refused, and so is a port that is not known; the original
///   passed them on unjudged.
/// * Nova's `os-interface` is judged, not the vendor's extension alone.
/// * The message names the network at fault, not the whole list.
///
/// ```
/// use wafflehaus::nova::{NetworkId, Operation, Port, PortId, ServerId};
/// use wafflehaus::policy::{DetachNetworkCheck, Facts, Inspection, Policy};
///
/// let (office, lab) = (NetworkId::from_u128(1), NetworkId::from_u128(2));
/// let policy = DetachNetworkCheck::new([office]);
///
/// let check = |network| {
///     let port = PortId::from_u128(7);
///     let facts = Facts::new().with_ports(&[port], &[Port::new(port, network)]);
///     let detach = Operation::DetachInterface { server: ServerId::from_u128(9), port };
///     policy.check(&Inspection::new(detach).facts(&facts)).is_ok()
/// };
/// assert!(check(lab));
/// assert!(!check(office));
/// ```
#[derive(Clone, Debug)]
pub struct DetachNetworkCheck {
    required: NetworkSet,
}

impl DetachNetworkCheck {
    /// A policy with the networks that stay.
    #[must_use]
    pub fn new(required: impl IntoIterator<Item = NetworkId>) -> Self {
        Self {
            required: required.into_iter().collect(),
        }
    }
}

impl Policy for DetachNetworkCheck {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("DetachNetworkCheck")
    }

    fn concerns(&self, operation: &Operation) -> bool {
        matches!(operation, Operation::DetachInterface { .. }) && !self.required.is_empty()
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        let Operation::DetachInterface { port, .. } = request.operation() else {
            return Ok(());
        };
        let Some(network) = request.port_network(port)? else {
            let message = format!("port {port} could not be found");
            return Err(Denial::new(DenialKind::InterfaceUnknown, message).into());
        };
        if self.required.contains(network) {
            let message = format!("network {network} is required and cannot be detached");
            return Err(Denial::new(DenialKind::NetworkNotDetachable, message).into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        nova::{Port, PortId, ServerId},
        policy::{Facts, Need},
    };

    const PORT: PortId = PortId::from_u128(1);
    const STAYS: NetworkId = NetworkId::from_u128(2);
    const GOES: NetworkId = NetworkId::from_u128(3);

    fn check(facts: &Facts) -> Result<(), Hold> {
        let detach = Operation::DetachInterface {
            server: ServerId::from_u128(4),
            port: PORT,
        };
        let policy = DetachNetworkCheck::new([STAYS]);
        assert!(policy.concerns(&detach));
        policy.check(&Inspection::new(detach).facts(facts))
    }

    fn on(network: NetworkId) -> Facts {
        Facts::new().with_ports(&[PORT], &[Port::new(PORT, network)])
    }

    #[test]
    fn rule_1_a_port_on_another_network_passes() {
        assert_eq!(check(&on(GOES)), Ok(()));
    }

    #[test]
    fn rule_2_a_port_on_a_required_network_stays_and_only_that_network_is_named() {
        let Err(Hold::Deny(denial)) = check(&on(STAYS)) else {
            panic!()
        };
        assert_eq!(denial.kind(), DenialKind::NetworkNotDetachable);
        assert!(denial.message().contains(&STAYS.to_string()));
    }

    #[test]
    fn rule_3_an_unknown_port_is_refused() {
        let Err(Hold::Deny(denial)) = check(&Facts::new().with_ports(&[PORT], &[])) else {
            panic!()
        };
        assert_eq!(denial.kind(), DenialKind::InterfaceUnknown);
    }

    #[test]
    fn the_network_is_looked_up_not_guessed() {
        assert_eq!(check(&Facts::new()), Err(Hold::Need(Need::Ports)));
    }

    #[test]
    fn nothing_else_and_nothing_at_all_concerns_it() {
        let policy = DetachNetworkCheck::new([STAYS]);
        assert!(!policy.concerns(&Operation::CreateServer));
        assert!(!policy.concerns(&Operation::Other));
        let detach = Operation::DetachInterface {
            server: ServerId::from_u128(4),
            port: PORT,
        };
        assert!(!DetachNetworkCheck::new([]).concerns(&detach));
    }
}
