//! The pages in a real browser, by keyboard, with scripts and without.

use std::net::SocketAddr;

use serde_json::json;
use tokio::net::TcpListener;
use wafflehaus::workflow::identity::IdentityStore as _;

use crate::{
    browser::lab_with,
    support::{Lab, generous},
    webdriver::{Chromium, ENTER, Look, SPACE},
};

const PASSWORD: &str = "correct horse battery";
const DESKTOP: Look = Look {
    width: 1200,
    height: 900,
    dark: false,
};
const PHONE: Look = Look {
    width: 390,
    height: 844,
    dark: false,
};

/// A lab behind a real server, and where that is.
async fn served() -> (Lab, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let lab = lab_with(json!({ "url": url }), generous()).await;
    let router = lab.router.clone();
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (lab, url)
}

/// A page of another site.
async fn elsewhere(html: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let page = async move || axum::response::Html(html.clone());
    let router = axum::Router::new().route("/", axum::routing::get(page));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://localhost:{port}/")
}

/// Pictures of a page for people who look at them, after looking whether it fits.
fn pictures(chromium: &Chromium, name: &str) {
    for (kind, look) in [("desktop", DESKTOP), ("phone", PHONE)] {
        for dark in [false, true] {
            chromium.look(Look { dark, ..look });
            let (page, window) = chromium.widths();
            assert!(page <= window, "{name} is {page} wide on a {kind}");
            let scheme = if dark { "dark" } else { "light" };
            chromium.picture(&format!("{name}-{kind}-{scheme}"));
        }
    }
    chromium.look(DESKTOP);
}

/// Whether somebody who does not see the page is told all that is needed to use it.
fn is_told(chromium: &Chromium) {
    let told = chromium.told();
    let count = |role: &str| told.iter().filter(|(it, _)| it == role).count();
    assert_eq!((count("main"), count("banner")), (1, 1), "{told:?}");
    for role in [
        "textbox",
        "checkbox",
        "combobox",
        "button",
        "link",
        "navigation",
    ] {
        for (_, name) in told.iter().filter(|(it, _)| it == role) {
            assert!(!name.is_empty(), "a {role} without a name: {told:?}");
        }
    }
    let title = chromium.title();
    assert!(
        title.ends_with("Cloud requests") && title.len() > 17,
        "{title}"
    );
}

/// From the mail to the password, with nothing but a keyboard.
async fn sets_a_password(scripts: bool) {
    let Some(chromium) = Chromium::start(scripts) else {
        return;
    };
    let (lab, url) = served().await;
    let id = lab.signed_up().await;
    let body = json!({ "approved": true });
    lab.tell(&format!("POST /v1/tasks/{id}"), "admin", body)
        .await;
    let token = lab.mails.token("eve@waffles.example").await;

    chromium.look(DESKTOP);
    chromium.go(&format!("{url}/token/{token}"));
    is_told(&chromium);
    assert_eq!(chromium.text("h1"), "Set up your account");
    if scripts {
        pictures(&chromium, "token");
    }
    chromium.tab_to("field-password");
    chromium.keys(PASSWORD);
    chromium.tab_to("again-password");
    chromium.keys("another");
    chromium.keys(ENTER);
    chromium.wait_for(".summary");
    assert!(chromium.title().starts_with("Problem: "));
    is_told(&chromium);
    if scripts {
        pictures(&chromium, "token-wrong");
    }
    // The entry of the summary leads to the field.
    chromium.tab_to("New password: The two do not match.");
    chromium.keys(ENTER);
    assert!(chromium.url().ends_with("#again-password"));
    assert_eq!(chromium.focus(), "again-password");
    chromium.go(&format!("{url}/token/{token}"));
    chromium.tab_to("field-password");
    chromium.keys(PASSWORD);
    chromium.tab_to("again-password");
    chromium.keys(PASSWORD);
    chromium.tab_to("Set password");
    chromium.keys(ENTER);
    chromium.wait_to(&["/token/password-set"]);
    assert_eq!(chromium.text("h1"), "Your password is set");
    is_told(&chromium);
    if scripts {
        pictures(&chromium, "token-done");
    }
    let eve = lab.identity.user_by_name("default", "eve@waffles.example");
    let eve = eve.await.unwrap().unwrap();
    assert!(lab.identity.has_password(&eve.id, PASSWORD).unwrap());
    chromium.go(&format!("{url}/token/{token}"));
    assert_eq!(chromium.text("h1"), "This link does not work any more");
    is_told(&chromium);
    if scripts {
        pictures(&chromium, "token-gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_2_a_password_is_set_by_keyboard() {
    sets_a_password(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_2_a_password_is_set_by_keyboard_without_scripts() {
    sets_a_password(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rule_2_an_administrator_signs_in_looks_approves_and_cancels_by_keyboard() {
    let Some(chromium) = Chromium::start(true) else {
        return;
    };
    let (lab, url) = served().await;
    lab.mails.tell_nobody();
    let id = lab.signed_up().await;
    let body = json!({ "email": "bob@acme.example", "roles": ["member"] });
    lab.tell("POST /v1/openstack/users", "boss", body).await;

    chromium.look(DESKTOP);
    chromium.go(&format!("{url}/admin/tasks/{id}"));
    is_told(&chromium);
    assert_eq!(chromium.text("h1"), "Sign in");
    pictures(&chromium, "sign-in");
    chromium.tab_to("user");
    chromium.keys("admin");
    chromium.tab_to("password");
    chromium.keys("wrong");
    chromium.tab_to("project");
    chromium.keys("cloud");
    chromium.keys(ENTER);
    chromium.wait_for(".summary");
    pictures(&chromium, "sign-in-wrong");
    chromium.tab_to("password");
    chromium.keys("old");
    chromium.keys(ENTER);
    chromium.wait_for(".stages");
    assert_eq!(chromium.url(), format!("{url}/admin/tasks/{id}"));
    is_told(&chromium);
    pictures(&chromium, "task");

    // A link on another site leads there too, though that site's pages get no cookie sent.
    let link = format!("<a id=link href={url}/admin/tasks/{id}>Task</a>");
    chromium.go(&elsewhere(link).await);
    chromium.click("#link");
    chromium.wait_for(".stages");

    chromium.tab_to("Change inputs");
    chromium.keys(ENTER);
    chromium.wait_for("#field-email");
    is_told(&chromium);
    pictures(&chromium, "edit");
    // A project of this name is there already.
    chromium.click("#field-project_name");
    chromium.cdp("Input.dispatchKeyEvent", &json!({
        "type": "keyDown", "key": "a", "code": "KeyA", "modifiers": 2, "commands": ["selectAll"],
    }));
    chromium.keys("acme");
    chromium.tab_to("Save and validate");
    chromium.keys(ENTER);
    chromium.wait_for(".reason");
    pictures(&chromium, "task-invalid");
    chromium.tab_to("Change inputs");
    chromium.keys(ENTER);
    chromium.wait_for("#field-email");
    chromium.click("#field-project_name");
    chromium.cdp("Input.dispatchKeyEvent", &json!({
        "type": "keyDown", "key": "a", "code": "KeyA", "modifiers": 2, "commands": ["selectAll"],
    }));
    chromium.keys("pancakes");
    chromium.keys(ENTER);
    chromium.wait_for(".news");
    chromium.tab_to("Approve");
    chromium.keys(SPACE);
    chromium.wait_for("form[action$='/reissue']");
    assert!(chromium.text(".news").starts_with("Approved."));
    pictures(&chromium, "task-approved");

    chromium.tab_to("Audit trail");
    chromium.keys(ENTER);
    chromium.wait_for(".trail");
    assert!(chromium.text(".news").starts_with("The trail holds"));
    is_told(&chromium);
    pictures(&chromium, "trail");

    chromium.tab_to("Tasks");
    chromium.keys(ENTER);
    chromium.wait_for(".filters");
    is_told(&chromium);
    pictures(&chromium, "tasks");
    chromium.tab_to("Notifications");
    chromium.keys(ENTER);
    chromium.wait_for(".list");
    is_told(&chromium);
    pictures(&chromium, "notifications");
    chromium.tab_to("notification");
    chromium.keys(SPACE);
    chromium.tab_to("Take note of those that are ticked");
    chromium.keys(ENTER);
    chromium.wait_for(".news");
    chromium.tab_to("all");
    chromium.keys(ENTER);
    chromium.wait_for(".news");

    chromium.go(&format!("{url}/admin/tasks/{id}"));
    chromium.click(".danger summary");
    chromium.tab_to("Cancel the task for good");
    chromium.keys(ENTER);
    chromium.wait_for(".news");
    assert_eq!(chromium.text(".news"), "The task is cancelled.");
    chromium.tab_to("Sign out");
    chromium.keys(ENTER);
    chromium.wait_for("#user");
    chromium.go(&format!("{url}/admin/tasks"));
    assert!(chromium.url().ends_with("/admin/sign-in"));
}
