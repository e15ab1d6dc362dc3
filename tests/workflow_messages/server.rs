//! Speaking to mail servers, good and bad.

use serde_json::{Value, json};

use crate::{
    lab::{Lab, settings},
    sink::{Reply, Sink, Tls},
    tls::TestAuthority,
};

fn address() -> Value {
    json!({ "email": "ann@acme.example" })
}

/// An authority's certificate in a file, and the settings that name it.
fn trusting(authority: &TestAuthority, more: &Value) -> (crate::templates::Folder, Value) {
    let folder = crate::templates::folder(&[("ca.pem", &authority.pem())]);
    let mut smtp = json!({ "host": "localhost", "cafile": folder.path().join("ca.pem") });
    smtp.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    (folder, json!({ "smtp": smtp }))
}

/// The errors of a signup's first mail.
async fn errors(lab: &Lab) -> Vec<String> {
    let task = lab.submit("signup", address()).await;
    let failed = lab.events(&task.id, "attempt_failed").await;
    let error = |it: &Value| it["error"].as_str().unwrap().to_owned();
    failed.iter().map(error).collect()
}

#[tokio::test]
async fn with_tls_from_the_first_byte_and_a_login() {
    let authority = TestAuthority::new();
    let tls = Tls::Wrapped(authority.acceptor(&[]));
    let sink = Sink::with(tls, true, |_, _| Reply::Go).await;
    let login = json!({ "security": "tls", "username": "waffle", "password": "hunter2" });
    let (_folder, more) = trusting(&authority, &login);
    let lab = Lab::new(settings(&sink, more)).await;
    lab.submit("signup", address()).await;
    let mail = sink.only();
    assert!(mail.encrypted);
    // NUL, name, NUL, password.
    assert_eq!(mail.login.unwrap(), "AHdhZmZsZQBodW50ZXIy");
}

#[tokio::test]
async fn with_starttls_nothing_is_said_in_the_clear() {
    let authority = TestAuthority::new();
    let tls = Tls::Starttls(authority.acceptor(&[]));
    let sink = Sink::with(tls, true, |_, _| Reply::Go).await;
    let login = json!({ "security": "starttls", "username": "waffle", "password": "hunter2" });
    let (_folder, more) = trusting(&authority, &login);
    let lab = Lab::new(settings(&sink, more)).await;
    lab.submit("signup", address()).await;
    let mail = sink.only();
    assert!(mail.encrypted && mail.login.is_some());

    // A server, or somebody in between, that does not offer it gets nothing.
    let sink = Sink::with(Tls::None, true, |_, _| Reply::Go).await;
    let (_folder, more) = trusting(&authority, &login);
    let lab = Lab::new(settings(&sink, more)).await;
    let errors = errors(&lab).await;
    assert!(
        errors[0].contains("STARTTLS is not supported"),
        "{errors:?}"
    );
    for step in ["AUTH", "MAIL", "DATA"] {
        assert_eq!(sink.count(step), 0, "{step}");
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_nothing() {
    let (authority, other) = (TestAuthority::new(), TestAuthority::new());
    for (security, tls) in [
        ("tls", Tls::Wrapped(other.acceptor(&[]))),
        ("starttls", Tls::Starttls(other.acceptor(&[]))),
    ] {
        let sink = Sink::with(tls, false, |_, _| Reply::Go).await;
        let (_folder, more) = trusting(&authority, &json!({ "security": security }));
        let lab = Lab::new(settings(&sink, more)).await;
        let errors = errors(&lab).await;
        assert!(errors[0].starts_with("no mail server: "), "{errors:?}");
        assert!(errors[0].contains("invalid peer certificate"), "{errors:?}");
        assert_eq!(sink.count("MAIL"), 0);
    }
}

#[tokio::test]
async fn an_answer_for_good_is_not_asked_for_again_and_any_other_is() {
    // Step, what the server says, what is kept of it, and whether it is tried again.
    for (step, says, kept, again) in [
        (
            "RCPT",
            "550 5.1.1 no such user",
            "the mail server answers 550 5.1.1",
            false,
        ),
        ("RCPT", "550 no", "the mail server answers 550", false),
        (
            "MAIL",
            "553 5.1.8 who?",
            "the mail server answers 553 5.1.8",
            false,
        ),
        (
            "end",
            "554 5.7.1 the link is blocked",
            "the mail server answers 554 5.7.1",
            false,
        ),
        (
            "RCPT",
            "451 4.7.1 greylisted",
            "the mail server answers 451 4.7.1",
            true,
        ),
        (
            "RCPT",
            "450-1.2\r\n450 two",
            "the mail server answers 450",
            true,
        ),
        (
            "DATA",
            "421 4.3.2 going down",
            "the mail server answers 421 4.3.2",
            true,
        ),
        (
            "end",
            "452 4.2.2 full",
            "the mail server answers 452 4.2.2",
            true,
        ),
        // Before the mail there is nothing for good: it is not about the mail.
        ("connect", "554 no", "the mail server answers 554", true),
        ("connect", "421 later", "the mail server answers 421", true),
        ("EHLO", "500 what?", "the mail server answers 500", true),
        (
            "MAIL",
            "what?",
            "the mail server's answer cannot be read",
            true,
        ),
    ] {
        let script = move |at: &str, _: usize| {
            if at == step {
                Reply::Say(says)
            } else {
                Reply::Go
            }
        };
        let sink = Sink::with(Tls::None, false, script).await;
        let lab = Lab::new(settings(&sink, json!({}))).await;
        let task = lab.submit("signup", address()).await;
        let failed = lab.events(&task.id, "attempt_failed").await;
        assert_eq!(
            (&failed[0]["error"], &failed[0]["again"]),
            (&json!(kept), &json!(again)),
            "{step} {says}"
        );
        let dead = lab
            .engine
            .jobs(&task.id)
            .await
            .unwrap()
            .iter()
            .filter(|it| it.dead)
            .count();
        assert_eq!(dead == 1, !again, "{step} {says}");
        assert_eq!(sink.mails(), [], "{step} {says}");
    }
}

#[tokio::test]
async fn a_refused_login_is_tried_again_because_somebody_may_be_changing_the_password() {
    let script = |at: &str, n: usize| match (at, n) {
        ("AUTH", 1) => Reply::Say("535 5.7.8 wrong password"),
        _ => Reply::Go,
    };
    let sink = Sink::with(Tls::None, true, script).await;
    let smtp = json!({ "username": "waffle", "password": "hunter2" });
    let lab = Lab::new(settings(&sink, json!({ "smtp": smtp }))).await;
    assert_eq!(errors(&lab).await, ["the mail server answers 535 5.7.8"]);
    lab.later().await;
    assert_eq!(sink.only().to, ["ann@acme.example"]);
}

#[tokio::test]
async fn a_server_that_is_cut_off_or_not_there_is_tried_again() {
    for step in ["connect", "EHLO", "MAIL", "RCPT", "DATA"] {
        let script = move |at: &str, n: usize| match n {
            1 if at == step => Reply::Cut,
            _ => Reply::Go,
        };
        let sink = Sink::with(Tls::None, false, script).await;
        let lab = Lab::new(settings(&sink, json!({}))).await;
        assert_eq!(errors(&lab).await.len(), 1, "{step}");
        assert_eq!(sink.mails(), [], "{step}");
        lab.later().await;
        assert_eq!(sink.only().to, ["ann@acme.example"], "{step}");
    }
    let nobody = Sink::start().await;
    let mut settings = settings(&nobody, json!({}));
    // Nothing listens there.
    settings["smtp"]["port"] = 9.into();
    let lab = Lab::new(settings).await;
    let errors = errors(&lab).await;
    assert!(errors[0].starts_with("no mail server: "), "{errors:?}");
}

#[tokio::test]
async fn a_mail_whose_answer_is_lost_comes_again_under_the_same_id() {
    let script = |at: &str, n: usize| match (at, n) {
        ("end", 1) => Reply::Cut,
        _ => Reply::Go,
    };
    let sink = Sink::with(Tls::None, false, script).await;
    let lab = Lab::new(settings(&sink, json!({}))).await;
    assert_eq!(errors(&lab).await.len(), 1);
    lab.later().await;
    let [first, second] = &sink.mails()[..] else {
        panic!("{:?}", sink.mails())
    };
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
}

#[tokio::test]
async fn a_server_that_stalls_is_left_and_its_late_answer_is_nobodys() {
    for step in ["connect", "MAIL", "end"] {
        let script = move |at: &str, n: usize| match n {
            1 if at == step => Reply::Stall,
            _ => Reply::Go,
        };
        let sink = Sink::with(Tls::None, false, script).await;
        let lab = Lab::new(settings(&sink, json!({ "smtp": { "timeout_seconds": 1 } }))).await;
        assert_eq!(
            errors(&lab).await,
            ["the mail server takes too long"],
            "{step}"
        );
        lab.later().await;
        let mails = sink.mails();
        let mail = mails.last().unwrap();
        assert_eq!(
            (mail.connection, &mail.to[0][..]),
            (2, "ann@acme.example"),
            "{step}"
        );
    }
}

#[tokio::test]
async fn a_connection_serves_several_mails_one_after_another() {
    let sink = Sink::start().await;
    let lab = Lab::new(settings(&sink, json!({}))).await;
    lab.approved(address()).await;
    assert_eq!((sink.mails().len(), sink.count("connect")), (2, 1));

    // A connection that the server has closed meanwhile is replaced unnoticed.
    let script = |at: &str, _: usize| if at == "NOOP" { Reply::Cut } else { Reply::Go };
    let sink = Sink::with(Tls::None, false, script).await;
    let lab = Lab::new(settings(&sink, json!({}))).await;
    lab.approved(address()).await;
    assert_eq!((sink.mails().len(), sink.count("connect")), (2, 2));
}
