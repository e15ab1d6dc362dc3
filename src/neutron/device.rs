//! What a port is a part of.

use std::{borrow::Cow, str::FromStr as _};

use uuid::Uuid;

use crate::nova::{InvalidId, ServerId};

/// The device of a port, by its `device_id`.
///
/// `device_owner` has no part in it: Nova takes every port with the server's id for one of the
/// server's, whatever the owner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Device {
    /// The port is free.
    Nobody,
    /// Something whose id is no UUID, and so no server.
    Other,
    /// A server, or something else that has a UUID, such as a router.
    Server(ServerId),
}

impl Device {
    /// A `device_id` that a request writes.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] for a text that a database may find equal to a server's id although it is
    /// not: another spelling of a UUID, a space at its end, a letter with an accent.
    pub fn written(text: &str) -> Result<Self, InvalidId> {
        if text.is_empty() {
            return Ok(Self::Nobody);
        }
        match ServerId::from_str(text) {
            Ok(server) => Ok(Self::Server(server)),
            Err(InvalidId) if is_plain(text) && Uuid::try_parse(text).is_err() => Ok(Self::Other),
            Err(error) => Err(error),
        }
    }

    /// A `device_id` that Neutron has, which may have been written before anybody looked.
    #[must_use]
    pub fn recorded(text: &str) -> Self {
        let text = text.trim();
        match Uuid::try_parse(text) {
            Ok(id) => Self::Server(id.into()),
            Err(_) if text.is_empty() => Self::Nobody,
            Err(_) => Self::Other,
        }
    }

    /// The server, if it may be one.
    #[must_use]
    pub const fn server(self) -> Option<ServerId> {
        match self {
            Self::Server(server) => Some(server),
            Self::Nobody | Self::Other => None,
        }
    }
}

/// Null is read as the empty text: Neutron refuses it.
impl TryFrom<Option<Cow<'_, str>>> for Device {
    type Error = InvalidId;

    fn try_from(text: Option<Cow<'_, str>>) -> Result<Self, InvalidId> {
        Self::written(text.as_deref().unwrap_or_default())
    }
}

/// Whether all databases compare this text alike.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "abcdef01-c0de-4aaa-8bbb-fedcba987601";

    #[test]
    fn a_server_is_written_in_one_way() {
        let server = Device::Server(ID.parse().unwrap());
        assert_eq!(Device::written(ID), Ok(server));
        assert_eq!(Device::written(""), Ok(Device::Nobody));
        for other in ["dhcp5c1d-abcdef01-c0de", "lb-1", "reserved_dhcp_port"] {
            assert_eq!(Device::written(other), Ok(Device::Other), "{other}");
        }
        for doubtful in [
            ID.to_uppercase(),
            ID.replace('-', ""),
            format!("{{{ID}}}"),
            format!("urn:uuid:{ID}"),
            format!("{ID} "),
            format!(" {ID}"),
            format!("{ID}\n"),
            format!("{ID}\u{200b}"),
            ID.replace('a', "\u{e1}"),
        ] {
            assert_eq!(Device::written(&doubtful), Err(InvalidId), "{doubtful:?}");
        }
    }

    #[test]
    fn what_is_recorded_is_a_servers_in_any_spelling() {
        let server = Device::Server(ID.parse().unwrap());
        for text in [ID, &ID.to_uppercase(), &format!("{ID} ")] {
            assert_eq!(Device::recorded(text), server, "{text:?}");
        }
        assert_eq!(Device::recorded(""), Device::Nobody);
        assert_eq!(Device::recorded("lb-1"), Device::Other);
    }
}
