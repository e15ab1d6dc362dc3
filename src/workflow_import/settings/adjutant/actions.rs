//! `workflow.action_defaults`, and what a task type lays over it.

use serde_json::Value;

use crate::workflow_import::settings::{
    common,
    draft::{Draft, Section},
    report::What,
};

/// The settings of actions. They hold for all task types here.
pub(super) fn read(mut section: Section, draft: &mut Draft) {
    for (old, new) in [
        ("NewProjectWithUserAction", "NewProjectWithUser"),
        ("NewProjectAction", "NewProject"),
    ] {
        if let Some(mut action) = section.section(old, draft) {
            let to = ["actions", new, "default_roles"];
            action.keep::<Vec<String>>("default_roles", &to, draft);
            action.finish(draft);
        }
    }
    if let Some(action) = section.section("AddDefaultUsersToProjectAction", draft) {
        default_users(action, draft);
    }
    for name in ["NewDefaultNetworkAction", "NewProjectDefaultNetworkAction"] {
        if let Some(action) = section.section(name, draft) {
            networks(action, draft);
        }
    }
    if let Some(mut action) = section.section("UpdateProjectQuotasAction", draft) {
        let to = ["quota", "next_size_up_days"];
        action.keep::<u32>("days_between_autoapprove", &to, draft);
        let why = "a project has a size if it has exactly its limits";
        action.leave(&["size_difference_threshold"], why, draft);
        action.finish(draft);
    }
    if let Some(action) = section.section("SetProjectQuotaAction", draft) {
        let why = "new projects have the cloud's default quotas: set those";
        action.leave_all(What::Decide, why, draft);
    }
    if let Some(mut action) = section.section("ResetUserPasswordAction", draft) {
        common::blacklist(&mut action, draft);
        action.finish(draft);
    }
    if let Some(action) = section.section("SendAdditionalEmailAction", draft) {
        defaults_of_letters(action, draft);
    }
    for (_, action) in section.each(draft) {
        action.leave_all(
            What::Decide,
            "there is no such action here, or no setting of it",
            draft,
        );
    }
}

fn default_users(mut section: Section, draft: &mut Draft) {
    let users: Vec<String> = section.value("default_users", draft).unwrap_or_default();
    let roles: Vec<String> = section.value("default_roles", draft).unwrap_or_default();
    if users.is_empty() || roles.is_empty() {
        section.leave_all(
            What::Dropped,
            "without users or without roles it does nothing",
            draft,
        );
        return;
    }
    let to = ["actions", "AddDefaultUsersToProject"];
    draft.put(&[to[0], to[1], "users"], users);
    draft.put(&[to[0], to[1], "roles"], roles);
    draft.tell(What::Renamed, &section.path("default_users"), &to, "");
    section.finish(draft);
}

/// Of both actions for networks; each region has one way to set up a network here.
fn networks(mut section: Section, draft: &mut Draft) {
    let path = section.path("region_defaults");
    let defaults: Option<serde_json::Map<String, Value>> = section.value("region_defaults", draft);
    let own: serde_json::Map<String, Value> = section.value("regions", draft).unwrap_or_default();
    let known = draft.get(&["regions"]).and_then(Value::as_object);
    let mut regions: Vec<String> = known
        .into_iter()
        .flat_map(|it| it.keys().cloned())
        .collect();
    regions.extend(
        own.keys()
            .filter(|it| !regions.contains(it))
            .cloned()
            .collect::<Vec<_>>(),
    );
    if regions.is_empty() {
        let why = "say `--service REGION:neutron=URL` to have networks";
        draft.tell(What::Decide, &path, &[], why);
    }
    for region in regions {
        let mut table = defaults.clone().unwrap_or_default();
        if let Some(Value::Object(own)) = own.get(&region) {
            table.extend(own.clone());
        }
        table.retain(|_, value| !value.is_null());
        if table.get("public_network").is_none_or(|it| it == "") {
            let why = "no `public_network` is named, so no network can be set up";
            draft.tell(What::Decide, &path, &[], why);
            continue;
        }
        let keys = [
            ("network_name", "network_name"),
            ("subnet_name", "subnet_name"),
            ("router_name", "router_name"),
            ("public_network", "public_network"),
            ("subnet_cidr", "subnet_cidr"),
            ("dns_nameservers", "dns_nameservers"),
        ];
        common::network(Section::new(&*path, table), &region, keys, draft);
    }
    let listed: Vec<String> = section
        .value("create_in_regions", draft)
        .unwrap_or_default();
    let everywhere = section.value("create_in_all_regions", draft) == Some(true);
    if everywhere || listed.len() > 1 {
        let why = "a task sets up a network in one region, which it names, or the default one";
        draft.tell(What::Decide, &section.path("create_in_regions"), &[], why);
    }
    section.finish(draft);
}

/// Only what a task type says of them has a meaning: they have no template by default.
fn defaults_of_letters(section: Section, draft: &mut Draft) {
    for (_, stage) in section.each(draft) {
        let why = "letters are set up with the task type that sends them";
        stage.leave_all(What::Dropped, why, draft);
    }
}
