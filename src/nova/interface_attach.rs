//! The body of an attach, in both extensions.

use super::{
    AttachApi, InvalidBody, NetworkId, PortId, RequestedNetwork,
    json::{self, Reader},
};

/// What an attach asks for: exactly one network or port, named.
///
/// Nova attaches a default network when neither is named, and drops keys it does not know from
/// old clients' bodies before it looks; both are refused here, so what is read is what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InterfaceAttach {
    /// The network, or the port on it.
    pub network: RequestedNetwork,
}

impl InterfaceAttach {
    /// Reads a body of this extension.
    ///
    /// # Errors
    ///
    /// [`InvalidBody`] by the rules of the [module](super), for an unknown key, and for a body
    /// that names no network and no port, or both.
    pub fn from_json(bytes: &[u8], api: AttachApi) -> Result<Self, InvalidBody> {
        let attachment = match api {
            AttachApi::OsInterface => "interfaceAttachment",
            AttachApi::OsVirtualInterfacesV2 => "virtual_interface",
        };
        json::read(bytes, |json| {
            let mut named = Named::default();
            json.object("the body", |key, json| {
                if key != attachment {
                    return Err(json.unknown_key("the body"));
                }
                named = Named::read(json, attachment, api)?;
                Ok(())
            })?;
            let network = match (named.network, named.port) {
                (Some(network), None) => RequestedNetwork::Network(network),
                (None, Some(port)) => RequestedNetwork::Port { port, beside: None },
                (Some(_), Some(_)) => return Err(json.error("`net_id` beside `port_id`; name one")),
                (None, None) => return Err(json.error("no network or port is named")),
            };
            Ok(Self { network })
        })
    }
}

#[derive(Default)]
struct Named {
    network: Option<NetworkId>,
    port: Option<PortId>,
}

impl Named {
    fn read(json: &mut Reader<'_>, name: &str, api: AttachApi) -> Result<Self, InvalidBody> {
        let mut named = Self::default();
        json.object(name, |key, json| {
            match (api, key) {
                (AttachApi::OsInterface, "net_id")
                | (AttachApi::OsVirtualInterfacesV2, "network_id") => {
                    named.network = json.optional_id(key)?;
                }
                (AttachApi::OsInterface, "port_id") => named.port = json.optional_id(key)?,
                (AttachApi::OsInterface, "fixed_ips" | "tag") => {}
                _ => return Err(json.unknown_key(name)),
            }
            Ok(())
        })?;
        Ok(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "abcdef01-c0de-4aaa-8bbb-fedcba987601";

    fn os(json: &str) -> Result<RequestedNetwork, String> {
        attach(json, AttachApi::OsInterface)
    }

    fn vendor(json: &str) -> Result<RequestedNetwork, String> {
        attach(json, AttachApi::OsVirtualInterfacesV2)
    }

    fn attach(json: &str, api: AttachApi) -> Result<RequestedNetwork, String> {
        let read = InterfaceAttach::from_json(json.replace("$A", A).as_bytes(), api);
        read.map(|attach| attach.network)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_network_or_a_port_is_read() {
        let network = Ok(RequestedNetwork::Network(A.parse().unwrap()));
        let port = Ok(RequestedNetwork::Port {
            port: A.parse().unwrap(),
            beside: None,
        });
        assert_eq!(
            os(r#"{"interfaceAttachment": {"net_id": "$A", "tag": "t"}}"#),
            network
        );
        assert_eq!(
            os(r#"{"interfaceAttachment": {"\u006eet_id": "$A", "fixed_ips": [{}]}}"#),
            network
        );
        assert_eq!(
            os(r#"{"interfaceAttachment": {"port_id": "$A", "net_id": null}}"#),
            port
        );
        assert_eq!(
            vendor(r#"{"virtual_interface": {"network_id": "$A"}}"#),
            network
        );
    }

    #[test]
    fn a_body_that_leaves_the_network_to_nova_is_an_error() {
        for body in [
            "{}",
            r#"{"interfaceAttachment": {}}"#,
            r#"{"interfaceAttachment": {"tag": "t"}}"#,
        ] {
            assert!(os(body).unwrap_err().contains("no network"), "{body}");
        }
        for body in [
            "{}",
            r#"{"virtual_interface": {}}"#,
            r#"{"virtual_interface": {"network_id": null}}"#,
        ] {
            assert!(vendor(body).unwrap_err().contains("no network"), "{body}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for body in [
            "",
            "null",
            "[]",
            r#"{"interfaceAttachment": null}"#,
            r#"{"interfaceAttachment": []}"#,
            r#"{"interfaceAttachment": {"net_id": "$A", "port_id": "$A"}}"#,
            r#"{"interfaceAttachment": {"net_id": "$A", "net_id": "$A"}}"#,
            r#"{"interfaceAttachment": {"net_id": "$A"}, "interfaceAttachment": {"net_id": "$A"}}"#,
            r#"{"interfaceAttachment": {"uuid": "$A"}}"#,
            r#"{"interfaceAttachment": {"net_id": "$A"}, "x": 1}"#,
            r#"{"interfaceAttachmentEx": {"net_id": "$A"}}"#,
            r#"{"interfaceAttachment": {"net_id": 7}}"#,
            r#"{"virtual_interface": {"network_id": "$A"}}"#,
        ] {
            assert!(os(body).is_err(), "{body}");
        }
        for body in [
            r#"{"virtual_interface": null}"#,
            r#"{"virtual_interface": {"network_id": ["$A"]}}"#,
            r#"{"virtual_interface": {"network_id": "$A", "id": "$A"}}"#,
            r#"{"interfaceAttachment": {"net_id": "$A"}}"#,
        ] {
            assert!(vendor(body).is_err(), "{body}");
        }
    }
}
