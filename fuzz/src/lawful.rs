//! Requests of clients that behave: canonical forms, made by structure.

use std::fmt::Write as _;

use arbitrary::Arbitrary;

use crate::oracle::{
    Asked, Head,
    body::{Networks, Wish},
};

/// What a client wants. Ids are numbers, to be had from a table or as they are.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "each is named for what it asks")]
pub enum Call {
    Act {
        server: u8,
        act: Act,
        on_volumes: bool,
    },
    Attach {
        server: u8,
        wish: One,
        vendor: bool,
        tag: bool,
    },
    Create {
        networks: List,
        extras: Extras,
        collection: u8,
    },
    Detach {
        server: u8,
        port: u8,
        vendor: bool,
    },
    Elsewhere(u8),
    Events,
}

/// An action.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "Nova's own names")]
pub enum Act {
    AddFixedIp { network: u8 },
    Named(u8),
    RemoveFixedIp { address: u8 },
}

/// A network or a port.
#[derive(Clone, Copy, Debug, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub enum One {
    Network(u8),
    Port(u8),
}

/// The networks of a create.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub enum List {
    Absent,
    Auto,
    Empty,
    None,
    Of(Vec<One>),
}

/// What else is in a create.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "Nova's own names")]
pub struct Extras {
    pub name: String,
    pub max_count: Option<u8>,
    pub fixed_ip: bool,
    pub user_data: bool,
    pub spaced: bool,
}

/// How a call is addressed.
#[derive(Clone, Debug, Arbitrary)]
#[allow(missing_docs, reason = "they are named")]
pub struct Address {
    pub mounted: bool,
    pub legacy: bool,
    pub project: bool,
    pub query: u8,
}

/// Where ids come from.
pub trait Ids {
    /// The id of a network.
    fn network(&self, number: u8) -> String;
    /// The id of a port.
    fn port(&self, number: u8) -> String;
    /// The id of a server.
    fn server(&self, number: u8) -> String;
    /// A fixed address.
    fn address(&self, number: u8) -> String;
}

/// A call, as it is sent and as it is meant.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The head, with no headers.
    pub head: Head,
    /// The body.
    pub body: String,
    /// What it asks of a server's networks.
    pub asked: Option<Asked>,
}

impl Call {
    /// Writes it down.
    pub fn sent(&self, address: &Address, ids: &impl Ids) -> Sent {
        let (method, path, body, asked) = self.parts(ids);
        let mount = if address.mounted { "/compute" } else { "" };
        let version = if address.legacy { "/v2" } else { "/v2.1" };
        let project = if address.project {
            "/6f70656e737461636b"
        } else {
            ""
        };
        let queries = [
            "limit=5",
            "name=a%20b&all_tenants=1",
            "changes-since=2026-01-01T00:00:00Z",
            "",
        ];
        Sent {
            head: Head {
                method: method.to_owned(),
                path: format!("{mount}{version}{project}{path}"),
                query: queries
                    .get(usize::from(address.query))
                    .map(|query| (*query).to_owned()),
                headers: Vec::new(),
            },
            body,
            asked,
        }
    }

    fn parts(&self, ids: &impl Ids) -> (&'static str, String, String, Option<Asked>) {
        match self {
            Self::Act {
                server,
                act,
                on_volumes,
            } => {
                let server = ids.server(*server);
                let collection = if *on_volumes {
                    "os-volumes_boot"
                } else {
                    "servers"
                };
                let path = format!("/{collection}/{server}/action");
                ("POST", path, act.body(ids), Some(Asked::Action { server }))
            }
            Self::Attach {
                server,
                wish,
                vendor,
                tag,
            } => {
                let server = ids.server(*server);
                let tag = if *tag {
                    r#", "tag": "nic1", "fixed_ips": [{"ip_address": "10.0.0.9"}]"#
                } else {
                    ""
                };
                let (name, body) = match (vendor, wish) {
                    (true, One::Network(it) | One::Port(it)) => (
                        "os-virtual-interfacesv2",
                        format!(
                            r#"{{"virtual_interface": {{"network_id": "{}"}}}}"#,
                            ids.network(*it)
                        ),
                    ),
                    (false, One::Network(it)) => (
                        "os-interface",
                        format!(
                            r#"{{"interfaceAttachment": {{"net_id": "{}"{tag}}}}}"#,
                            ids.network(*it)
                        ),
                    ),
                    (false, One::Port(it)) => (
                        "os-interface",
                        format!(
                            r#"{{"interfaceAttachment": {{"port_id": "{}"}}}}"#,
                            ids.port(*it)
                        ),
                    ),
                };
                let asked = Asked::Attach {
                    server: server.clone(),
                    vendor: *vendor,
                };
                (
                    "POST",
                    format!("/servers/{server}/{name}"),
                    body,
                    Some(asked),
                )
            }
            Self::Create {
                networks,
                extras,
                collection,
            } => {
                let collections = ["servers", "os-volumes_boot", "os-create-server-ext"];
                let collection = collections[usize::from(*collection) % collections.len()];
                (
                    "POST",
                    format!("/{collection}"),
                    create_body(networks, extras, ids),
                    Some(Asked::Create),
                )
            }
            Self::Detach {
                server,
                port,
                vendor,
            } => {
                let (server, port) = (ids.server(*server), ids.port(*port));
                let name = if *vendor {
                    "os-virtual-interfacesv2"
                } else {
                    "os-interface"
                };
                let path = format!("/servers/{server}/{name}/{port}");
                (
                    "DELETE",
                    path,
                    String::new(),
                    Some(Asked::Detach { server, port }),
                )
            }
            Self::Elsewhere(which) => {
                let (method, path, body) = ELSEWHERE[usize::from(*which) % ELSEWHERE.len()];
                (
                    method,
                    path.replace("{id}", &ids.server(0)),
                    body.to_owned(),
                    None,
                )
            }
            Self::Events => {
                let event = r#"{"events": [{"name": "network-changed", "server_uuid": "1"}]}"#;
                (
                    "POST",
                    "/os-server-external-events".to_owned(),
                    event.to_owned(),
                    Some(Asked::Events),
                )
            }
        }
    }
}

impl Act {
    fn body(&self, ids: &impl Ids) -> String {
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

impl List {
    /// What is meant by it.
    pub fn meant(&self, ids: &impl Ids) -> Networks {
        match self {
            Self::Absent | Self::Empty => Networks::Default,
            Self::Auto => Networks::Auto,
            Self::None => Networks::None,
            Self::Of(list) if list.is_empty() => Networks::Default,
            Self::Of(list) => {
                let wishes = list.iter().take(MOST_NETWORKS).map(|one| one.meant(ids));
                Networks::Listed(wishes.collect())
            }
        }
    }
}

impl One {
    /// What is meant by it.
    pub fn meant(self, ids: &impl Ids) -> Wish {
        match self {
            Self::Network(it) => Wish::Network(ids.network(it)),
            Self::Port(it) => Wish::Port {
                port: ids.port(it),
                beside: None,
            },
        }
    }
}

/// The body of a create.
pub fn create_body(networks: &List, extras: &Extras, ids: &impl Ids) -> String {
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
const MOST_NETWORKS: usize = 256;

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

/// What does not touch a server's networks.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("GET", "/servers", ""),
    ("GET", "/servers/detail", ""),
    ("GET", "/servers/{id}", ""),
    ("HEAD", "/servers/{id}", ""),
    ("PUT", "/servers/{id}", r#"{"server": {"name": "web"}}"#),
    ("DELETE", "/servers/{id}", ""),
    ("GET", "/servers/{id}/os-interface", ""),
    ("GET", "/servers/{id}/action", ""),
    ("PUT", "/servers/{id}/tags/servers", ""),
    (
        "PUT",
        "/servers/{id}/metadata/action",
        r#"{"meta": {"action": "x"}}"#,
    ),
    (
        "POST",
        "/servers/{id}/metadata",
        r#"{"metadata": {"a": "b"}}"#,
    ),
    (
        "POST",
        "/servers/{id}/os-volume_attachments",
        r#"{"volumeAttachment": {"volumeId": "1"}}"#,
    ),
    ("DELETE", "/servers/{id}/os-volume_attachments/{id}", ""),
    ("POST", "/os-keypairs", r#"{"keypair": {"name": "k"}}"#),
    ("DELETE", "/os-keypairs/a%20b", ""),
    (
        "POST",
        "/os-server-groups",
        r#"{"server_group": {"name": "g", "policies": ["affinity"]}}"#,
    ),
    (
        "POST",
        "/flavors/1/action",
        r#"{"addTenantAccess": {"tenant": "1"}}"#,
    ),
    (
        "POST",
        "/os-aggregates/1/action",
        r#"{"add_host": {"host": "h"}}"#,
    ),
    ("PUT", "/os-services/{id}", r#"{"status": "disabled"}"#),
    ("GET", "/limits", ""),
];
