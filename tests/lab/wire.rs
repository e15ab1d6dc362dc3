//! How a request is framed and spelled.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use http::HeaderValue;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::json;

use crate::{
    cloud::send,
    requests::{Framing, Sender, Shot, ask},
    support::*,
};

#[tokio::test]
async fn a_request_in_the_body_of_one_that_nobody_judges_is_not_a_request() {
    with_lab(async |lab| {
        let server = lab.server(&["net1"]).await;
        let caller = &lab.user1;
        let sender = Sender {
            token: &caller.token,
            user: &caller.user,
            project: &caller.project,
            roles: &caller.roles,
        };
        let attach = json!({ "interfaceAttachment": { "net_id": lab.network("net2") } });
        let target = format!("POST /v2.1/servers/{server}/os-interface");
        let inside = Shot::json(target, attach.to_string()).kept(sender);
        for line in [
            "POST /v2.1/os-keypairs",
            "POST /v2.1/nothing",
            "PUT /v2.1/nothing",
            "PATCH /v2.1/servers",
            "GET /v2.1/servers",
            "DELETE /v2.1/nothing",
        ] {
            for framing in [Framing::Length, Framing::Chunked] {
                let shot = Shot::json(line, inside.clone()).framing(framing);
                // Behind it another one, for which Nova's server may look at what is left.
                let both = [shot.kept(sender), Shot::bare("GET /v2.1").bytes(sender)].concat();
                let answer = ask(Duration::from_secs(60), lab.gateway.address, &both).await;
                assert!(
                    answer.is_some_and(|it| it.starts_with("HTTP/1.1 ")),
                    "{line}"
                );
            }
        }
        assert_eq!(lab.networks_of(&server).await, ["net1"]);
    })
    .await;
}

#[tokio::test]
async fn a_chunked_create_reaches_a_server_that_cannot_read_chunks() {
    with_lab(async |lab| {
        let body = lab.create_body(Some(lab.named(&["net1"]))).to_string();
        // Without a length, so that it goes in chunks.
        let request = || {
            let chunks: Vec<_> = body
                .as_bytes()
                .chunks(7)
                .map(|chunk| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(chunk))))
                .collect();
            let body = StreamBody::new(futures_util::stream::iter(chunks));
            let request = json_request("/v2.1/servers").header("x-auth-token", &lab.user1.token);
            request.body(body).unwrap()
        };
        let past = send(lab.cloud.nova, request()).await;
        assert_eq!(past.status, 400, "Nova reads chunks here: {past:?}");
        let request = request();
        let server = created(&lab.ask(&lab.user1, request).await);
        lab.active(&server).await;
        assert_eq!(lab.networks_of(&server).await, ["net1"]);
    })
    .await;
}

#[tokio::test]
async fn sixty_four_kilobytes_of_user_data_arrive() {
    with_lab(async |lab| {
        let mut body = lab.create_body(Some(lab.named(&["net1"])));
        // The most that Nova takes is 65535 characters.
        let data = "d2FmZmxl".repeat(8191);
        body["server"]["user_data"] = data.as_str().into();
        let answer = lab.ask(&lab.user1, post("/v2.1/servers", &body)).await;
        let server = created(&answer);
        lab.active(&server).await;
        let shown = lab.nova(&format!("GET /v2.1/servers/{server}")).await;
        assert_eq!(shown["server"]["OS-EXT-SRV-ATTR:user_data"], data);
    })
    .await;
}

#[tokio::test]
async fn each_spelling_of_the_path_that_nova_serves_is_judged_or_refused() {
    with_lab(async |lab| {
        let allowed = lab.create_body(Some(lab.named(&["net1"])));
        let banned = lab.create_body(Some(lab.named(&["net1", "net2"])));
        let (project, gateway) = (&lab.user1.project, lab.gateway.address);
        let mut servers = Vec::new();
        for target in [
            "//v2.1/servers".to_owned(),
            "/v2.1//servers".to_owned(),
            "/v2.1/%73ervers".to_owned(),
            "/v2%2E1/servers".to_owned(),
            "/v2/servers".to_owned(),
            "/v2.1/servers?".to_owned(),
            "/v2.1/servers?a=%0a&networks=none".to_owned(),
            format!("/v2.1/{project}/servers"),
            format!("http://{gateway}/v2.1/servers"),
        ] {
            let answer = lab.ask(&lab.user1, post(&target, &banned)).await;
            assert_refused(&answer, 403, "not allowed to use");
            assert_eq!(lab.made().await.len(), servers.len(), "{target}");
            servers.push(created(&lab.ask(&lab.user1, post(&target, &allowed)).await));
        }
        // Nova serves this under any host.
        let elsewhere = |body, host: &'static str| {
            let mut request = post("http://elsewhere/v2.1/servers", body);
            request
                .headers_mut()
                .insert("host", HeaderValue::from_static(host));
            request
        };
        let answer = lab.ask(&lab.user1, elsewhere(&banned, "elsewhere")).await;
        assert_refused(&answer, 403, "not allowed to use");
        let answer = lab.ask(&lab.user1, elsewhere(&allowed, "other")).await;
        assert_refused(&answer, 400, "not the host");
        assert_eq!(lab.made().await.len(), servers.len());
        let answer = lab.ask(&lab.user1, elsewhere(&allowed, "elsewhere")).await;
        servers.push(created(&answer));
        for (target, message) in [
            ("/v2.1/servers%0a", "control character"),
            ("/v2.1/servers%5c", "slash"),
            ("/v2.1%2fservers", "encoded slash"),
            ("/x/../v2.1/servers", "dot segment"),
            ("/x/%2e%2e/v2.1/servers", "dot segment"),
            ("/x/v2.1/servers", "must begin"),
            ("/v2.1/servers.json", "not a known form"),
        ] {
            for body in [&allowed, &banned] {
                let answer = lab.ask(&lab.user1, post(target, body)).await;
                assert_refused(&answer, 400, message);
            }
        }
        assert_eq!(lab.made().await.len(), servers.len());
        for server in servers {
            lab.active(&server).await;
            assert_eq!(lab.networks_of(&server).await, ["net1"]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_foreign_projects_path_makes_no_server() {
    with_lab(async |lab| {
        let target = format!("/v2.1/{}/servers", lab.admin.project);
        let body = lab.create_body(Some(lab.named(&["net1"])));
        let answer = lab.ask(&lab.user1, post(&target, &body)).await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
        let body = json!({ "server": {} });
        let answer = lab.ask(&lab.user1, post(&target, &body)).await;
        assert_refused(&answer, 403, "no networks are named");
        assert!(lab.made().await.is_empty());
    })
    .await;
}
