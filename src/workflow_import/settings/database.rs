//! Where tasks are kept.

use serde_json::Value;

use super::{
    draft::{Draft, Section},
    report::What,
};

/// Where tasks are kept: on the same PostgreSQL, in a database of their own, or in a SQLite file.
pub(super) fn read(top: &mut Section, key: &str, draft: &mut Draft) {
    let path = top.path(key);
    let given = top.section(key, draft);
    let mut default = given.and_then(|mut it| it.section("default", draft));
    let text = |default: &mut Section, key: &str| match default.take(key) {
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let mut of = |key: &str| {
        default
            .as_mut()
            .map_or_else(String::new, |it| text(it, key))
    };
    let engine = of("ENGINE");
    let [user, password, host, port] = ["USER", "PASSWORD", "HOST", "PORT"].map(of);
    if !engine.contains("postgresql") {
        draft.put(&["database"], "tasks.db");
        let why = "tasks are kept in a SQLite file; for several machines name a PostgreSQL";
        draft.tell(What::Changed, &path, &["database"], why);
        return;
    }
    let mut url = format!("postgres://{}", encoded(&user));
    if !password.is_empty() {
        url = format!("{url}:{}", encoded(&password));
    }
    // A host that is a folder is a socket in it.
    let (host, socket) = match host.starts_with('/') {
        true => ("localhost".into(), format!("?host={}", encoded(&host))),
        false if host.is_empty() => ("localhost".into(), String::new()),
        false => (host, String::new()),
    };
    let port = if port.is_empty() {
        port
    } else {
        format!(":{port}")
    };
    url = format!("{url}@{host}{port}/wafflehaus{socket}");
    draft.secret(&path, &["database_file"], "database-url", &url);
    let why = "on the same server, but in a database of its own: create `wafflehaus`";
    draft.tell(What::Decide, &path, &["database_file"], why);
}

/// A part of a URL.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let each = text.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    each.collect()
}
