//! What is read.

use tower::ServiceExt as _;
use wafflehaus::{
    workflow::{Duplicates, Gate, Mail, Stages, actions::AddDefaultUsersToProject},
    workflow_config::{Configuration, Factories, Loader},
};

use crate::folder::{Folder, LEAST, SECRET};

fn types(configuration: &Configuration) -> Vec<&str> {
    configuration
        .registry()
        .types()
        .map(|it| &*it.name)
        .collect()
}

const REGION: &str = r#"
[regions.RegionOne]
nova = "http://127.0.0.1:9/v2.1"
neutron = "http://127.0.0.1:9"

[regions.RegionOne.network]
public_network = "public"
"#;

#[test]
fn rule_1_the_least_has_the_task_types_of_stacktask() {
    let folder = Folder::new();
    let least = folder.load(LEAST).unwrap();
    let all = [
        "create_project",
        "edit_roles",
        "force_password",
        "invite_user",
        "reset_password",
        "update_email",
    ];
    assert_eq!(types(&least), all);
    let registry = least.registry();
    let of = |name: &str| registry.find_type(name).unwrap();
    assert_eq!(
        of("create_project").stages,
        Stages::ordinary(Gate::Approval)
    );
    assert_eq!(of("invite_user").stages, Stages::ordinary(Gate::Vote));
    assert_eq!(of("reset_password").duplicates, Duplicates::Cancel);
}

#[test]
fn rule_1_with_a_region_there_are_quotas_and_clearing() {
    let folder = Folder::new();
    let more = folder.load(&format!("{LEAST}{REGION}")).unwrap();
    assert!(types(&more).contains(&"clear_project"));
    assert!(types(&more).contains(&"update_quota"));
}

#[test]
fn rule_1_a_type_can_be_switched_off_or_changed() {
    let folder = Folder::new();
    let text = format!(
        "{LEAST}{REGION}
        [task_types]
        update_email = false
        clear_project = false
        [task_types.create_project]
        additional_actions = ['AddAdminToProject', 'DefaultProjectResources']
        approval = 'auto_approval'
        token_seconds = 60
        "
    );
    let changed = folder.load(&text).unwrap();
    assert!(!types(&changed).contains(&"update_email"));
    assert!(!types(&changed).contains(&"clear_project"));
    let signup = changed.registry().find_type("create_project").unwrap();
    assert_eq!(
        signup.actions,
        [
            "NewProjectWithUser",
            "AddAdminToProject",
            "DefaultProjectResources"
        ]
    );
    assert_eq!(signup.stages, Stages::ordinary(Gate::AutoApproval));
    assert_eq!((signup.token_seconds, signup.attempts), (60, 8));
}

#[test]
fn rules_2_and_3_other_types_name_their_actions_and_tables_make_them() {
    let folder = Folder::new();
    let text = format!(
        "{LEAST}
        [task_types.client]
        actions = ['MakeClient', 'WarnSales']
        stages = [{{ name = 'check' }}, {{ name = 'make', gate = 'approval' }}]
        duplicates = 'cancel'
        attempts = 2
        [[service.views]]
        name = 'Client'
        task_type = 'client'
        access = ['member']
        [actions.MakeClient]
        use = 'Webhook'
        url = 'http://127.0.0.1:9/clients'
        secret_file = 'erp-secret'
        stage = 'make'
        keep = {{ client = '/id' }}
        [actions.MakeClient.fields]
        company = {{ kind = 'text', longest = 100 }}
        kinds = {{ kind = 'names', choices = ['a', 'b'], optional = true }}
        [actions.WarnSales]
        use = 'SendAdditionalEmail'
        [actions.WarnSales.stages.make]
        template = 'client'
        email_additional_addresses = ['sales@cloud.example']
        [messages]
        token_url = 'https://dashboard.example/token/'
        smtp.host = 'mail.example'
        [messages.default_task_settings]
        reply = 'no-reply@cloud.example'
        letters.client = {{ subject = 'A client', template = 'completed.txt' }}
        [actions.AddDefaultUsersToProject]
        users = ['support']
        roles = ['member']
        "
    );
    let read = folder.load(&text).unwrap();
    let registry = read.registry();
    let own = registry.find_type("client").unwrap();
    let gates: Vec<_> = own.stages.iter().map(|it| (&*it.name, it.gate)).collect();
    assert_eq!(gates, [("check", Gate::Open), ("make", Gate::Approval)]);
    let action = registry.find_action("MakeClient").unwrap();
    let fields: Vec<_> = action
        .fields()
        .iter()
        .map(|it| (it.name(), it.is_required()))
        .collect();
    assert_eq!(fields, [("company", true), ("kinds", false)]);
    // No type uses it; an open task of former times may.
    assert!(registry.find_action("AddDefaultUsersToProject").is_some());
    assert!(registry.find_action("BlankSlate").is_none());
}

#[test]
fn rule_3_a_program_of_ones_own_has_actions_of_its_own() {
    let folder = Folder::new();
    let factories = Factories::standard().action("AddAuditors", |settings| {
        let users = settings.names("users")?;
        let action = AddDefaultUsersToProject::new(settings.people(), users, ["reader"]);
        Some(action.named(settings.name()))
    });
    let loader = Loader::new().factories(factories);
    let text = format!(
        "{LEAST}
        [task_types.create_project]
        additional_actions = ['AddAuditors']
        [actions.AddAuditors]
        users = ['ann']
        "
    );
    let read = folder.load_with(&loader, &text).unwrap();
    assert!(read.registry().find_action("AddAuditors").is_some());
    folder.load(&text).unwrap_err();
}

#[test]
fn rule_4_paths_start_at_the_folder_also_those_of_messages() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("templates")).unwrap();
    folder.write("templates/token.txt", "Use {{ token }} now.");
    let text = format!(
        "{LEAST}
        [messages]
        token_url = 'https://dashboard.example/token/'
        templates = 'templates'
        [messages.smtp]
        host = 'mail.example'
        username = 'cloud'
        password_file = 'mail-password'
        [messages.default_task_settings]
        reply = 'no-reply@cloud.example'
        "
    );
    let read = folder.load(&text).unwrap();
    assert!(read.messages().is_some());
    assert!(read.warnings().iter().all(|it| !it.contains("messages")));
}

#[test]
fn rule_10_a_configuration_does_not_print_its_secrets() {
    let folder = Folder::new();
    let text = LEAST
        .replace("database = \"tasks.db\"", "database_file = \"database\"")
        .replace(
            "password_file = \"keystone-password\"",
            &format!("password = \"{SECRET}\""),
        );
    folder.write("database", "postgres://u:in-the-url@db.example/w\n");
    let read = folder.load(&text).unwrap();
    let printed = format!("{read:?} {}", read.database());
    for secret in [SECRET, "in-the-url", "5a5a5a5a"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert_eq!(read.database(), "PostgreSQL");
}

#[tokio::test]
async fn rule_15_with_pages_links_lead_to_them() {
    let mail = "[messages.smtp]\nhost = 'mail.example'\n\
         [messages.default_task_settings]\nreply = 'no-reply@cloud.example'\n";
    let pages = "[pages]\nurl = 'https://cloud.example/requests/'\n";
    let folder = Folder::new();
    let configuration = folder.load(&format!("{LEAST}{mail}{pages}")).unwrap();
    let messages = configuration.messages().unwrap();
    let preview = messages.preview("create_project", Mail::Token).unwrap();
    assert!(
        preview
            .text
            .contains("https://cloud.example/requests/token/"),
        "{}",
        preview.text
    );
    let engine = configuration.engine(configuration.open().await.unwrap());
    let router = configuration.router(engine, None).unwrap();
    let page = http::Request::get("/admin/sign-in").body(axum::body::Body::empty());
    let page = router.oneshot(page.unwrap()).await.unwrap();
    assert_eq!(page.status(), 200);

    let other = "[pages.wording.create_projct]\ntitle = 'x'\n";
    let rejected = folder.load(&format!("{LEAST}{other}")).unwrap_err();
    assert_eq!(
        crate::folder::told(&rejected),
        [
            "10 pages.wording.create_projct: there is no task type `create_projct`; did you mean `create_project`?"
        ]
    );
    let other = "[pages]\nurl = 'http://cloud.example/'\n";
    let rejected = folder.load(&format!("{LEAST}{other}")).unwrap_err();
    assert!(crate::folder::told(&rejected)[0].contains("loopback"));
}
