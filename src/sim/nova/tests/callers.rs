//! Who asks, and what they may.

use serde_json::json;

use super::super::super::testing::{A, B, SERVER, cloud, head, nova, send};
use super::super::super::{Api, User};
use super::Answer;

#[tokio::test]
async fn only_the_token_says_who_asks() {
    let cloud = cloud();
    let show = format!("GET /v2.1/servers/{SERVER}");
    for (headers, status) in [
        (vec![("x-auth-token", "ann")], 200),
        (vec![("x-auth-token", " ann ")], 200),
        (
            vec![("x_auth_token", "ann"), ("x-storage-token", "bob")],
            200,
        ),
        (vec![("x-storage-token", "ann")], 200),
        (vec![("x-storage-token", "ann"), ("x-auth-token", "")], 401),
        (vec![("x-auth-token", "ann"), ("x-auth-token", "ann")], 401),
        (
            vec![("x-auth-token", "ann"), ("x-service-token", "bob")],
            401,
        ),
        (vec![("x-auth-token", "no")], 401),
        (vec![("x-auth-token", "bob")], 404),
        (
            vec![
                ("x-auth-token", "bob"),
                ("x-project-id", "0a0a"),
                ("x-roles", "admin"),
                ("x_roles", "admin"),
            ],
            404,
        ),
        // Role names match in any case.
        (vec![("x-auth-token", "root")], 200),
    ] {
        let mut head = head(&show);
        for (name, value) in &headers {
            head = head.header(*name, *value);
        }
        let answer = send(&cloud, Api::Nova, head, "").await;
        assert_eq!(answer.status, status, "{headers:?}");
        assert_eq!(
            answer.headers.contains_key("www-authenticate"),
            status == 401
        );
    }
}

#[tokio::test]
async fn roles_decide_what_a_caller_may_do() {
    let cloud = cloud();
    for (name, roles) in [
        ("reader", vec!["reader"]),
        ("comma", vec!["reader,admin"]),
        ("nobody", vec!["other"]),
    ] {
        cloud
            .add_user(User::new(name, "0a0a").roles(roles))
            .unwrap();
        cloud.add_token(name, name).unwrap();
    }
    let list = format!("GET /v2.1/servers/{SERVER}/os-interface");
    let attach = format!("POST /v2.1/servers/{SERVER}/os-interface");
    let body = json!({"interfaceAttachment": {"net_id": B}}).to_string();
    for (name, listed, attached) in [
        ("reader", 200, 403),
        ("comma", 200, 200),
        ("nobody", 403, 403),
        ("bob", 404, 404),
    ] {
        let as_user = |line| head(line).header("x-auth-token", name);
        let answer = send(&cloud, Api::Nova, as_user(&list), "").await;
        assert_eq!(answer.status, listed, "{name}");
        let answer = send(&cloud, Api::Nova, as_user(&attach), &body).await;
        assert_eq!(answer.status, attached, "{name}");
    }
}

#[tokio::test]
async fn lists_hold_the_servers_of_the_project() {
    let cloud = cloud();
    let bobs = cloud.add_server("0b0b", &[A]).unwrap();
    let ids = |answer: &Answer| -> Vec<String> {
        let servers = answer.body["servers"].as_array().unwrap();
        let ids = servers.iter().map(|s| s["id"].as_str().unwrap().to_owned());
        ids.collect()
    };
    let answer = nova(&cloud, "GET /v2.1/servers/detail", "").await;
    assert_eq!(ids(&answer), [SERVER]);
    assert_eq!(answer.body["servers"][0]["status"], "ACTIVE");
    let all = head("GET /v2.1/servers?all_tenants=1").header("x-auth-token", "root");
    assert_eq!(
        ids(&send(&cloud, Api::Nova, all, "").await),
        [bobs.as_str(), SERVER]
    );
    let all = nova(&cloud, "GET /v2.1/servers?all_tenants=1", "").await;
    assert_eq!(all.status, 403);
}
