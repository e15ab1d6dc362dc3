//! Networks that a server must stay on.

use std::{borrow::Cow, fmt, net::IpAddr};

use super::{Denial, DenialKind, Hold, Inspection, NetworkSet, Policy};
use crate::nova::{NetworkId, Operation, Port, ServerAction};

/// An interface on one of these networks cannot be detached.
///
/// A detach passes when:
///
/// 1. the port's network, as it is looked up, is not one of these.
///
/// The action `removeFixedIp` passes when:
///
/// 2. the server has a port with this address, and it is not the last of a port on one of these.
///
/// They are refused when:
///
/// 3. it is: 403 `network_not_detachable`;
/// 4. there is no such port: 404 `interface_unknown`;
/// 5. the lookup fails: 503 `lookup_failed`.
///
/// External events, which can make Nova forget a port, pass when:
///
/// 6. a service of the cloud tells them; from anybody else: 403 `service_only`.
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
/// * Nova's `os-interface` is judged, and what else takes an interface away, not the vendor's
///   extension alone.
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

    /// Two ports can have one address, on networks that do not meet, and Nova takes either.
    fn judge_removal(&self, ports: &[Port], address: IpAddr) -> Result<(), Denial> {
        let mut owners = ports
            .iter()
            .filter(|port| port.addresses.contains(&address))
            .peekable();
        if owners.peek().is_none() {
            return Err(unknown("address", &address));
        }
        owners
            .filter(|port| port.addresses.len() == 1)
            .try_for_each(|port| self.refuse_required(port.network))
    }

    fn refuse_required(&self, network: NetworkId) -> Result<(), Denial> {
        if self.required.contains(network) {
            let message = format!("network {network} is required and cannot be detached");
            return Err(Denial::new(DenialKind::NetworkNotDetachable, message));
        }
        Ok(())
    }
}

fn unknown(what: &str, name: &dyn fmt::Display) -> Denial {
    let message = format!("{what} {name} could not be found");
    Denial::new(DenialKind::InterfaceUnknown, message)
}

impl Policy for DetachNetworkCheck {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("DetachNetworkCheck")
    }

    fn concerns(&self, operation: &Operation) -> bool {
        let judged = matches!(
            operation,
            Operation::DetachInterface { .. }
                | Operation::ExternalEvents
                | Operation::ServerAction { .. }
        );
        judged && !self.required.is_empty()
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        match request.operation() {
            Operation::DetachInterface { port, .. } => {
                let port = request.port(port)?.ok_or_else(|| unknown("port", &port))?;
                Ok(self.refuse_required(port.network)?)
            }
            Operation::ExternalEvents => Ok(request.require_service()?),
            Operation::ServerAction { server } => match request.server_action()? {
                ServerAction::RemoveFixedIp { address } => {
                    Ok(self.judge_removal(request.server_ports(server)?, address)?)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::{Identity, Role, UserId},
        nova::{PortId, RequestBody, ServerId},
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

    fn remove(address: &str, ports: &[Port]) -> Result<(), Hold> {
        let server = ServerId::from_u128(4);
        let action = Operation::ServerAction { server };
        let json = format!(r#"{{"removeFixedIp": {{"address": "{address}"}}}}"#);
        let body = RequestBody::read(action, json.as_bytes()).unwrap().unwrap();
        let facts = Facts::new().with_server_ports(server, ports.to_vec());
        let policy = DetachNetworkCheck::new([STAYS]);
        assert!(policy.concerns(&action));
        policy.check(&Inspection::new(action).body(&body).facts(&facts))
    }

    fn kind(verdict: Result<(), Hold>) -> DenialKind {
        let Err(Hold::Deny(denial)) = verdict else {
            panic!("not denied: {verdict:?}")
        };
        denial.kind()
    }

    #[test]
    fn rule_2_an_address_can_go_unless_it_is_the_last_of_a_port_that_stays() {
        let (one, two) = ("192.0.2.1", "192.0.2.2");
        let port = |network, addresses: &[&str]| {
            let addresses = addresses.iter().map(|it| it.parse().unwrap());
            Port::new(PORT, network).with_addresses(addresses)
        };
        assert_eq!(remove(one, &[port(STAYS, &[one, two])]), Ok(()));
        assert_eq!(remove(one, &[port(GOES, &[one])]), Ok(()));
        let last = [port(STAYS, &[one])];
        assert_eq!(kind(remove(one, &last)), DenialKind::NetworkNotDetachable);
        // Nova may take the address from either.
        let either = [port(GOES, &[one]), port(STAYS, &[one])];
        assert_eq!(kind(remove(one, &either)), DenialKind::NetworkNotDetachable);
        let elsewhere = [port(STAYS, &[two])];
        assert_eq!(kind(remove(one, &elsewhere)), DenialKind::InterfaceUnknown);
    }

    #[test]
    fn rule_6_events_are_for_services() {
        let policy = DetachNetworkCheck::new([STAYS]);
        let events = Inspection::new(Operation::ExternalEvents);
        assert_eq!(kind(policy.check(&events)), DenialKind::ServiceOnly);

        let with = |roles: &[&str]| {
            let roles = roles.iter().map(|name| Role::new(name).unwrap());
            Identity::new(UserId::new("u").unwrap()).roles(roles)
        };
        let admin = with(&["admin", "member"]);
        assert_eq!(
            kind(policy.check(&events.identity(&admin))),
            DenialKind::ServiceOnly
        );
        let beside = with(&["member"]).service(with(&["reader"]));
        assert_eq!(
            kind(policy.check(&events.identity(&beside))),
            DenialKind::ServiceOnly
        );
        for service in [
            with(&["Service"]),
            with(&["member"]).service(with(&["service"])),
        ] {
            assert_eq!(policy.check(&events.identity(&service)), Ok(()));
        }
    }

    #[test]
    fn actions_that_take_no_address_pass() {
        let action = Operation::ServerAction {
            server: ServerId::from_u128(4),
        };
        let policy = DetachNetworkCheck::new([STAYS]);
        assert_eq!(
            policy.check(&Inspection::new(action)),
            Err(Hold::Need(Need::Body))
        );
        for json in [r#"{"lock": null}"#, r#"{"unshelve": null}"#] {
            let body = RequestBody::read(action, json.as_bytes()).unwrap().unwrap();
            assert_eq!(
                policy.check(&Inspection::new(action).body(&body)),
                Ok(()),
                "{json}"
            );
        }
    }

    #[test]
    fn rule_3_a_port_on_a_required_network_stays_and_only_that_network_is_named() {
        let Err(Hold::Deny(denial)) = check(&on(STAYS)) else {
            panic!()
        };
        assert_eq!(denial.kind(), DenialKind::NetworkNotDetachable);
        assert!(denial.message().contains(&STAYS.to_string()));
    }

    #[test]
    fn rule_4_an_unknown_port_is_refused() {
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
        for operation in [detach, Operation::ExternalEvents] {
            assert!(!DetachNetworkCheck::new([]).concerns(&operation));
        }
    }
}
