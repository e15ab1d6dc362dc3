//! The pages of administrators.

use serde_json::json;

use crate::{
    browser::{Browser, lab},
    support::sign_up,
};

#[tokio::test]
async fn rule_12_open_tasks_are_listed_with_what_they_do() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let mut admin = Browser::signed_in(&lab, "admin").await;
    let page = admin.get("/admin/tasks").await;
    assert_eq!((page.status, page.h1()), (200, "Tasks"));
    for text in [
        &*format!("/admin/tasks/{id}"),
        "Create project",
        "waffles",
        "eve@waffles.example",
        "NewProjectWithUser",
        "nobody in particular",
        "admin <small>on cloud</small>",
    ] {
        assert!(page.has(text), "{text}: {}", page.html);
    }
    for (query, found) in [
        ("?state=undecided", true),
        ("?state=approved", false),
        ("?state=completed", false),
        ("?state=all&type=create_project", true),
        ("?type=invite_user", false),
        ("?project=x", false),
        ("?person=boss", false),
        ("?state=nonsense", true),
    ] {
        let page = admin.get(&format!("/admin/tasks{query}")).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.has(&id), found, "{query}");
    }
    let bad = admin.get("/admin/tasks?after=x").await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn rule_12_long_lists_go_on_where_they_ended() {
    let lab = lab().await;
    for number in 0..25 {
        let body = json!({
            "project_name": format!("p{number}"), "email": format!("e{number}@x.example"),
        });
        lab.tell("POST /v1/openstack/sign-up", "", body).await;
    }
    let mut admin = Browser::signed_in(&lab, "admin").await;
    let first = admin.get("/admin/tasks?type=create_project").await;
    assert_eq!(first.html.matches("<article").count(), 20);
    let (_, next) = first.html.split_once("class=\"button\" href=\"").unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    assert!(next.contains("type=create_project"), "{next}");
    let rest = admin.get(&next).await;
    assert_eq!(rest.html.matches("<article").count(), 5);
    assert!(rest.has(">Newest</a>") && !rest.has(">Older</a>"));
}

#[tokio::test]
async fn rule_12_a_task_is_shown_with_all_that_there_is_to_know() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let mut admin = Browser::signed_in(&lab, "admin").await;
    let page = admin.get(&format!("/admin/tasks/{id}")).await;
    for text in [
        "No user present with username. Need to create new user.",
        ">Valid</span>",
        "Pre approve</strong> <span class=\"badge\">done",
        "Post approve</strong> <span class=\"badge\">next",
        "after an administrator’s approval",
        "when the link in the mail is used",
        "from 192.0.2.1",
        "&#x27;create_project&#x27; task needs approval.",
    ] {
        assert!(page.has(text), "{text}: {}", page.html);
    }
    let unknown = admin.get(&format!("/admin/tasks/{}", "0".repeat(32))).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(admin.get("/admin/tasks/x").await.status, 404);
}

#[tokio::test]
async fn rule_13_an_approval_sent_twice_is_one() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let mut admin = Browser::signed_in(&lab, "admin").await;
    let page = admin.get(&format!("/admin/tasks/{id}")).await;
    let sent = admin.act_on(&page, &id, "approve").await;
    assert_eq!(
        sent.to(),
        Some(&*format!("/admin/tasks/{id}")),
        "{}",
        sent.html
    );
    let token = lab.mails.token("eve@waffles.example").await;
    let again = admin.act_on(&page, &id, "approve").await;
    assert_eq!(again.status, 409);
    assert!(again.has("The task has changed since you opened the page"));
    // The news is told once, wherever the person looks next.
    assert!(again.has("Approved. A mail with a link is on its way"));
    let link = admin.get(&format!("/token/{token}")).await;
    assert_eq!(link.status, 200, "the link that was mailed stays good");

    let reissued = admin.act(&id, "reissue").await;
    assert_eq!(reissued.status, 303);
    let page = admin.follow(&reissued).await;
    assert!(page.has("A mail with a new link is on its way."));
    assert_eq!(admin.get(&format!("/token/{token}")).await.status, 404);
}

#[tokio::test]
async fn rule_13_of_two_approvals_at_once_one_counts() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let (mut one, mut other) = (
        Browser::signed_in(&lab, "admin").await,
        Browser::signed_in(&lab, "admin").await,
    );
    let target = format!("/admin/tasks/{id}");
    let (first, second) = (one.get(&target).await, other.get(&target).await);
    let (a, b) = tokio::join!(
        one.act_on(&first, &id, "approve"),
        other.act_on(&second, &id, "approve")
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    let events = lab.engine.events(&id.parse().unwrap()).await.unwrap();
    let count = |kind: &str| events.iter().filter(|it| it.kind == kind).count();
    assert_eq!((count("approval"), count("token_reissued")), (1, 0));
}

#[tokio::test]
async fn rule_13_what_was_changed_meanwhile_is_not_approved() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let mut admin = Browser::signed_in(&lab, "admin").await;
    let page = admin.get(&format!("/admin/tasks/{id}")).await;
    let mut body = sign_up();
    body["project_name"] = "pancakes".into();
    let updated = lab
        .tell(&format!("PUT /v1/tasks/{id}"), "admin", body)
        .await;
    assert_eq!(updated.status, 200);
    for act in ["approve", "cancel", "retry", "reissue"] {
        let sent = admin.act_on(&page, &id, act).await;
        assert_eq!(sent.status, 409, "{act}");
        assert!(sent.has("pancakes") && sent.has("waiting"));
    }
}

#[tokio::test]
async fn inputs_are_changed_with_the_errors_beside_them() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let mut admin = Browser::signed_in(&lab, "admin").await;
    let target = format!("/admin/tasks/{id}/edit");
    let form = admin.get(&target).await;
    assert!(form.has("value=\"waffles\"") && form.has("value=\"eve@waffles.example\""));
    let (token, run) = (form.form_token(), form.hidden("run"));
    let fields = |name: &'static str, email: &'static str| {
        [
            ("form_token", token.clone()),
            ("run", run.clone()),
            ("field.project_name", name.to_owned()),
            ("field.email", email.to_owned()),
        ]
    };
    async fn send(
        admin: &mut Browser<'_>,
        target: &str,
        fields: [(&str, String); 4],
    ) -> crate::browser::Page {
        let fields = fields.each_ref().map(|(name, it)| (*name, it.as_str()));
        admin.post(target, &fields).await
    }
    let page = send(&mut admin, &target, fields("", "nonsense")).await;
    assert_eq!(page.status, 400);
    assert!(page.has("href=\"#field-email\"") && page.has("Enter a valid email address."));
    assert!(page.has("href=\"#field-project_name\"") && page.has("value=\"nonsense\""));

    // The name of a project that there is.
    let page = send(&mut admin, &target, fields("acme", "eve@waffles.example")).await;
    assert_eq!(page.status, 400, "{}", page.html);
    let shown = admin.get(&format!("/admin/tasks/{id}")).await;
    assert!(shown.has("badge invalid") && shown.has("class=\"reason\""));
    assert!(!shown.has(">Approve</button>") && shown.has("Validate again"));

    let form = admin.get(&target).await;
    let mut good = fields("pancakes", "eve@waffles.example");
    good[1].1 = form.hidden("run");
    let sent = send(&mut admin, &target, good).await;
    assert_eq!(
        sent.to(),
        Some(&*format!("/admin/tasks/{id}")),
        "{}",
        sent.html
    );
    let page = admin.follow(&sent).await;
    assert!(page.has("The task is updated, and valid.") && page.has("pancakes"));
}

#[tokio::test]
async fn a_task_is_cancelled_for_good() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let mut admin = Browser::signed_in(&lab, "admin").await;
    let sent = admin.act(&id, "cancel").await;
    assert_eq!(sent.status, 303);
    let page = admin.follow(&sent).await;
    assert!(page.has("The task is cancelled.") && !page.has("What you can do"));
    let list = admin.get("/admin/tasks?state=cancelled").await;
    assert!(list.has(&id));
}

#[tokio::test]
async fn who_may_see_and_do_what_is_as_in_the_service() {
    let lab = lab().await;
    let signed_up = lab.signed_up().await;
    let body = json!({ "email": "bob@acme.example", "roles": ["member"] });
    let asked = lab.tell("POST /v1/openstack/users", "boss", body).await;
    let own = asked.body["task"].as_str().unwrap().to_owned();

    let mut boss = Browser::signed_in(&lab, "boss").await;
    assert_eq!(boss.get("/admin/tasks").await.status, 403);
    assert_eq!(boss.get("/admin/notifications").await.status, 403);
    for page in ["", "/edit", "/trail"] {
        let other = boss.get(&format!("/admin/tasks/{signed_up}{page}")).await;
        assert_eq!(other.status, 404, "{page}");
    }
    let trail = boss.get(&format!("/admin/tasks/{own}/trail")).await;
    assert_eq!(trail.status, 200);
    assert!(trail.has("The trail holds") && !trail.has("192.0.2.1"));
    assert_eq!(boss.act(&own, "approve").await.status, 403);
    assert_eq!(boss.act(&own, "cancel").await.status, 303);

    let mut ann = Browser::signed_in(&lab, "ann").await;
    assert_eq!(ann.get(&format!("/admin/tasks/{own}")).await.status, 403);
}

#[tokio::test]
async fn rule_14_the_audit_trail_is_shown_with_whether_it_holds() {
    let lab = lab().await;
    let id = lab.signed_up().await;
    let mut admin = Browser::signed_in(&lab, "admin").await;
    admin.act(&id, "approve").await;
    let page = admin.get(&format!("/admin/tasks/{id}/trail")).await;
    for text in [
        "The trail holds",
        "1. Submitted",
        "Approval",
        "from 192.0.2.1",
        "admin@acme.example",
    ] {
        assert!(page.has(text), "{text}: {}", page.html);
    }
}

#[tokio::test]
async fn notifications_are_taken_note_of() {
    let lab = lab().await;
    lab.mails.tell_nobody();
    lab.signed_up().await;
    let mut admin = Browser::signed_in(&lab, "admin").await;
    let page = admin.get("/admin/notifications").await;
    let (_, id) = page
        .html
        .split_once("name=\"notification\" value=\"")
        .unwrap();
    let id = id.split('"').next().unwrap().to_owned();
    let token = page.form_token();
    let foreign = [("notification", &*id)];
    let sent = admin
        .post("/admin/notifications/acknowledge", &foreign)
        .await;
    assert_eq!(sent.status, 403);
    let fields = [("form_token", &*token), ("notification", &*id)];
    let sent = admin
        .post("/admin/notifications/acknowledge", &fields)
        .await;
    assert_eq!(sent.to(), Some("/admin/notifications"));
    let page = admin.follow(&sent).await;
    assert!(page.has("Taken note of.") && page.has("There are no such notifications."));
    let all = admin.get("/admin/notifications?state=all").await;
    assert!(all.has("· taken note of"));
    let every = [("form_token", &*token), ("shown", &*id), ("all", "yes")];
    let sent = admin.post("/admin/notifications/acknowledge", &every).await;
    assert!(admin.follow(&sent).await.has("Taken note of."));
    let none = [("form_token", &*token)];
    let sent = admin.post("/admin/notifications/acknowledge", &none).await;
    assert!(admin.follow(&sent).await.has("None was chosen."));
}
