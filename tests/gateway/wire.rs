//! What arrives on the wire, and what goes on.

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wafflehaus::{proxy::Drain, sim::Api};

use crate::support::*;

#[tokio::test]
async fn a_chunked_create_goes_on_in_one_piece_with_its_length() {
    let gateway = Gateway::start().await;
    let body = json(&[REQUIRED, FREE]);
    let mut request = head("POST //v2.1/%73ervers");
    request += "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
    for chunk in body.as_bytes().chunks(7) {
        request += &format!(
            "{:x}\r\n{}\r\n",
            chunk.len(),
            str::from_utf8(chunk).unwrap()
        );
    }
    request += "0\r\nX-Trailer: dropped\r\n\r\n";
    assert!(gateway.send(&request).await.starts_with("HTTP/1.1 202 "));
    let nova = gateway.only();
    assert_eq!(
        (nova.path.as_str(), nova.body.as_ref()),
        ("/v2.1/servers", body.as_bytes())
    );
    assert_eq!(nova.headers["content-length"], body.len().to_string());
    assert_eq!(nova.headers.get_all("content-length").iter().count(), 1);
    assert_eq!(nova.headers["content-type"], "application/json");
    for gone in [
        "transfer-encoding",
        "x-user-id",
        "x-project-id",
        "x-roles",
        "x-trailer",
    ] {
        assert!(!nova.headers.contains_key(gone), "{gone}");
    }
    let servers = gateway.cloud.servers();
    let created = servers.iter().find(|id| *id != SERVER).unwrap();
    assert_eq!(gateway.cloud.server_networks(created), [REQUIRED, FREE]);
}

#[tokio::test]
async fn http2_is_judged_the_same() {
    let gateway = Gateway::start().await;
    let connection = TokioIo::new(gateway.connect().await);
    let (mut sender, driver) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), connection)
            .await
            .unwrap();
    tokio::spawn(driver);
    for (networks, status) in [(&[REQUIRED][..], 202), (&[BANNED], 403)] {
        let request = http::Request::post(format!("http://{}/v2.1/servers", gateway.address))
            .header("x-user-id", "alice")
            .header("x-project-id", PROJECT)
            .header("x-roles", "role1")
            .header("x-auth-token", "token")
            .body(Full::new(Bytes::from(json(networks))))
            .unwrap();
        assert_eq!(sender.send_request(request).await.unwrap().status(), status);
    }
    assert_eq!(gateway.only().headers["host"], gateway.address.to_string());
}

#[tokio::test]
async fn a_client_that_stops_halfway_leaves_nothing_behind() {
    let gateway = Gateway::start().await;
    let request = with_body("POST /v2.1/servers", &json(&[REQUIRED]));
    let mut connection = gateway.connect().await;
    connection
        .write_all(&request.as_bytes()[..request.len() - 5])
        .await
        .unwrap();
    connection.shutdown().await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
        "{answer}"
    );
    assert!(gateway.cloud.received(Api::Nova).is_empty());
    assert!(gateway.send(&request).await.starts_with("HTTP/1.1 202 "));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let gateway = Gateway::start().await;
    let mut request = head("POST /v2.1/servers");
    request += "Content-Length: 10000000000\r\nExpect: 100-continue\r\n\r\n";
    let answer = gateway.send(&request).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(gateway.cloud.received(Api::Nova).is_empty());
}

#[tokio::test]
async fn two_lengths_or_a_length_beside_chunks_never_reach_nova_as_two_readings() {
    let gateway = Gateway::start().await;
    let body = json(&[REQUIRED]);
    for headers in [
        format!("Content-Length: {}\r\nContent-Length: 3\r\n", body.len()),
        format!(
            "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n",
            body.len()
        ),
    ] {
        let request = format!("{}{headers}\r\n{body}", head("POST /v2.1/servers"));
        let answer = gateway.send(&request).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
        assert!(gateway.cloud.received(Api::Nova).is_empty(), "{headers}");
    }
}

#[tokio::test]
async fn an_attach_and_a_detach_have_their_effect_or_none() {
    let gateway = Gateway::start().await;
    let networks = || gateway.cloud.server_networks(SERVER);
    assert!(
        gateway
            .send(&attach(BANNED))
            .await
            .starts_with("HTTP/1.1 403 ")
    );
    assert!(
        gateway
            .send(&detach(PORT))
            .await
            .starts_with("HTTP/1.1 403 ")
    );
    assert_eq!(networks(), [REQUIRED]);
    assert!(
        gateway
            .send(&attach(FREE))
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    assert!(
        gateway
            .send(&attach(MORE))
            .await
            .starts_with("HTTP/1.1 403 ")
    );
    assert_eq!(networks(), [REQUIRED, FREE]);
    let ports = gateway.cloud.server_ports(SERVER);
    let free = ports.iter().find(|id| *id != PORT).unwrap();
    assert!(
        gateway
            .send(&detach(free))
            .await
            .starts_with("HTTP/1.1 202 ")
    );
    assert_eq!(networks(), [REQUIRED]);
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_gateway_ends() {
    let gateway = Gateway::start().await;
    gateway.cloud.hold(Api::Nova);
    let mut connection = gateway.connect().await;
    let request = with_body("POST /v2.1/servers", &json(&[REQUIRED]));
    connection.write_all(request.as_bytes()).await.unwrap();
    gateway.cloud.until_in_flight(Api::Nova, 1).await;
    let cloud = gateway.cloud.clone();
    let stopping = tokio::spawn(gateway.stop());
    cloud.release(Api::Nova);
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert_eq!(stopping.await.unwrap(), Drain::Complete);
}
