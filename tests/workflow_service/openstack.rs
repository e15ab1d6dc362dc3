//! A project's users, roles and quotas.

use serde_json::{Value, json};

use wafflehaus::workflow::identity::{Group, Scope};

use crate::support::Lab;

#[tokio::test]
async fn a_role_that_comes_by_a_group_says_which() {
    let lab = Lab::new().await;
    let scope = Scope::Project(lab.ids["acme"].clone());
    let developers = Group::new("1f", "developers");
    let ann = &lab.ids["ann"];
    let given = lab
        .identity
        .assign_by(ann, "project_mod", scope, developers);
    given.unwrap();
    let by_group = json!([
        {"role": "project_mod", "group_id": "1f", "group_name": "developers"}
    ]);
    let user = format!("GET /v1/openstack/users/{ann}");
    let roles = format!("{user}/roles");
    for path in [user, roles] {
        let shown = lab.ask(&path, "boss").await.body;
        assert_eq!(shown["group_roles"], by_group, "{path}");
        assert_eq!(shown["roles"], json!(["member"]), "{path}");
    }
    let listed = lab.ask("GET /v1/openstack/users", "boss").await.body;
    let mut listed = listed["users"].as_array().unwrap().iter();
    assert!(listed.any(|it| it["group_roles"] == by_group));
}

#[tokio::test]
async fn a_project_has_members_and_invitations() {
    let lab = Lab::new().await;
    let body = json!({"email": "bob@acme.example", "roles": ["member"], "project_id": null, "username": null});
    let invited = lab
        .tell("POST /v1/openstack/users", "boss", body.clone())
        .await;
    assert_eq!(invited.status, 202, "{invited:?}");
    assert_eq!(
        lab.tell("POST /v1/openstack/users", "boss", body)
            .await
            .status,
        409
    );
    let users = lab.ask("GET /v1/openstack/users", "boss").await.body;
    let by_name = |name: &str| -> Value {
        let mut users = users["users"].as_array().unwrap().iter();
        users
            .find(|it| it["name"] == format!("{name}@acme.example"))
            .unwrap()
            .clone()
    };
    assert_eq!(
        by_name("ann"),
        json!({
            "id": lab.ids["ann"], "name": "ann@acme.example", "email": "ann@acme.example",
            "roles": ["member"], "inherited_roles": [], "group_roles": [],
            "cohort": "Member", "status": "Active", "manageable": true,
        })
    );
    let bob = by_name("bob");
    assert_eq!(
        (&bob["cohort"], &bob["status"]),
        (&json!("Invited"), &json!("Invited"))
    );
    assert_eq!(
        (&bob["id"], bob.get("manageable")),
        (&invited.body["task"], None)
    );
    assert_eq!(users["users"].as_array().unwrap().len(), 3);

    let one = lab
        .ask(
            &format!("GET /v1/openstack/users/{}", lab.ids["ann"]),
            "boss",
        )
        .await
        .body;
    assert_eq!(
        (&one["username"], &one["roles"]),
        (&json!("ann@acme.example"), &json!(["member"]))
    );
    for who in ["rival", "admin"] {
        let answer = lab
            .ask(&format!("GET /v1/openstack/users/{}", lab.ids["ann"]), who)
            .await;
        assert_eq!(
            (answer.status, &*answer.errors()),
            (404, r#"["No user with this id."]"#)
        );
    }
    let line = format!("DELETE /v1/openstack/users/{}", bob["id"].as_str().unwrap());
    let cancelled = lab.ask(&line, "boss").await;
    assert_eq!(
        cancelled.body["notes"],
        json!(["Cancelled pending invite task!"])
    );
    let gone = lab.ask("DELETE /v1/openstack/users/nobody", "boss").await;
    assert_eq!((gone.status, &*gone.errors()), (404, r#"["Not found."]"#));
}

#[tokio::test]
async fn roles_are_given_and_taken() {
    let lab = Lab::new().await;
    let line = |method: &str| format!("{method} /v1/openstack/users/{}/roles", lab.ids["ann"]);
    let roles = async || lab.ask(&line("GET"), "boss").await.body["roles"].clone();
    let change = json!({"roles": ["project_mod"]});
    for (method, after) in [
        ("PUT", json!(["member", "project_mod"])),
        ("DELETE", json!(["member"])),
    ] {
        let changed = lab.tell(&line(method), "boss", change.clone()).await;
        assert_eq!(
            (changed.status, &changed.body["notes"]),
            (202, &json!(["task created"]))
        );
        assert_eq!(roles().await, after);
    }
    let admin = lab
        .tell(&line("PUT"), "boss", json!({"roles": ["admin"]}))
        .await;
    assert_eq!(
        admin.errors(),
        r#"{"roles":["\"admin\" is not a valid choice."]}"#
    );
    let other = json!({"roles": ["member"], "project_id": lab.ids["other"]});
    let refused = lab.tell(&line("PUT"), "boss", other).await;
    assert_eq!(
        (refused.status, &refused.body["reasons"][0]["code"]),
        (400, &json!("project_mismatch"))
    );
    let manageable = lab.ask("GET /v1/openstack/roles", "boss").await.body;
    let names = manageable["roles"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["heat_stack_owner", "member", "project_admin", "project_mod"]
    );

    let removed = lab
        .ask(
            &format!("DELETE /v1/openstack/users/{}", lab.ids["ann"]),
            "boss",
        )
        .await;
    assert_eq!(removed.status, 202, "{removed:?}");
    assert_eq!(lab.ask(&line("GET"), "boss").await.status, 404);
}

#[tokio::test]
async fn views_describe_what_they_take() {
    let lab = Lab::new().await;
    let invite = lab.ask("GET /v1/actions/InviteUser", "boss").await.body;
    assert_eq!(invite["actions"], json!(["NewUser"]));
    assert_eq!(invite["required_fields"], json!(["email", "roles"]));
    assert_eq!(invite["fields"][1]["choices"].as_array().unwrap().len(), 4);
    let edit = lab.ask("GET /v1/actions/EditUser", "boss").await.body;
    assert_eq!(edit["users"][0]["username"], "ann@acme.example");
    assert_eq!(
        lab.ask("GET /v1/actions/CreateProject", "").await.status,
        200
    );
    assert_eq!(lab.ask("GET /v1/actions/NoSuch", "admin").await.status, 404);
}

#[tokio::test]
async fn an_address_is_changed_from_where_it_points_to() {
    let lab = Lab::new().await;
    let line = "POST /v1/openstack/users/email-update";
    let asked = lab
        .tell(line, "ann", json!({"new_email": "anna@acme.example"}))
        .await;
    assert_eq!(
        (asked.status, asked.body),
        (202, json!({"notes": ["task created"]}))
    );
    // Whose address is taken is not told.
    let taken = lab
        .tell(line, "ann", json!({"new_email": "boss@acme.example"}))
        .await;
    assert_eq!(
        (taken.status, taken.body),
        (202, json!({"notes": ["task created"]}))
    );
    let token = lab.mails.token("anna@acme.example").await;
    let done = lab
        .tell(
            &format!("POST /v1/tokens/{token}"),
            "",
            json!({"confirm": true}),
        )
        .await;
    assert_eq!(done.status, 200, "{done:?}");
    let shown = lab
        .ask(
            &format!("GET /v1/openstack/users/{}", lab.ids["ann"]),
            "boss",
        )
        .await
        .body;
    assert_eq!(shown["email"], "anna@acme.example");
}

#[tokio::test]
async fn quotas_are_shown_and_asked_for() {
    let lab = Lab::new().await;
    let shown = lab.ask("GET /v1/openstack/quotas/", "boss").await.body;
    assert_eq!(
        shown["regions"],
        json!([{
            "region": "one", "current_quota": {"nova": {"instances": 10}},
            "current_quota_size": "small", "quota_change_options": ["small"],
            "current_usage": {"nova": {"instances": 0}},
        }])
    );
    assert_eq!(shown["quota_size_order"], json!(["small", "large"]));
    let asked = lab
        .tell(
            "POST /v1/openstack/quotas",
            "boss",
            json!({"size": "large", "regions": null}),
        )
        .await;
    assert_eq!(asked.status, 202, "{asked:?}");
    let shown = lab
        .ask("GET /v1/openstack/quotas?regions=one", "boss")
        .await
        .body;
    let task = &shown["active_quota_tasks"][0];
    assert_eq!(
        (&task["status"], &task["size"]),
        (&json!("Awaiting Approval"), &json!("large"))
    );
    assert_eq!(
        (&task["regions"], &task["request_user"]),
        (&json!(["one"]), &json!("boss@acme.example"))
    );
    let approve = format!("POST /v1/tasks/{}", task["id"].as_str().unwrap());
    let approved = lab.tell(&approve, "admin", json!({"approved": true})).await;
    assert_eq!(
        (approved.status, &approved.body["notes"]),
        (200, &json!(["Task completed successfully."]))
    );
    let shown = lab.ask("GET /v1/openstack/quotas", "boss").await.body;
    assert_eq!(shown["regions"][0]["current_quota_size"], "large");
    for (line, body, text) in [
        (
            "GET /v1/openstack/quotas?regions=two",
            json!({}),
            r#"["Region: two is not valid"]"#,
        ),
        (
            "GET /v1/openstack/quotas?include_usage=x",
            json!({}),
            r#"{"include_usage":["Must be a valid boolean."]}"#,
        ),
        (
            "POST /v1/openstack/quotas",
            json!({"size": "huge"}),
            r#"{"size":["Quota size: huge is not valid"]}"#,
        ),
    ] {
        let answer = lab.tell(line, "boss", body).await;
        assert_eq!((answer.status, &*answer.errors()), (400, text));
    }
}
