//! Requests that are not quite HTTP, or two requests for one.

use wafflehaus::sim::Api;

use crate::{
    gateway::{Remote, ask, client},
    requests::{Shot, status, table::Sight},
    world::*,
};

fn create(networks: &[&str]) -> String {
    let entries: Vec<_> = networks
        .iter()
        .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
        .collect();
    format!(
        r#"{{"server": {{"name": "n", "flavorRef": "1", "networks": [{}]}}}}"#,
        entries.join(",")
    )
}

/// Head and body, as given: a head ends with its last header.
fn raw(head: &[&str], body: &str) -> Vec<u8> {
    let identity = String::from_utf8(Shot::bare("GET /").bytes(ALICE)).unwrap();
    let identity = identity.split("\r\n").filter(|line| line.starts_with("X-"));
    let lines: Vec<_> = head.iter().copied().chain(identity).collect();
    format!("{}\r\n\r\n{body}", lines.join("\r\n")).into_bytes()
}

const POST: &str = "POST /v2.1/servers HTTP/1.1";
const HOST: &str = "Host: nova.example";
const JSON: &str = "Content-Type: application/json";
const CLOSE: &str = "Connection: close";

#[tokio::test]
async fn a_request_with_two_ends_does_nothing() {
    let (bad, good) = (create(&[REQUIRED, BANNED]), create(&[REQUIRED]));
    let length = format!("Content-Length: {}", bad.len());
    let other = format!("Content-Length: {}", good.len());
    let chunked = "Transfer-Encoding: chunked";
    let chunk = |body: &str| format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    // The rest of a body is the next request to whoever takes the smaller length.
    let smuggled = String::from_utf8(raw(&[POST, HOST, JSON, &length, CLOSE], &bad)).unwrap();
    let shorter = format!("{good}{smuggled}");
    let longer = format!("Content-Length: {}", shorter.len());
    let host_then = |rest: &[&str], body: &str| {
        let head: Vec<_> = [POST, HOST, JSON]
            .into_iter()
            .chain(rest.iter().copied())
            .collect();
        raw(&head, body)
    };
    let cases = [
        ("both", host_then(&[&length, chunked, CLOSE], &chunk(&bad))),
        (
            "both, other way round",
            host_then(&[chunked, &length, CLOSE], &chunk(&bad)),
        ),
        (
            "length of the chunks",
            host_then(&[chunked, &longer, CLOSE], &format!("0\r\n\r\n{smuggled}")),
        ),
        ("two lengths", host_then(&[&other, &length, CLOSE], &bad)),
        (
            "two lengths, smaller last",
            host_then(&[&longer, &other], &shorter),
        ),
        (
            "a list of lengths",
            host_then(&["Content-Length: 5, 6", CLOSE], &bad),
        ),
        (
            "a signed length",
            host_then(&[&length.replace(": ", ": +"), CLOSE], &bad),
        ),
        (
            "an unknown coding",
            host_then(&["Transfer-Encoding: gzip, identity", CLOSE], &bad),
        ),
        (
            "chunks inside a list",
            host_then(
                &["Transfer-Encoding: chunked, identity", CLOSE],
                &chunk(&bad),
            ),
        ),
        (
            "a space before the colon",
            host_then(&[&length.replace(':', " :"), CLOSE], &bad),
        ),
        (
            "a folded header",
            host_then(&["X-A: b\r\n c", &length, CLOSE], &bad),
        ),
        (
            "no version",
            raw(&["POST /v2.1/servers", HOST, JSON, &length], &bad),
        ),
        (
            "an old version",
            raw(&["POST /v2.1/servers HTTP/1.0", HOST, JSON, &length], &bad),
        ),
        ("two hosts", host_then(&[HOST, &length, CLOSE], &bad)),
        (
            "a space in the target",
            raw(
                &["POST /v2.1/servers x HTTP/1.1", HOST, JSON, &length, CLOSE],
                &bad,
            ),
        ),
        (
            "a line feed alone",
            raw(
                &["POST /v2.1/servers HTTP/1.1\nHost: a", JSON, &length, CLOSE],
                &bad,
            ),
        ),
        (
            "a name for Connection",
            host_then(&["Connection: close, Content-Length", &length], &bad),
        ),
        (
            "a token for Connection",
            host_then(&["Connection: close, X-Auth-Token", &length], &bad),
        ),
    ];
    let client = client();
    for (name, bytes) in cases {
        let cloud = cloud(Sight::All);
        let before = state(&cloud);
        let gateway = Remote::before(&cloud, &client).await;
        let answer = ask_and_close(&gateway, &bytes).await;
        assert_eq!(harm(&cloud), None, "{name}: {answer}");
        let made = made(&cloud);
        assert!(
            state(&cloud) == before || made == [[REQUIRED]],
            "{name}: {made:?}"
        );
        assert!(
            (200..500).contains(&status(&answer))
                || answer.is_empty()
                || answer.starts_with("HTTP/1.0 4"),
            "{name}: {answer}"
        );
    }
}

/// Ends its side at once, so that nobody waits for the rest of a request that has none.
async fn ask_and_close(gateway: &Remote, bytes: &[u8]) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(gateway.address)
        .await
        .unwrap();
    let mut answer = Vec::new();
    if stream.write_all(bytes).await.is_ok() && stream.shutdown().await.is_ok() {
        stream.read_to_end(&mut answer).await.unwrap_or_default();
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_request_in_the_body_of_another_is_not_a_request() {
    let body = create(&[BANNED]);
    let length = format!("Content-Length: {}", body.len());
    let inner = String::from_utf8(raw(&[POST, HOST, JSON, &length, CLOSE], &body)).unwrap();
    let outer_length = format!("Content-Length: {}", inner.len());
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    for line in [
        "GET /v2.1/servers HTTP/1.1",
        "HEAD /v2.1/servers HTTP/1.1",
        "DELETE /v2.1/os-keypairs/x HTTP/1.1",
        "OPTIONS /v2.1/servers HTTP/1.1",
        "PUT /v2.1/os-services/x HTTP/1.1",
        "POST /v2.1/os-keypairs HTTP/1.1",
    ] {
        let chunks = format!("{:x}\r\n{inner}\r\n0\r\n\r\n", inner.len());
        for bytes in [
            raw(&[line, HOST, &outer_length, CLOSE], &inner),
            raw(&[line, HOST, "Transfer-Encoding: chunked", CLOSE], &chunks),
        ] {
            ask(gateway.address, &bytes).await;
            // A second one shows what the first has left on the connection to the cloud.
            let next = Shot::bare("GET /v2.1/servers");
            assert_eq!(gateway.send(&next).await.status, 200, "{line}");
            assert_eq!(made(&cloud), Vec::<Vec<String>>::new(), "{line}");
        }
    }
}

#[tokio::test]
async fn what_is_forwarded_is_what_was_judged() {
    let body = create(&[REQUIRED, FREE]);
    let chunks = format!(
        "{:x}\r\n{body}\r\n0\r\nX-Roles: operator\r\nX-Auth-Token: {ADMIN_TOKEN}\r\n\r\n",
        body.len()
    );
    let bytes = raw(
        &[
            "POST //v2.1//%73ervers?a=b HTTP/1.1",
            HOST,
            "Content-Type: application/json; charset=utf-16; version=2/x",
            "Transfer-Encoding: chunked",
            "Trailer: X-Roles",
            "Expect: 100-continue",
            "Content-Encoding: identity",
            "TE: trailers",
            "X_Roles: operator",
            "X-Storage-Token: root-token",
            "X-Wafflehaus-Enabled: 0",
            "X-Forwarded-For: 192.0.2.1",
            "Proxy-Authorization: Basic x",
            CLOSE,
        ],
        &chunks,
    );
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    let answer = ask(gateway.address, &bytes).await;
    assert!(answer.contains("HTTP/1.1 202"), "{answer}");
    assert_eq!(made(&cloud), [[REQUIRED, FREE]]);
    let received = cloud.received(Api::Nova);
    let [received] = received.as_slice() else {
        panic!("{received:?}");
    };
    assert_eq!(received.path, "/v2.1/servers");
    assert_eq!(received.query, "a=b");
    assert_eq!(received.body, body);
    let mut headers: Vec<_> = received
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    assert_eq!(
        headers,
        [
            format!("content-length: {}", body.len()),
            "content-type: application/json".to_owned(),
            "host: nova.example".to_owned(),
            format!("x-auth-token: {TOKEN}"),
        ]
    );
}
