//! From a call to a request.

use super::{Address, Call, Ids, Sent, body, elsewhere::ELSEWHERE};
use crate::oracle::{Asked, Head};

impl Call {
    /// Writes it down.
    pub fn sent(&self, address: &Address, ids: &impl Ids) -> Sent {
        let mount = if address.mounted { "/compute" } else { "" };
        let version = if address.legacy { "/v2" } else { "/v2.1" };
        let project = if address.project { PROJECT } else { "" };
        let (method, path) = self.line(ids);
        let query = QUERIES.get(usize::from(address.query));
        Sent {
            head: Head {
                method: method.to_owned(),
                path: format!("{mount}{version}{project}{path}"),
                query: query.map(|query| (*query).to_owned()),
                headers: Vec::new(),
            },
            body: self.body(ids),
            asked: self.asked(ids),
        }
    }

    /// The method, and the path below version and project.
    fn line(&self, ids: &impl Ids) -> (&'static str, String) {
        let of = |server: u8, name: &str| format!("/servers/{}/{name}", ids.server(server));
        let extension = |vendor: bool| match vendor {
            true => "os-virtual-interfacesv2",
            false => "os-interface",
        };
        match *self {
            Self::Act {
                server,
                on_volumes: true,
                ..
            } => (
                "POST",
                format!("/os-volumes_boot/{}/action", ids.server(server)),
            ),
            Self::Act { server, .. } => ("POST", of(server, "action")),
            Self::Attach { server, vendor, .. } => ("POST", of(server, extension(vendor))),
            Self::Create { collection, .. } => {
                let name = COLLECTIONS[usize::from(collection) % COLLECTIONS.len()];
                ("POST", format!("/{name}"))
            }
            Self::Detach {
                server,
                port,
                vendor,
            } => {
                let interfaces = of(server, extension(vendor));
                ("DELETE", format!("{interfaces}/{}", ids.port(port)))
            }
            Self::Elsewhere(which) => {
                let (method, path, _) = ELSEWHERE[usize::from(which) % ELSEWHERE.len()];
                (method, path.replace("{id}", &ids.server(0)))
            }
            Self::Events => ("POST", "/os-server-external-events".to_owned()),
        }
    }

    /// The body.
    pub fn body(&self, ids: &impl Ids) -> String {
        match self {
            Self::Act { act, .. } => act.body(ids),
            Self::Attach {
                wish, vendor, tag, ..
            } => body::attach(*wish, *vendor, *tag, ids),
            Self::Create {
                networks, extras, ..
            } => body::create(networks, extras, ids),
            Self::Detach { .. } => String::new(),
            Self::Elsewhere(which) => ELSEWHERE[usize::from(*which) % ELSEWHERE.len()]
                .2
                .to_owned(),
            Self::Events => EVENT.to_owned(),
        }
    }

    /// What it asks of a server's networks.
    fn asked(&self, ids: &impl Ids) -> Option<Asked> {
        match *self {
            Self::Act { server, .. } => Some(Asked::Action {
                server: ids.server(server),
            }),
            Self::Attach { server, vendor, .. } => Some(Asked::Attach {
                server: ids.server(server),
                vendor,
            }),
            Self::Create { .. } => Some(Asked::Create),
            Self::Detach { server, port, .. } => Some(Asked::Detach {
                server: ids.server(server),
                port: ids.port(port),
            }),
            Self::Elsewhere(_) => None,
            Self::Events => Some(Asked::Events),
        }
    }
}

const PROJECT: &str = "/6f70656e737461636b";

const QUERIES: &[&str] = &[
    "limit=5",
    "name=a%20b&all_tenants=1",
    "changes-since=2026-01-01T00:00:00Z",
    "",
];

const COLLECTIONS: &[&str] = &["servers", "os-volumes_boot", "os-create-server-ext"];

const EVENT: &str = r#"{"events": [{"name": "network-changed", "server_uuid": "1"}]}"#;
