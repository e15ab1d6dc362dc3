//! The bodies of calls.

use std::fmt::Write as _;

use super::{Act, Extras, Ids, List, One};

impl Act {
    pub(super) fn body(&self, ids: &impl Ids) -> String {
        match self {
            Self::AddFixedIp { network } => {
                format!(
                    r#"{{"addFixedIp": {{"networkId": "{}"}}}}"#,
                    ids.network(*network)
                )
            }
            Self::Named(which) => {
                let (name, value) = ACTIONS[usize::from(*which) % ACTIONS.len()];
                format!(r#"{{"{name}": {value}}}"#)
            }
            Self::RemoveFixedIp { address } => {
                format!(
                    r#"{{"removeFixedIp": {{"address": "{}"}}}}"#,
                    ids.address(*address)
                )
            }
        }
    }
}

/// The body of an attach.
pub(super) fn attach(wish: One, vendor: bool, tag: bool, ids: &impl Ids) -> String {
    let tag = if tag {
        r#", "tag": "nic1", "fixed_ips": [{"ip_address": "10.0.0.9"}]"#
    } else {
        ""
    };
    match wish {
        One::Network(it) | One::Port(it) if vendor => {
            let network = ids.network(it);
            format!(r#"{{"virtual_interface": {{"network_id": "{network}"}}}}"#)
        }
        One::Network(it) => {
            let network = ids.network(it);
            format!(r#"{{"interfaceAttachment": {{"net_id": "{network}"{tag}}}}}"#)
        }
        One::Port(it) => {
            let port = ids.port(it);
            format!(r#"{{"interfaceAttachment": {{"port_id": "{port}"}}}}"#)
        }
    }
}

/// The body of a create.
pub(super) fn create(networks: &List, extras: &Extras, ids: &impl Ids) -> String {
    let networks = match networks {
        List::Absent => String::new(),
        List::Auto => r#", "networks": "auto""#.to_owned(),
        List::Empty => r#", "networks": []"#.to_owned(),
        List::None => r#", "networks": "none""#.to_owned(),
        List::Of(list) => {
            let fixed = if extras.fixed_ip {
                r#", "fixed_ip": "10.0.0.9", "tag": "t""#
            } else {
                ""
            };
            let entries = list.iter().take(MOST_NETWORKS).map(|one| match *one {
                One::Network(it) => format!(r#"{{"uuid": "{}"{fixed}}}"#, ids.network(it)),
                One::Port(it) => format!(r#"{{"port": "{}"}}"#, ids.port(it)),
            });
            format!(
                r#", "networks": [{}]"#,
                entries.collect::<Vec<_>>().join(", ")
            )
        }
    };
    let count = extras
        .max_count
        .map_or_else(String::new, |count| format!(r#", "max_count": {count}"#));
    let data = if extras.user_data {
        r#", "user_data": "IyEvYmluL3NoCg==", "metadata": {"a": "b"}"#
    } else {
        ""
    };
    let name = quoted(&extras.name);
    let body =
        format!(r#"{{"server": {{"name": {name}, "flavorRef": "1"{networks}{count}{data}}}}}"#);
    if extras.spaced {
        format!("\r\n\t {body} \n")
    } else {
        body
    }
}

/// More than any server has.
pub(super) const MOST_NETWORKS: usize = 256;

/// A text as every writer of JSON writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for one in text.chars() {
        match one {
            '"' | '\\' => out.extend(['\\', one]),
            '\0'..='\x1f' => {
                let _ = write!(out, "\\u{:04x}", u32::from(one));
            }
            _ => out.push(one),
        }
    }
    out.push('"');
    out
}

/// Actions with a value that Nova takes.
const ACTIONS: &[(&str, &str)] = &[
    ("lock", "null"),
    ("os-start", "null"),
    ("os-stop", "null"),
    ("reboot", r#"{"type": "HARD"}"#),
    (
        "rebuild",
        r#"{"imageRef": "70a599e0-31e7-49b7-b260-868f441e862b"}"#,
    ),
    ("resize", r#"{"flavorRef": "2"}"#),
    ("confirmResize", "null"),
    ("shelve", "null"),
    ("unshelve", r#"{"availability_zone": "nova"}"#),
    (
        "createImage",
        r#"{"name": "backup", "metadata": {"a": "b"}}"#,
    ),
    ("addSecurityGroup", r#"{"name": "default"}"#),
    ("os-getVNCConsole", r#"{"type": "novnc"}"#),
    (
        "os-migrateLive",
        r#"{"host": null, "block_migration": "auto"}"#,
    ),
];
