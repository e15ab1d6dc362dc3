//! What both generations have in common.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ImportOptions,
    draft::{Draft, Section},
    report::What,
};

/// What is needed here and was not there.
pub(super) fn begin(draft: &mut Draft, options: &ImportOptions) {
    // Two random ids are 64 digits with 244 random bits.
    let half = || Uuid::new_v4().simple().to_string();
    draft.secret("", &["key_file"], "key", &format!("{}{}", half(), half()));
    for (region, services) in &options.services {
        for (service, url) in services {
            draft.put(&["regions", region, service], url.clone());
        }
    }
}

/// What has to be there in the end.
pub(super) fn end(draft: &mut Draft) {
    for (at, what) in [
        (["keystone", "auth_url"], "Keystone's URL"),
        (
            ["keystone", "username"],
            "the account by which Keystone is asked",
        ),
        (["keystone", "project_name"], "the project of that account"),
    ] {
        if draft.get(&at).is_none() {
            draft.tell(What::Decide, "", &at, format!("{what} is missing: add it"));
        }
    }
    if draft.get(&["keystone", "password_file"]).is_none() {
        draft.put(&["keystone", "password_file"], "keystone-password");
        let why = "the account's password is missing: write it to file `keystone-password`";
        draft.tell(What::Decide, "", &["keystone", "password_file"], why);
    }
    let smtp = ["messages", "smtp"];
    if draft.get(&smtp).is_none() {
        draft.put(
            &["messages", "smtp"],
            json!({"host": "localhost", "security": "none"}),
        );
        let why = "there was no mail server; this machine's is used: name another one";
        draft.tell(What::Decide, "", &smtp, why);
    }
    draft.tell_the_rest();
    draft.decide(
        "templates of your own are Django's and are not read; here they are Jinja's: \
         write them anew into a folder that `messages.templates` names (docs/MAIL.md)",
    );
}

/// Who manages which roles, and so which roles people can be given.
pub(super) fn roles(section: &mut Section, key: &str, draft: &mut Draft) -> bool {
    let to = ["identity", "roles_mapping"];
    if !section.keep::<Value>(key, &to, draft) {
        return false;
    }
    let mapping = draft.get(&to).cloned().unwrap_or_default();
    roles_of(&mapping, &section.path(key), draft);
    true
}

pub(super) fn roles_of(mapping: &Value, from: &str, draft: &mut Draft) {
    let lists = mapping.as_object().into_iter().flat_map(|it| it.values());
    let names = lists
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_str);
    let names: std::collections::BTreeSet<&str> = names.collect();
    if names.is_empty() {
        return;
    }
    draft.put(
        &["identity", "roles"],
        names.into_iter().collect::<Vec<_>>(),
    );
    let why = "all roles that somebody manages can be given";
    draft.tell(What::Changed, from, &["identity", "roles"], why);
}

/// How networks are set up in a region, if there are URLs for it.
pub(super) fn network(
    mut section: Section,
    region: &str,
    keys: [(&str, &'static str); 6],
    draft: &mut Draft,
) {
    if draft.get(&["regions", region, "neutron"]).is_none() {
        let why = format!("say `--service {region}:neutron=URL` to have it");
        section.leave_all(What::Decide, &why, draft);
        return;
    }
    for (old, new) in keys {
        let to = ["regions", region, "network", new];
        section.keep::<Value>(old, &to, draft);
    }
    section.finish(draft);
}

/// Whether there is a region in which networks can be set up.
pub(super) fn has_network(draft: &Draft) -> bool {
    let regions = draft.get(&["regions"]).and_then(Value::as_object);
    let mut regions = regions.into_iter().flat_map(|it| it.values());
    regions.any(|it| {
        it.get("network")
            .is_some_and(|it| it.get("public_network").is_some())
    })
}

/// Lets nobody but administrators in where there was no endpoint.
pub(super) fn close(view: &str, from: &str, draft: &mut Draft) {
    let to = ["service", "access", view];
    draft.put(&to, json!(["admin"]));
    let why = "there was no such endpoint, so it is for administrators only";
    draft.tell(What::Changed, from, &to, why);
}

/// Whether users have names of their own.
pub(super) fn usernames(section: &mut Section, key: &str, draft: &mut Draft) {
    if let Some(is_email) = section.value::<bool>(key, draft) {
        let to = ["identity", "usernames"];
        draft.put(&to, !is_email);
        draft.tell(What::Renamed, &section.path(key), &to, "and turned round");
    }
}

/// The region that is meant where none is named, if it is one here.
pub(super) fn default_region(section: &mut Section, key: &str, draft: &mut Draft) {
    let Some(region) = section.value::<String>(key, draft) else {
        return;
    };
    let path = section.path(key);
    if draft.get(&["regions", &region]).is_some() {
        draft.put(&["default_region"], region);
        draft.tell(What::Renamed, &path, &["default_region"], "");
    } else {
        let why = format!(
            "the URLs of its services are not in the file: say `--service {region}:neutron=URL`, \
             and the same for nova and cinder, to have networks and quotas"
        );
        draft.tell(What::Decide, &path, &[], why);
    }
}

/// Whose holders' passwords cannot be reset.
pub(super) fn blacklist(section: &mut Section, draft: &mut Draft) {
    let roles: Option<Vec<String>> = section.value("blacklisted_roles", draft);
    let from = section.path("blacklisted_roles");
    let to = ["actions", "ResetUserPassword", "blacklisted_roles"];
    match roles {
        None => {}
        Some(roles) if roles.is_empty() => {
            let why = "the list was empty, so that administrators could be reset by mail; \
                 here `admin` is on it unless you say `[]` yourself";
            draft.tell(What::Changed, &from, &to, why);
        }
        Some(roles) => {
            draft.put(&to, roles);
            draft.tell(What::Renamed, &from, &to, "");
        }
    }
}

/// Whose holders are not shown as users of a project. There is one list here.
pub(super) fn hide(roles: &[String], from: &str, draft: &mut Draft) {
    let to = ["service", "blacklisted_roles"];
    let known = draft.get(&to).and_then(Value::as_array).cloned();
    let mut all = known.unwrap_or_default();
    for role in roles {
        if !all.iter().any(|it| it == role) {
            all.push(role.clone().into());
        }
    }
    draft.put(&to, all);
    draft.tell(What::Renamed, from, &to, "one list for all endpoints");
}

/// The actions after the first one.
pub(super) fn additional_actions(name: &str, from: &str, actions: &[String], draft: &mut Draft) {
    let mut all = Vec::new();
    for action in actions {
        let new = match action.as_str() {
            "AddAdminToProject" => "AddAdminToProject",
            "AddDefaultUsersToProjectAction"
                if draft
                    .get(&["actions", "AddDefaultUsersToProject"])
                    .is_some() =>
            {
                "AddDefaultUsersToProject"
            }
            "DefaultProjectResources" | "NewProjectDefaultNetworkAction" if has_network(draft) => {
                "DefaultProjectResources"
            }
            "SendAdditionalEmailAction" => "SendAdditionalEmail",
            "DefaultProjectResources" | "NewProjectDefaultNetworkAction" => {
                let why = format!("`{action}` is left out: no network can be set up in any region");
                draft.tell(What::Decide, from, &[], why);
                continue;
            }
            _ => {
                let why = format!(
                    "`{action}` is left out: there is nothing like it here, or it has no settings; \
                     a Webhook action may do what it did"
                );
                draft.tell(What::Decide, from, &[], why);
                continue;
            }
        };
        all.push(new);
    }
    if all.is_empty() {
        return;
    }
    let to = ["task_types", name, "additional_actions"];
    draft.put(&to, all);
    draft.tell(What::Renamed, from, &to, "");
}

/// Mails need somebody whom they are from.
pub(super) fn reply(draft: &mut Draft) {
    let defaults = ["messages", "default_task_settings"];
    for key in ["reply", "from"] {
        let stages = ["token", "initial", "completed"].into_iter();
        let mut known = stages.filter_map(|stage| {
            draft
                .get(&[defaults[0], defaults[1], "emails", stage, key])
                .cloned()
        });
        let found = known.next();
        let to = [defaults[0], defaults[1], key];
        match (found, key) {
            (Some(found), _) => draft.put(&to, found),
            (None, "reply") => {
                draft.put(&to, "no-reply@example.com");
                let why = "nobody is named whom mails are from: name somebody";
                draft.tell(What::Decide, "", &to, why);
            }
            _ => {}
        }
    }
}

/// Tokens cannot be mailed without a page to use them at.
pub(super) fn no_links(section: &Section, key: &str, draft: &mut Draft) {
    let to = ["messages", "token_url"];
    draft.put(&to, "http://localhost:5050/token/");
    let why = "it is missing: name the page at which people use their tokens";
    draft.tell(What::Decide, &section.path(key), &to, why);
}
