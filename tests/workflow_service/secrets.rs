//! Secrets stay where they belong: whatever a client sends where, and whatever fails.

use std::{collections::BTreeMap, fs, time::Duration};

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose};
use serde_json::json;
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use tokio::time::{Instant, sleep};
use wafflehaus::{
    workflow::{
        Pace,
        store::{Filter, Page, Slice},
    },
    workflow_messages::{MessageSettings, Messages},
    workflow_service::WorkflowService,
};

use crate::{
    cloud::Cloud,
    database::Database,
    log::Log,
    sink::{Reply, Sink, Tls},
    support::{Lab, open, request, sign_up},
};

/// With letters that every way of writing writes in its own way.
const PASSWORDS: [&str; 3] = [
    r#"1st "pass/word\ öf+eve& 1"#,
    r#"2nd "pass/word\ öf+ann& 2"#,
    r#"3rd "pass/word\ öf+bob& 3"#,
];
const SMTP_PASSWORD: &str = r#"smtp "pass/word\ 4"#;
const WEBHOOK_KEY: &str = r#"webhook "key/of\ more than 16 bytes"#;
/// Sessions of people, and one that is no good.
const SESSIONS: [&str; 3] = ["admin~5e551On-1", "boss~5e551On-2", "gAAAA-5e551On-3"];

/// A service that mails by a server that fails at first, and tells a webhook that does too.
async fn start(database: Database) -> (Lab, Sink, Cloud) {
    let script = |at: &str, n: usize| match (at, n) {
        ("AUTH", 1) => Reply::Say("535 5.7.8 who is that?"),
        ("end", 1) => Reply::Say("451 4.7.1 greylisted"),
        ("end", 3) => Reply::Cut,
        _ => Reply::Go,
    };
    let sink = Sink::with(Tls::None, true, script).await;
    let answers = [(503, json!({})), (204, json!({}))];
    let cloud = Cloud::of(answers).await;
    let webhook = json!({"url": cloud.endpoint().to_string(), "key": WEBHOOK_KEY});
    let engines = json!({"WebhookNotification": webhook});
    let settings = json!({
        "smtp": {
            "host": "127.0.0.1", "port": sink.port(), "security": "none", "timeout_seconds": 20,
            "username": "waffle", "password": SMTP_PASSWORD,
        },
        "token_url": "https://dashboard.example/token/",
        "task_url": "https://dashboard.example/tasks",
        "default_task_settings": {
            "reply": "The Cloud <no-reply@cloud.example>",
            "notifications": {"standard": engines, "error": engines},
        },
    });
    let settings = MessageSettings::from(settings.as_object().unwrap().clone());
    let store = open(&database).await;
    let mut pace = Pace::default();
    (pace.first_pause, pace.look) = (Duration::from_millis(5), Duration::from_millis(20));
    let deliver = |registry: &_| Messages::new(&settings, registry).unwrap();
    let lab = Lab::delivering((database, store), deliver, pace, WorkflowService::router).await;
    (lab, sink, cloud)
}

/// The token in the last mail to somebody that has one; it may be on its way.
async fn mailed(sink: &Sink, to: &str, not: &[String]) -> String {
    let late = Instant::now() + Duration::from_secs(60);
    loop {
        for mail in sink.mails().iter().rev().filter(|it| it.to == [to]) {
            if let Some((_, rest)) = mail.text().split_once("https://dashboard.example/token/") {
                let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
                if !not.contains(&token) {
                    return token;
                }
            }
        }
        assert!(Instant::now() < late, "no mail to {to}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Sends a secret wherever a client may by mistake or on purpose.
async fn scatter(lab: &Lab, secret: &str) {
    let encoded = urlencoded(secret);
    for who in ["", SESSIONS[0]] {
        for line in [
            format!("GET /v1/tokens/{encoded}/x"),
            format!("GET /v1/token/{encoded}?token={encoded}"),
            format!("GET /v1/%74okens/{encoded}"),
            format!("GET /v1/tasks/{encoded}"),
            format!("GET /v1/notifications/{encoded}"),
            format!("GET /v1/openstack/users/{encoded}"),
            format!("GET /v1/actions/{encoded}"),
            format!("GET /v1/tasks?filters=%7B%22{encoded}%22:%7B%22exact%22:1%7D%7D"),
            format!("GET /v1/tasks?limit={encoded}"),
            format!("GET /v1/tasks?after={encoded}"),
            format!("GET /{encoded}"),
            format!("GET /{encoded}?{encoded}={encoded}"),
        ] {
            lab.ask(&line, who).await;
        }
        for line in [
            "POST /v1/tokens/nonsense",
            "POST /v1/tokens",
            "POST /v1/openstack/sign-up",
            "POST /v1/openstack/users/password-reset",
            "POST /v1/notifications",
        ] {
            // None of these is taken, so none is kept as what somebody asked for.
            for body in [
                json!({"password": [secret], "token": secret, "task": secret}),
                json!({"email": {"password": secret}, "notifications": [secret]}),
                json!({secret: secret}),
            ] {
                lab.tell(line, who, body).await;
            }
            let broken = format!("{{\"password\": {}, ", json!(secret));
            let kinds = [
                "application/json",
                "text/plain",
                "application/x-www-form-urlencoded",
            ];
            for kind in kinds {
                let request = request(line, who).header("content-type", kind);
                lab.send(request.body(Body::from(broken.clone())).unwrap())
                    .await;
            }
        }
    }
    let value = encoded.replace('%', "");
    for header in [
        "x-auth-token",
        "x-service-token",
        "x-subject-token",
        "cookie",
        "accept",
    ] {
        for value in [&value, &encoded] {
            let request = request("GET /v1/tasks", "").header(header, value);
            lab.send(request.body(Body::empty()).unwrap()).await;
        }
    }
    let headers = [
        ("authorization", format!("Bearer {value}")),
        ("x-openstack-request-id", encoded),
    ];
    for (header, value) in headers {
        let request = request("GET /v1/tasks", "").header(header, value);
        lab.send(request.body(Body::empty()).unwrap()).await;
    }
}

/// A sign-up, an invitation, a reset and a password that is set for somebody, all with failures.
async fn live(lab: &Lab, sink: &Sink) -> Vec<String> {
    let [admin, boss, bad] = SESSIONS;
    let mut tokens = Vec::new();
    for who in ["", bad] {
        lab.tell("POST /v1/openstack/sign-up", who, sign_up()).await;
    }
    let task = newest(lab).await;
    let approve = format!("POST /v1/tasks/{task}");
    let approved = lab.tell(&approve, admin, json!({"approved": true})).await;
    assert_eq!(approved.status, 202, "{approved:?}");
    let invite = json!({"email": "bob@acme.example", "roles": ["member"]});
    let invited = lab.tell("POST /v1/openstack/users", boss, invite).await;
    assert_eq!(invited.status, 202, "{invited:?}");
    let again = json!({"task": invited.body["task"]});
    tokens.push(mailed(sink, "bob@acme.example", &tokens).await);
    lab.tell("POST /v1/tokens", boss, again).await;
    let ann = json!({"email": "ann@acme.example"});
    let reset = "POST /v1/openstack/users/password-reset";
    assert_eq!(lab.tell(reset, "", ann.clone()).await.status, 202);
    let people = [
        "eve@waffles.example",
        "ann@acme.example",
        "bob@acme.example",
    ];
    for (password, to) in PASSWORDS.iter().zip(people) {
        let token = mailed(sink, to, &tokens).await;
        let submit = format!("POST /v1/tokens/{token}");
        scatter(lab, &token).await;
        scatter(lab, password).await;
        let wrong = lab.tell(&submit, "", json!({"password": [password]})).await;
        assert_eq!(wrong.status, 400, "{wrong:?}");
        let done = lab.tell(&submit, "", json!({"password": password})).await;
        assert_eq!(done.status, 200, "{done:?}");
        // Used up.
        let late = lab.tell(&submit, "", json!({"password": password})).await;
        assert_eq!(late.status, 404, "{late:?}");
        tokens.push(token);
    }
    let forced = lab.tell("POST /v1/openstack/users/password-set", admin, ann);
    assert_eq!(forced.await.status, 202);
    tokens.push(mailed(sink, "ann@acme.example", &tokens).await);
    for session in SESSIONS {
        scatter(lab, session).await;
    }
    tokens
}

async fn newest(lab: &Lab) -> String {
    let slice = Slice::of(Page::first(1));
    let tasks = lab.engine.find_tasks(&Filter::tasks(), &slice).await;
    let id = tasks.unwrap().remove(0).id;
    lab.engine
        .settled(&id, Duration::from_secs(60))
        .await
        .unwrap();
    id.to_string()
}

fn urlencoded(text: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.~".contains(&it);
    let bytes = text.bytes();
    let parts = bytes.map(|it| match plain(it) {
        true => char::from(it).to_string(),
        false => format!("%{it:02X}"),
    });
    parts.collect()
}

/// All ways in which a secret may be written somewhere.
fn forms(secret: &str) -> BTreeMap<String, Vec<u8>> {
    let json = json!(secret).to_string();
    let json = json.trim_matches('"').to_owned();
    let hex: String = secret.bytes().map(|it| format!("{it:02x}")).collect();
    let mut forms = BTreeMap::from([
        ("plain".to_owned(), secret.to_owned()),
        ("URL".to_owned(), urlencoded(secret)),
        ("lower URL".to_owned(), urlencoded(secret).to_lowercase()),
        ("form".to_owned(), urlencoded(secret).replace("%20", "+")),
        (
            "Debug".to_owned(),
            format!("{secret:?}").trim_matches('"').to_owned(),
        ),
        (
            "JSON in JSON".to_owned(),
            json!(json).to_string().trim_matches('"').to_owned(),
        ),
        ("ASCII JSON".to_owned(), json.replace('ö', "\\u00f6")),
        ("JSON".to_owned(), json),
        ("upper hex".to_owned(), hex.to_uppercase()),
        ("hex".to_owned(), hex),
    ]);
    for before in 0..3 {
        let padded = [vec![0; before], secret.as_bytes().to_vec()].concat();
        for (name, engine) in [
            ("base64", &general_purpose::STANDARD_NO_PAD),
            ("base64url", &general_purpose::URL_SAFE_NO_PAD),
        ] {
            let text = engine.encode(&padded);
            // Without the letters that have bits of what comes before and after.
            let inner = &text[if before == 0 { 0 } else { before + 1 }..text.len() - 1];
            forms.insert(format!("{name} after {before}"), inner.to_owned());
        }
    }
    let bytes = forms.into_iter().map(|(name, it)| (name, it.into_bytes()));
    bytes.collect()
}

fn contains(place: &[u8], text: &[u8]) -> bool {
    place.windows(text.len()).any(|it| it == text)
}

/// Everything that a database has written down.
async fn dump(database: &Database) -> Vec<u8> {
    match database {
        Database::Sqlite { file } => {
            let files = fs::read_dir(file.parent().unwrap()).unwrap();
            let files = files.map(|it| fs::read(it.unwrap().path()).unwrap());
            files.collect::<Vec<_>>().concat()
        }
        Database::Postgres { url } => {
            let options: PgConnectOptions = url.parse().unwrap();
            let mut connection = options.connect().await.unwrap();
            let all = "SELECT string_agg(query_to_xml(format('SELECT * FROM %I.%I', schemaname, \
                       tablename), true, false, '')::text, '') FROM pg_tables \
                       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
            let all = sqlx::query_scalar::<_, String>(all);
            all.fetch_one(&mut connection).await.unwrap().into_bytes()
        }
    }
}

#[tokio::test]
async fn rule_10_no_secret_is_in_logs_answers_or_either_database() {
    for database in Database::each().await {
        let log = Log::start();
        let (lab, sink, cloud) = start(database).await;
        let tokens = live(&lab, &sink).await;
        let mut answers = String::new();
        for path in [
            "tasks",
            "tokens",
            "notifications",
            "status",
            "openstack/users",
        ] {
            let answer = lab.ask(&format!("GET /v1/{path}"), SESSIONS[0]).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            answers += &answer.body.to_string();
        }
        let mut secrets: Vec<String> = tokens;
        assert_eq!(secrets.len(), 5);
        secrets.extend(PASSWORDS.map(str::to_owned));
        secrets.extend(SESSIONS.map(str::to_owned));
        secrets.extend([SMTP_PASSWORD.to_owned(), WEBHOOK_KEY.to_owned()]);
        let signature = |it: &crate::cloud::Seen| {
            let mut headers = it.headers.iter();
            let found = headers.find(|(name, _)| name.as_str().contains("signature"));
            let value = found.unwrap().1.to_str().unwrap();
            value.rsplit(['=', ',']).next().unwrap().to_owned()
        };
        let signatures: Vec<String> = cloud.seen().iter().map(signature).collect();
        assert!(
            signatures.len() >= 2,
            "the webhook was told, and told again"
        );
        secrets.extend(signatures);
        let dump = dump(&lab.database).await;
        let log = log.text();
        // What is looked for would be found.
        assert!(contains(&dump, b"eve@waffles.example") && answers.contains("eve@waffles.example"));
        assert!(log.contains("an attempt failed") && log.contains("/v1/tasks/\u{2026}"));
        for secret in secrets {
            for (form, text) in forms(&secret) {
                for (place, all) in [
                    ("log", log.as_bytes()),
                    ("answers", answers.as_bytes()),
                    ("database", &dump),
                ] {
                    assert!(
                        !contains(all, &text),
                        "`{secret}` is in the {place} as {form}"
                    );
                }
            }
        }
    }
}
