//! Signing in and out, and what other sites try.

use axum::body::Body;
use serde_json::json;

use crate::{
    browser::{Browser, lab, lab_with},
    database::Database,
    log::Log,
    support::generous,
};

const COOKIE: &str = "wafflehaus";

#[tokio::test]
async fn rule_8_each_sign_in_has_a_session_of_its_own() {
    let lab = lab().await;
    let mut browser = Browser::new(&lab);
    let form = browser.get("/admin/sign-in").await;
    let text = form.header("set-cookie");
    assert!(
        text.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{text}"
    );
    let before = browser.cookies[COOKIE].clone();
    assert!(
        browser
            .sign_in("admin", "old", "cloud")
            .await
            .to()
            .is_some()
    );
    let first = browser.cookies[COOKIE].clone();
    assert_ne!(first, before);
    assert_eq!(browser.get("/admin/tasks").await.status, 200);
    browser.sign_in("admin", "old", "cloud").await;
    assert_ne!(browser.cookies[COOKIE], first);

    for old in [before, first, "5a".repeat(32), "x".into()] {
        let mut other = Browser::new(&lab);
        other.cookies.insert(COOKIE.into(), old);
        let page = other.get("/admin/tasks").await;
        assert_eq!(page.to(), Some("/admin/sign-in"));
    }
}

#[tokio::test]
async fn rule_8_only_over_tls_unless_it_is_this_machine() {
    let pages = json!({ "url": "https://cloud.example/requests" });
    let lab = lab_with(pages, generous()).await;
    let mut browser = Browser::new(&lab);
    browser.get("/admin/sign-in").await;
    assert!(browser.cookies.contains_key("__Host-wafflehaus"));
    let in_the_clear = lab_with(json!({ "url": null }), generous()).await;
    let form = Browser::new(&in_the_clear).get("/admin/sign-in").await;
    assert!(form.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn rule_9_a_session_ends_when_a_person_signs_out_or_keystone_refuses() {
    let lab = lab().await;
    let mut browser = Browser::signed_in(&lab, "admin").await;
    let page = browser.get("/admin/tasks").await;
    let kept = browser.cookies.clone();
    let token = page.form_token();
    let out = browser
        .post("/admin/sign-out", &[("form_token", &token)])
        .await;
    assert_eq!(out.to(), Some("/admin/sign-in"));
    assert!(browser.cookies.is_empty());
    browser.cookies = kept;
    assert_eq!(
        browser.get("/admin/tasks").await.to(),
        Some("/admin/sign-in")
    );

    let mut late = Browser::new(&lab);
    late.sign_in("late", "old", "acme").await;
    let page = late.get("/admin/tasks").await;
    assert_eq!((page.status, page.h1()), (401, "You are signed out"));
    assert_eq!(late.get("/admin/tasks").await.to(), Some("/admin/sign-in"));
}

#[tokio::test]
async fn rule_11_whatever_is_wrong_with_the_credentials_the_answer_is_the_same() {
    let lab = lab().await;
    let mut texts = Vec::new();
    for (user, password) in [("admin", "wrong"), ("zoe", "old"), ("zoe", "wrong")] {
        let mut browser = Browser::new(&lab);
        let page = browser.sign_in(user, password, "cloud").await;
        assert_eq!(page.status, 403);
        assert!(!page.has(password) && page.has("Keystone did not accept that."));
        let html = page.html.replace(&page.form_token(), "");
        let html = html.replace(&format!("value=\"{user}\""), "");
        texts.push(html);
    }
    assert!(texts.iter().all(|it| *it == texts[0]));
    let down = Browser::new(&lab).sign_in("admin", "down", "cloud").await;
    assert_eq!(down.status, 503);
    let missing = Browser::new(&lab).sign_in("", "", "").await;
    assert_eq!(missing.status, 400);
    assert!(missing.has("href=\"#password\"") && missing.has("id=\"password\""));
}

#[tokio::test]
async fn rule_11_attempts_are_limited() {
    let few = json!({ "requests": 3, "seconds": 3600 });
    let much = json!({ "requests": 100_000, "seconds": 1 });
    let limits = json!({ "address": much, "mail": few, "overall": much });
    let lab = lab_with(json!({ "sign_in_limits": limits }), generous()).await;
    for _ in 0..3 {
        let page = Browser::new(&lab).sign_in("admin", "wrong", "cloud").await;
        assert_eq!(page.status, 403);
    }
    let page = Browser::new(&lab).sign_in("Admin", "old", "cloud").await;
    assert_eq!(page.status, 429);
    assert!(page.header("retry-after").parse::<u32>().unwrap() > 0);
    let boss = Browser::new(&lab).sign_in("boss", "old", "acme").await;
    assert_eq!(boss.status, 303);
}

#[tokio::test]
async fn a_token_signs_in_too_if_it_is_for_a_project() {
    let lab = lab().await;
    for (token, status) in [("admin", 303), ("nobody", 403), ("zoe", 403), ("é", 400)] {
        let mut browser = Browser::new(&lab);
        let form = browser.get("/admin/sign-in").await.form_token();
        let fields = [("form_token", &*form), ("with", "token"), ("token", token)];
        let page = browser.post("/admin/sign-in", &fields).await;
        assert_eq!(page.status, status, "{token}");
    }
}

#[tokio::test]
async fn rule_10_a_form_of_another_session_does_nothing() {
    let lab = lab().await;
    let (mut one, mut other) = (
        Browser::signed_in(&lab, "admin").await,
        Browser::signed_in(&lab, "admin").await,
    );
    let foreign = one.get("/admin/tasks").await.form_token();
    for fields in [
        vec![("form_token", &*foreign)],
        vec![("form_token", "")],
        vec![],
    ] {
        let page = other.post("/admin/sign-out", &fields).await;
        assert_eq!(page.status, 403, "{fields:?}");
    }
    let twice = [("form_token", &*foreign), ("form_token", &*foreign)];
    assert_eq!(one.post("/admin/sign-out", &twice).await.status, 403);
    assert_eq!(other.get("/admin/tasks").await.status, 200);

    // Nobody can be signed in by a form of somebody else's browser.
    let mut stranger = Browser::new(&lab);
    let form = stranger.get("/admin/sign-in").await.form_token();
    let fields = [("form_token", &*form), ("with", "token"), ("token", "ann")];
    let mut victim = Browser::new(&lab);
    assert_eq!(victim.post("/admin/sign-in", &fields).await.status, 403);
    victim.get("/admin/sign-in").await;
    assert_eq!(victim.post("/admin/sign-in", &fields).await.status, 403);
}

#[tokio::test]
async fn rule_3_what_comes_from_another_site_does_nothing() {
    let lab = lab().await;
    let mut browser = Browser::signed_in(&lab, "admin").await;
    let token = browser.get("/admin/tasks").await.form_token();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let request = browser
            .request("POST", "/admin/sign-out")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::from(format!("form_token={token}")));
        let page = browser.send(request.unwrap()).await;
        assert_eq!(page.status, 403, "{name}: {value}");
    }
    for (method, target) in [
        ("PUT", "/admin/tasks"),
        ("DELETE", "/token/0123456789abcdef0123456789abcdef"),
        ("OPTIONS", "/admin/tasks"),
        ("POST", "/admin/tasks"),
        ("GET", "/admin/sign-out"),
        ("POST", "/pages.css"),
    ] {
        let request = browser.request(method, target).body(Body::empty());
        let page = browser.send(request.unwrap()).await;
        assert_eq!(page.status, 405, "{method} {target}");
    }
    assert_eq!(browser.get("/admin/tasks").await.status, 200);
}

#[tokio::test]
async fn rule_4_only_a_small_form_of_text_is_read() {
    let lab = lab().await;
    let mut browser = Browser::signed_in(&lab, "admin").await;
    let token = browser.get("/admin/tasks").await.form_token();
    let form = "application/x-www-form-urlencoded";
    for (kind, body, status) in [
        ("application/json", format!("form_token={token}"), 415),
        ("multipart/form-data; boundary=x", String::new(), 415),
        (
            form,
            format!("form_token={token}&x={}", "x".repeat(70_000)),
            413,
        ),
        (form, format!("form_token={token}&x=%FF"), 400),
    ] {
        let request = browser
            .request("POST", "/admin/sign-out")
            .header("content-type", kind)
            .body(Body::from(body));
        let page = browser.send(request.unwrap()).await;
        assert_eq!(page.status, status, "{kind}");
    }
    assert_eq!(browser.get("/admin/tasks").await.status, 200);
}

#[tokio::test]
async fn rule_1_no_page_is_kept_framed_or_loads_from_elsewhere() {
    let lab = lab().await;
    let mut browser = Browser::signed_in(&lab, "admin").await;
    for target in [
        "/admin/tasks",
        "/admin/sign-in",
        "/admin/nothing",
        "/admin",
        "/token/x",
        "/token/x/y",
        "/token/password-set",
    ] {
        let page = browser.get(target).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"));
        assert!(policy.contains("frame-ancestors 'none'; base-uri 'none'"));
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store", "{target}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert!(page.header("x-openstack-request-id").starts_with("req-"));
        for word in ["<script", " style=", "http://", "https://", "onclick"] {
            assert!(!page.has(word), "{word} on {target}");
        }
    }
    let style = browser.get("/pages.css").await;
    assert_eq!(style.header("content-type"), "text/css");
    assert!(!style.has("url(") && !style.has("@import"));
}

#[tokio::test]
async fn nobody_is_sent_anywhere_but_to_a_task() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let mut browser = Browser::new(&lab);
    let to = browser.get(&format!("/admin/tasks/{id}")).await;
    let to = to.to().unwrap().to_owned();
    assert_eq!(to, format!("/admin/sign-in?task={id}"));
    let form = browser.get(&to).await.form_token();
    for (task, target) in [
        (&*id, format!("/admin/tasks/{id}")),
        ("//evil.example", "/admin/tasks".into()),
        ("https://evil.example/", "/admin/tasks".into()),
        ("..", "/admin/tasks".into()),
    ] {
        let mut browser = Browser::new(&lab);
        browser.get("/admin/sign-in").await;
        let form = browser.get("/admin/sign-in").await.form_token();
        let fields = [
            ("form_token", &*form),
            ("with", "token"),
            ("token", "admin"),
            ("task", task),
        ];
        let page = browser.post("/admin/sign-in", &fields).await;
        assert_eq!(page.to(), Some(&*target));
    }
    assert!(!form.is_empty());
}

#[tokio::test]
async fn rule_9_neither_log_nor_database_has_a_session_a_token_or_a_password() {
    let log = Log::start();
    let lab = lab().await;
    let mut browser = Browser::new(&lab);
    let form = browser.get("/admin/sign-in").await.form_token();
    browser.sign_in("admin", "wrong password", "cloud").await;
    let fields = [
        ("form_token", &*form),
        ("with", "token"),
        ("token", "gAAA-secret"),
    ];
    browser.post("/admin/sign-in", &fields).await;
    browser.sign_in("admin", "old", "cloud").await;
    let id = lab.signed_up().await;
    browser.act(&id, "approve").await;
    let text = log.text();
    assert!(text.contains("signed in"), "{text}");
    let session = &browser.cookies[COOKIE];
    let Database::Sqlite { file } = &lab.database else {
        panic!("it is in a file");
    };
    let mut stored = Vec::new();
    for file in std::fs::read_dir(file.parent().unwrap()).unwrap() {
        stored.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let database = String::from_utf8_lossy(&stored);
    assert!(database.contains("eve@waffles.example"));
    for secret in [session.as_str(), "wrong password", "gAAA-secret", &form] {
        assert!(!text.contains(secret), "{secret}");
        assert!(!database.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn rule_8_who_comes_by_a_link_elsewhere_is_still_signed_in() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let mut browser = Browser::new(&lab);
    for target in [format!("/admin/tasks/{id}"), "/admin/sign-in?task=x".into()] {
        // The browser keeps the cookie back.
        let request = browser
            .request("GET", &target)
            .header("sec-fetch-site", "cross-site");
        let page = browser.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((page.status, page.h1()), (200, "One moment"));
        assert!(page.has(&format!(
            "content=\"0; url={}",
            target.split('?').next().unwrap()
        )));
        assert!(
            browser.cookies.is_empty(),
            "the session's cookie is not replaced"
        );
    }
}

#[tokio::test]
async fn rule_11_names_that_nobody_has_are_not_remembered() {
    let lab = lab().await;
    let page = Browser::new(&lab)
        .sign_in(&"x".repeat(2000), "old", "acme")
        .await;
    assert_eq!(page.status, 400);
    assert!(page.has("Keystone did not accept that."));
}
