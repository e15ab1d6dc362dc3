//! What Nova reads in the bodies by which a server's networks change.

use super::json::{self, Json, NoJson};

/// What one interface is asked for by. The texts are as Nova gets them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named for what it has")]
pub enum Wish {
    Network(String),
    /// A port wins over the network beside it, which is ignored.
    Port {
        port: String,
        beside: Option<String>,
    },
}

/// The `networks` of a server create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Networks {
    /// `"auto"`: Nova chooses, or makes one.
    Auto,
    /// None named: Nova chooses.
    Default,
    /// These.
    Listed(Vec<Wish>),
    /// `"none"`.
    None,
}

/// What an action does to a server's networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Adds an address on this network.
    AddFixedIp(String),
    /// Makes the ports real that the server has in Neutron.
    Bind,
    /// Nothing.
    Harmless,
    /// Takes this address away.
    RemoveFixedIp(String),
    /// Nobody knows.
    Unknown,
}

/// Why Nova makes nothing of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// It is no document.
    Document(NoJson),
    /// The document is not of this shape.
    Shape,
}

impl From<NoJson> for NotRead {
    fn from(none: NoJson) -> Self {
        Self::Document(none)
    }
}

/// Reads a server create.
pub fn create(bytes: &[u8]) -> Result<Networks, NotRead> {
    let body = json::read(bytes)?;
    let server = body.get("server").ok_or(NotRead::Shape)?;
    if !matches!(server, Json::Object(_)) {
        return Err(NotRead::Shape);
    }
    match server.get("networks") {
        None => Ok(Networks::Default),
        Some(Json::Text(text)) if text == "auto" => Ok(Networks::Auto),
        Some(Json::Text(text)) if text == "none" => Ok(Networks::None),
        Some(Json::List(entries)) if entries.is_empty() => Ok(Networks::Default),
        Some(Json::List(entries)) => {
            let wishes: Result<_, _> = entries.iter().map(entry).collect();
            Ok(Networks::Listed(wishes?))
        }
        Some(_) => Err(NotRead::Shape),
    }
}

fn entry(entry: &Json) -> Result<Wish, NotRead> {
    if !matches!(entry, Json::Object(_)) {
        return Err(NotRead::Shape);
    }
    let beside = text(entry, "uuid")?;
    match (entry.get("port").filter(|port| port.is_true()), beside) {
        (Some(Json::Text(port)), beside) => Ok(Wish::Port {
            port: port.clone(),
            beside,
        }),
        (None, Some(network)) => Ok(Wish::Network(network)),
        _ => Err(NotRead::Shape),
    }
}

/// A text, or nothing for a null or a key that is missing.
fn text(object: &Json, key: &str) -> Result<Option<String>, NotRead> {
    match object.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(NotRead::Shape),
    }
}

/// Reads an attach: nothing if the choice is left to Nova. Keys that are not known are dropped,
/// as `/v2` does.
pub fn attach(bytes: &[u8], vendor: bool) -> Result<Option<Wish>, NotRead> {
    let (name, network, port) = if vendor {
        ("virtual_interface", "network_id", None)
    } else {
        ("interfaceAttachment", "net_id", Some("port_id"))
    };
    let body = json::read(bytes)?;
    let asked = match (&body, body.get(name)) {
        (_, Some(asked @ Json::Object(_))) => asked,
        (Json::Object(_), None) => return Ok(None),
        _ => return Err(NotRead::Shape),
    };
    let network = text(asked, network)?;
    let port = port.map_or(Ok(None), |key| text(asked, key))?;
    match (network, port) {
        (None, None) => Ok(None),
        (Some(network), None) => Ok(Some(Wish::Network(network))),
        (None, Some(port)) => Ok(Some(Wish::Port { port, beside: None })),
        (Some(_), Some(_)) => Err(NotRead::Shape),
    }
}

/// Reads a server action: all that are named, for a release that takes the first of them.
pub fn actions(bytes: &[u8]) -> Result<Vec<Act>, NotRead> {
    match json::read(bytes)? {
        Json::Object(members) if !members.is_empty() => members
            .iter()
            .map(|(name, value)| act(name, value))
            .collect(),
        _ => Err(NotRead::Shape),
    }
}

fn act(name: &str, value: &Json) -> Result<Act, NotRead> {
    Ok(match name {
        // A number is taken for its digits, too.
        "addFixedIp" => match value.get("networkId") {
            Some(Json::Text(id) | Json::Number(id)) => Act::AddFixedIp(id.clone()),
            _ => return Err(NotRead::Shape),
        },
        "removeFixedIp" => Act::RemoveFixedIp(text(value, "address")?.ok_or(NotRead::Shape)?),
        "confirmResize" | "evacuate" | "migrate" | "os-migrateLive" | "os-start" | "reboot"
        | "rebuild" | "rescue" | "resize" | "restore" | "resume" | "revertResize" | "unrescue"
        | "unshelve" => Act::Bind,
        "addFloatingIp"
        | "addSecurityGroup"
        | "changePassword"
        | "createBackup"
        | "createImage"
        | "forceDelete"
        | "injectNetworkInfo"
        | "lock"
        | "os-getConsoleOutput"
        | "os-getRDPConsole"
        | "os-getSPICEConsole"
        | "os-getSerialConsole"
        | "os-getVNCConsole"
        | "os-resetState"
        | "os-stop"
        | "pause"
        | "removeFloatingIp"
        | "removeSecurityGroup"
        | "resetNetwork"
        | "shelve"
        | "shelveOffload"
        | "suspend"
        | "trigger_crash_dump"
        | "unlock"
        | "unpause" => Act::Harmless,
        _ => Act::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(id: &str) -> Wish {
        Wish::Network(id.to_owned())
    }

    #[test]
    fn a_create_as_nova_was_seen_to_take_it() {
        for (networks, wanted) in [
            (
                r#"[{"uuid": "a", "uuid": "b"}]"#,
                Ok(Networks::Listed(vec![network("b")])),
            ),
            (
                r#"[{"uuid": "a", "port": ""}]"#,
                Ok(Networks::Listed(vec![network("a")])),
            ),
            (
                r#"[{"port": "p", "uuid": "a"}]"#,
                Ok(Networks::Listed(vec![Wish::Port {
                    port: "p".into(),
                    beside: Some("a".into()),
                }])),
            ),
            ("[]", Ok(Networks::Default)),
            (r#""auto""#, Ok(Networks::Auto)),
            (r#""n\u006fne""#, Ok(Networks::None)),
            ("null", Err(NotRead::Shape)),
            ("[{}]", Err(NotRead::Shape)),
            (r#"["a"]"#, Err(NotRead::Shape)),
        ] {
            let body = format!(r#"{{"server": {{"networks": {networks}}}}}"#);
            assert_eq!(create(body.as_bytes()), wanted, "{networks}");
        }
        assert_eq!(
            create(br#"{"server": {"Networks": []}}"#),
            Ok(Networks::Default)
        );
        assert_eq!(
            create(br#"{"server": {"networks": "auto"}, "server": {}}"#),
            Ok(Networks::Default)
        );
    }

    #[test]
    fn an_attach_and_an_action() {
        assert_eq!(attach(br#"{"x": 1}"#, false), Ok(None));
        assert_eq!(
            attach(br#"{"interfaceAttachment": {"net_id": "a"}}"#, false),
            Ok(Some(network("a")))
        );
        assert_eq!(
            attach(br#"{"virtual_interface": {"network_id": "a"}}"#, true),
            Ok(Some(network("a")))
        );
        assert_eq!(
            actions(br#"{"lock": null, "addFixedIp": {"networkId": 7}, "fly": {}}"#),
            Ok(vec![
                Act::Harmless,
                Act::AddFixedIp("7".into()),
                Act::Unknown
            ])
        );
    }
}
