//! Which of Nova's applications a request reaches, and which route in it.

use super::super::call::{Call, pairs, percent_decode};

/// An application of Nova's URL map.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mount {
    /// The compute API; the path has lost its version.
    Api { path: String, legacy: bool },
    /// The document of one version.
    Version { legacy: bool },
    /// The list of versions, where everything else ends.
    Versions,
}

/// A route, with the project that its path names.
#[derive(Debug)]
pub(super) struct Route<'a> {
    pub(super) project: Option<&'a str>,
    pub(super) operation: Operation<'a>,
}

/// A controller's method and the ids that it takes from the path.
#[derive(Debug)]
pub(super) enum Operation<'a> {
    Action(&'a str),
    Attach(&'a str),
    Create,
    Delete(&'a str),
    Detach(&'a str, &'a str),
    Interface(&'a str, &'a str),
    Interfaces(&'a str),
    List { detail: bool },
    Plug(&'a str),
    Rename(&'a str),
    Show(&'a str),
    Unplug(&'a str, &'a str),
    Vifs(&'a str),
}

/// Finds the application: by the path's prefix, else by the `version` of `Content-Type`, else by
/// that of `Accept`.
pub(super) fn mount(call: &Call) -> Mount {
    let path = path(call);
    // The URL map tidies slashes for its own match and hands on what it matched.
    if let Some(mount) = by_prefix(&collapse(&path), None) {
        return mount;
    }
    let content_type = call.header("content-type").unwrap_or_default();
    let version = parameter(&content_type, "version")
        .or_else(|| accepted_version(&call.header("accept").unwrap_or_default()));
    version
        .and_then(|version| by_prefix(&format!("/v{version}"), Some(&path)))
        .unwrap_or(Mount::Versions)
}

pub(super) fn is_root(call: &Call) -> bool {
    collapse(&path(call)) == "/"
}

/// The path as the WSGI server hands it on: dot segments resolved as they were sent, then
/// escapes undone.
fn path(call: &Call) -> String {
    percent_decode(&resolve(&call.path))
}

fn resolve(path: &str) -> String {
    let mut resolved: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    resolved.pop();
                }
                if last {
                    resolved.push("");
                }
            }
            _ => resolved.push(segment),
        }
    }
    format!("/{}", resolved.join("/"))
}

fn collapse(path: &str) -> String {
    let mut collapsed = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !collapsed.ends_with('/') {
            collapsed.push(character);
        }
    }
    collapsed
}

/// Matches `selector` against the URL map. `path` is what the application is to get, if it is not
/// what the selector leaves over.
fn by_prefix(selector: &str, path: Option<&str>) -> Option<Mount> {
    for (prefix, legacy) in [("/v2.1", false), ("/v2", true)] {
        let Some(rest) = selector.strip_prefix(prefix) else {
            continue;
        };
        if rest.is_empty() || rest == "/" {
            return Some(Mount::Version { legacy });
        }
        // The API itself wants a slash with something after it.
        if rest.starts_with('/') {
            let path = path.unwrap_or(rest).to_owned();
            return Some(Mount::Api { path, legacy });
        }
    }
    None
}

/// A parameter of a header such as `type/subtype; name="value"`; the last of several.
fn parameter(header: &str, name: &str) -> Option<String> {
    split_outside_quotes(header, ';')
        .into_iter()
        .skip(1)
        .filter_map(|part| part.split_once('='))
        .filter(|(key, _)| key.trim() == name)
        .map(|(_, value)| {
            let value = value.trim();
            let unquoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
            unquoted.unwrap_or(value).to_owned()
        })
        .next_back()
}

/// The `version` of the most wanted range of `Accept` that the API can serve.
fn accepted_version(accept: &str) -> Option<String> {
    let mut best: Option<(f32, &str)> = None;
    for range in split_outside_quotes(accept, ',') {
        let kind = range.split(';').next().unwrap_or_default().trim();
        let served = [
            "*/*",
            "application/*",
            "application/json",
            "application/vnd.openstack.compute+json",
        ];
        let quality = parameter(range, "q").map_or(1.0, |q| q.parse().unwrap_or(1.0));
        if served.contains(&kind) && best.is_none_or(|(wanted, _)| quality > wanted) {
            best = Some((quality, range));
        }
    }
    best.and_then(|(_, range)| parameter(range, "version"))
}

fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|character| {
        quoted ^= character == '"';
        character == separator && !quoted
    })
    .collect()
}

/// The method that routes are matched with: the last `_method` of the query, if it has one.
pub(super) fn routed_method(call: &Call) -> String {
    let sent = call.method.as_str();
    if !call.query.contains("_method") {
        return sent.to_owned();
    }
    pairs(&call.query, &['&', ';'])
        .into_iter()
        .rfind(|(name, _)| name == "_method")
        .map(|(_, method)| method.to_uppercase())
        .filter(|method| !method.is_empty())
        .unwrap_or_else(|| sent.to_owned())
}

pub(super) fn route<'a>(method: &str, path: &'a str) -> Option<Route<'a>> {
    // Python's `$` also matches before a line feed at the very end.
    let path = match path.strip_suffix('\n') {
        Some(rest) if !rest.ends_with('/') => rest,
        _ => path,
    };
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    if segments.iter().any(|segment| segment.is_empty()) {
        return None;
    }
    if let Some(operation) = operation(method, &segments) {
        let project = None;
        return Some(Route { project, operation });
    }
    let (project, rest) = segments.split_first()?;
    let is_project = |c: char| matches!(c, '0'..='9' | 'a'..='f' | '-');
    if !project.chars().all(is_project) {
        return None;
    }
    let operation = operation(method, rest)?;
    let project = Some(*project);
    Some(Route { project, operation })
}

fn operation<'a>(method: &str, segments: &[&'a str]) -> Option<Operation<'a>> {
    use Operation as Op;
    let operation = match (method, segments) {
        ("GET", ["servers" | "os-volumes_boot"]) => Op::List { detail: false },
        ("GET", ["servers" | "os-volumes_boot", "detail"]) => Op::List { detail: true },
        ("POST", ["servers" | "os-volumes_boot"]) => Op::Create,
        ("GET", ["servers" | "os-volumes_boot", id]) => Op::Show(id),
        ("PUT", ["servers" | "os-volumes_boot", id]) => Op::Rename(id),
        ("DELETE", ["servers" | "os-volumes_boot", id]) => Op::Delete(id),
        ("POST", ["servers" | "os-volumes_boot", id, "action"]) => Op::Action(id),
        ("GET", ["servers", id, "os-interface"]) => Op::Interfaces(id),
        ("POST", ["servers", id, "os-interface"]) => Op::Attach(id),
        ("GET", ["servers", id, "os-interface", port]) => Op::Interface(id, port),
        ("DELETE", ["servers", id, "os-interface", port]) => Op::Detach(id, port),
        ("GET", ["servers", id, "os-virtual-interfacesv2"]) => Op::Vifs(id),
        ("POST", ["servers", id, "os-virtual-interfacesv2"]) => Op::Plug(id),
        ("DELETE", ["servers", id, "os-virtual-interfacesv2", vif]) => Op::Unplug(id, vif),
        _ => return None,
    };
    Some(operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_are_resolved_before_escapes() {
        for (path, resolved) in [
            ("/v2.1/x/../servers", "/v2.1/servers"),
            ("/../v2.1/servers", "/v2.1/servers"),
            ("/v2.1/./servers", "/v2.1/servers"),
            ("/v2.1/servers/.", "/v2.1/servers/"),
            ("/v2.1/servers/x/..", "/v2.1/servers/"),
            ("/v2.1/%2e%2e/servers", "/v2.1/%2e%2e/servers"),
        ] {
            assert_eq!(resolve(path), resolved);
        }
    }

    #[test]
    fn versions_in_headers_want_something_after_a_slash() {
        for (header, version) in [
            ("application/json;version=2.1/x", Some("2.1/x")),
            ("application/json; version = \"2/x\" ", Some("2/x")),
            ("application/json;Version=2.1/x", None),
            ("application/json;version=1;version=2.1/y", Some("2.1/y")),
        ] {
            assert_eq!(parameter(header, "version").as_deref(), version, "{header}");
        }
        assert_eq!(
            by_prefix("/v2.1", Some("/servers")),
            Some(Mount::Version { legacy: false })
        );
        assert_eq!(
            by_prefix("/v2.1/x", Some("/servers")),
            Some(Mount::Api {
                path: "/servers".into(),
                legacy: false
            })
        );
        assert_eq!(
            accepted_version("text/html;version=2/a, */*;q=0.5;version=2.1/b").as_deref(),
            Some("2.1/b")
        );
    }

    #[test]
    fn only_one_line_feed_at_the_end_goes_unnoticed() {
        assert!(route("GET", "/servers\n").is_some());
        for path in [
            "/servers\n\n",
            "/servers\r",
            "/servers/",
            "/Servers",
            "/x/servers",
            "/",
        ] {
            assert!(route("GET", path).is_none(), "{path:?}");
        }
        let shown = route("GET", "/0a/servers/x\n").unwrap();
        assert_eq!(shown.project, Some("0a"));
        assert!(matches!(shown.operation, Operation::Show("x")));
    }
}
