//! The one path reader.

use std::{borrow::Cow, str::FromStr};

use http::{Method, Uri};

use super::{Mount, PortId, ServerId, Unclear, canonical_path, path::overrides_method};

/// What a request asks of Nova, as far as policies care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Attach an interface to a server.
    AttachInterface {
        /// The server.
        server: ServerId,
        /// The extension that is asked, and so the shape of the body.
        api: AttachApi,
    },
    /// Create one or more servers.
    CreateServer,
    /// Detach an interface from a server.
    DetachInterface {
        /// The server.
        server: ServerId,
        /// The port to detach.
        port: PortId,
    },
    /// Nothing is asked: a server is judged as it is, with all the ports it has. No request is
    /// read as this; an audit asks policies about it.
    ExistingServer {
        /// The server.
        server: ServerId,
    },
    /// Tell Nova what happened to a server's ports and volumes, as Neutron and Cinder do.
    ExternalEvents,
    /// Nothing that a policy judges.
    Other,
    /// One of the actions on a server.
    ServerAction {
        /// The server.
        server: ServerId,
    },
}

/// The two extensions by which a server's interfaces change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttachApi {
    /// `os-interface`, Nova's own.
    OsInterface,
    /// `os-virtual-interfacesv2`, a vendor's.
    OsVirtualInterfacesV2,
}

/// More segments than any path of Nova's has, even below a long mount prefix.
pub(crate) const MOST_SEGMENTS: usize = 16;

impl Operation {
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
        let below = mount.strip(&path);
        let segments = split(below.unwrap_or(&path), &mut buffer).ok_or(Unclear::UnknownForm)?;
        if below.is_some()
            && let ["v2.1" | "v2", rest @ ..] = segments
        {
            if let Some(operation) = Self::below_version(method, rest)? {
                return Ok(operation);
            }
            if let [_project, rest @ ..] = rest
                && let Some(operation) = Self::below_version(method, rest)?
            {
                return Ok(operation);
            }
        }
        if is_judged_somewhere(method, segments) {
            return Err(Unclear::UnknownPrefix);
        }
        Ok(Self::Other)
    }

    /// The server that is acted on; none if there is none yet.
    #[must_use]
    pub const fn server(&self) -> Option<ServerId> {
        match self {
            Self::AttachInterface { server, .. }
            | Self::DetachInterface { server, .. }
            | Self::ExistingServer { server }
            | Self::ServerAction { server } => Some(*server),
            Self::CreateServer | Self::ExternalEvents | Self::Other => None,
        }
    }

    /// The judged operation with this path below version and project, if it is one.
    fn below_version(method: &Method, path: &[&str]) -> Result<Option<Self>, Unclear> {
        match *path {
            [name] if *method == Method::POST => match Collection::named(name) {
                Some(Collection::Events) => Ok(Some(Self::ExternalEvents)),
                Some(Collection::Servers) => Ok(Some(Self::CreateServer)),
                Some(_) => Err(Unclear::UnknownForm),
                None => Ok(None),
            },
            ["servers" | "os-volumes_boot", server, name, ref rest @ ..] => {
                let Some(member) = Member::named(name) else {
                    return Ok(None);
                };
                let server = ServerId::from_str(server).map_err(|_| Unclear::ServerId)?;
                match (member, method, rest) {
                    (Member::Action, &Method::POST, []) => Ok(Some(Self::ServerAction { server })),
                    (Member::Interfaces(api), &Method::POST, []) => {
                        Ok(Some(Self::AttachInterface { server, api }))
                    }
                    (Member::Interfaces(_), &Method::DELETE, [port]) => {
                        let port = PortId::from_str(port).map_err(|_| Unclear::PortId)?;
                        Ok(Some(Self::DetachInterface { server, port }))
                    }
                    _ => Err(Unclear::UnknownForm),
                }
            }
            _ => Ok(None),
        }
    }
}

/// The names of judged collections.
#[derive(Clone, Copy)]
enum Collection {
    Events,
    /// One of the others with a format suffix, which old releases served and newer ones never
    /// do.
    Refused,
    Servers,
}

impl Collection {
    fn named(name: &str) -> Option<Self> {
        if let Some(bare) = without_format(name) {
            return Self::named(bare).map(|_| Self::Refused);
        }
        match name {
            "servers" | "os-volumes_boot" | "os-create-server-ext" => Some(Self::Servers),
            "os-server-external-events" => Some(Self::Events),
            _ => None,
        }
    }
}

/// The names of judged members of a server.
#[derive(Clone, Copy)]
enum Member {
    Action,
    Interfaces(AttachApi),
    /// One of the others with a format suffix; or a vendor's administrative way to change
    /// interfaces, which is not for tenants.
    Refused,
}

impl Member {
    fn named(name: &str) -> Option<Self> {
        if let Some(bare) = without_format(name) {
            return Self::named(bare).map(|_| Self::Refused);
        }
        match name {
            "action" => Some(Self::Action),
            "admin-virtual-interfaces" => Some(Self::Refused),
            "os-interface" => Some(Self::Interfaces(AttachApi::OsInterface)),
            "os-virtual-interfacesv2" => Some(Self::Interfaces(AttachApi::OsVirtualInterfacesV2)),
            _ => None,
        }
    }
}

fn without_format(name: &str) -> Option<&str> {
    name.strip_suffix(".json")
        .or_else(|| name.strip_suffix(".xml"))
}

/// Whether the segments are, or end in, the path of a judged operation, wherever it begins.
fn is_judged_somewhere(method: &Method, segments: &[&str]) -> bool {
    let posts = *method == Method::POST
        && segments
            .last()
            .is_some_and(|name| Collection::named(name).is_some());
    let changes = |window: &[&str]| match *window {
        ["servers" | "os-volumes_boot", _, name] => Member::named(name).is_some(),
        _ => false,
    };
    posts || segments.windows(3).any(changes)
}

/// The canonical path of a request line that has one reading, whatever it asks for: what
/// [`Operation::of`] judges and what may be forwarded.
pub(crate) fn readable_path<'u>(method: &Method, uri: &'u Uri) -> Result<Cow<'u, str>, Unclear> {
    if uri.query().is_some_and(overrides_method) {
        return Err(Unclear::MethodOverride);
    }
    let path = canonical_path(uri.path())?;
    match *method {
        Method::DELETE
        | Method::GET
        | Method::HEAD
        | Method::OPTIONS
        | Method::PATCH
        | Method::POST
        | Method::PUT => Ok(path),
        _ => Err(Unclear::UnknownMethod),
    }
}

/// Splits a canonical path into its segments, if the buffer has room for all of them.
pub(crate) fn split<'p, 'b>(path: &'p str, buffer: &'b mut [&'p str]) -> Option<&'b [&'p str]> {
    let mut used = 0;
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        *buffer.get_mut(used)? = segment;
        used += 1;
    }
    buffer.get(..used)
}

#[cfg(test)]
mod tests;
