//! Which module may use which: no arrow up, none between siblings of a layer.

#![expect(
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each module and all it may use of this crate, from the lowest layer to the highest.
const MAY_USE: &[(&str, &[&str])] = &[
    // Meaning.
    ("identity", &[]),
    ("nova", &[]),
    ("request_id", &[]),
    ("nearest", &[]),
    // Deciding, and bytes.
    ("policy", &["identity", "nova"]),
    ("fault", &["policy"]),
    ("body", &["nova"]),
    // Middleware.
    ("middleware", &["body"]),
    ("server_lock", &["nova"]),
    (
        "guard",
        &[
            "body",
            "fault",
            "identity",
            "middleware",
            "nova",
            "policy",
            "server_lock",
        ],
    ),
    (
        "identity_headers",
        &["body", "fault", "identity", "middleware", "nova", "policy"],
    ),
    (
        "neutron",
        &[
            "body",
            "fault",
            "guard",
            "identity",
            "middleware",
            "nova",
            "policy",
            "server_lock",
        ],
    ),
    (
        "role_router",
        &["body", "fault", "identity", "middleware", "policy"],
    ),
    // The network.
    ("base_url", &["nova"]),
    ("http_client", &[]),
    (
        "openstack",
        &[
            "base_url",
            "guard",
            "http_client",
            "identity",
            "neutron",
            "nova",
        ],
    ),
    (
        "keystone",
        &[
            "body",
            "fault",
            "identity",
            "middleware",
            "nova",
            "openstack",
            "policy",
        ],
    ),
    (
        "proxy",
        &[
            "base_url",
            "body",
            "fault",
            "http_client",
            "identity",
            "nova",
            "policy",
        ],
    ),
    (
        "audit",
        &["guard", "identity", "nova", "openstack", "policy"],
    ),
    // Assembly.
    (
        "pipeline",
        &[
            "body",
            "fault",
            "guard",
            "identity",
            "identity_headers",
            "keystone",
            "middleware",
            "neutron",
            "nova",
            "policy",
            "proxy",
            "request_id",
            "role_router",
            "server_lock",
        ],
    ),
    (
        "config",
        &[
            "body",
            "fault",
            "guard",
            "identity",
            "keystone",
            "nearest",
            "neutron",
            "nova",
            "openstack",
            "pipeline",
            "policy",
            "proxy",
            "server_lock",
        ],
    ),
    // Apart: tasks know nothing of requests.
    ("workflow", &["identity", "openstack"]),
    // What tasks send: apart from the service that asks for them.
    ("workflow_messages", &["nearest", "openstack", "workflow"]),
    (
        "workflow_service",
        &[
            "body",
            "identity",
            "identity_headers",
            "keystone",
            "policy",
            "request_id",
            "workflow",
        ],
    ),
    // What people see of the service. It asks the service, and only looks at the engine.
    (
        "workflow_pages",
        &[
            "body",
            "keystone",
            "openstack",
            "request_id",
            "workflow",
            "workflow_service",
        ],
    ),
    (
        "workflow_config",
        &[
            "config",
            "identity_headers",
            "keystone",
            "nearest",
            "openstack",
            "proxy",
            "workflow",
            "workflow_messages",
            "workflow_pages",
            "workflow_service",
        ],
    ),
    ("workflow_import", &["workflow"]),
    // Apart: it must not read requests as the rest does, or it could not show a mistake.
    ("sim", &[]),
];

/// Modules that decide or read, and so have no runtime, no clock and no IO.
const PURE: [&str; 6] = ["base_url", "body", "fault", "identity", "nova", "policy"];

fn sources(module: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![src.join(module)];
    let single = src.join(format!("{module}.rs"));
    if single.exists() {
        files.push(single);
    }
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "no module `{module}`");
    files
}

/// The code of a file: no comments, and nothing from its inline tests on.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules named behind `crate::`, alone or in braces.
fn used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let names: Vec<&str> = match rest.strip_prefix('{') {
            None => vec![rest],
            Some(list) => {
                let mut depth = 0_i32;
                let mut names = vec![list];
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => names.push(&list[at + 1..]),
                        _ => {}
                    }
                }
                names
            }
        };
        for name in names {
            let name = name.trim_start();
            let end = name
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(name.len());
            used.insert(name[..end].to_owned());
        }
    }
    used.remove("");
    used
}

#[test]
fn no_module_uses_one_above_or_beside_it() {
    for (module, may_use) in MAY_USE {
        for path in sources(module) {
            for name in used(&code(&path)) {
                let known = MAY_USE.iter().any(|(other, _)| *other == name);
                let fine = name == *module || may_use.contains(&name.as_str()) || !known;
                assert!(fine, "{} uses `{name}`", path.display());
            }
        }
    }
}

#[test]
fn the_table_has_every_module() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let modules = lib.lines().filter_map(|line| {
        line.trim_start_matches("pub ")
            .strip_prefix("mod ")?
            .strip_suffix(';')
    });
    let listed: BTreeSet<_> = MAY_USE.iter().map(|(module, _)| *module).collect();
    assert_eq!(modules.collect::<BTreeSet<_>>(), listed);
}

#[test]
fn what_decides_or_reads_has_no_runtime_and_no_clock() {
    for module in PURE {
        for path in sources(module) {
            for word in [
                "async ",
                "tokio",
                "tower",
                "std::time",
                "TcpListener",
                "TcpStream",
                "UdpSocket",
                "std::fs",
                "std::env",
            ] {
                assert!(
                    !code(&path).contains(word),
                    "`{word}` in {}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_reader_of_imports_reads_them() {
    let code = "use crate::{\n    a::{B, C},\n    d,\n};\nlet x = crate::e::F;";
    assert_eq!(used(code).into_iter().collect::<Vec<_>>(), ["a", "d", "e"]);
}
