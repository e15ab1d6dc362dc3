//! What must not be seen: tokens but in their mail, passwords nowhere.

use std::fs;

use serde_json::json;

use crate::{
    database::Database,
    lab::{Lab, settings, token_of},
    log::Log,
    sink::{Reply, Sink, Tls},
};

/// Everything in the files of a database.
fn bytes(database: &Database) -> Vec<u8> {
    let Database::Sqlite { file } = database else {
        panic!("not a file");
    };
    let folder = fs::read_dir(file.parent().unwrap()).unwrap();
    let files = folder.map(|it| fs::read(it.unwrap().path()).unwrap());
    files.collect::<Vec<_>>().concat()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|it| it == text.as_bytes())
}

#[tokio::test]
async fn a_token_is_in_its_mail_and_nowhere_else() {
    let log = Log::start();
    // The first attempt fails after the server has seen the token, and quotes the link.
    let sink = Sink::with(Tls::None, true, |at, n| match (at, n) {
        ("end", 2) => Reply::Say("451 https://dashboard.example/token/ is blocked"),
        ("end", 3) => Reply::Cut,
        _ => Reply::Go,
    })
    .await;
    let smtp = json!({ "username": "waffle", "password": "hunter2hunter2" });
    let lab = Lab::new(settings(&sink, json!({ "smtp": smtp }))).await;
    let task = lab.approved(json!({ "email": "ann@acme.example" })).await;
    let waiting = bytes(&lab.database);
    lab.later().await;
    lab.later().await;
    let mails = sink.mails();
    let token = token_of(&mails.last().unwrap().text());
    assert_eq!(token.len(), 32);
    let failed = lab.events(&task.id, "attempt_failed").await;
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert!(!json!(failed).to_string().contains("blocked"));
    let after = bytes(&lab.database);
    for (text, place) in [(&token[..], "token"), ("hunter2hunter2", "password")] {
        assert!(!log.text().contains(text), "{place} in the log");
        for bytes in [&waiting, &after] {
            assert!(!contains(bytes, text), "{place} in the database");
        }
        assert!(!format!("{:?}", lab.engine).contains(text));
    }
    // The search finds what is there.
    assert!(contains(&after, "ann@acme.example") && log.text().contains("an attempt failed"));
}

#[tokio::test]
async fn a_template_that_fails_over_a_tasks_values_does_not_tell_them() {
    let log = Log::start();
    let sink = Sink::start().await;
    let folder = crate::templates::folder(&[(
        "token.txt",
        "{{ token }}{% if actions.Person.name == 'odd' %}{{ token | int }}{% endif %}",
    )]);
    let lab = Lab::new(settings(&sink, json!({ "templates": folder.path() }))).await;
    let body = json!({ "email": "ann@acme.example", "name": "odd" });
    let task = lab.approved(body).await;
    let failed = lab.events(&task.id, "attempt_failed").await;
    assert_eq!(
        failed[0]["error"],
        "template `token.txt`, line 1: invalid operation"
    );
    assert!(log.text().contains("line 1: invalid operation"));
}
