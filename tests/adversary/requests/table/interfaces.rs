//! Attaching and detaching.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower::ServiceExt as _;
use wafflehaus::sim::{Api, Cloud};

use super::*;
use crate::gateway::ask;

#[tokio::test]
async fn an_attach_cannot_hide_a_network() {
    let small = |wish: String| attach(SMALL, &wish);
    let twice = format!(
        r#"{{"interfaceAttachment": {{"net_id": "{FREE}"}}, "interfaceAttachment": {{"net_id": "{BANNED}"}}}}"#
    );
    let vifs = format!("POST /v2.1/servers/{SMALL}/os-virtual-interfacesv2");
    let vif = |body: String| Shot::json(vifs.clone(), body);
    run(vec![
        attack(
            "C36",
            400,
            Harmed,
            small(format!(r#""port_id": "{}""#, upper(ON_BANNED))),
        ),
        attack(
            "C40",
            403,
            Harmed,
            small(format!(r#""net_id": "{BANNED}""#)),
        ),
        attack(
            "C40 port",
            403,
            Harmed,
            small(format!(r#""port_id": "{ON_BANNED}""#)),
        ),
        attack(
            "C40 count",
            403,
            Harmed,
            attach(FULL, &format!(r#""net_id": "{SPARE}""#)),
        ),
        attack(
            "C40 count port",
            403,
            Harmed,
            attach(FULL, &format!(r#""port_id": "{ON_SPARE}""#)),
        ),
        attack(
            "C40 vendor",
            403,
            Harmed,
            vif(format!(
                r#"{{"virtual_interface": {{"network_id": "{BANNED}"}}}}"#
            )),
        ),
        attack(
            "C40 vendor key",
            400,
            Harmed,
            vif(format!(
                r#"{{"virtual_interface": {{"network_id": "{BANNED}", "id": "{FREE}"}}}}"#
            )),
        ),
        attack(
            "C43",
            400,
            Harmed,
            small(format!(r#""net_id": "{FREE}", "net_id": "{BANNED}""#)),
        ),
        attack(
            "C43 outer",
            400,
            Harmed,
            Shot::json(format!("POST /v2.1/servers/{SMALL}/os-interface"), twice),
        ),
        attack(
            "C44",
            403,
            Harmed,
            small(format!(r#""\u006eet_id": "{BANNED}""#)),
        ),
        attack(
            "C44 value",
            403,
            Harmed,
            small(format!(r#""net_id": "\u0061{}""#, &BANNED[1..])),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_required_port_is_not_detached() {
    let vifs = format!("/v2.1/servers/{FULL}/os-virtual-interfacesv2");
    // Escaped, the port is the same; under another server's path, so it is.
    let escaped = format!("%39{}", &FULL_STAYS[1..]);
    let elsewhere = format!("DELETE /v2.1/servers/{SMALL}/os-interface/{FULL_STAYS}");
    run(vec![
        attack("C40", 403, Harmed, detach(FULL_STAYS)),
        attack(
            "C40 vendor",
            403,
            Harmed,
            Shot::bare(format!("DELETE {vifs}/{FULL_STAYS}")),
        ),
        attack("C40 escaped", 403, Harmed, detach(&escaped)),
        attack("C40 elsewhere", 403, Safe, Shot::bare(elsewhere)),
        attack("C40 upper", 400, Safe, detach(&upper(FULL_STAYS))),
        attack("C40 slash", 403, Safe, detach(&format!("{FULL_STAYS}/"))),
    ])
    .await;
}

#[tokio::test]
async fn c47_a_port_without_an_address_is_still_on_its_network() {
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    let list = Shot::bare(format!("GET /v2.1/servers/{FULL}/os-interface"));
    let answer = ask(gateway.address, &list.bytes()).await;
    let address = answer.split("\"ip_address\":\"").nth(1).unwrap();
    let address = address.split('"').next().unwrap();
    take_address(&cloud, FULL, address).await;
    let outcome = gateway.send(&detach(FULL_STAYS)).await;
    assert_eq!((outcome.status, outcome.cloud), (403, None));
    assert_eq!(harm(&cloud), None);
}

/// An administrator takes an address away, past the gateway.
async fn take_address(cloud: &Cloud, server: &str, address: &str) {
    let request = Request::post(format!("/v2.1/servers/{server}/action"))
        .header("x-auth-token", ADMIN_TOKEN)
        .body(Full::new(Bytes::from(format!(
            r#"{{"removeFixedIp": {{"address": "{address}"}}}}"#
        ))))
        .unwrap();
    let service = cloud.service(Api::Nova);
    assert_eq!(service.oneshot(request).await.unwrap().status(), 202);
}
