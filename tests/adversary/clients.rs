//! What real clients send, which has to get through and have its effect.

use http::Version;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use wafflehaus::sim::{Api, Cloud};

use crate::{
    gateway::{Remote, ask, client},
    requests::{Framing, Shot, table::Sight},
    world::*,
};

/// A request of an ordinary client: the status it expects, and what it wanted.
struct Ordinary {
    client: &'static str,
    shot: Shot,
    status: u16,
    done: fn(&Cloud) -> bool,
}

fn ordinary(client: &'static str, status: u16, done: fn(&Cloud) -> bool, shot: Shot) -> Ordinary {
    Ordinary {
        client,
        shot,
        status,
        done,
    }
}

fn made_one(cloud: &Cloud) -> bool {
    made(cloud) == [[REQUIRED]]
}

fn made_two(cloud: &Cloud) -> bool {
    made(cloud) == [[REQUIRED, FREE]]
}

fn small_has_free(cloud: &Cloud) -> bool {
    cloud.server_networks(SMALL) == [REQUIRED, FREE]
}

fn full_lost_free(cloud: &Cloud) -> bool {
    cloud.server_networks(FULL) == [REQUIRED]
}

fn nothing(_: &Cloud) -> bool {
    true
}

async fn run(requests: Vec<Ordinary>) {
    let client = client();
    let mut failures = Vec::new();
    for request in requests {
        let cloud = cloud(Sight::All);
        let gateway = Remote::before(&cloud, &client).await;
        let outcome = gateway.send(&request.shot).await;
        if outcome.status != request.status || outcome.cloud.is_none() || !(request.done)(&cloud) {
            let name = request.client;
            failures.push(format!("{name}: {outcome:?}, {:?}", state(&cloud)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// As `openstack` and other clients of the SDK and novaclient say who they are.
fn cli(shot: Shot) -> Shot {
    shot.header("User-Agent: python-openstackclient keystoneauth1/5.6.0 python-requests/2.31.0")
        .header("Accept: application/json")
        .header("Accept-Encoding: gzip, deflate")
        .header("OpenStack-API-Version: compute 2.90")
        .header("X-OpenStack-Nova-API-Version: 2.90")
        .header("X-OpenStack-Request-ID: req-5abcde01-c0de-4aaa-8bbb-fedcba987601")
}

/// As Terraform and other programs on gophercloud do.
fn go(shot: Shot) -> Shot {
    shot.header("User-Agent: HashiCorp Terraform/1.7.0 gophercloud/v2.1.0")
        .header("Accept: application/json")
        .header("Accept-Encoding: gzip")
}

fn create(target: &str, members: &str) -> Shot {
    let server = format!(
        r#"{{"server": {{"name": "web-1", "imageRef": "70a599e0-31e7-49b7-b260-868f441e862b", "flavorRef": "1", {members}}}}}"#
    );
    Shot::json(format!("POST {target}"), server)
}

#[tokio::test]
async fn servers_are_created() {
    let network = format!(r#""networks": [{{"uuid": "{REQUIRED}"}}]"#);
    let both = format!(r#""networks": [{{"uuid": "{REQUIRED}"}}, {{"uuid": "{FREE}"}}]"#);
    let ports = format!(r#""networks": [{{"port": "{ON_REQUIRED}"}}, {{"port": "{ON_FREE}"}}]"#);
    let addressed =
        format!(r#""networks": [{{"uuid": "{REQUIRED}", "fixed_ip": "10.1.0.9", "tag": "nic"}}]"#);
    let null_port = format!(r#""networks": [{{"uuid": "{REQUIRED}", "port": null}}]"#);
    let volume = r#""block_device_mapping_v2": [{"uuid": "70a599e0-31e7-49b7-b260-868f441e862b", "source_type": "image", "destination_type": "volume", "boot_index": "0", "volume_size": 10, "delete_on_termination": true}]"#;
    let rest = format!(
        r#""min_count": 1, "max_count": 1, "config_drive": true, "key_name": "dépôt", "metadata": {{"rôle": "wéb \u2603"}}, "security_groups": [{{"name": "default"}}], "user_data": "{}""#,
        "QUJD".repeat(16000)
    );
    let scoped = format!("/v2.1/{PROJECT}/servers");
    let with_hints = format!(
        r#"{{"os:scheduler_hints": {{"group": "70a599e0-31e7-49b7-b260-868f441e862b"}}, "server": {{"name": "web-1", "flavorRef": "1", {network}}}}}"#
    );
    run(vec![
        ordinary(
            "openstack server create --network",
            202,
            made_two,
            cli(create("/v2.1/servers", &both)),
        ),
        ordinary(
            "openstack server create --port",
            202,
            made_two,
            cli(create("/v2.1/servers", &ports)),
        ),
        ordinary(
            "openstack server create with everything",
            202,
            made_one,
            cli(create("/v2.1/servers", &format!("{network}, {rest}"))),
        ),
        ordinary(
            "openstack server create --hint",
            202,
            made_one,
            cli(Shot::json("POST /v2.1/servers", with_hints)),
        ),
        ordinary(
            "openstack server create --nic v4-fixed-ip",
            202,
            made_one,
            cli(create("/v2.1/servers", &addressed)),
        ),
        ordinary(
            "Horizon, by the catalogue's endpoint of old",
            202,
            made_one,
            cli(create(&scoped, &network)).header("X-Forwarded-For: 192.0.2.1"),
        ),
        ordinary(
            "Horizon, boot from volume",
            202,
            made_one,
            cli(create(
                &format!("/v2/{PROJECT}/os-volumes_boot"),
                &format!("{network}, {volume}"),
            ))
            .without("openstack-api-version"),
        ),
        ordinary(
            "Terraform, by network",
            202,
            made_two,
            go(create("/v2.1/servers", &both)),
        ),
        ordinary(
            "gophercloud, by port",
            202,
            made_two,
            go(create("/v2.1/servers", &ports)),
        ),
        ordinary(
            "a null port",
            202,
            made_one,
            create("/v2.1/servers", &null_port),
        ),
        ordinary(
            "a streaming client",
            202,
            made_one,
            create("/v2.1/servers", &network).framing(Framing::Chunked),
        ),
        ordinary(
            "an endpoint with a slash at its end",
            202,
            made_one,
            go(create("//v2.1//servers", &network)),
        ),
    ])
    .await;
}

#[tokio::test]
async fn interfaces_are_attached_and_detached() {
    let attach = |wish: String| {
        let body = format!(r#"{{"interfaceAttachment": {{{wish}}}}}"#);
        Shot::json(format!("POST /v2.1/servers/{SMALL}/os-interface"), body)
    };
    let detach = |server: &str, port: &str| {
        Shot::bare(format!("DELETE /v2.1/servers/{server}/os-interface/{port}"))
    };
    let vifs = format!("/v2/{PROJECT}/servers/{SMALL}/os-virtual-interfacesv2");
    let plug = format!(r#"{{"virtual_interface": {{"network_id": "{FREE}"}}}}"#);
    let unplug = format!("DELETE /v2/{PROJECT}/servers/{FULL}/os-virtual-interfacesv2/{FULL_GOES}");
    run(vec![
        ordinary(
            "openstack server add network",
            200,
            small_has_free,
            cli(attach(format!(r#""net_id": "{FREE}""#))),
        ),
        ordinary(
            "openstack server add port",
            200,
            small_has_free,
            cli(attach(format!(r#""port_id": "{ON_FREE}", "tag": "nic""#))),
        ),
        ordinary(
            "openstack server add fixed ip",
            200,
            small_has_free,
            cli(attach(format!(
                r#""net_id": "{FREE}", "fixed_ips": [{{"ip_address": "10.1.0.9"}}]"#
            ))),
        ),
        ordinary(
            "Terraform, interface attach",
            200,
            small_has_free,
            go(attach(format!(r#""port_id": "{ON_FREE}""#))),
        ),
        ordinary(
            "openstack server remove port",
            202,
            full_lost_free,
            cli(detach(FULL, FULL_GOES)),
        ),
        ordinary(
            "gophercloud, detach",
            202,
            full_lost_free,
            go(detach(FULL, FULL_GOES)).header("Content-Length: 0"),
        ),
        ordinary(
            "a vendor's client, attach",
            200,
            small_has_free,
            Shot::json(format!("POST {vifs}"), plug),
        ),
        ordinary(
            "a vendor's client, detach",
            200,
            full_lost_free,
            Shot::bare(unplug),
        ),
    ])
    .await;
}

#[tokio::test]
async fn everything_else_passes() {
    let server = |rest: &str| format!("/v2.1/servers/{SMALL}{rest}");
    let get = |target: &str| cli(Shot::bare(format!("GET {target}")));
    let action = |body: &str| Shot::json(format!("POST {}", server("/action")), body.to_owned());
    let renamed = r#"{"server": {"name": "other"}}"#;
    let is_gone = |cloud: &Cloud| !cloud.servers().iter().any(|id| id == SMALL);
    let mut requests = vec![
        ordinary("versions", 200, nothing, get("/")),
        ordinary("version", 200, nothing, get("/v2.1/")),
        ordinary("list", 200, nothing, get("/v2.1/servers")),
        ordinary(
            "detail",
            200,
            nothing,
            get("/v2.1/servers/detail?limit=1&name=a%20b&deleted=False"),
        ),
        ordinary("show", 200, nothing, get(&server(""))),
        ordinary("interfaces", 200, nothing, get(&server("/os-interface"))),
        ordinary(
            "an interface",
            200,
            nothing,
            get(&server(&format!("/os-interface/{SMALL_STAYS}"))),
        ),
        ordinary(
            "rename",
            200,
            nothing,
            cli(Shot::json(format!("PUT {}", server("")), renamed)),
        ),
        ordinary(
            "reboot",
            202,
            nothing,
            cli(action(r#"{"reboot": {"type": "HARD"}}"#)),
        ),
        ordinary("stop", 202, nothing, go(action(r#"{"os-stop": null}"#))),
        ordinary(
            "delete",
            204,
            is_gone,
            cli(Shot::bare(format!("DELETE {}", server("")))),
        ),
    ];
    // The simulated Nova has no such resources, and its own 404 says that they were asked for.
    for (method, target) in [
        ("GET", "/v2.1/flavors/m1.small/os-extra_specs"),
        (
            "DELETE",
            "/v2.1/flavors/m1.small/os-extra_specs/hw:cpu_policy",
        ),
        ("DELETE", "/v2.1/os-keypairs/me%40home%20%C3%A9"),
        ("GET", "/v2.1/os-keypairs/..."),
        ("POST", "/v2.1/os-keypairs"),
        ("POST", "/v2.1/os-server-groups"),
        ("PUT", "/v2.1/os-services/disable"),
        ("GET", "/v2.1/limits?reserved=1&tenant_id=x"),
        ("DELETE", "/v2.1/os-aggregates/1"),
        (
            "GET",
            "/v2.1/os-instance_usage_audit_log/2026-01-01%2000:00:00",
        ),
    ] {
        let shot = cli(Shot::bare(format!("{method} {target}")).header("Content-Length: 0"));
        requests.push(ordinary(target, 404, nothing, shot));
    }
    for (method, rest) in [
        ("PUT", "/tags/a%20b"),
        ("PUT", "/tags/servers"),
        ("DELETE", "/tags/os-interface"),
        ("PUT", "/metadata/servers"),
        ("DELETE", "/metadata/os-interface"),
        ("POST", "/metadata"),
        ("POST", "/os-volume_attachments"),
        (
            "DELETE",
            "/os-volume_attachments/70a599e0-31e7-49b7-b260-868f441e862b",
        ),
        ("POST", "/remote-consoles"),
    ] {
        let shot = Shot::bare(format!("{method} {}", server(rest))).header("Content-Length: 0");
        requests.push(ordinary("a part of a server", 404, nothing, cli(shot)));
    }
    run(requests).await;
}

#[tokio::test]
async fn a_connection_carries_one_request_after_the_other() {
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    let list = Shot::bare("GET /v2.1/servers");
    let network = format!(r#""networks": [{{"uuid": "{REQUIRED}"}}]"#);
    let several = [
        list.clone(),
        create("/v2.1/servers", &network),
        create("/v2.1/servers", &network).framing(Framing::Chunked),
        list,
    ];
    let (last, others) = several.split_last().unwrap();
    let mut bytes = Vec::new();
    for shot in others {
        bytes.extend_from_slice(&shot.kept(ALICE));
    }
    bytes.extend_from_slice(&last.bytes(ALICE));
    let answers = ask(gateway.address, &bytes).await;
    assert_eq!(answers.matches("HTTP/1.1 20").count(), several.len());
    assert_eq!(made(&cloud), [[REQUIRED], [REQUIRED]]);
}

#[tokio::test]
async fn http_2_is_judged_and_forwarded_like_any_other() {
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    let stream = TcpStream::connect(gateway.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let networks =
        |id: &str| format!(r#""networks": [{{"uuid": "{REQUIRED}"}}, {{"uuid": "{id}"}}]"#);
    let at = |target: &str, id| create(&format!("http://nova.example{target}"), &networks(id));
    let mut statuses = Vec::new();
    for shot in [
        at("/v2.1/servers", FREE),
        at("//v2.1//%73ervers", BANNED),
        at("/v2.1/x/../servers", BANNED),
        at("/v2.1/servers?_method=PUT", BANNED),
        at("/v2.1/servers", FREE).header("Host: other.example"),
        at("/v2.1/servers", FREE).header("X_Roles: operator"),
    ] {
        let mut request = shot.request(ALICE).unwrap();
        *request.version_mut() = Version::HTTP_2;
        let request: http::Request<Full<_>> = request;
        let answer = sender.send_request(request).await.unwrap();
        statuses.push(answer.status().as_u16());
        let mut body = answer.into_body();
        while body.frame().await.is_some() {}
    }
    assert_eq!(statuses, [202, 403, 400, 400, 400, 202]);
    assert_eq!(made(&cloud), [[REQUIRED, FREE], [REQUIRED, FREE]]);
    let received = cloud.received(Api::Nova);
    assert!(
        received
            .iter()
            .all(|it| !it.headers.contains_key("x_roles"))
    );
}
