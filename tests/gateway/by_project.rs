//! An administrator on the servers of other projects.

use wafflehaus::sim::{Api, Failure};

use crate::support::*;

const LAB_SERVER: &str = "5abcde02-c0de-4aaa-8bbb-fedcba987602";
const LAB_PORT: &str = "9abcde02-c0de-4aaa-8bbb-fedcba987602";

async fn gateway() -> Gateway {
    let gateway = Gateway::start().await;
    gateway
        .cloud
        .add_server_as(LAB_SERVER, LAB, &[(REQUIRED, LAB_PORT)])
        .unwrap();
    gateway
}

/// What an administrator asks instead of alice.
fn by_root(request: &str) -> String {
    let named = request.replace("X-User-Id: alice", "X-User-Id: root");
    let scoped = named.replace(&format!("X-Project-Id: {PROJECT}"), "X-Project-Id: ad00");
    let ranked = scoped.replace("member,role1", "admin");
    ranked.replace("X-Auth-Token: token", "X-Auth-Token: root-token")
}

/// The same on the server of the exempt project.
fn in_lab(request: &str) -> String {
    request.replace(SERVER, LAB_SERVER).replace(PORT, LAB_PORT)
}

async fn status(gateway: &Gateway, request: &str) -> u16 {
    let answer = gateway.send(&by_root(request)).await;
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|it| it.get(..3));
    status.unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_the_servers_project_says_holds_and_not_the_administrators() {
    let gateway = gateway().await;
    assert_eq!(status(&gateway, &attach(BANNED)).await, 403);
    assert_eq!(status(&gateway, &detach(PORT)).await, 403);
    assert_eq!(gateway.cloud.server_networks(SERVER), [REQUIRED]);

    assert_eq!(status(&gateway, &in_lab(&attach(BANNED))).await, 200);
    assert_eq!(status(&gateway, &in_lab(&detach(PORT))).await, 202);
    assert_eq!(gateway.cloud.server_networks(LAB_SERVER), [BANNED]);

    // Its own new server is of its own project, which is not exempt.
    let create = with_body("POST /v2.1/servers", &json(&[REQUIRED, BANNED]));
    assert_eq!(status(&gateway, &create).await, 403);
}

#[tokio::test]
async fn nothing_is_exempt_while_nova_does_not_tell_whose_a_server_is() {
    let gateway = gateway().await;
    for failure in [
        Failure::Cut,
        Failure::Status(http::StatusCode::BAD_GATEWAY),
        Failure::Status(http::StatusCode::FORBIDDEN),
    ] {
        gateway.cloud.fail_always(Api::Nova, failure);
        assert_eq!(status(&gateway, &in_lab(&attach(BANNED))).await, 503);
        gateway.cloud.clear_failures(Api::Nova);
    }
    // One that nobody knows is judged, and then is Nova's to refuse.
    let nowhere = |request: &str| request.replace(SERVER, "5abcde03-c0de-4aaa-8bbb-fedcba987603");
    assert_eq!(status(&gateway, &nowhere(&attach(BANNED))).await, 403);
    assert_eq!(status(&gateway, &nowhere(&attach(FREE))).await, 404);
    assert_eq!(gateway.cloud.server_networks(LAB_SERVER), [REQUIRED]);
}
