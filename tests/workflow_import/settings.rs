//! Configurations of both generations.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use secrecy::ExposeSecret as _;
use wafflehaus::{
    workflow::{Duplicates, Gate},
    workflow_config::{Configuration, Loader},
    workflow_import::{ImportOptions, Imported, InvalidOld, What, import},
};

pub(crate) const STACKTASK: &str = include_str!("conf.yaml");
pub(crate) const ADJUTANT: &str = include_str!("adjutant.yaml");

/// A folder that goes when this is dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let name = format!("wafflehaus-{}", uuid::Uuid::new_v4().simple());
        Self(env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn with_services() -> ImportOptions {
    let mut options = ImportOptions::default();
    for region in ["RegionOne", "RegionTwo"] {
        let services = options.services.entry(region.into()).or_default();
        for service in ["nova", "neutron", "cinder"] {
            services.insert(service.into(), format!("https://{service}.example.org"));
        }
    }
    options
}

fn imported(text: &str, options: &ImportOptions) -> (Imported, Configuration, String) {
    let imported = import(text, options).unwrap();
    let folder = Folder::new();
    let file = imported.write(&folder.0, false).unwrap();
    let loaded = Loader::new().load(&file);
    let loaded = loaded.unwrap_or_else(|rejected| panic!("{rejected:#?}\n{}", imported.config));
    let report = imported.report.to_string();
    (imported, loaded, report)
}

/// The keys of which something of this kind is told.
fn keys(imported: &Imported, what: What) -> BTreeSet<&str> {
    imported
        .report
        .of(what)
        .map(|it| it.from.as_str())
        .collect()
}

fn toml(imported: &Imported) -> toml::Table {
    imported.config.parse().unwrap()
}

#[test]
fn rule_14_stacktasks_configuration_becomes_one_that_loads() {
    for options in [ImportOptions::default(), with_services()] {
        let (imported, loaded, report) = imported(STACKTASK, &options);
        assert_eq!(imported.generation.as_str(), "StackTask");
        let registry = loaded.registry();
        let signup = registry.find_type("create_project").unwrap();
        assert_eq!(signup.token_seconds, 172_800);
        let mut actions = vec!["NewProjectWithUser", "AddAdminToProject"];
        if !options.services.is_empty() {
            actions.push("DefaultProjectResources");
        }
        assert_eq!(signup.actions, actions, "{report}");
        let reset = registry.find_type("reset_password").unwrap();
        assert_eq!(reset.duplicates, Duplicates::Cancel);
        let toml = toml(&imported);
        assert_eq!(
            toml["identity"]["usernames"].as_bool(),
            Some(false),
            "`yes` is true"
        );
        let hidden = &toml["service"]["blacklisted_roles"];
        assert_eq!(hidden.to_string(), r#"["admin", "auditor"]"#);
        let closed = &toml["service"]["access"]["CreateProject"];
        assert_eq!(
            closed.to_string(),
            r#"["admin"]"#,
            "there were no action endpoints"
        );
        let messages = &toml["messages"];
        let rt = &messages["default_task_settings"]["notifications"]["standard"]["RTNotification"];
        assert_eq!(
            rt["url"].as_str(),
            Some("https://rt.example.org/rt/REST/2.0")
        );
        let initial = &messages["task_settings"]["invite_user"]["emails"]["initial"];
        assert_eq!(initial.as_bool(), Some(false));
    }
}

#[test]
fn rule_14_adjutants_configuration_becomes_one_that_loads() {
    for options in [ImportOptions::default(), with_services()] {
        let (imported, loaded, report) = imported(ADJUTANT, &options);
        assert_eq!(imported.generation.as_str(), "Adjutant");
        let registry = loaded.registry();
        let signup = registry.find_type("create_project").unwrap();
        assert_eq!(signup.token_seconds, 43_200, "{report}");
        let invite = registry.find_type("invite_user").unwrap();
        assert_eq!(invite.token_seconds, 7200);
        assert_eq!(invite.stages.at(1).unwrap().gate, Gate::Approval);
        let reset = registry.find_type("reset_password").unwrap();
        assert_eq!(reset.stages.at(1).unwrap().gate, Gate::Vote);
        let email = registry.find_type("update_email").unwrap();
        assert_eq!(
            email.actions,
            ["UpdateUserEmail", "SendAdditionalEmail_update_email"]
        );
        let toml = toml(&imported);
        assert_eq!(toml["identity"]["usernames"].as_bool(), Some(true));
        let messages = &toml["messages"];
        let link = "https://dashboard.example.org/management/tasks/";
        assert_eq!(messages["task_url"].as_str(), Some(link));
        let smtp = &messages["smtp"];
        assert_eq!(smtp["security"].as_str(), Some("starttls"));
        let notifications = &messages["default_task_settings"]["notifications"];
        let standard = &notifications["standard"]["EmailNotification"]["emails"];
        assert_eq!(standard.to_string(), r#"["ops@example.org"]"#);
        let error = &notifications["error"]["EmailNotification"];
        assert_eq!(error["emails"].to_string(), r#"["oncall@example.org"]"#);
        assert_eq!(error["reply"].as_str(), Some("no-reply@example.org"));
        let closed = toml["service"].get("access").and_then(|it| it.as_table());
        let closed: Vec<_> = closed
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect();
        if options.services.is_empty() {
            assert_eq!(closed, Vec::<&str>::new());
            assert!(registry.find_type("update_quota").is_none());
        } else {
            assert_eq!(closed, ["UpdateQuota"], "it was not among the active APIs");
            let two = &toml["regions"]["RegionTwo"]["network"]["public_network"];
            assert_eq!(two.as_str(), Some("7f1c3a56-96d1-4d2a-8b6a-2b6b5d2d0001"));
            let last = signup.actions.last().unwrap();
            assert_eq!(last, "DefaultProjectResources");
        }
    }
}

#[test]
fn rule_11_what_adjutant_has_by_default_is_written_out_where_ours_differs() {
    let text = "identity: {auth: {username: a, password: b, project_name: c, auth_url: 'https://k.example/v3'}}\n\
         workflow: {horizon_url: 'https://d.example'}\n";
    let (imported, _, report) = imported(text, &ImportOptions::default());
    let toml = toml(&imported);
    let closed = toml["service"]["access"].as_table().unwrap();
    let closed: Vec<_> = closed.keys().map(String::as_str).collect();
    assert_eq!(closed, ["CreateProject", "UpdateEmail"], "{report}");
    let managed = &toml["identity"]["roles_mapping"]["project_mod"];
    assert_eq!(managed.as_array().unwrap().len(), 3);
}

#[test]
fn rule_10_every_key_is_told_and_none_is_lost_in_silence() {
    for text in [STACKTASK, ADJUTANT] {
        let (imported, _, report) = imported(text, &with_services());
        let told: BTreeSet<&str> = imported
            .report
            .entries()
            .map(|it| it.from.as_str())
            .collect();
        let old: serde_json::Value = serde_saphyr::from_str(text).unwrap();
        for leaf in leaves("", &old) {
            let mut ends: Vec<usize> = leaf.match_indices('.').map(|(at, _)| at).collect();
            ends.push(leaf.len());
            let is_told = ends.iter().any(|end| told.contains(&leaf[..*end]));
            assert!(is_told, "{leaf}\n{report}");
        }
    }
}

/// The paths of all that is no table with something in it.
fn leaves(path: &str, value: &serde_json::Value) -> Vec<String> {
    let table = value.as_object().filter(|it| !it.is_empty());
    let Some(table) = table else {
        return vec![path.to_owned()];
    };
    let below = table.iter().flat_map(|(key, value)| {
        let dot = if path.is_empty() { "" } else { "." };
        leaves(&format!("{path}{dot}{key}"), value)
    });
    below.collect()
}

#[test]
fn rule_10_unknown_keys_are_told() {
    let (imported, ..) = imported(STACKTASK, &ImportOptions::default());
    assert_eq!(
        keys(&imported, What::Unknown),
        BTreeSet::from(["COLOUR_OF_THE_SHED"])
    );
    let (imported, ..) = self::imported(ADJUTANT, &ImportOptions::default());
    assert_eq!(keys(&imported, What::Unknown), BTreeSet::from(["shed"]));
}

#[test]
fn rule_10_what_an_operator_has_to_decide_is_told_first() {
    let (imported, _, report) = imported(ADJUTANT, &ImportOptions::default());
    assert!(report.starts_with("For you to decide\n"), "{report}");
    let decide = keys(&imported, What::Decide);
    for key in [
        "django.databases",
        "api.active_delegate_apis",
        "api.delegate_apis.SignUp.default_region",
        "workflow.task_defaults.emails.completed.email_current_user",
        "workflow.task_defaults.notifications.error_handler_config.PagerNotification",
        "workflow.action_defaults.OdooAction",
        "workflow.action_defaults.SetProjectQuotaAction",
        "workflow.tasks.create_project_and_user.additional_actions",
        "workflow.tasks.reset_user_password.emails.token.template",
        "workflow.tasks.odoo_client_signup",
        "workflow.tasks.update_quota",
    ] {
        assert!(decide.contains(key), "{key}\n{report}");
    }
    let changed = keys(&imported, What::Changed);
    let reset = "workflow.action_defaults.ResetUserPasswordAction.blacklisted_roles";
    assert!(changed.contains(reset), "{report}");
    let (imported, _, report) = self::imported(STACKTASK, &ImportOptions::default());
    let decide = keys(&imported, What::Decide);
    for key in [
        "DEFAULT_REGION",
        "TASK_SETTINGS.build_lab",
        "TASK_SETTINGS.create_project.actions",
    ] {
        assert!(decide.contains(key), "{key}\n{report}");
    }
    let json = serde_json::to_value(&imported.report).unwrap();
    assert_eq!(json[0]["what"], "secret");
    assert_eq!(json[0]["to"], "key_file");
}

#[test]
fn rule_12_no_secret_is_in_the_configuration_or_in_what_is_told() {
    for text in [STACKTASK, ADJUTANT] {
        let (imported, _, report) = imported(text, &with_services());
        let json = serde_json::to_string(&imported.report).unwrap();
        let debug = format!("{imported:?}");
        for secret in [
            "keystone-secret",
            "mail-secret",
            "rt-secret",
            "django-only-secret",
            "p@ss",
            "p%40ss",
        ] {
            for told in [&imported.config, &report, &json, &debug] {
                assert!(!told.contains(secret), "{secret} in {told}");
            }
        }
        let secrets: Vec<_> = imported.files.iter().filter(|it| it.secret).collect();
        assert!(secrets.len() >= 3);
    }
    let (imported, ..) = imported(ADJUTANT, &ImportOptions::default());
    let file = |name: &str| {
        let mut files = imported.files.iter();
        files
            .find(|it| it.name == name)
            .unwrap()
            .text
            .expose_secret()
            .to_owned()
    };
    let url = "postgres://adjutant:p%40ss%2Fword@db.example.org:5433/wafflehaus\n";
    assert_eq!(file("database-url"), url);
    assert_eq!(file("mail-password"), "mail-secret\n");
    assert_eq!(file("keystone-password"), "keystone-secret\n");
    assert!(file("key").trim().len() == 64 && !file("key").contains("00000000"));
    assert!(file("templates/update_email_pre_approve.txt").contains("new_email"));
}

#[test]
fn rule_9_what_is_neithers_configuration_is_refused() {
    let refused = |text: &str| import(text, &ImportOptions::default()).unwrap_err();
    for text in [
        "",
        "a: 1",
        "identity: {}\nKEYSTONE: {}",
        "[1, 2]",
        "just words",
    ] {
        let error = refused(text);
        assert!(
            matches!(error, InvalidOld::Generation | InvalidOld::Yaml { .. }),
            "{text}: {error}"
        );
    }
    for text in [
        "identity:\n  auth: {password: hunter2\n",
        "identity:\n  password: hunter2\n  password: hunter2\n",
        "identity: &a [*a]",
    ] {
        let error = refused(text);
        assert!(matches!(error, InvalidOld::Yaml { .. }), "{text}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[test]
fn rule_14_a_value_of_another_kind_is_told_and_left_out() {
    let text = "KEYSTONE: {username: [a], password: 5, project_name: p}\nTOKEN_EXPIRE_TIME: soon\n";
    let imported = import(text, &ImportOptions::default()).unwrap();
    let decide = keys(&imported, What::Decide);
    for key in [
        "KEYSTONE.username",
        "KEYSTONE.password",
        "TOKEN_EXPIRE_TIME",
    ] {
        assert!(decide.contains(key), "{}", imported.report);
    }
    let folder = Folder::new();
    let file = imported.write(&folder.0, false).unwrap();
    let rejected = Loader::new().load(&file).unwrap_err();
    assert!(
        !rejected.mistakes.is_empty(),
        "what is missing keeps it from being used"
    );
}

#[test]
fn rule_14_nothing_in_the_old_file_keeps_the_new_one_from_being_written() {
    let text = "identity: {role_mapping: {admin: [member, null], other: null}}\n\
         django: {databases: {default: {ENGINE: a.postgresql, HOST: /run/pg, PORT: '', USER: a b}}}\n";
    let imported = import(text, &ImportOptions::default()).unwrap();
    let toml = toml(&imported);
    let mapping = &toml["identity"]["roles_mapping"];
    assert_eq!(mapping.as_table().unwrap().len(), 1);
    assert_eq!(mapping["admin"].to_string(), r#"["member"]"#);
    let url = imported
        .files
        .iter()
        .find(|it| it.name == "database-url")
        .unwrap();
    let url = url.text.expose_secret().trim();
    assert_eq!(
        url,
        "postgres://a%20b@localhost/wafflehaus?host=%2Frun%2Fpg"
    );
}

pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn every_key_is_in_the_page_on_moving_over() {
    let page = include_str!("../../docs/MIGRATING_WORKFLOW.md");
    let words: BTreeSet<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .flat_map(|it| it.split(['.', '…']))
        .collect();
    // What somebody called something, and what nobody knows.
    let given = [
        "COLOUR_OF_THE_SHED",
        "shed",
        "build_lab",
        "odoo_client_signup",
        "OdooAction",
        "PagerNotification",
        "RegionOne",
        "RegionTwo",
    ];
    for text in [STACKTASK, ADJUTANT] {
        let (imported, ..) = imported(text, &with_services());
        for entry in imported.report.entries().filter(|it| !it.from.is_empty()) {
            let last = entry.from.split('.').next_back().unwrap();
            let is_known = words.contains(last) || given.contains(&last);
            let is_size = entry.from.starts_with("quota.sizes.");
            let in_engine = [
                "emails",
                "url",
                "queue",
                "username",
                "password",
                "notification",
                "engines",
                "initial",
                "token",
                "completed",
            ];
            assert!(
                is_known || is_size || in_engine.contains(&last),
                "{}",
                entry.from
            );
        }
    }
}
