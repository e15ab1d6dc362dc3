//! What is a mistake.

use crate::folder::{Folder, LEAST, SECRET, told};

/// All that is told of a configuration.
fn all(text: &str) -> Vec<String> {
    let folder = Folder::new();
    told(&folder.load(text).unwrap_err())
}

/// What is told of the least with this.
fn with(more: &str) -> Vec<String> {
    all(&format!("{LEAST}{more}"))
}

#[test]
fn everything_is_told_at_once_with_its_line() {
    let text = r#"
databse = "tasks.db"
key_file = "workflow-key"
workers = 0
listen = "everywhere"

[keystone]
auth_url = "keystone"
username = "workflow"
password_file = "nowhere"

[identity]
roles = []

[regions.RegionOne]
nova = "http://127.0.0.1:9/v2.1"
[regions.RegionOne.network]
public_net = "public"
subnet_cidr = "192.168.1.0/33"

[quota]
excess = "wran"
size_order = ["small", "large"]
[quota.sizes.small]
nova = { instances = -2 }

[task_types.create_project]
additional_actions = ["AddDefaultUserToProject", "NewDefaultNetwork"]
duplicates = "blok"
[task_types.invite_users]
approval = "vote"
[task_types.own]
actions = ["Call"]
attempts = 0

[actions.Call]
use = "Webhook"
stage = "late"
secret = "too short"
url = "http://127.0.0.1:9/"

[service]
body_limt = 1
patience_seconds = "long"
[service.access]
list_task = ["admin"]

[messages.smtp]
hots = "mail.example"

[retention]
every_seconds = 0
"#;
    insta::assert_snapshot!(all(text).join("\n"));
}

#[test]
fn rule_5_what_is_no_toml_is_told_with_its_line() {
    assert_eq!(
        all("listen = \"a\"\nworkers 4"),
        ["2 : key with no value, expected `=`"]
    );
    let missing = wafflehaus::workflow_config::Loader::new()
        .load("/nowhere/workflow.toml".as_ref())
        .unwrap_err();
    assert_eq!(missing.mistakes.len(), 1);
    assert!(missing.to_string().starts_with("/nowhere/workflow.toml: "));
}

#[test]
fn rule_5_the_least_is_the_least() {
    assert_eq!(
        all(""),
        [
            "1 database: this is missing",
            "1 key_file: this is missing: a file with 64 hexadecimal digits",
            "1 keystone: this table is missing",
        ]
    );
}

#[test]
fn rule_6_names_that_there_are_not() {
    for (more, wrong) in [
        (
            "[actions.Call]\nuse = 'Webhok'",
            "11 actions.Call.use: there is no action `Webhok`; did you mean `Webhook`?",
        ),
        (
            "[actions.BlankSlates]",
            "10 actions.BlankSlates.use: there is no action `BlankSlates`; did you mean `BlankSlate`?",
        ),
        (
            "[task_types]\nupdate_emails = false",
            "11 task_types.update_emails: there is no built-in task type `update_emails`; did you \
             mean `update_email`?",
        ),
        (
            "[task_types.create_project]\nstages = [{ name = 'a', gate = 'approval' }]",
            "11 task_types.create_project.stages: the first stage has a gate",
        ),
        (
            "[[service.views]]\nname = 'A'\ntask_type = 'invite_users'\naccess = 'anyone'",
            "10 service.views.0: task view `A` asks for the unknown task type `invite_users`",
        ),
        (
            "[actions.x]\nuse = 'NewUser'",
            "11 actions.x.use: this action can have no name but `NewUser`",
        ),
        (
            "[messages.task_settings.sign_up]",
            "10 messages.task_settings.sign_up: there is no such task type",
        ),
    ] {
        let told = with(more);
        assert!(told.iter().any(|it| it == wrong), "{told:#?}");
    }
}

#[test]
fn rule_7_actions_without_what_they_need() {
    for (more, wrong) in [
        (
            "[task_types.create_project]\nadditional_actions = ['DefaultProjectResources']",
            "1 regions: `DefaultProjectResources` needs a region with a `neutron` and a table \
             `network`",
        ),
        (
            "[task_types.update_quota]",
            "1 regions: `UpdateQuota` needs a region",
        ),
        (
            "[actions.AddDefaultUsersToProject]\nusers = []",
            "10 actions.AddDefaultUsersToProject.roles: this is missing",
        ),
        (
            "[actions.Webhook]\nurl = 'http://127.0.0.1:9/'",
            "10 actions.Webhook.secret: this is missing, or a file or variable with it",
        ),
    ] {
        let told = with(more);
        assert!(told.iter().any(|it| it == wrong), "{told:#?}");
    }
}

#[test]
fn rule_8_a_template_that_cannot_be_rendered_is_told_with_its_line() {
    let folder = Folder::new();
    folder.write("token.txt", "\n{{ tokens.token }}");
    let told = told(
        &folder
            .load(&format!(
                "{LEAST}
                [messages]
                token_url = 'https://d.example/'
                templates = '.'
                smtp.host = 'mail.example'
                default_task_settings.reply = 'a@b.example'"
            ))
            .unwrap_err(),
    );
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("13 messages.templates: "), "{told:#?}");
    assert!(told[0].contains("token.txt:2: "), "{told:#?}");
}

#[test]
fn rule_8_a_letter_that_an_action_sends_has_to_be_there() {
    let action = "[task_types.create_project]
        additional_actions = ['SendAdditionalEmail']
        [actions.SendAdditionalEmail.stages.submit]
        template = 'welcome'\n";
    let wrong = "13 actions.SendAdditionalEmail.stages.submit.template: `[messages]` has no letter \
                 `welcome` for the task type `create_project`";
    assert_eq!(with(action), [wrong]);
    let messages = "[messages]
        token_url = 'https://d.example/'
        smtp.host = 'mail.example'
        default_task_settings.reply = 'a@b.example'
        default_task_settings.letters.welcome = { subject = 'Hi', template = 'completed.txt' }\n";
    let folder = Folder::new();
    folder.load(&format!("{LEAST}{action}{messages}")).unwrap();
    assert_eq!(
        with(&format!(
            "{action}{}",
            messages.replace("letters.welcome", "letters.hello")
        )),
        [wrong]
    );
}

#[test]
fn rule_9_a_secret_is_given_in_one_way() {
    let text = LEAST.replace("username", &format!("password = '{SECRET}'\nusername"));
    let told = all(&text);
    assert_eq!(
        told,
        ["7 keystone.password: give one of `password`, `password_file` and `password_env`"]
    );
    let text = LEAST.replace(
        "password_file = \"keystone-password\"",
        "password_env = 'NOT_SET_HERE'",
    );
    assert_eq!(
        all(&text),
        ["8 keystone.password_env: there is no such environment variable"]
    );
}

#[test]
fn rule_10_no_mistake_has_a_secret_in_it() {
    for text in [
        LEAST.replace("key_file = \"workflow-key\"", &format!("key = '{SECRET}'")),
        LEAST.replace("\"tasks.db\"", &format!("'mysql://u:{SECRET}@db/w'")),
        LEAST.replace("password_file", "password_fil"),
        LEAST.replace("\"keystone-password\"", &format!("['{SECRET}']")),
        LEAST.replace(
            "\"http://127.0.0.1:9/v3\"",
            &format!("'http://u:{SECRET}@127.0.0.1:9'"),
        ),
    ] {
        let told = all(&text).join("\n");
        assert!(!told.contains(SECRET), "{told}");
    }
}
