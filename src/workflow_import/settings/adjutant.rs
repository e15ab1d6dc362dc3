//! Adjutant's `adjutant.yaml`.

mod actions;
mod tasks;

use serde_json::{Map, Value, json};

use super::{
    ImportOptions, common, database,
    draft::{Draft, Section},
    report::What,
    smtp,
};

pub(super) fn read(mut top: Section, options: &ImportOptions, draft: &mut Draft) {
    django(&mut top, draft);
    identity(&mut top, draft);
    api(&mut top, options, draft);
    let handlers = handlers(&mut top, draft);
    quota(&mut top, draft);
    tasks::workflow(&mut top, &handlers, draft);
    let plugins = "plug-ins cannot be loaded; a Webhook action may do what they did";
    top.leave(&["feature_sets"], plugins, draft);
    top.finish(draft);
}

fn django(top: &mut Section, draft: &mut Draft) {
    let empty = || Section::new("django", Map::new());
    let mut section = top.section("django", draft).unwrap_or_else(empty);
    let django = "only Django needs it";
    section.leave(&["secret_key", "debug"], django, draft);
    let proxy = "what is in front decides; `service.trusted_proxies` says whom to believe";
    let keys = [
        "allowed_hosts",
        "secure_proxy_ssl_header",
        "secure_proxy_ssl_header_value",
    ];
    section.leave(&keys, proxy, draft);
    let logging = "logs go to standard error; the variable RUST_LOG says what is logged";
    section.leave(&["logging", "log_file"], logging, draft);
    database::read(&mut section, "databases", draft);
    if let Some(mut email) = section.section("email", draft) {
        email.leave(&["email_backend"], "mails go over SMTP", draft);
        let keys = [
            "host",
            "port",
            "host_user",
            "host_password",
            "use_tls",
            "use_ssl",
        ];
        smtp::read(&mut email, keys, draft);
        if draft.get(&["messages", "smtp", "host"]).is_some() {
            let to = ["messages", "smtp", "timeout_seconds"];
            email.keep::<u32>("timeout", &to, draft);
        } else {
            email.leave(&["timeout"], "there is no mail server", draft);
        }
        email.finish(draft);
    }
    section.finish(draft);
}

fn identity(top: &mut Section, draft: &mut Draft) {
    let empty = || Section::new("identity", Map::new());
    let mut section = top.section("identity", draft).unwrap_or_else(empty);
    section.leave(
        &["token_cache_time"],
        "tokens are remembered for a short while",
        draft,
    );
    if section.value("can_edit_users", draft) == Some(false) {
        let why = "there is no such switch: where Keystone's users cannot be changed, set \
             `task_types.reset_password`, `force_password` and `update_email` to false";
        draft.tell(What::Decide, "identity.can_edit_users", &[], why);
    }
    common::usernames(&mut section, "username_is_email", draft);
    if !common::roles(&mut section, "role_mapping", draft) {
        // What holds there without the key.
        let three = ["project_mod", "heat_stack_owner", "member"];
        let four = ["project_admin", "project_mod", "heat_stack_owner", "member"];
        let mapping = json!({"admin": four, "project_admin": four, "project_mod": three});
        common::roles_of(&mapping, "identity.role_mapping", draft);
        draft.put(&["identity", "roles_mapping"], mapping);
    }
    if let Some(mut auth) = section.section("auth", draft) {
        for key in [
            "auth_url",
            "project_domain_id",
            "project_name",
            "user_domain_id",
            "username",
        ] {
            auth.keep::<String>(key, &["keystone", key], draft);
        }
        if let Some(secret) = auth.value::<String>("password", draft) {
            let to = ["keystone", "password_file"];
            draft.secret("identity.auth.password", &to, "keystone-password", &secret);
        }
        let urls = "services are configured by their URLs";
        auth.leave(&["interface"], urls, draft);
        auth.finish(draft);
    }
    section.finish(draft);
}

fn api(top: &mut Section, options: &ImportOptions, draft: &mut Draft) {
    let empty = || Section::new("api", Map::new());
    let mut section = top.section("api", draft).unwrap_or_else(empty);
    let active: Option<Vec<String>> = section.value("active_delegate_apis", draft);
    // Adjutant's own, without the key.
    let active = active.unwrap_or_else(|| ACTIVE.map(str::to_owned).to_vec());
    let from = section.path("active_delegate_apis");
    for (view, names) in VIEWS {
        let is_on = names.iter().any(|name| active.iter().any(|it| it == name));
        // There is no such endpoint without a region.
        let exists = *view != "UpdateQuota" || !options.services.is_empty();
        if !is_on && exists {
            common::close(view, &from, draft);
        }
    }
    for name in &active {
        let known = VIEWS
            .iter()
            .any(|(_, names)| names.contains(&name.as_str()));
        if !known && !["RoleList", "UserDetail"].contains(&name.as_str()) {
            let why =
                format!("`{name}` is none of Adjutant's own; `service.views` can have others");
            draft.tell(What::Decide, &from, &[], why);
        }
    }
    if let Some(mut apis) = section.section("delegate_apis", draft) {
        for name in ["CreateProjectAndUser", "SignUp"] {
            if let Some(api) = apis.section(name, draft) {
                sign_up(api, draft);
            }
        }
        for name in ["UserList", "UserDetail", "UserRoles"] {
            if let Some(mut api) = apis.section(name, draft) {
                if let Some(roles) = api.value::<Vec<String>>("blacklisted_roles", draft) {
                    common::hide(&roles, &api.path("blacklisted_roles"), draft);
                }
                api.finish(draft);
            }
        }
        apis.finish(draft);
    }
    section.finish(draft);
}

fn sign_up(mut section: Section, draft: &mut Draft) {
    common::default_region(&mut section, "default_region", draft);
    section.keep::<String>("default_domain_id", &["identity", "domain_id"], draft);
    let parent: Option<String> = section.value("default_parent_id", draft);
    if parent.is_some_and(|it| !it.is_empty()) {
        let why = "new projects stand right below the domain";
        draft.tell(What::Decide, &section.path("default_parent_id"), &[], why);
    }
    section.finish(draft);
}

/// What holds for each handler of notifications.
fn handlers(top: &mut Section, draft: &mut Draft) -> Map<String, Value> {
    let section = top.section("notifications", draft);
    let Some(mut section) = section else {
        return Map::new();
    };
    let defaults = section.value("handler_defaults", draft).unwrap_or_default();
    let why = "they are written out with each way to tell operators";
    draft.tell(What::Changed, "notifications.handler_defaults", &[], why);
    section.finish(draft);
    defaults
}

fn quota(top: &mut Section, draft: &mut Draft) {
    let Some(mut section) = top.section("quota", draft) else {
        return;
    };
    let order: Option<Vec<String>> = section.value("sizes_ascending", draft);
    let sizes = section.section("sizes", draft);
    let services = "quotas are set in each service that a region has a URL for";
    section.leave(&["services"], services, draft);
    let (Some(order), Some(sizes)) = (order, sizes) else {
        draft.tell(
            What::Decide,
            "quota",
            &[],
            "`sizes` and `sizes_ascending` are needed together",
        );
        section.finish(draft);
        return;
    };
    let mut left = Vec::new();
    for (name, mut size) in sizes.each(draft) {
        if !order.contains(&name) {
            size.leave_all(What::Decide, "the size is not in `sizes_ascending`", draft);
            continue;
        }
        for service in ["nova", "neutron", "cinder"] {
            let Some(mut limits) = size.value::<Map<String, Value>>(service, draft) else {
                continue;
            };
            if service == "nova" {
                limits.retain(|name, _| !GONE.contains(&name.as_str()));
            }
            draft.put(&["quota", "sizes", &name, service], limits);
        }
        draft.tell(
            What::Kept,
            &format!("quota.sizes.{name}"),
            &["quota", "sizes", &name],
            "",
        );
        left.extend(
            ["octavia", "trove", "aodh"]
                .into_iter()
                .filter(|it| size.take(it).is_some()),
        );
        size.finish(draft);
    }
    left.sort_unstable();
    left.dedup();
    if !left.is_empty() {
        let why = format!("quotas of {} are not set", left.join(", "));
        draft.tell(What::Dropped, "quota.sizes", &[], why);
    }
    let gone = format!("Nova has no {} any more", GONE.join(", "));
    draft.tell(What::Dropped, "quota.sizes", &[], gone);
    // A size without limits stays one.
    for name in &order {
        if draft.get(&["quota", "sizes", name]).is_none() {
            draft.put(&["quota", "sizes", name], json!({}));
            draft.tell(
                What::Decide,
                "quota.sizes_ascending",
                &[],
                format!("there is no size `{name}`"),
            );
        }
    }
    draft.put(&["quota", "size_order"], order);
    draft.tell(
        What::Renamed,
        "quota.sizes_ascending",
        &["quota", "size_order"],
        "",
    );
    section.finish(draft);
}

/// Our views, each with the APIs that did the same.
const VIEWS: &[(&str, &[&str])] = &[
    ("CreateProject", &["CreateProjectAndUser", "SignUp"]),
    ("EditUser", &["EditUser", "UserRoles"]),
    ("InviteUser", &["InviteUser", "UserList"]),
    ("ResetPassword", &["ResetPassword", "UserResetPassword"]),
    ("UpdateEmail", &["UpdateEmail", "UserUpdateEmail"]),
    ("UpdateQuota", &["UpdateProjectQuotas"]),
];

const ACTIVE: [&str; 5] = [
    "UserRoles",
    "UserDetail",
    "UserResetPassword",
    "UserList",
    "RoleList",
];

/// What nova-network had.
const GONE: [&str; 4] = [
    "fixed_ips",
    "floating_ips",
    "security_group_rules",
    "security_groups",
];
