//! What is in a mail, and to whom it goes.

use serde_json::json;
use wafflehaus::workflow::TaskState;

use crate::{
    lab::{Lab, operators, settings, token_of},
    sink::Sink,
};

#[tokio::test]
async fn rule_1_a_mail_says_what_it_is_and_where_it_comes_from() {
    let sink = Sink::start().await;
    let lab = Lab::new(settings(
        &sink,
        json!({ "default_task_settings": { "from": "bounce+%(task_uuid)s@cloud.example" } }),
    ))
    .await;
    let task = lab
        .submit("signup", json!({ "email": "ann@acme.example" }))
        .await;
    let mail = sink.only();
    assert_eq!(mail.from, format!("bounce+{}@cloud.example", task.id));
    assert_eq!(mail.to, ["ann@acme.example"]);
    let mut headers = mail.headers();
    headers.sort();
    let id = format!("<{}.initial@cloud.example>", task.id);
    let expected = [
        ("Auto-Submitted", "auto-generated"),
        ("Content-Transfer-Encoding", "quoted-printable"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Date", "Mon, 12 Jan 1970 13:46:40 +0000"),
        ("From", "\"The Cloud\" <no-reply@cloud.example>"),
        ("MIME-Version", "1.0"),
        ("Message-ID", &id),
        ("Reply-To", "\"The Cloud\" <no-reply@cloud.example>"),
        ("Subject", "Initial Confirmation"),
        ("To", "ann@acme.example"),
        ("X-Wafflehaus-Task-UUID", task.id.as_str()),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(headers, expected);
    assert!(mail.text().contains(&format!("It is task {}.", task.id)));
}

#[tokio::test]
async fn rule_2_a_token_is_mailed_as_a_link_that_works_and_the_end_is_told() {
    let sink = Sink::start().await;
    let html = json!({ "token": { "html_template": "token.html" } });
    let more = json!({ "default_task_settings": { "emails": html } });
    let lab = Lab::new(settings(&sink, more)).await;
    let task = lab.approved(json!({ "email": "ann@acme.example" })).await;
    let [_, mail] = &sink.mails()[..] else {
        panic!("{:?}", sink.mails())
    };
    let token = token_of(&mail.text());
    assert_eq!(token.len(), 32);
    let link = format!("https://dashboard.example/token/{token}");
    assert!(
        mail.text().lines().any(|it| it == link),
        "alone on its line"
    );
    let in_html = mail.part("text/html").replace("&#x2f;", "/");
    assert!(
        in_html.contains(&format!("<a href=\"{link}\">")),
        "{in_html}"
    );
    let id = mail.header("Message-ID").unwrap();
    assert!(id.starts_with(&format!("<{}.token.", task.id)) && !id.contains(&token));
    assert_eq!(lab.use_token(&token).await.state(), TaskState::Completed);
    assert_eq!(sink.mails()[2].header("Subject").unwrap(), "Task completed");
}

#[tokio::test]
async fn rule_3_users_text_is_escaped_in_html_and_nowhere_else() {
    let sink = Sink::start().await;
    let folder = crate::templates::folder(&[
        ("hello.txt", "Hello {{ actions.Person.name or 'you' }}."),
        (
            "hello.html",
            "<p>Hello {{ actions.Person.name or 'you' }}.</p>",
        ),
    ]);
    let mail = json!({ "template": "hello.txt", "html_template": "hello.html" });
    let more = json!({
        "templates": folder.path(),
        "default_task_settings": { "emails": { "initial": mail } },
    });
    let lab = Lab::new(settings(&sink, more)).await;
    let name = "<b>Ann</b> & {{ task.uuid }} = 'é' \"x\"";
    lab.submit(
        "signup",
        json!({ "email": "ann@acme.example", "name": name }),
    )
    .await;
    let mail = sink.only();
    assert_eq!(mail.text().trim(), format!("Hello {name}."));
    let html = mail.part("text/html").replace("&#x2f;", "/");
    let escaped = "&lt;b&gt;Ann&lt;/b&gt; &amp; {{ task.uuid }} = &#x27;é&#x27; &quot;x&quot;";
    assert_eq!(html.trim(), format!("<p>Hello {escaped}.</p>"));
}

#[tokio::test]
async fn rule_4_several_addresses_are_none() {
    let sink = Sink::start().await;
    let lab = Lab::new(settings(&sink, operators())).await;
    let addresses = json!({ "email": "ann@acme.example", "other_email": "eve@acme.example" });
    let task = lab.submit("pair", addresses).await;
    let told: Vec<_> = sink.mails();
    assert!(
        told.iter().all(|it| it.to == ["ops@cloud.example"]),
        "{told:?}"
    );
    let errors = lab.notifications().await;
    let error = errors.iter().find(|it| it.error).unwrap();
    assert_eq!(
        error.notes,
        ["Error: 'the task's actions offer several addresses' while sending the 'initial' mail."]
    );
    assert_eq!(
        lab.events(&task.id, "attempt_failed").await.len(),
        1,
        "tried once"
    );

    // The same one twice is one.
    let sink = Sink::start().await;
    let lab = Lab::new(settings(&sink, json!({}))).await;
    let addresses = json!({ "email": "ann@acme.example", "other_email": "ann@acme.example" });
    lab.submit("pair", addresses).await;
    assert_eq!(sink.only().to, ["ann@acme.example"]);
}

#[tokio::test]
async fn rule_4_without_an_address_only_a_token_is_missed() {
    let sink = Sink::start().await;
    let lab = Lab::new(settings(&sink, json!({}))).await;
    lab.approved(json!({})).await;
    assert_eq!(sink.mails(), []);
    let errors: Vec<_> = lab.notifications().await;
    let errors: Vec<_> = errors.iter().filter(|it| it.error).collect();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].notes[0].contains("no action of the task offers an address"));
}

#[tokio::test]
async fn rule_4_an_address_that_is_none_is_refused() {
    for address in [
        "ann",
        "ann@acme.example\r\nBcc: eve@acme.example",
        "ann@acme.example\nRCPT TO:<eve@acme.example>",
        "ann@acme.example> <eve@acme.example",
        "ann@acme.example,eve@acme.example",
        "Ann <ann@acme.example>",
        "\"ann eve\"@acme.example",
        "ann@acme.example\u{0}",
        "",
    ] {
        let sink = Sink::start().await;
        let lab = Lab::new(settings(&sink, json!({}))).await;
        lab.submit("signup", json!({ "email": address })).await;
        assert_eq!(
            (sink.mails(), sink.count("connect")),
            (vec![], 0),
            "{address:?}"
        );
        let errors = lab.notifications().await;
        let error = errors.iter().find(|it| it.error).unwrap();
        assert!(
            error.notes[0].contains("not a plain mail address"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn rule_5_a_mail_that_is_switched_off_is_not_sent_and_one_may_go_elsewhere() {
    let sink = Sink::start().await;
    let emails = json!({ "initial": null, "completed": { "to": "audit@cloud.example" } });
    let more = json!({ "task_settings": { "signup": { "emails": emails } } });
    let lab = Lab::new(settings(&sink, more)).await;
    lab.approved(json!({ "email": "ann@acme.example" })).await;
    let mail = sink.only();
    assert_eq!(mail.header("Subject").unwrap(), "Your Token");
    lab.use_token(&token_of(&mail.text())).await;
    assert_eq!(sink.mails()[1].to, ["audit@cloud.example"]);
}

#[tokio::test]
async fn rule_6_a_letter_of_an_action_goes_where_the_action_says() {
    let sink = Sink::start().await;
    let letter = json!({ "subject": "Somebody signs up", "template": "initial.txt" });
    let more = json!({
        "default_task_settings": { "letters": { "warning": letter }, "emails": { "initial": null } },
    });
    let lab = Lab::new(settings(&sink, more.clone())).await;
    let task = lab
        .submit("signup", json!({ "letter_to": "boss@acme.example" }))
        .await;
    let mail = sink.only();
    assert_eq!(mail.to, ["boss@acme.example"]);
    assert_eq!(mail.header("Subject").unwrap(), "Somebody signs up");
    let id = format!("<{}.letter.warning@cloud.example>", task.id);
    assert_eq!(mail.header("Message-ID").unwrap(), id);

    let sink = Sink::start().await;
    let lab = Lab::new(settings(&sink, json!({}))).await;
    lab.submit("signup", json!({ "letter_to": "boss@acme.example" }))
        .await;
    let errors = lab.notifications().await;
    let error = errors.iter().find(|it| it.error).unwrap();
    assert!(error.notes[0].contains("the settings have no letter `warning`"));
}
