//! Which networks a request would put a server on.

use super::{Denial, DenialKind, Hold, Inspection, Interface, NetworkSet, interface::are_few};
use crate::nova::{NetworkId, RequestedNetworks};

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
pub(super) fn refuse_banned(
    networks: impl Iterator<Item = NetworkId> + Clone,
    banned: &NetworkSet,
) -> Result<(), Denial> {
    let mut offending = networks
        .filter(|&network| banned.contains(network))
        .peekable();
    if offending.peek().is_none() {
        return Ok(());
    }
    let offending: NetworkSet = offending.collect();
    let message = format!("not allowed to use these networks: {offending}");
    Err(Denial::new(DenialKind::NetworkBanned, message))
}

/// Refuses if any of `required` is not in `networks`.
pub(super) fn refuse_missing(
    networks: impl Iterator<Item = NetworkId> + Clone,
    required: &NetworkSet,
) -> Result<(), Denial> {
    // The first that is missing ends it, so a long list of required ones takes no longer.
    let is_named = |wanted| networks.clone().any(|network| network == wanted);
    if are_few(&networks) && required.iter().all(is_named) {
        return Ok(());
    }
    let named: NetworkSet = networks.collect();
    let mut missing = required.iter().filter(|&wanted| !named.contains(wanted));
    let told: NetworkSet = missing.by_ref().take(TOLD).collect();
    if told.is_empty() {
        return Ok(());
    }
    let more = required.len() - named.and(required).len() - told.len();
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("these networks are required but missing: {told}{more}");
    Err(Denial::new(DenialKind::NetworkRequired, message))
}

/// How many missing networks a message tells.
const TOLD: usize = 16;
