//! From a request's head to the operations that a Nova may take it for.

use super::{path, query};

/// What comes before the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The method.
    pub method: String,
    /// The target's path, as it was sent.
    pub path: String,
    /// The target's query, as it was sent.
    pub query: Option<String>,
    /// The headers: names in lower case, values as bytes.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// An operation on a server's networks, with the ids as Nova gets them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named for what it has")]
pub enum Asked {
    Action {
        server: String,
    },
    /// A vendor's way to change interfaces as an administrator.
    AdminInterfaces,
    Attach {
        server: String,
        vendor: bool,
    },
    Create,
    Detach {
        server: String,
        port: String,
    },
    Events,
}

/// Everything that a Nova mounted at the root or at `/compute` may take this for; empty for a
/// request that cannot touch a server's networks.
pub fn readings(head: &Head) -> Vec<Asked> {
    let methods = query::methods(&head.method, head.query.as_deref());
    let mut all = Vec::new();
    for arrival in path::arrivals(&head.path) {
        for mounted in [arrival.clone(), path::collapse(&arrival)] {
            let mounts = [Some(&*mounted), mounted.strip_prefix(b"/compute")];
            for below in mounts.into_iter().flatten() {
                for rest in below_version(head, below) {
                    all.extend(methods.iter().flat_map(|method| routes(method, &rest)));
                }
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// What the URL map hands on: the collapsed path below a version, or the whole as it came if a
/// header names one.
fn below_version(head: &Head, arrival: &[u8]) -> Vec<Vec<u8>> {
    let collapsed = path::collapse(arrival);
    let versions: [&[u8]; 4] = [b"/v2.1", b"/v2", b"/v1.1", b"/v3"];
    let mut all: Vec<Vec<u8>> = versions
        .iter()
        .filter_map(|version| collapsed.strip_prefix(*version))
        .map(<[u8]>::to_vec)
        .collect();
    // Releases differ in which values they take, so any value will do.
    let by_header = head.headers.iter().any(|(name, value)| {
        let words = String::from_utf8_lossy(value);
        matches!(&**name, "accept" | "content-type") && words.contains("version")
    });
    if by_header {
        all.push(arrival.to_vec());
    }
    all
}

/// The routes that match, with and without a project, which may be any segment.
fn routes(method: &str, rest: &[u8]) -> Vec<Asked> {
    // `$` also matches before a line feed at the end, and slashes there are no segments.
    let rest = rest.strip_suffix(b"\n").unwrap_or(rest);
    let rest: String = rest.iter().copied().map(char::from).collect();
    let rest = rest.trim_end_matches('/');
    // Old releases took a format after the last segment.
    let mut spelled = vec![rest];
    spelled.extend(
        rest.strip_suffix(".json")
            .into_iter()
            .chain(rest.strip_suffix(".xml")),
    );
    let mut all = Vec::new();
    for rest in spelled {
        let segments: Vec<&str> = rest.split('/').collect();
        let ["", segments @ ..] = &*segments else {
            continue;
        };
        all.extend(route(method, segments));
        if let [project, segments @ ..] = segments
            && !project.is_empty()
        {
            all.extend(route(method, segments));
        }
    }
    all
}

fn route(method: &str, segments: &[&str]) -> Option<Asked> {
    let own = |text: &str| text.to_owned();
    match (method, segments) {
        ("POST", ["servers" | "os-volumes_boot" | "os-create-server-ext"]) => Some(Asked::Create),
        ("POST", ["os-server-external-events"]) => Some(Asked::Events),
        ("POST", ["servers" | "os-volumes_boot", server, "action"]) => Some(Asked::Action {
            server: own(server),
        }),
        ("POST", ["servers", server, extension]) => Some(Asked::Attach {
            server: own(server),
            vendor: is_vendors(extension)?,
        }),
        ("DELETE", ["servers", server, extension, port]) => {
            is_vendors(extension)?;
            Some(Asked::Detach {
                server: own(server),
                port: own(port),
            })
        }
        ("POST" | "PUT" | "DELETE", ["servers", _, "admin-virtual-interfaces", ..]) => {
            Some(Asked::AdminInterfaces)
        }
        _ => None,
    }
}

/// Which of the two extensions it is, if it is one.
fn is_vendors(extension: &str) -> Option<bool> {
    match extension {
        "os-interface" => Some(false),
        "os-virtual-interfacesv2" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, headers: &[(&str, &str)]) -> Vec<Asked> {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
        readings(&Head {
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            headers: headers.collect(),
        })
    }

    #[test]
    fn what_nova_was_seen_to_take_for_a_create() {
        for line in [
            "POST /v2.1/servers",
            "POST //v2//6f70//os-volumes_boot",
            "POST /compute/v2%2E1/%73ervers%0a",
            "POST /x/../v2.1/servers/",
            "PUT /v2.1/servers?_method=post",
            "POST /v2/6f70/servers.json",
        ] {
            assert_eq!(read(line, &[]), [Asked::Create], "{line}");
        }
        assert_eq!(
            read("POST /servers", &[("accept", "*/*;version=2/x")]),
            [Asked::Create]
        );
        for line in [
            "POST /servers",
            "GET /v2.1/servers",
            "POST /v2.1/servers%0a%0a",
            "post /v2.1/servers",
        ] {
            assert_eq!(read(line, &[]), [], "{line}");
        }
    }

    #[test]
    fn and_for_the_others() {
        let server = || "S".to_owned();
        for (line, asked) in [
            (
                "POST /v2.1/servers/S/action",
                Asked::Action { server: server() },
            ),
            (
                "POST /v2.1/p/servers/S/os-interface",
                Asked::Attach {
                    server: server(),
                    vendor: false,
                },
            ),
            (
                "POST /v2/servers/S/os-virtual-interfacesv2",
                Asked::Attach {
                    server: server(),
                    vendor: true,
                },
            ),
            (
                "GET /v2.1/servers/S/os-interface/P%0A?_method=DELETE",
                Asked::Detach {
                    server: server(),
                    port: "P".to_owned(),
                },
            ),
            ("POST /v2.1/os-server-external-events", Asked::Events),
            (
                "PUT /v2/servers/S/admin-virtual-interfaces/V",
                Asked::AdminInterfaces,
            ),
        ] {
            assert_eq!(read(line, &[]), [asked], "{line}");
        }
    }
}
