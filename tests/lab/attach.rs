//! Attaching and detaching interfaces.

use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    cloud::{full, line},
    support::*,
};

#[tokio::test]
async fn an_attach_is_judged_by_what_the_server_has() {
    with_lab(async |lab| {
        let server = lab.server(&["net1"]).await;
        let port = lab.port("net3").await;
        let banned = lab.port("net2").await;
        let net3 = json!({ "net_id": lab.network("net3") });

        for (named, status, message) in [
            (json!({ "net_id": lab.network("net2") }), 403, "not allowed"),
            (json!({ "port_id": banned }), 403, "not allowed"),
            (json!({ "port_id": port.to_uppercase() }), 400, "canonical"),
            (json!({}), 400, "no network or port"),
            (
                json!({ "net_id": lab.network("net3"), "port_id": banned }),
                400,
                "beside",
            ),
        ] {
            assert_refused(&lab.attach(&server, named).await, status, message);
        }
        // Nova answers 404 to this, and attaches.
        let other = lab.attach(&server.to_uppercase(), net3.clone()).await;
        assert_refused(&other, 400, "server id");
        // Nova takes this for the path without the line feed.
        let body = json!({ "interfaceAttachment": net3 });
        let target = format!("/v2.1/servers/{server}/os-interface%0a");
        let answer = lab.ask(&lab.user1, post(&target, &body)).await;
        assert_refused(&answer, 400, "control character");
        assert_eq!(lab.networks_of(&server).await, ["net1"]);

        let answer = lab.attach(&server, json!({ "port_id": port })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(lab.networks_of(&server).await, ["net1", "net3"]);
        let third = json!({ "net_id": lab.network("net4") });
        assert_refused(&lab.attach(&server, third).await, 403, "at most 2");
        assert_eq!(lab.networks_of(&server).await, ["net1", "net3"]);
    })
    .await;
}

#[tokio::test]
async fn an_attach_of_an_allowed_network_has_its_effect() {
    with_lab(async |lab| {
        let server = lab.server(&["net1"]).await;
        let net3 = json!({ "net_id": lab.network("net3") });
        let answer = lab.attach(&server, net3).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let attached = &answer.json()["interfaceAttachment"];
        assert_eq!(attached["net_id"], lab.network("net3"));
        assert_eq!(lab.networks_of(&server).await, ["net1", "net3"]);
    })
    .await;
}

#[tokio::test]
async fn an_interface_on_a_required_network_stays() {
    with_lab(async |lab| {
        let server = lab.server(&["net1", "net3"]).await;
        let interfaces = lab.interfaces(&server).await;
        let [required, other] = [&interfaces[0].1, &interfaces[1].1];
        let detach = async |server: &str, port: &str| {
            let target = format!("DELETE /v2.1/servers/{server}/os-interface/{port}");
            let request = line(&target).body(full("")).unwrap();
            lab.ask(&lab.user1, request).await
        };
        assert_refused(&detach(&server, required).await, 403, "cannot be detached");
        for port in [required, other] {
            let answer = detach(&server.to_uppercase(), port).await;
            assert_refused(&answer, 400, "server id");
            let answer = detach(&server, &port.to_uppercase()).await;
            assert_refused(&answer, 400, "port id");
        }
        let nobody = uuid::Uuid::new_v4().to_string();
        assert_refused(&detach(&server, &nobody).await, 404, "could not be found");

        let answer = detach(&server, other).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        lab.until("the other is detached", async || {
            lab.interfaces(&server).await.len() < 2
        })
        .await;
        // What was refused had its chance, too: Nova detaches one after the other.
        assert_eq!(lab.networks_of(&server).await, ["net1"]);
    })
    .await;
}

#[tokio::test]
async fn novas_own_list_stands_in_while_neutron_is_away() {
    with_lab(async |lab| {
        let server = lab.server(&["net1", "net3"]).await;
        let interfaces = lab.interfaces(&server).await;
        let [required, other] = [&interfaces[0].1, &interfaces[1].1];
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut cloud = lab.cloud.clone();
        cloud.neutron = closed.local_addr().unwrap();
        drop(closed);
        let gateway = lab.gateway_to(&cloud).await;

        let target = format!("/v2.1/servers/{server}/os-interface");
        let detach = async |port: &str| {
            let request = line(&format!("DELETE {target}/{port}")).body(full(""));
            gateway.ask(&lab.user1, request.unwrap()).await
        };
        let attach = async |target: &str, network: &str| {
            let body = json!({ "interfaceAttachment": { "net_id": lab.network(network) } });
            gateway.ask(&lab.user1, post(target, &body)).await
        };
        assert_refused(&attach(&target, "net4").await, 403, "at most 2");
        assert_refused(&detach(required).await, 403, "cannot be detached");
        let answer = detach(other).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        lab.until("the other is detached", async || {
            lab.networks_of(&server).await == ["net1"]
        })
        .await;
        let answer = attach(&target, "net4").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(lab.networks_of(&server).await, ["net1", "net4"]);

        // A server that is not there has no ports, and is Nova's to refuse.
        let nobody = format!("/v2.1/servers/{}/os-interface", uuid::Uuid::new_v4());
        assert_refused(&attach(&nobody, "net3").await, 404, "could not be found");
        // Of a port that is on no server only Neutron knows.
        let networks = json!([{ "port": lab.port("net1").await }]);
        let create = post("/v2.1/servers", &lab.create_body(Some(networks)));
        let answer = gateway.ask(&lab.user1, create).await;
        assert_refused(&answer, 503, "could not be looked up");
        assert_eq!(lab.made().await, [server]);
    })
    .await;
}
