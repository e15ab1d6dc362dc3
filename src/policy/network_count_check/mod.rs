//! How many networks a server may be on.

mod builder;

use std::{borrow::Cow, iter};

pub use builder::NetworkCountCheckBuilder;

use super::{
    Denial, DenialKind, Hold, Inspection, Interface, NetworkSet, Policy,
    interface::{count, own_networks, reached_networks},
    requested::{interfaces_of_create, refuse_banned, refuse_missing},
};
use crate::nova::{Operation, ServerAction, ServerId};

/// The number of networks a server is on must stay within limits, on create and on attach.
///
/// *Counted* are the distinct networks, without the optional ones unless those count too. The
/// networks of a trunk's sub-ports count towards the maximum, and may be banned, but nothing that
/// is required is met by them: a server reaches them only if its guest tags its frames.
///
/// A create passes when:
///
/// 1. every required network is listed, and no banned one;
/// 2. the counted networks are at least `networks_min` and at most `networks_max`;
/// 3. there are at most `interfaces_max` entries, if that is set.
///
/// An attach passes when:
///
/// 4. the network is not banned;
/// 5. the network is not counted, or the counted networks of the server with this one are at
///    most `networks_max`; a network the server is on already adds nothing;
/// 6. the server then has at most `interfaces_max` ports, if that is set.
///
/// A server action passes when:
///
/// 7. it is `addFixedIp`, and the server has a port on that network, which is not banned, or
///    could be attached to it;
/// 8. it makes the server's ports real anew (see [`ServerAction::BindPorts`]), and none of the
///    ports that it has now is on a banned network, nor are they too many: a tenant may have
///    given it ports in Neutron that Nova never attached. What is required is not asked for
///    here. Switched off by `judge_adopted_ports`;
/// 9. it is any other.
///
/// External events pass when:
///
/// 10. a service of the cloud tells them.
///
/// They are refused, in this order, when:
///
/// 11. a banned network is asked for, or there: 403 `network_banned`;
/// 12. a required network is missing in a create: 403 `network_required`;
/// 13. there are too few networks in a create, too many, or too many interfaces: 403
///     `too_few_networks`, `too_many_networks`, `too_many_interfaces`;
/// 14. anybody else tells of events: 403 `service_only`;
///
/// and before that, when:
///
/// 15. a create leaves the choice to Nova: 403 `networks_unnamed`, but see
///     [`assume_when_absent`](NetworkCountCheckBuilder::assume_when_absent); a named port does
///     not exist: 400 `port_unknown`.
///
/// An audit judges an existing server as a create of what it has. No other request concerns it.
///
/// | setting | default | meaning |
/// |---|---|---|
/// | `required_nets` | none | must be in a create |
/// | `banned_nets` | none | must not be asked for |
/// | `optional_nets` | none | not counted |
/// | `count_optional_nets` | false | count them all the same |
/// | `networks_min` | 1 | fewest counted networks of a new server |
/// | `networks_max` | 1 | most counted networks of a server |
/// | `interfaces_max` | no limit | most interfaces of a server |
/// | `judge_adopted_ports` | true | rule 8 |
///
/// # Differences from the Python filter
///
/// * `count_optional_nets = False` means false; the original took every non-empty text for
///   true, so a file that says `False` changes its meaning here, to what it says.
/// * The minimum is not enforced on attach, although the README says so; neither did the code.
///   An attach adds one network, so a server below the minimum could never reach it.
/// * Required networks are not asked of an attach, as in the code.
/// * A create without `networks` is judged (rule 10); the original skipped it unless
///   `strict_boot_check` was set.
/// * An uncounted optional network can be attached even to a server above the maximum.
/// * Two interfaces on one network count once, as in the original; `interfaces_max` is new.
/// * Ports count as the networks they are on; the original ignored them.
/// * Server actions and external events are judged; the original did not look at them.
/// * Settings that contradict each other are an error when the policy is made.
///
/// ```
/// use wafflehaus::nova::{NetworkId, Operation, RequestBody};
/// use wafflehaus::policy::{Inspection, NetworkCountCheck, Policy};
///
/// let (a, b) = (NetworkId::from_u128(1), NetworkId::from_u128(2));
/// let policy = NetworkCountCheck::builder().networks_max(1).optional_nets([b]).build()?;
///
/// let check = |networks: &[NetworkId]| {
///     let list: Vec<_> = networks.iter().map(|id| format!(r#"{{"uuid": "{id}"}}"#)).collect();
///     let json = format!(r#"{{"server": {{"networks": [{}]}}}}"#, list.join(","));
///     let body = RequestBody::read(Operation::CreateServer, json.as_bytes()).unwrap().unwrap();
///     policy.check(&Inspection::new(Operation::CreateServer).body(&body)).is_ok()
/// };
/// assert!(check(&[a, b]));
/// assert!(!check(&[a, NetworkId::from_u128(3)]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct NetworkCountCheck {
    required: NetworkSet,
    banned: NetworkSet,
    /// The networks that do not count: the optional ones, or none.
    uncounted: NetworkSet,
    assumed: Option<NetworkSet>,
    min: usize,
    max: usize,
    interfaces_max: Option<usize>,
    judge_adopted: bool,
}

impl NetworkCountCheck {
    /// Settings with their defaults.
    pub fn builder() -> NetworkCountCheckBuilder {
        NetworkCountCheckBuilder::default()
    }

    fn judge(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        match request.operation() {
            Operation::AttachInterface { server, .. } => {
                let interface = request.resolve(request.interface_attach()?.network)?;
                self.judge_one_more(request, server, interface)
            }
            Operation::CreateServer => {
                let interfaces = interfaces_of_create(request, self.assumed.as_ref())?;
                Ok(self.judge_whole(&interfaces)?)
            }
            Operation::ExistingServer { server } => {
                Ok(self.judge_whole(&request.interfaces(server)?)?)
            }
            Operation::ExternalEvents => Ok(request.require_service()?),
            Operation::ServerAction { server } => match request.server_action()? {
                ServerAction::AddFixedIp { network } => {
                    refuse_banned(iter::once(network), &self.banned)?;
                    let mut ports = request.server_ports(server)?.iter();
                    if ports.any(|port| port.network == network) {
                        return Ok(());
                    }
                    self.judge_one_more(request, server, Interface::from(network))
                }
                ServerAction::BindPorts if self.judge_adopted => {
                    let interfaces = request.interfaces(server)?;
                    Ok(self.judge_most(&interfaces)?)
                }
                ServerAction::BindPorts
                | ServerAction::Other
                | ServerAction::RemoveFixedIp { .. } => Ok(()),
            },
            Operation::DetachInterface { .. } | Operation::Other => Ok(()),
        }
    }

    /// All that a server has or is to have.
    fn judge_whole(&self, interfaces: &[Interface<'_>]) -> Result<(), Denial> {
        refuse_banned(reached_networks(interfaces), &self.banned)?;
        refuse_missing(own_networks(interfaces), &self.required)?;
        let counted = count(own_networks(interfaces), &self.uncounted);
        if counted < self.min {
            let message = format!(
                "{counted} networks are named but at least {} are required",
                self.min
            );
            return Err(Denial::new(DenialKind::TooFewNetworks, message));
        }
        self.judge_most(interfaces)
    }

    /// What a server must not have, or not have too much of.
    fn judge_most(&self, interfaces: &[Interface<'_>]) -> Result<(), Denial> {
        refuse_banned(reached_networks(interfaces), &self.banned)?;
        self.refuse_many(count(reached_networks(interfaces), &self.uncounted))?;
        self.refuse_interfaces(interfaces.len())
    }

    /// One interface beside those that a server has.
    fn judge_one_more(
        &self,
        request: &Inspection<'_>,
        server: ServerId,
        one: Interface<'_>,
    ) -> Result<(), Hold> {
        let only = [one];
        refuse_banned(reached_networks(&only), &self.banned)?;
        if count(reached_networks(&only), &self.uncounted) > 0 {
            let mut interfaces = request.interfaces(server)?;
            interfaces.push(one);
            self.refuse_many(count(reached_networks(&interfaces), &self.uncounted))?;
        }
        if self.interfaces_max.is_some() {
            self.refuse_interfaces(request.server_ports(server)?.len().saturating_add(1))?;
        }
        Ok(())
    }

    fn refuse_many(&self, counted: usize) -> Result<(), Denial> {
        if counted <= self.max {
            return Ok(());
        }
        let message = format!(
            "the server would be on {counted} networks but at most {} are allowed",
            self.max
        );
        Err(Denial::new(DenialKind::TooManyNetworks, message))
    }

    fn refuse_interfaces(&self, interfaces: usize) -> Result<(), Denial> {
        match self.interfaces_max {
            Some(max) if interfaces > max => {
                let message = format!(
                    "the server would have {interfaces} interfaces but at most {max} are allowed"
                );
                Err(Denial::new(DenialKind::TooManyInterfaces, message))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Policy for NetworkCountCheck {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("NetworkCountCheck")
    }

    fn concerns(&self, operation: &Operation) -> bool {
        !matches!(
            operation,
            Operation::DetachInterface { .. } | Operation::Other
        )
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        self.judge(request)
    }
}

#[cfg(test)]
mod tests;
