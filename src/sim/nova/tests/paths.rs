//! Paths, methods and versions: which request this is.

use serde_json::json;

use super::super::super::Api;
use super::super::super::testing::{A, B, PORT, SERVER, cloud, head, nova, send};
use super::{at, newest, on};

#[tokio::test]
async fn odd_spellings_of_the_path_make_servers() {
    for path in [
        "/v2.1/servers",
        "/v2/servers",
        "/v2.1/0a0a/servers",
        "//v2.1//servers",
        "/v2.1/%73ervers",
        "/v2%2E1/servers",
        "/v2.1%2Fservers",
        "/v2.1/servers%0A",
        "/v2.1/x/../servers",
        "/v2.1/servers?",
        "http://other.example/v2.1/servers",
        "/v2.1/os-volumes_boot",
    ] {
        let cloud = cloud();
        let answer = nova(
            &cloud,
            &format!("POST {path}"),
            &on(&format!(r#"[{{"uuid": "{B}"}}]"#)),
        )
        .await;
        assert_eq!(answer.status, 202, "{path}");
        assert_eq!(newest(&cloud), [B], "{path}");
    }
}

#[tokio::test]
async fn other_spellings_make_none() {
    for (path, status) in [
        ("/v2.1/servers/", 404),
        ("/v2.1/servers%0A%0A", 404),
        ("/v2.1/servers%0D", 404),
        ("/v2.1/servers.json", 404),
        ("/v2.1/SERVERS", 404),
        ("/v2.1/%2573ervers", 404),
        ("/v2.1/%2e/servers", 404),
        ("/v2.1/0A0A/servers", 404),
        ("/v2.1/0b0b/servers", 400),
        ("/v2.1/0a0a/0a0a/servers", 404),
        ("/v2.10/servers", 300),
        ("/V2.1/servers", 300),
        ("/servers", 300),
        ("/compute/v2.1/servers", 300),
    ] {
        let cloud = cloud();
        let answer = nova(
            &cloud,
            &format!("POST {path}"),
            &on(&format!(r#"[{{"uuid": "{B}"}}]"#)),
        )
        .await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(cloud.server_count(), 1, "{path}");
    }
}

#[tokio::test]
async fn a_header_can_choose_the_version() {
    let body = on(&format!(r#"[{{"uuid": "{B}"}}]"#));
    for (name, value, status) in [
        ("content-type", "application/json;version=2.1/x", 202),
        ("accept", "application/json; version=\"2/x\"", 202),
        ("content-type", "application/json;version=2.1", 200),
    ] {
        let cloud = cloud();
        let answer = send(
            &cloud,
            Api::Nova,
            head("POST /servers").header(name, value),
            &body,
        )
        .await;
        assert_eq!(answer.status, status, "{value}");
        assert_eq!(cloud.server_count(), if status == 202 { 2 } else { 1 });
    }
}

#[tokio::test]
async fn the_query_can_change_the_method() {
    let cloud = cloud();
    let body = on(&format!(r#"[{{"uuid": "{B}"}}]"#));
    for query in [
        "_method=POST",
        "_method=get&%5Fmethod=post",
        "x=1;_method=Post",
    ] {
        let before = cloud.server_count();
        let answer = nova(&cloud, &format!("PUT /v2.1/servers?{query}"), &body).await;
        assert_eq!(answer.status, 202, "{query}");
        assert_eq!(cloud.server_count(), before + 1);
    }
    // Only PUT and POST have a body, whatever they are routed as.
    let bodiless = nova(&cloud, "GET /v2.1/servers?_method=POST", &body).await;
    assert_eq!(bodiless.status, 500);
    let path = format!("/v2.1/servers/{SERVER}/os-interface/{PORT}?_method=delete");
    assert_eq!(
        nova(&cloud, &format!("POST {path}"), "{}").await.status,
        500
    );
    assert_eq!(cloud.server_networks(SERVER), [A]);
    assert_eq!(nova(&cloud, &format!("HEAD {path}"), "").await.status, 202);
    assert!(cloud.server_networks(SERVER).is_empty());
}

#[tokio::test]
async fn microversions_are_read_from_the_end() {
    let cloud = cloud();
    for (common, old, status, reported) in [
        ("", "", 200, "2.1"),
        ("compute 2.42", "", 200, "2.42"),
        ("compute 2.3, COMPUTE  2.44", "2.9", 200, "2.44"),
        ("compute 2.3, volume 3.0", "", 200, "2.3"),
        ("nova 2.42", "2.8, 2.9", 200, "2.9"),
        ("compute latest", "", 200, "2.100"),
        ("compute LATEST", "", 400, ""),
        ("compute 2.042", "", 400, ""),
        ("compute 2.999", "", 406, ""),
        ("compute 3.0", "", 406, ""),
    ] {
        let head = head("GET /v2.1/servers")
            .header("openstack-api-version", common)
            .header("x-openstack-nova-api-version", old);
        let answer = if old.is_empty() {
            at(&cloud, common, "GET /v2.1/servers", "").await
        } else {
            send(&cloud, Api::Nova, head, "").await
        };
        assert_eq!(answer.status, status, "{common}");
        if status == 200 {
            assert_eq!(answer.headers["x-openstack-nova-api-version"], reported);
            assert_eq!(
                answer.headers["openstack-api-version"],
                format!("compute {reported}")
            );
        }
        assert!(
            answer.headers["x-compute-request-id"]
                .to_str()
                .unwrap()
                .starts_with("req-")
        );
    }
}

#[tokio::test]
async fn versions_are_told_without_a_token() {
    let cloud = cloud();
    let ask = |line| head(line).header("x-auth-token", "");
    let root = send(&cloud, Api::Nova, ask("GET /"), "").await;
    assert_eq!(
        (root.status.as_u16(), &root.body["versions"][1]["id"]),
        (200, &json!("v2.1"))
    );
    let one = send(&cloud, Api::Nova, ask("GET /v2.1/"), "").await;
    assert_eq!(
        (one.status.as_u16(), &one.body["version"]["id"]),
        (200, &json!("v2.1"))
    );
}
