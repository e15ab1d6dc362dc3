//! What attaches to a server, and what detaches from it (C52, C53).

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn c52_a_port_is_not_made_on_a_server_where_nova_would_not_attach_it() {
    let guarded = Guarded::start().await;
    for (body, code) in [
        (on_server(BANNED), "network_banned"),
        (
            json!({"ports": [
                {"network_id": FREE, "device_id": SERVER},
                {"network_id": BANNED, "device_id": SERVER},
            ]}),
            "network_banned",
        ),
        // One at a time they would fit.
        (
            json!({"ports": [
                {"network_id": FREE, "device_id": SERVER},
                {"network_id": MORE, "device_id": SERVER},
            ]}),
            "too_many_networks",
        ),
        (
            json!({"ports": [
                {"network_id": FREE, "device_id": SERVER},
                {"network_id": FREE, "device_id": SERVER},
                {"network_id": FREE, "device_id": SERVER},
            ]}),
            "too_many_interfaces",
        ),
    ] {
        let answer = guarded.ask("POST /v2.0/ports", body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code), (403, code), "{body}");
    }
    assert_eq!(
        (guarded.networks(), guarded.changes()),
        (vec![REQUIRED.into()], 0)
    );

    let answer = guarded.ask("POST /v2.0/ports", on_server(FREE)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(guarded.networks(), [REQUIRED, FREE]);
    let answer = guarded.ask("POST /v2.0/ports", on_server(MORE)).await;
    assert_eq!(answer.code, "too_many_networks");
}

#[tokio::test]
async fn c52_a_port_is_not_given_to_a_server_where_nova_would_not_attach_it() {
    let guarded = Guarded::start().await;
    let to_server = json!({"port": {"device_id": SERVER, "device_owner": "compute:x"}});
    let banned = format!("PUT /v2.0/ports/{}", guarded.port(BANNED));
    let answer = guarded.ask(&banned, to_server.clone()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code),
        (403, "network_banned")
    );

    let free = format!("PUT /v2.0/ports/{}", guarded.port(FREE));
    assert_eq!(guarded.ask(&free, to_server.clone()).await.status, 200);
    assert_eq!(guarded.networks(), [REQUIRED, FREE]);
    // It has it already, so this is no change.
    assert_eq!(guarded.ask(&free, to_server.clone()).await.status, 200);
    let more = format!("PUT /v2.0/ports/{}", guarded.port(MORE));
    assert_eq!(
        guarded.ask(&more, to_server).await.code,
        "too_many_networks"
    );
}

#[tokio::test]
async fn c53_a_required_network_is_not_taken_from_a_server() {
    let guarded = Guarded::start().await;
    let own = "9abcde02-c0de-4aaa-8bbb-fedcba987602";
    let other = "5abcde02-c0de-4aaa-8bbb-fedcba987602";
    guarded
        .cloud
        .add_server_as(other, PROJECT, &[(OWN, own)])
        .unwrap();
    let put = format!("PUT /v2.0/ports/{PORT}");
    let put_own = format!("PUT /v2.0/ports/{own}");
    for (line, body) in [
        (format!("DELETE /v2.0/ports/{PORT}"), json!(null)),
        (put.clone(), json!({"port": {"device_id": ""}})),
        (put.clone(), json!({"port": {"device_id": null}})),
        (put.clone(), json!({"port": {"device_id": "lb-1"}})),
        (put.clone(), json!({"port": {"device_id": other}})),
        (put_own.clone(), json!({"port": {"fixed_ips": []}})),
        (
            put_own.clone(),
            json!({"port": {"device_owner": "network:dhcp"}}),
        ),
        (
            put_own,
            json!({"port": {"device_id": other, "fixed_ips": []}}),
        ),
    ] {
        let body: Body = if body.is_null() {
            "".into()
        } else {
            body.into()
        };
        let answer = guarded.ask(&line, body).await;
        let told = (answer.status.as_u16(), answer.code);
        assert_eq!(told, (403, "network_not_detachable"), "{line}");
    }
    assert_eq!(
        (guarded.networks(), guarded.changes()),
        (vec![REQUIRED.into()], 0)
    );
}

#[tokio::test]
async fn c53_other_ports_come_and_go() {
    let guarded = Guarded::start().await;
    guarded.ask("POST /v2.0/ports", on_server(FREE)).await;
    let added = guarded.cloud.server_ports(SERVER).pop().unwrap();
    let free = json!({"port": {"device_id": "", "device_owner": ""}});
    let line = format!("PUT /v2.0/ports/{added}");
    assert_eq!(guarded.ask(&line, free).await.status, 200);
    assert_eq!(guarded.networks(), [REQUIRED]);
    let line = format!("DELETE /v2.0/ports/{added}");
    assert_eq!(guarded.ask(&line, "").await.status, 204);
}

#[tokio::test]
async fn rule_9_what_changes_no_server_passes() {
    let guarded = Guarded::start().await;
    let banned = guarded.port(BANNED);
    for (line, body, status) in [
        (
            "POST /v2.0/ports".to_owned(),
            json!({"port": {"network_id": BANNED}}),
            201,
        ),
        (
            "POST /v2.0/ports".to_owned(),
            json!({"port": {"network_id": BANNED, "device_id": "lb-1"}}),
            201,
        ),
        (
            format!("PUT /v2.0/ports/{PORT}"),
            json!({"port": {"name": "x", "device_id": SERVER, "device_owner": "compute:nova"}}),
            200,
        ),
        (
            format!("PUT /v2.0/ports/{PORT}"),
            json!({"port": {"description": "x"}}),
            200,
        ),
        (
            format!("PUT /v2.0/ports/{banned}"),
            json!({"port": {"device_id": "lb-1"}}),
            200,
        ),
    ] {
        let answer = guarded.ask(&line, body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{line} {body} {answer:?}");
    }
    let line = format!("DELETE /v2.0/ports/{banned}");
    assert_eq!(guarded.ask(&line, "").await.status, 204);
    assert_eq!(guarded.networks(), [REQUIRED]);
}

#[tokio::test]
async fn the_servers_project_says_who_is_exempt() {
    let guarded = Guarded::start().await;
    let (server, port) = (SERVER.replace("601", "603"), PORT.replace("601", "603"));
    guarded
        .cloud
        .add_server_as(&server, LAB, &[(REQUIRED, &port)])
        .unwrap();
    let root = || head("POST /v2.0/ports").extension(caller("root", "ad00", "admin"));
    let on = |server: &str| json!({"port": {"network_id": BANNED, "device_id": server}});
    let answer = guarded
        .send(root().header("x-auth-token", "root"), on(&server))
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = guarded
        .send(root().header("x-auth-token", "root"), on(SERVER))
        .await;
    assert_eq!(answer.code, "network_banned");
    let line = head(&format!("DELETE /v2.0/ports/{port}"));
    let line = line.extension(caller("root", "ad00", "admin"));
    let answer = guarded.send(line.header("x-auth-token", "root"), "").await;
    assert_eq!(answer.status, 204);
}
