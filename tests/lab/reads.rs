//! What clients read.

use http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    cloud::{Answer, Caller, full, line, send},
    support::*,
};

#[tokio::test]
async fn what_nova_answers_arrives_byte_for_byte() {
    with_lab(async |lab| {
        let server = lab.server(&["net1"]).await;
        let caller = &lab.user1;
        let mut stranger = caller.clone();
        stranger.token = "unknown".to_owned();
        for target in [
            "/",
            "/v2.1",
            "/v2.1/",
            "/v2.1/servers",
            "/v2.1/servers/detail",
            "/v2.1/servers/detail?limit=1&sort_key=created_at",
            "/v2.1/servers?name=%5Ewafflehaus",
            "/v2.1/flavors",
            "/v2.1/flavors/detail",
            "/v2.1/limits",
            "/v2.1/os-keypairs",
            "/v2.1/os-availability-zone",
            &format!("/v2.1/servers/{server}"),
            &format!("/v2.1/servers/{server}/os-interface"),
            &format!("/v2.1/servers/{server}/ips"),
            "/v2.1/servers/not-there",
            "/v2.1/not-there",
            "/v2.1/servers/",
            "/not-there",
        ] {
            for version in ["2.1", "latest"] {
                assert_same(&lab, caller, target, version).await;
            }
        }
        assert_same(&lab, &stranger, "/v2.1/servers", "2.1").await;
        assert_same(&lab, caller, "/v2.1/servers", "9.999").await;
    })
    .await;
}

#[tokio::test]
async fn links_point_at_the_gateway() {
    with_lab(async |lab| {
        let body = lab.create_body(Some(lab.named(&["net1"])));
        let answer = lab.ask(&lab.user1, post("/v2.1/servers", &body)).await;
        let server = created(&answer);
        let gateway = format!("http://{}/", lab.gateway.address);
        let location = answer.headers["location"].to_str().unwrap();
        assert_eq!(location, format!("{gateway}v2.1/servers/{server}"));
        lab.active(&server).await;
        for target in [
            "/",
            "/v2.1/",
            "/v2.1/servers?limit=1",
            "/v2.1/servers/detail",
            "/v2.1/flavors",
            &format!("/v2.1/servers/{server}"),
        ] {
            let request = line(&format!("GET {target}")).body(full("")).unwrap();
            let answer = lab.ask(&lab.user1, request).await.json();
            let mut found = Vec::new();
            links(&answer, &mut found);
            assert!(!found.is_empty(), "{target}: {answer}");
            for link in found {
                assert!(link.starts_with(&gateway), "{target}: {link}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_far_larger_than_the_buffers_arrives_whole() {
    with_lab(async |lab| {
        let mut body = lab.create_body(Some(lab.named(&["net1"])));
        let metadata = (0..128).map(|n| (format!("{n:0>255}"), "x".repeat(255).into()));
        body["server"]["metadata"] = Value::Object(metadata.collect());
        body["server"]["min_count"] = json!(SERVERS);
        created(&lab.ask(&lab.user1, post("/v2.1/servers", &body)).await);
        let servers = lab.made().await;
        assert_eq!(servers.len(), SERVERS);
        for server in &servers {
            lab.active(server).await;
            assert_eq!(lab.networks_of(server).await, ["net1"]);
        }
        let list = format!("/v2.1/servers/detail?name={}", lab.mark);
        let answer = assert_same(&lab, &lab.user1, &list, "2.1").await;
        assert!(
            answer.body.len() > SERVERS * 65_000,
            "{}",
            answer.body.len()
        );
    })
    .await;
}

/// Asks through the gateway and past it, with the `Host` of the gateway each time. Other tests
/// change what lists there are, so only an answer between two that are the same counts.
async fn assert_same(lab: &Lab, caller: &Caller, target: &str, version: &str) -> Answer {
    let request = || {
        line(&format!("GET {target}"))
            .header("host", lab.gateway.address.to_string())
            .header("openstack-api-version", format!("compute {version}"))
            .header("x-auth-token", &caller.token)
            .header("accept", "application/json")
            .body(full(""))
            .unwrap()
    };
    for _ in 0..20 {
        let before = send(lab.cloud.nova, request()).await;
        let answer = lab.ask(caller, request()).await;
        let after = send(lab.cloud.nova, request()).await;
        if (before.status, &before.body) != (after.status, &after.body) {
            continue;
        }
        assert_eq!(answer.status, before.status, "{target} {answer:?}");
        assert_eq!(answer.body, before.body, "{target}");
        let (told, wanted) = (stable(&answer.headers), stable(&before.headers));
        assert_eq!(told, wanted, "{target}");
        return answer;
    }
    panic!("{target} is never twice the same");
}

/// The headers that do not differ from one answer to the next, or from one connection to the
/// next.
fn stable(headers: &HeaderMap) -> Vec<(String, String)> {
    let differs = [
        "connection",
        "date",
        "x-compute-request-id",
        "x-openstack-request-id",
    ];
    let mut stable: Vec<_> = headers
        .iter()
        .filter(|(name, _)| !differs.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    stable.sort();
    stable
}

/// All links to the API itself.
fn links(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| links(item, found)),
        Value::Object(fields) => {
            // A version document also has a link to its description.
            if let Some(link) = fields.get("href")
                && fields["rel"] != "describedby"
            {
                found.push(text(link));
            }
            fields.values().for_each(|field| links(field, found));
        }
        _ => {}
    }
}

/// With as much metadata as Nova allows, 64 KiB, each.
const SERVERS: usize = 6;
