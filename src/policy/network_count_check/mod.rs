//! How many networks a server may be on.

mod builder;

use std::borrow::Cow;

pub use builder::NetworkCountCheckBuilder;

use super::{
    Denial, DenialKind, Hold, Inspection, NetworkSet, Policy,
    requested::{networks_of_create, refuse_banned, refuse_missing},
};
use crate::nova::{Operation, ServerId};

/// The number of networks a server is on must stay within limits, on create and on attach.
///
/// *Counted* are the distinct networks, without the optional ones unless those count too.
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
/// They are refused, in this order, when:
///
/// 7. a banned network is asked for: 403 `network_banned`;
/// 8. a required network is missing in a create: 403 `network_required`;
/// 9. there are too many networks, too few, or too many interfaces: 403 `too_many_networks`,
///    `too_few_networks`, `too_many_interfaces`;
///
/// and before that, when:
///
/// 10. a create leaves the choice to Nova: 403 `networks_unnamed`, but see
///     [`assume_when_absent`](NetworkCountCheckBuilder::assume_when_absent); a named port does
///     not exist: 400 `port_unknown`.
///
/// No other request concerns it.
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
}

impl NetworkCountCheck {
    /// Settings with their defaults.
    pub fn builder() -> NetworkCountCheckBuilder {
        NetworkCountCheckBuilder::default()
    }

    fn check_create(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        let interfaces = networks_of_create(request, self.assumed.as_ref())?;
        let count = interfaces.len();
        self.judge_create(&interfaces.into_iter().collect(), count)?;
        Ok(())
    }

    fn judge_create(&self, networks: &NetworkSet, interfaces: usize) -> Result<(), Denial> {
        refuse_banned(networks, &self.banned)?;
        refuse_missing(networks, &self.required)?;
        let counted = networks.without(&self.uncounted).len();
        self.refuse_many(counted)?;
        if counted < self.min {
            let message = format!(
                "{counted} networks are named but at least {} are required",
                self.min
            );
            return Err(Denial::new(DenialKind::TooFewNetworks, message));
        }
        self.refuse_interfaces(interfaces)
    }

    fn check_attach(&self, request: &Inspection<'_>, server: ServerId) -> Result<(), Hold> {
        let network = request.resolve(request.interface_attach()?.network)?;
        refuse_banned(&[network].into_iter().collect(), &self.banned)?;
        if !self.uncounted.contains(network) {
            let ports = request.server_ports(server)?.iter();
            let networks: NetworkSet = ports.map(|port| port.network).chain([network]).collect();
            self.refuse_many(networks.without(&self.uncounted).len())?;
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
        matches!(
            operation,
            Operation::CreateServer | Operation::AttachInterface { .. }
        )
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        match request.operation() {
            Operation::CreateServer => self.check_create(request),
            Operation::AttachInterface { server, .. } => self.check_attach(request, server),
            Operation::DetachInterface { .. } | Operation::Other => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
