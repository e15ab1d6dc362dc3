//! StackTask's `conf.yaml`.

use serde_json::{Value, json};

use super::{
    ImportOptions, common, database,
    draft::{Draft, Section},
    mails,
    report::What,
    smtp,
};

pub(super) fn read(mut top: Section, _: &ImportOptions, draft: &mut Draft) {
    let django = "only Django needs it";
    top.leave(&["SECRET_KEY", "DEBUG", "ALLOWED_HOSTS"], django, draft);
    let logging = "logs go to standard error; the variable RUST_LOG says what is logged";
    top.leave(&["LOGGING"], logging, draft);
    let apps = "actions of others cannot be loaded; a Webhook action may do what they did";
    top.leave(&["ADDITIONAL_APPS"], apps, draft);
    database::read(&mut top, "DATABASES", draft);
    if let Some(mut email) = top.section("EMAIL_SETTINGS", draft) {
        email.leave(&["EMAIL_BACKEND"], "mails go over SMTP", draft);
        let keys = [
            "EMAIL_HOST",
            "EMAIL_PORT",
            "EMAIL_HOST_USER",
            "EMAIL_HOST_PASSWORD",
            "EMAIL_USE_TLS",
            "EMAIL_USE_SSL",
        ];
        smtp::read(&mut email, keys, draft);
        email.finish(draft);
    }
    keystone(&mut top, draft);
    identity(&mut top, draft);
    let token_url = ["messages", "token_url"];
    if !top.keep::<String>("TOKEN_SUBMISSION_URL", &token_url, draft) {
        common::no_links(&top, "TOKEN_SUBMISSION_URL", draft);
    }
    let hours: Option<u32> = top.value("TOKEN_EXPIRE_TIME", draft);
    if let Some(hours) = hours {
        let seconds = hours.saturating_mul(3600);
        for name in TYPES {
            draft.put(&["task_types", name, "token_seconds"], seconds);
        }
        let to = ["task_types", "*", "token_seconds"];
        draft.tell(
            What::Changed,
            "TOKEN_EXPIRE_TIME",
            &to,
            "it was hours, here it is seconds",
        );
    }
    if top.value("SHOW_ACTION_ENDPOINTS", draft) == Some(true) {
        draft.tell(
            What::Dropped,
            "SHOW_ACTION_ENDPOINTS",
            &[],
            "they are always there",
        );
    } else {
        common::close("CreateProject", "SHOW_ACTION_ENDPOINTS", draft);
    }
    if let Some(actions) = top.section("ACTION_SETTINGS", draft) {
        action_settings(actions, draft);
    }
    tasks(&mut top, draft);
    top.finish(draft);
}

fn keystone(top: &mut Section, draft: &mut Draft) {
    let Some(mut section) = top.section("KEYSTONE", draft) else {
        return;
    };
    for key in ["auth_url", "project_name", "username"] {
        section.keep::<String>(key, &["keystone", key], draft);
    }
    if let Some(secret) = section.value::<String>("password", draft) {
        let to = ["keystone", "password_file"];
        draft.secret("KEYSTONE.password", &to, "keystone-password", &secret);
    }
    section.finish(draft);
}

fn identity(top: &mut Section, draft: &mut Draft) {
    common::usernames(top, "USERNAME_IS_EMAIL", draft);
    common::roles(top, "ROLES_MAPPING", draft);
    common::default_region(top, "DEFAULT_REGION", draft);
}

fn action_settings(mut section: Section, draft: &mut Draft) {
    if let Some(mut new_user) = section.section("NewUser", draft) {
        let to = ["actions", "NewUser", "roles"];
        new_user.keep::<Vec<String>>("allowed_roles", &to, draft);
        new_user.finish(draft);
    }
    if let Some(mut reset) = section.section("ResetUser", draft) {
        common::blacklist(&mut reset, draft);
        reset.finish(draft);
    }
    if let Some(networks) = section.section("DefaultProjectResources", draft) {
        for (region, network) in networks.each(draft) {
            let keys = [
                ("network_name", "network_name"),
                ("subnet_name", "subnet_name"),
                ("router_name", "router_name"),
                ("public_network", "public_network"),
                ("SUBNET_CIDR", "subnet_cidr"),
                ("DNS_NAMESERVERS", "dns_nameservers"),
            ];
            common::network(network, &region, keys, draft);
        }
    }
    section.finish(draft);
}

fn tasks(top: &mut Section, draft: &mut Draft) {
    let defaults = ["messages", "default_task_settings"];
    if let Some(section) = top.section("DEFAULT_TASK_SETTINGS", draft) {
        let from = section.path("");
        messages(section, &defaults, draft);
        let why = "they hold for each task type, also for those that TASK_SETTINGS does not name";
        draft.tell(What::Changed, from.trim_end_matches('.'), &defaults, why);
    }
    common::reply(draft);
    let Some(types) = top.section("TASK_SETTINGS", draft) else {
        return;
    };
    for (old, mut section) in types.each(draft) {
        let name = if old == "edit_user" {
            "edit_roles"
        } else {
            &*old
        };
        if !TYPES.contains(&name) {
            section.leave_all(What::Decide, "there is no such task type here", draft);
            continue;
        }
        let actions: Vec<String> = section.value("actions", draft).unwrap_or_default();
        let from = section.path("actions");
        common::additional_actions(name, &from, &actions, draft);
        if let Some(policy) = section.value::<String>("handle_duplicates", draft) {
            let word = if policy == "cancel" {
                "cancel"
            } else {
                "block"
            };
            let to = ["task_types", name, "duplicates"];
            draft.put(&to, word);
            draft.tell(What::Renamed, &section.path("handle_duplicates"), &to, word);
        }
        if let Some(roles) = section.value::<Vec<String>>("role_blacklist", draft) {
            common::hide(&roles, &section.path("role_blacklist"), draft);
        }
        messages(section, &["messages", "task_settings", name], draft);
    }
}

/// Mails, notifications and errors, which are nested as they are here.
fn messages(mut section: Section, to: &[&str], draft: &mut Draft) {
    if let Some(emails) = section.section("emails", draft) {
        mails::emails(emails, to, draft);
    }
    if let Some(mut notifications) = section.section("notifications", draft) {
        for kind in ["standard", "error"] {
            let engines = notifications.section(kind, draft);
            for (name, engine) in engines.map_or_else(Vec::new, |it| it.each(draft)) {
                mails::engine(
                    &name,
                    engine,
                    &[to, &["notifications", kind]].concat(),
                    draft,
                );
            }
        }
        notifications.finish(draft);
    }
    if let Some(mut errors) = section.section("errors", draft) {
        if let Some(mut class) = errors.section("SMTPException", draft) {
            let to = [to, &["errors", "SMTPException"]].concat();
            let at = |key: &'static str| [to.as_slice(), &[key]].concat();
            if class.value::<String>("notification", draft).as_deref() == Some("acknowledge") {
                let to = at("notification");
                draft.put(&to, "acknowledge");
                draft.tell(What::Kept, &class.path("notification"), &to, "");
            }
            // `False`, or a list of those that are left.
            if let Some(engines) = class.take("engines") {
                let is_on = !matches!(engines, Value::Bool(false) | Value::Null);
                draft.put(&at("engines"), json!(is_on));
                draft.tell(What::Kept, &class.path("engines"), &at("engines"), "");
            }
            class.finish(draft);
        }
        errors.finish(draft);
    }
    section.finish(draft);
}

/// Those that can have settings.
const TYPES: [&str; 5] = [
    "create_project",
    "edit_roles",
    "force_password",
    "invite_user",
    "reset_password",
];
