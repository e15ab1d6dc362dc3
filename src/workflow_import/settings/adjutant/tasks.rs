//! `workflow`: mails, actions, and task types.

use serde_json::{Map, Value, json};

use super::actions;
use crate::workflow_import::settings::{
    NewFile, common,
    draft::{Draft, Section},
    mails,
    report::What,
};

pub(super) fn workflow(top: &mut Section, handlers: &Map<String, Value>, draft: &mut Draft) {
    let empty = || Section::new("workflow", Map::new());
    let mut section = top.section("workflow", draft).unwrap_or_else(empty);
    links(&mut section, draft);
    let life: Option<u32> = section.value("default_token_expiry", draft);
    if let Some(seconds) = life {
        for (_, name) in TYPES {
            if exists(name, draft) {
                draft.put(&["task_types", name, "token_seconds"], seconds);
            }
        }
        let to = ["task_types", "*", "token_seconds"];
        draft.tell(What::Renamed, "workflow.default_token_expiry", &to, "");
    }
    if let Some(section) = section.section("action_defaults", draft) {
        actions::read(section, draft);
    }
    let defaults = section.section("task_defaults", draft);
    let defaults = defaults.unwrap_or_else(|| Section::new("workflow.task_defaults", Map::new()));
    let to = ["messages", "default_task_settings"];
    let notifications = messages(defaults, &to, (handlers, &Map::new()), draft);
    common::reply(draft);
    let types = section.section("tasks", draft);
    for (old, section) in types.map_or_else(Vec::new, |it| it.each(draft)) {
        let known = TYPES.iter().find(|(it, _)| *it == old);
        match known {
            Some((_, name)) if exists(name, draft) => {
                task_type(name, section, (handlers, &notifications), draft);
            }
            Some(_) => {
                let why = "it is there only with a region: say `--service`";
                section.leave_all(What::Decide, why, draft);
            }
            None => section.leave_all(What::Decide, "there is no such task type here", draft),
        }
    }
    section.finish(draft);
}

fn exists(name: &str, draft: &Draft) -> bool {
    name != "update_quota" || draft.get(&["regions"]).is_some()
}

/// The dashboard's pages.
fn links(section: &mut Section, draft: &mut Draft) {
    let Some(base) = section.value::<String>("horizon_url", draft) else {
        common::no_links(section, "horizon_url", draft);
        return;
    };
    let base = base.trim_end_matches('/');
    for (key, path) in [("token_url", "token/"), ("task_url", "management/tasks/")] {
        let to = ["messages", key];
        draft.put(&to, format!("{base}/{path}"));
        draft.tell(
            What::Renamed,
            "workflow.horizon_url",
            &to,
            "the dashboard's page",
        );
    }
}

fn task_type(
    name: &str,
    mut section: Section,
    (handlers, defaults): (&Map<String, Value>, &Map<String, Value>),
    draft: &mut Draft,
) {
    if section.value("allow_auto_approve", draft) == Some(false) {
        let to = ["task_types", name, "approval"];
        draft.put(&to, "approval");
        let why = "each task needs a person";
        draft.tell(What::Renamed, &section.path("allow_auto_approve"), &to, why);
    }
    let to = ["task_types", name, "token_seconds"];
    section.keep::<u32>("token_expiry", &to, draft);
    let mut more: Vec<String> = section
        .value("additional_actions", draft)
        .unwrap_or_default();
    let from = section.path("additional_actions");
    if let Some(mut own) = section.section("actions", draft) {
        let letters = own.section("SendAdditionalEmailAction", draft);
        let sends = letters.is_some_and(|it| self::letters(name, it, draft));
        if sends {
            let is_letter = |it: &String| it == LETTERS;
            more.iter_mut().filter(|it| is_letter(it)).for_each(|it| {
                // An action of its own, by its own name.
                *it = format!("{LETTERS}:{name}");
            });
        }
        for (_, action) in own.each(draft) {
            let why = "an action has the same settings for all task types: see `[actions]`";
            action.leave_all(What::Decide, why, draft);
        }
    }
    let is_own = |it: &String| it.starts_with(LETTERS) && it.len() > LETTERS.len();
    let own: Vec<String> = more.iter().filter(|it| is_own(it)).cloned().collect();
    more.retain(|it| !is_own(it));
    if more.iter().any(|it| it == LETTERS) {
        more.retain(|it| it != LETTERS);
        draft.tell(
            What::Dropped,
            &from,
            &[],
            "a letter without a template is not sent",
        );
    }
    common::additional_actions(name, &from, &more, draft);
    if !own.is_empty() {
        let to = ["task_types", name, "additional_actions"];
        let mut all = draft
            .get(&to)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        all.push(action_of(name).into());
        draft.put(&to, all);
        draft.tell(What::Renamed, &from, &to, "the letters of this task type");
    }
    let to = ["messages", "task_settings", name];
    messages(section, &to, (handlers, defaults), draft);
}

/// The letters of a task type, and whether there are any.
fn letters(name: &str, mut section: Section, draft: &mut Draft) -> bool {
    let mut sends = false;
    for (old, new) in [
        ("initial", "pre_approve"),
        ("prepare", "pre_approve"),
        ("approve", "post_approve"),
        ("submit", "submit"),
    ] {
        let Some(mut stage) = section.section(old, draft) else {
            continue;
        };
        if old == "initial" {
            let why = "Adjutant's own sample says `initial`, which it does not read, so nothing \
                 was sent; here it is";
            draft.tell(What::Changed, &section.path(old), &[], why);
        }
        let Some(template) = stage.value::<String>("template", draft) else {
            stage.leave_all(
                What::Dropped,
                "a letter without a template is not sent",
                draft,
            );
            continue;
        };
        sends = true;
        let (action, letter) = (action_of(name), format!("{name}_{new}"));
        let to = ["actions", &action];
        draft.put(&[to[0], to[1], "use"], "SendAdditionalEmail");
        let at = |key: &'static str| [to[0], to[1], "stages", new, key];
        draft.put(&at("template"), letter.clone());
        for key in ["email_current_user", "email_task_cache"] {
            stage.keep::<bool>(key, &at(key), draft);
        }
        for key in ["email_roles", "email_additional_addresses"] {
            stage.keep::<Vec<String>>(key, &at(key), draft);
        }
        let to = ["messages", "task_settings", name, "letters", &letter];
        let at = |key: &'static str| [to.as_slice(), &[key]].concat();
        draft.put(&at("subject"), "Openstack Email Notification");
        for key in ["subject", "from", "reply"] {
            stage.keep::<String>(key, &at(key), draft);
        }
        let file = format!("{letter}.txt");
        draft.put(&at("template"), file.clone());
        draft.put(&["messages", "templates"], "templates");
        draft.files.push(NewFile {
            name: format!("templates/{file}"),
            text: text_of(name).into(),
            secret: false,
        });
        let why = format!("the words of `{template}` are not read: see `templates/{file}`");
        draft.tell(What::Decide, &stage.path("template"), &at("template"), why);
        stage.leave(&["html_template"], "letters are text", draft);
        stage.finish(draft);
    }
    section.finish(draft);
    sends
}

fn action_of(name: &str) -> String {
    format!("SendAdditionalEmail_{name}")
}

/// What a letter says until somebody writes it anew.
fn text_of(name: &str) -> &'static str {
    match name {
        "update_email" => {
            "Somebody asked to change the mail address of your account to\n\
             {{ actions.UpdateUserEmail.new_email }}.\n\n\
             If that was not you, please tell {{ reply_address }} at once.\n"
        }
        _ => "This is about task {{ task.uuid }}, of type {{ task.task_type }}.\n",
    }
}

/// Mails and notifications, which are nested otherwise here. Gives back what it says of
/// notifications, over what was said before.
fn messages(
    mut section: Section,
    to: &[&str],
    (handlers, before): (&Map<String, Value>, &Map<String, Value>),
    draft: &mut Draft,
) -> Map<String, Value> {
    if let Some(emails) = section.section("emails", draft) {
        mails::emails(emails, to, draft);
    }
    let path = section.path("notifications");
    let own: Option<Map<String, Value>> = section.value("notifications", draft);
    section.finish(draft);
    let is_default = to.last() == Some(&"default_task_settings");
    if own.is_none() && !is_default {
        return Map::new();
    }
    let own = own.unwrap_or_default();
    let all = mails::over(before, &own);
    let mut left = Section::new(&*path, all.clone());
    for (kind, list, config) in [
        ("standard", "standard_handlers", "standard_handler_config"),
        ("error", "error_handlers", "error_handler_config"),
    ] {
        let names: Option<Vec<String>> = left.value(list, draft);
        let names = names.unwrap_or_else(|| vec!["EmailNotification".into()]);
        let configs: Map<String, Value> = left.value(config, draft).unwrap_or_default();
        for name in names {
            let table = |of: &Map<String, Value>| {
                of.get(&name)
                    .and_then(Value::as_object)
                    .cloned()
                    .unwrap_or_default()
            };
            let engine = mails::over(&table(handlers), &table(&configs));
            let section = Section::new(format!("{path}.{config}.{name}"), engine);
            mails::engine(
                &name,
                section,
                &[to, &["notifications", kind]].concat(),
                draft,
            );
        }
    }
    let safe: Option<Vec<String>> = left.value("safe_errors", draft);
    let safe = safe.unwrap_or_else(|| vec!["SMTPException".into()]);
    for class in safe {
        if class == "SMTPException" {
            let to = [to, &["errors", "SMTPException", "notification"]].concat();
            draft.put(&to, json!("acknowledge"));
            draft.tell(What::Renamed, &left.path("safe_errors"), &to, "");
        } else {
            let why = format!("`{class}` is an error of Python's, and none here");
            draft.tell(What::Dropped, &left.path("safe_errors"), &[], why);
        }
    }
    left.finish(draft);
    all
}

/// What task types are called there, and here.
const TYPES: [(&str, &str); 6] = [
    ("create_project_and_user", "create_project"),
    ("edit_user_roles", "edit_roles"),
    ("invite_user_to_project", "invite_user"),
    ("reset_user_password", "reset_password"),
    ("update_quota", "update_quota"),
    ("update_user_email", "update_email"),
];
const LETTERS: &str = "SendAdditionalEmailAction";
