//! Networks that a new server must, or must not, be on.

use std::borrow::Cow;

use super::{
    Hold, Inspection, InvalidPolicy, NetworkSet, Policy,
    interface::{own_networks, reached_networks},
    requested::{interfaces_of_create, refuse_banned, refuse_missing},
};
use crate::nova::{NetworkId, Operation};

/// Every required network must be in a server create, and no banned one.
///
/// A create passes when:
///
/// 1. each required network, or a port on it, is listed, and
/// 2. no banned network is, nor a port on one, nor a trunk's parent port with a sub-port on one.
///
/// A create is refused when:
///
/// 3. a banned network is listed: 403 `network_banned`;
/// 4. a required network is not: 403 `network_required`; so `"none"` is refused if any is;
/// 5. the choice is left to Nova (no `networks`, an empty list, `"auto"`): 403
///    `networks_unnamed`, but see [`assume_when_absent`](Self::assume_when_absent);
/// 6. a listed port does not exist: 400 `port_unknown`.
///
/// An audit judges the ports of an existing server by rules 1 and 2 alike. No other request
/// concerns it, and with neither list none does.
///
/// | setting | default | meaning |
/// |---|---|---|
/// | `required_nets` | none | the networks of rule 1 |
/// | `banned_nets` | none | the networks of rule 2 |
///
/// # Differences from the Python filter
///
/// * A create without `networks` is refused; the original skipped it, and Nova then attached
///   whatever single network the project could see.
/// * A port counts as the network it is on; the original crashed on it, and its successor
///   ignored it.
/// * A create is found by Nova's own rules for paths, in any project; the original compared
///   the *set* of path parts, and passed a path that named another project than the caller's.
/// * A malformed body is 400, not 500.
/// * A network on both lists is an error when the policy is made.
/// * It is refused as a Nova fault, and the message names the networks at fault only.
///
/// ```
/// use wafflehaus::nova::{NetworkId, Operation, RequestBody};
/// use wafflehaus::policy::{Inspection, Policy, RequestNetworks};
///
/// let office: NetworkId = "11111111-1111-4111-8111-111111111111".parse()?;
/// let policy = RequestNetworks::new([office], [])?;
///
/// let check = |json: &str| {
///     let body = RequestBody::read(Operation::CreateServer, json.as_bytes()).unwrap().unwrap();
///     policy.check(&Inspection::new(Operation::CreateServer).body(&body)).is_ok()
/// };
/// assert!(check(&format!(r#"{{"server": {{"networks": [{{"uuid": "{office}"}}]}}}}"#)));
/// assert!(!check(r#"{"server": {"networks": "none"}}"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RequestNetworks {
    required: NetworkSet,
    banned: NetworkSet,
    assumed: Option<NetworkSet>,
}

impl RequestNetworks {
    /// A policy with these lists; either may be empty.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::BannedAndRequired`] when they overlap.
    pub fn new(
        required: impl IntoIterator<Item = NetworkId>,
        banned: impl IntoIterator<Item = NetworkId>,
    ) -> Result<Self, InvalidPolicy> {
        let (required, banned): (NetworkSet, NetworkSet) =
            (required.into_iter().collect(), banned.into_iter().collect());
        let networks = required.and(&banned);
        if !networks.is_empty() {
            return Err(InvalidPolicy::BannedAndRequired { networks });
        }
        Ok(Self {
            required,
            banned,
            assumed: None,
        })
    }

    /// Judges a create without `networks`, or with an empty list, as if it listed these.
    ///
    /// This is for a cloud in which an operator *knows* what Nova attaches by default. If Nova
    /// does something else, a tenant gets past this policy.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::AssumedRefused`] when these networks would be refused.
    pub fn assume_when_absent(
        mut self,
        networks: impl IntoIterator<Item = NetworkId>,
    ) -> Result<Self, InvalidPolicy> {
        let networks: NetworkSet = networks.into_iter().collect();
        refuse_banned(networks.iter(), &self.banned)
            .and_then(|()| refuse_missing(networks.iter(), &self.required))
            .map_err(|denial| InvalidPolicy::AssumedRefused {
                message: denial.message().into(),
            })?;
        self.assumed = Some(networks);
        Ok(self)
    }
}

impl Policy for RequestNetworks {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("RequestNetworks")
    }

    fn concerns(&self, operation: &Operation) -> bool {
        let idle = self.required.is_empty() && self.banned.is_empty();
        let judged = matches!(
            operation,
            Operation::CreateServer | Operation::ExistingServer { .. }
        );
        judged && !idle
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        let interfaces = match request.operation() {
            Operation::CreateServer => interfaces_of_create(request, self.assumed.as_ref())?,
            Operation::ExistingServer { server } => request.interfaces(server)?,
            _ => return Ok(()),
        };
        refuse_banned(reached_networks(&interfaces), &self.banned)?;
        refuse_missing(own_networks(&interfaces), &self.required)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
