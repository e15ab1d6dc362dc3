//! The token page.

use serde_json::json;
use wafflehaus::workflow::{
    Fault,
    identity::{IdentityStore as _, Scope, Via},
};

use crate::{
    browser::{Browser, lab, lab_with},
    log::Log,
    support::{Lab, generous},
};

const PASSWORD: &str = "correct horse battery";

/// The path of Eve's link, whose project has been approved.
async fn eve(lab: &Lab) -> String {
    let id = lab.signed_up().await;
    let body = json!({ "approved": true });
    let line = format!("POST /v1/tasks/{id}");
    assert_eq!(lab.tell(&line, "admin", body).await.status, 202);
    format!("/token/{}", lab.mails.token("eve@waffles.example").await)
}

/// The path of the link by which Ann confirms another address.
async fn ann(lab: &Lab) -> String {
    let body = json!({ "new_email": "ann@new.example" });
    let asked = lab.tell("POST /v1/openstack/users/email-update", "ann", body);
    assert!(asked.await.status < 300);
    format!("/token/{}", lab.mails.token("ann@new.example").await)
}

fn twice(one: &'static str, other: &'static str) -> [(&'static str, &'static str); 2] {
    [("field.password", one), ("again.password", other)]
}

#[tokio::test]
async fn rule_5_a_link_shows_what_it_is_for_and_stays_good_however_often_it_is_followed() {
    let lab = lab().await;
    let link = eve(&lab).await;
    let mut browser = Browser::new(&lab);
    for _ in 0..5 {
        let page = browser.get(&link).await;
        assert_eq!((page.status, page.h1()), (200, "Set up your account"));
        assert!(page.has("eve@waffles.example") && page.has("waffles"));
        assert!(page.has("name=\"field.password\"") && page.has("name=\"again.password\""));
        assert!(browser.cookies.is_empty());
    }
    let head = browser.request("HEAD", &link);
    let head = browser.send(head.body(axum::body::Body::empty()).unwrap());
    assert_eq!(head.await.status, 200);
}

#[tokio::test]
async fn rule_7_a_password_is_set_and_the_link_is_used_up() {
    let lab = lab().await;
    let link = eve(&lab).await;
    let mut browser = Browser::new(&lab);
    let sent = browser.post(&link, &twice(PASSWORD, PASSWORD)).await;
    assert_eq!(sent.to(), Some("/token/password-set"), "{sent:?}");
    let end = browser.follow(&sent).await;
    assert_eq!((end.status, end.h1()), (200, "Your password is set"));
    let name = "eve@waffles.example";
    let eve = lab.identity.user_by_name("default", name).await.unwrap();
    let eve = eve.unwrap().id;
    assert!(lab.identity.has_password(&eve, PASSWORD).unwrap());

    let again = browser.get(&link).await;
    assert_eq!(again.status, 404);
    assert_eq!(again.h1(), "This link does not work any more");
    let sent = browser.post(&link, &twice(PASSWORD, PASSWORD)).await;
    assert_eq!((sent.status, sent.html), (404, again.html));
}

#[tokio::test]
async fn rule_6_whatever_is_wrong_with_a_link_the_answer_is_the_same() {
    let lab = lab().await;
    let link = eve(&lab).await;
    let mut browser = Browser::new(&lab);
    let other = "/token/0123456789abcdef0123456789abcdef";
    let unknown = browser.get(other).await;
    assert_eq!(unknown.status, 404);
    for bad in [
        "/token/x",
        "/token/%FF",
        "/token/..%2Fv1%2Ftasks",
        &link[..link.len() - 1],
        &format!("{link}0"),
    ] {
        let page = browser.get(bad).await;
        assert_eq!((page.status, &page.html), (404, &unknown.html), "{bad}");
        let page = browser.post(bad, &twice(PASSWORD, PASSWORD)).await;
        assert_eq!((page.status, &page.html), (404, &unknown.html), "{bad}");
    }
    assert_eq!(browser.get(&link).await.status, 200);
}

#[tokio::test]
async fn rule_5_a_password_has_to_be_given_twice_and_never_comes_back() {
    let lab = lab().await;
    let link = eve(&lab).await;
    let mut browser = Browser::new(&lab);
    for (fields, error) in [
        (twice(PASSWORD, "another"), "The two do not match."),
        (twice("", ""), "This field is required."),
        (
            [("field.password", PASSWORD), ("other", "")],
            "The two do not match.",
        ),
        (
            [("field.password", PASSWORD), ("field.password", PASSWORD)],
            "This was given twice.",
        ),
    ] {
        let page = browser.post(&link, &fields).await;
        assert_eq!(page.status, 400, "{fields:?}");
        assert!(page.has(error), "{error}: {}", page.html);
        assert!(page.has("There is a problem") && page.has("aria-invalid=\"true\""));
        assert!(!page.has(PASSWORD) && !page.has("another"));
    }
    let page = browser.post(&link, &twice(PASSWORD, "another")).await;
    assert!(page.has("href=\"#again-password\"") && page.has("id=\"again-password\""));
    let sent = browser.post(&link, &twice(PASSWORD, PASSWORD)).await;
    assert_eq!(sent.status, 303, "nothing was used up");
}

#[tokio::test]
async fn rule_5_what_is_confirmed_needs_a_tick() {
    let lab = lab().await;
    let link = ann(&lab).await;
    let mut browser = Browser::new(&lab);
    let page = browser.get(&link).await;
    assert_eq!(page.h1(), "Confirm your email address");
    assert!(page.has("type=\"checkbox\"") && page.has("ann@new.example"));
    assert!(!page.has("type=\"password\""));
    let page = browser.post(&link, &[]).await;
    assert_eq!(page.status, 400);
    assert!(page.has("href=\"#field-confirm\"") && page.has("This field must be true."));
    let sent = browser.post(&link, &[("field.confirm", "yes")]).await;
    assert_eq!(sent.to(), Some("/token/confirmed"));
}

/// The path of the link by which Ann sets another password.
async fn reset(lab: &Lab) -> String {
    let body = json!({ "email": "ann@acme.example" });
    let asked = lab.tell("POST /v1/openstack/users/password-reset", "", body);
    assert_eq!(asked.await.status, 202);
    format!("/token/{}", lab.mails.token("ann@acme.example").await)
}

#[tokio::test]
async fn rule_6_what_is_invalid_by_now_is_said_and_can_be_tried_again() {
    let lab = lab().await;
    let link = reset(&lab).await;
    // Somebody makes Ann an administrator meanwhile, whose passwords are not set like this.
    let (ann, acme) = (&lab.ids["ann"], &lab.ids["acme"]);
    let project = Scope::Project(acme.clone());
    lab.identity
        .assign(ann, "admin", project, Via::Direct)
        .unwrap();
    let mut browser = Browser::new(&lab);
    let page = browser.post(&link, &twice(PASSWORD, PASSWORD)).await;
    assert_eq!(page.status, 400, "{}", page.html);
    assert!(page.has("Cannot reset users with blacklisted roles."));
    assert!(page.has("name=\"field.password\"") && !page.has(PASSWORD));
    let roles = lab.identity.roles().await.unwrap();
    let admin = roles.iter().find(|it| it.name == "admin").unwrap();
    lab.identity.revoke(acme, ann, &admin.id).await.unwrap();
    let sent = browser.post(&link, &twice(PASSWORD, PASSWORD)).await;
    assert_eq!(sent.to(), Some("/token/password-set"), "{}", sent.html);
    assert!(lab.identity.has_password(ann, PASSWORD).unwrap());
}

#[tokio::test]
async fn rule_6_what_is_being_tried_again_is_said_to_be() {
    let mut service = generous();
    service["patience_seconds"] = 1.into();
    let lab = lab_with(json!({}), service).await;
    let link = reset(&lab).await;
    lab.identity
        .faults()
        .inject("user_by_name", Fault::BeforeEffect);
    let mut browser = Browser::new(&lab);
    let page = browser.post(&link, &twice(PASSWORD, PASSWORD)).await;
    assert_eq!((page.status, page.h1()), (503, "Not done yet"));
    assert!(page.has("is being tried again by itself"));
}

#[tokio::test]
async fn rule_1_what_is_in_a_task_is_text() {
    let lab = lab().await;
    let body =
        json!({ "project_name": "<script>alert(1)</script>\"'", "email": "\"<b>@x.example" });
    let asked = lab.tell("POST /v1/openstack/sign-up", "", body).await;
    assert_eq!(asked.status, 202);
    let mut admin = Browser::signed_in(&lab, "admin").await;
    let tasks = lab.ask("GET /v1/tasks?limit=1", "admin").await.body;
    let id = tasks["tasks"][0]["uuid"].as_str().unwrap().to_owned();
    let shown = admin.until(&id, "waiting").await;
    let listed = admin.get("/admin/tasks").await;
    let edit = admin.get(&format!("/admin/tasks/{id}/edit")).await;
    let trail = admin.get(&format!("/admin/tasks/{id}/trail")).await;
    admin.act(&id, "approve").await;
    let link = format!("/token/{}", lab.mails.token("\"<b>@x.example").await);
    let token = Browser::new(&lab).get(&link).await;
    for page in [shown, listed, edit, trail, token] {
        assert_eq!(page.status, 200);
        assert!(page.has("&lt;script&gt;"), "{}", page.html);
        assert!(!page.has("<script") && !page.has("<b>"), "{}", page.html);
    }
}

#[tokio::test]
async fn rule_7_no_log_has_a_token_or_a_password() {
    let log = Log::start();
    let lab = lab().await;
    let link = eve(&lab).await;
    let mut browser = Browser::new(&lab);
    browser.get(&link).await;
    browser.post(&link, &twice(PASSWORD, "other secret")).await;
    browser.post(&link, &twice(PASSWORD, PASSWORD)).await;
    browser.get(&link).await;
    let text = log.text();
    let (_, token) = link.rsplit_once('/').unwrap();
    assert!(text.contains("/token/…"), "{text}");
    for secret in [token, PASSWORD, "other secret"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_operator_says_it_in_other_words() {
    let words = json!({ "title": "Welcome", "button": "Start" });
    let pages = json!({
        "url": "https://cloud.example/requests",
        "name": "Waffle Cloud",
        "dashboard": "https://dashboard.example",
        "wording": { "create_project": words },
    });
    let lab = lab_with(pages, generous()).await;
    let link = eve(&lab).await;
    let mut browser = Browser::new(&lab);
    let page = browser.get(&link).await;
    assert_eq!(page.h1(), "Welcome");
    assert!(page.has("<button>Start</button>") && page.has("Waffle Cloud"));
    assert!(page.has("href=\"/requests/pages.css\""));
    let sent = browser.post(&link, &twice(PASSWORD, PASSWORD)).await;
    assert_eq!(sent.to(), Some("/requests/token/password-set"));
    let end = browser.get("/token/password-set").await;
    assert!(end.has("href=\"https://dashboard.example\""));
}
