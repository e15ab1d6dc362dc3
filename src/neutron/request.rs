//! The one reader of Neutron's paths.

use http::{Method, Uri};

use crate::nova::{MOST_SEGMENTS, Mount, PortId, TrunkId, Unclear, readable_path, split};

/// What a request asks of Neutron, as far as it can change what a server is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// Add sub-ports to a trunk.
    AddSubports {
        /// The trunk.
        trunk: TrunkId,
    },
    /// Make one or more ports.
    CreatePorts,
    /// Make one or more trunks.
    CreateTrunks,
    /// Delete a port.
    DeletePort {
        /// The port.
        port: PortId,
    },
    /// Delete a trunk.
    DeleteTrunk {
        /// The trunk.
        trunk: TrunkId,
    },
    /// Nothing of that kind.
    Other,
    /// Take sub-ports from a trunk.
    RemoveSubports {
        /// The trunk.
        trunk: TrunkId,
    },
    /// Change a port.
    UpdatePort {
        /// The port.
        port: PortId,
    },
}

impl Request {
    /// Reads a request line, by the rules of the [module](super). Does not allocate for a path
    /// in its canonical spelling.
    ///
    /// # Errors
    ///
    /// [`Unclear`] when the request could be read in more than one way.
    pub fn of(method: &Method, uri: &Uri, mount: &Mount) -> Result<Self, Unclear> {
        let path = readable_path(method, uri)?;
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return Ok(Self::Other);
        }
        let mut buffer = [""; MOST_SEGMENTS];
        let below = mount.below(&path);
        let segments = split(below.unwrap_or(&path), &mut buffer).ok_or(Unclear::UnknownForm)?;
        match segments {
            ["v2.0", collection, rest @ ..] if below.is_some() => {
                match (bare(collection, rest.is_empty())?, rest) {
                    ("ports", rest) => Self::of_ports(method, rest),
                    ("trunks", rest) => Self::of_trunks(method, rest),
                    // The name of a plugin may stand in front of any collection.
                    (_, rest) if names_judged(rest) => Err(Unclear::UnknownForm),
                    _ => Ok(Self::Other),
                }
            }
            _ if names_judged(segments) => Err(Unclear::UnknownPrefix),
            _ => Ok(Self::Other),
        }
    }

    /// What is asked of ports, below their collection.
    fn of_ports(method: &Method, path: &[&str]) -> Result<Self, Unclear> {
        let (id, rest) = match (method, path) {
            (&Method::POST, []) => return Ok(Self::CreatePorts),
            (_, []) => return Err(Unclear::UnknownForm),
            (_, [id, rest @ ..]) => (bare(id, rest.is_empty())?, rest),
        };
        let port = id.parse().map_err(|_| Unclear::PortId)?;
        match (method, rest) {
            (&Method::PUT, []) => Ok(Self::UpdatePort { port }),
            (&Method::DELETE, []) => Ok(Self::DeletePort { port }),
            (_, ["bindings" | "tags", ..])
            | (_, ["add_allowed_address_pairs" | "remove_allowed_address_pairs"]) => {
                Ok(Self::Other)
            }
            // Among these is `index`, Neutron's other name for all of the above.
            _ => Err(Unclear::UnknownForm),
        }
    }

    /// What is asked of trunks, below their collection.
    fn of_trunks(method: &Method, path: &[&str]) -> Result<Self, Unclear> {
        let (id, rest) = match (method, path) {
            (&Method::POST, []) => return Ok(Self::CreateTrunks),
            (_, []) => return Err(Unclear::UnknownForm),
            (_, [id, rest @ ..]) => (bare(id, rest.is_empty())?, rest),
        };
        let trunk = id.parse().map_err(|_| Unclear::TrunkId)?;
        match (method, rest) {
            (&Method::DELETE, []) => Ok(Self::DeleteTrunk { trunk }),
            (&Method::PUT, ["add_subports" | "add_subports.json"]) => {
                Ok(Self::AddSubports { trunk })
            }
            (&Method::PUT, ["remove_subports" | "remove_subports.json"]) => {
                Ok(Self::RemoveSubports { trunk })
            }
            // Its name, or whether it is up.
            (&Method::PUT, []) | (_, ["tags", ..]) => Ok(Self::Other),
            _ => Err(Unclear::UnknownForm),
        }
    }
}

/// A segment without the suffix `.json`, which Neutron ignores at the end of a path. It ignores
/// others too, as its machine knows them; those are left, and so refused.
fn bare(segment: &str, last: bool) -> Result<&str, Unclear> {
    match segment.split_once('.') {
        Some((bare, "json")) if last => Ok(bare),
        Some((bare, _)) if is_judged(bare) => Err(Unclear::UnknownForm),
        _ => Ok(segment),
    }
}

fn is_judged(segment: &str) -> bool {
    matches!(segment, "ports" | "trunks")
}

/// Whether a judged collection is named anywhere, but for a tag of that name.
fn names_judged(segments: &[&str]) -> bool {
    let mut before = "";
    segments.iter().any(|segment| {
        let bare = segment.split_once('.').map_or(*segment, |(bare, _)| bare);
        let is_tag = std::mem::replace(&mut before, segment) == "tags";
        is_judged(bare) && !is_tag
    })
}

#[cfg(test)]
mod tests;
