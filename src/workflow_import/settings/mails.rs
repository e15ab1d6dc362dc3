//! Mails and notifications, in which the two generations differ little.

use serde_json::{Map, Value, json};

use super::{
    draft::{Draft, Section},
    report::What,
};

/// The mails of a task type, or of all. `to` is where the type's settings stand here.
pub(super) fn emails(mut section: Section, to: &[&str], draft: &mut Draft) {
    for stage in ["initial", "token", "completed"] {
        let path = section.path(stage);
        match section.take(stage) {
            None => {}
            Some(Value::Null | Value::Bool(false)) => {
                let to = [to, &["emails", stage]].concat();
                draft.put(&to, false);
                draft.tell(What::Renamed, &path, &to, "none is sent");
            }
            Some(Value::Object(table)) => {
                let to = [to, &["emails", stage]].concat();
                // An empty table means that it is sent, also where it is not by default.
                if draft.get(&to).is_none_or(|it| !it.is_object()) {
                    draft.put(&to, json!({}));
                }
                mail(Section::new(path, table), &to, draft);
            }
            Some(_) => draft.tell(What::Decide, &path, &[], "it is no table, and is left out"),
        }
    }
    section.finish(draft);
}

/// One mail.
fn mail(mut section: Section, to: &[&str], draft: &mut Draft) {
    for key in ["subject", "from", "reply"] {
        section.keep::<String>(key, &[to, &[key]].concat(), draft);
    }
    let is_token = to.last() == Some(&"token");
    if is_token {
        section.leave(
            &["to"],
            "a token goes to the address that it is to prove",
            draft,
        );
    } else {
        section.keep::<String>("to", &[to, &["to"]].concat(), draft);
    }
    templates(&mut section, to, draft);
    if section.value("email_current_user", draft) == Some(true) {
        let path = section.path("email_current_user");
        let why = "a mail has one recipient; for more add the action SendAdditionalEmail";
        draft.tell(What::Decide, &path, &[], why);
    }
    let more: Option<Vec<Value>> = section.value("emails", draft);
    if more.is_some_and(|it| !it.is_empty()) {
        let why = "there is one mail for each stage; for more add the action SendAdditionalEmail";
        draft.tell(What::Decide, &section.path("emails"), &[], why);
    }
    section.finish(draft);
}

fn templates(section: &mut Section, to: &[&str], draft: &mut Draft) {
    for key in ["template", "html_template"] {
        let Some(old) = section.value::<String>(key, draft) else {
            continue;
        };
        let (from, to) = (section.path(key), [to, &[key]].concat());
        match template(&old) {
            Some(name) => {
                let what = if name == old {
                    What::Kept
                } else {
                    What::Renamed
                };
                draft.put(&to, name);
                draft.tell(what, &from, &to, "the built-in one; its words are ours");
            }
            None => {
                let why = "there is no such template here, and a built-in one is used: \
                     write yours anew, in Jinja";
                draft.tell(What::Decide, &from, &[], why);
            }
        }
    }
}

/// The template of ours that says the same, if there is one.
fn template(old: &str) -> Option<String> {
    let (stem, end) = old.rsplit_once('.')?;
    let known = PREFIXES.iter().find_map(|(prefix, ours)| {
        let rest = stem.strip_prefix(prefix)?;
        Some(format!("{ours}{rest}"))
    });
    let name = known.unwrap_or_else(|| stem.to_owned());
    let there = OURS.contains(&name.as_str()) && matches!(end, "txt" | "html");
    there.then(|| format!("{name}.{end}"))
}

/// A way to tell operators: by mail, or by a ticket.
pub(super) fn engine(name: &str, mut section: Section, to: &[&str], draft: &mut Draft) {
    let to = [to, &[name]].concat();
    let at = |key: &'static str| [to.as_slice(), &[key]].concat();
    match name {
        "EmailNotification" => {
            let emails = section
                .value::<Vec<String>>("emails", draft)
                .unwrap_or_default();
            if emails.is_empty() {
                let why = "nobody is named in `emails`, so nobody is told";
                section.leave_all(What::Decide, why, draft);
                return;
            }
            draft.put(&at("emails"), emails);
            draft.tell(What::Kept, &section.path("emails"), &at("emails"), "");
            for key in ["from", "reply"] {
                section.keep::<String>(key, &at(key), draft);
            }
            templates(&mut section, &to, draft);
        }
        "RTNotification" => {
            for key in ["queue", "username"] {
                section.keep::<String>(key, &at(key), draft);
            }
            if let Some(url) = section.value::<String>("url", draft) {
                let base = url.trim_end_matches('/').trim_end_matches("/REST/1.0");
                draft.put(&at("url"), format!("{base}/REST/2.0"));
                let why = "spoken to by version 2.0 of its interface";
                draft.tell(What::Changed, &section.path("url"), &at("url"), why);
            }
            if let Some(secret) = section.value::<String>("password", draft) {
                let from = section.path("password");
                draft.secret(
                    &from,
                    &at("password_file"),
                    "request-tracker-password",
                    &secret,
                );
            }
            templates(&mut section, &to, draft);
        }
        _ => {
            let why = "there is no such way to tell operators here; a webhook may do";
            section.leave_all(What::Decide, why, draft);
            return;
        }
    }
    section.finish(draft);
}

/// The tables of one over those of another: tables key by key, anything else replaced.
pub(super) fn over(base: &Map<String, Value>, top: &Map<String, Value>) -> Map<String, Value> {
    let mut all = base.clone();
    for (key, value) in top {
        let both = match (all.get(key), value) {
            (Some(Value::Object(base)), Value::Object(top)) => over(base, top).into(),
            _ => value.clone(),
        };
        all.insert(key.clone(), both);
    }
    all
}

/// How the templates of a task type begin there, and here.
const PREFIXES: &[(&str, &str)] = &[
    ("create_project_and_user_", "create_project_"),
    ("signup_", "create_project_"),
    ("invite_user_to_project_", "invite_user_"),
    ("reset_user_password_", "reset_password_"),
    ("password_reset_", "reset_password_"),
    ("update_user_email_", "update_email_"),
];

/// The built-in templates, each as text and in HTML.
const OURS: &[&str] = &[
    "completed",
    "create_project_completed",
    "create_project_initial",
    "create_project_token",
    "initial",
    "invite_user_completed",
    "invite_user_token",
    "notification",
    "reset_password_completed",
    "reset_password_token",
    "token",
    "update_email_token",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_known_by_its_old_name() {
        for (old, new) in [
            ("initial.txt", Some("initial.txt")),
            ("signup_token.html", Some("create_project_token.html")),
            ("update_quota_completed.txt", None),
            ("notes", None),
        ] {
            assert_eq!(template(old).as_deref(), new, "{old}");
        }
    }
}
