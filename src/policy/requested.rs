//! Which networks a request would put a server on.

use super::{Denial, DenialKind, Hold, Inspection, Interface, NetworkSet};
use crate::nova::RequestedNetworks;

/// The interfaces that a server create asks for.
///
/// # Errors
///
/// `networks_unnamed` when the choice is left to Nova and `assumed` does not say what it will
/// be; otherwise as [`Inspection::resolve`].
pub(super) fn interfaces_of_create<'a>(
    request: &Inspection<'a>,
    assumed: Option<&NetworkSet>,
) -> Result<Vec<Interface<'a>>, Hold> {
    match (&request.server_create()?.networks, assumed) {
        (RequestedNetworks::Listed(listed), _) => listed
            .iter()
            .map(|&requested| request.resolve(requested))
            .collect(),
        (RequestedNetworks::None, _) => Ok(Vec::new()),
        (RequestedNetworks::Absent, Some(assumed)) => {
            Ok(assumed.iter().map(Interface::from).collect())
        }
        (RequestedNetworks::Absent, None) => Err(unnamed("no networks are named")),
        // Nova may make a new network for `auto`, so nothing can be assumed of it.
        (RequestedNetworks::Auto, _) => Err(unnamed("networks \"auto\" is not allowed")),
    }
}

fn unnamed(what: &str) -> Hold {
    let message = format!("{what}; name each network of the server in `networks`");
    Denial::new(DenialKind::NetworksUnnamed, message).into()
}

/// Refuses if any of `networks` is in `banned`.
pub(super) fn refuse_banned(networks: &NetworkSet, banned: &NetworkSet) -> Result<(), Denial> {
    let offending = networks.and(banned);
    if offending.is_empty() {
        return Ok(());
    }
    let message = format!("not allowed to use these networks: {offending}");
    Err(Denial::new(DenialKind::NetworkBanned, message))
}

/// Refuses if any of `required` is not in `networks`.
pub(super) fn refuse_missing(networks: &NetworkSet, required: &NetworkSet) -> Result<(), Denial> {
    let missing = required.without(networks);
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("these networks are required but missing: {missing}");
    Err(Denial::new(DenialKind::NetworkRequired, message))
}
