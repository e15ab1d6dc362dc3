//! The mail server.

use serde_json::Value;

use super::{
    draft::{Draft, Section},
    report::What,
};

/// How a mail server is spoken to, from the keys of either generation: host, port, user, password,
/// TLS after a greeting, TLS from the first byte.
pub(super) fn read(
    section: &mut Section,
    [host, port, user, password, starttls, tls]: [&str; 6],
    draft: &mut Draft,
) {
    let to = |key: &'static str| ["messages", "smtp", key];
    if !section.keep::<String>(host, &to("host"), draft) {
        let keys = [port, user, password, starttls, tls];
        section.leave(&keys, "there is no mail server", draft);
        return;
    }
    section.keep::<u16>(port, &to("port"), draft);
    let starttls_is = section.value::<bool>(starttls, draft).unwrap_or_default();
    let tls_is = section.value::<bool>(tls, draft).unwrap_or_default();
    let named = draft
        .get(&to("host"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let local = matches!(named, "localhost" | "127.0.0.1" | "::1");
    let (security, from) = match (tls_is, starttls_is) {
        (true, _) => ("tls", tls),
        (false, true) => ("starttls", starttls),
        (false, false) if local => ("none", starttls),
        (false, false) => {
            let why = "mails went to another machine in the clear; here that is not done: \
                 the server has to offer TLS";
            draft.tell(What::Decide, &section.path(host), &to("security"), why);
            ("starttls", starttls)
        }
    };
    draft.put(&to("security"), security);
    draft.tell(
        What::Renamed,
        &section.path(from),
        &to("security"),
        security,
    );
    let user_is = section
        .value::<String>(user, draft)
        .filter(|it| !it.is_empty());
    let password_is = section
        .value::<String>(password, draft)
        .filter(|it| !it.is_empty());
    match (user_is, password_is) {
        (Some(name), Some(secret)) => {
            draft.put(&to("username"), name);
            draft.tell(What::Renamed, &section.path(user), &to("username"), "");
            let from = section.path(password);
            draft.secret(&from, &to("password_file"), "mail-password", &secret);
        }
        (Some(_), None) => {
            let why = "there is no password for this user: add both, or neither";
            draft.tell(What::Decide, &section.path(user), &[], why);
        }
        _ => {}
    }
}
