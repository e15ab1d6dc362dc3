//! Heads, as they are on the wire.

use wafflehaus::proxy::Forwarding;

use super::common::{OK, Wire, pair, pair_with};

/// What reaches the upstream when a client sends this head, which has no body.
async fn forwarded(head: &str) -> (String, Vec<String>) {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client.send(head).await;
    let mut nova = Wire::accept(&upstream).await;
    let received = nova.head().await;
    nova.send(OK).await;
    assert_eq!(client.head().await.0, "HTTP/1.1 200 OK");
    received
}

#[tokio::test]
async fn the_target_is_in_origin_form_with_the_canonical_path_and_the_raw_query() {
    for (asked, wanted) in [
        ("/v2.1/servers", "GET /v2.1/servers HTTP/1.1"),
        (
            "//v2.1//%73ervers?a=%7e&b;c",
            "GET /v2.1/servers?a=%7e&b;c HTTP/1.1",
        ),
        ("http://api/v2.1/x", "GET /v2.1/x HTTP/1.1"),
        ("http://api?x", "GET /?x HTTP/1.1"),
        ("/v2.1/a%20b?", "GET /v2.1/a%20b? HTTP/1.1"),
    ] {
        let (line, _) = forwarded(&format!("GET {asked} HTTP/1.1\r\nHost: api\r\n\r\n")).await;
        assert_eq!(line, wanted);
    }
}

#[tokio::test]
async fn a_prefix_of_the_upstream_goes_before_the_path() {
    let (listener, address) = super::common::listen().await;
    let upstream = format!("http://{address}/compute/").parse().unwrap();
    let proxy = wafflehaus::proxy::Proxy::new(upstream).unwrap();
    let gateway = super::common::Gateway::new(proxy).await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send("GET /v2.1?x HTTP/1.1\r\nHost: api\r\n\r\n")
        .await;
    let mut nova = Wire::accept(&listener).await;
    assert_eq!(nova.head().await.0, "GET /compute/v2.1?x HTTP/1.1");
}

#[tokio::test]
async fn the_headers_are_those_that_are_not_about_the_connection() {
    let (_, headers) = forwarded(
        "GET /v2.1/servers HTTP/1.1\r\nHost: api.example\r\n\
         Connection: keep-alive, X-Drop\r\nX-Drop: a\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\n\
         Proxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\nX-Roles: admin\r\n\
         X_Project_Id: p\r\nX-Forwarded-For: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\n\
         X-Real-IP: 1.1.1.1\r\nX-Auth-Token: t\r\nAccept: */*\r\n\r\n",
    )
    .await;
    assert_eq!(
        headers,
        ["accept: */*", "host: api.example", "x-auth-token: t"]
    );
}

#[tokio::test]
async fn there_is_one_length_and_no_chunks_where_the_length_is_known() {
    let (_, headers) = forwarded(
        "POST /v2.1/servers HTTP/1.1\r\nHost: api\r\nContent-Length: 0\r\n\
         Expect: 100-continue\r\n\r\n",
    )
    .await;
    assert_eq!(headers, ["content-length: 0", "host: api"]);

    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello")
        .await;
    let mut nova = Wire::accept(&upstream).await;
    assert_eq!(nova.head().await.1, ["content-length: 5", "host: api"]);
    assert_eq!(nova.exactly(5).await, b"hello");
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_told_to_go_on() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        .await;
    assert_eq!(client.head().await.0, "HTTP/1.1 100 Continue");
    client.send("hi").await;
    let mut nova = Wire::accept(&upstream).await;
    assert_eq!(nova.head().await.1, ["content-length: 2", "host: api"]);
    assert_eq!(nova.exactly(2).await, b"hi");
}

#[tokio::test]
async fn a_length_beside_chunks_is_never_forwarded() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send(
            "POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 3\r\n\
             Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        )
        .await;
    // The server may refuse both together, but must not pass both on.
    tokio::select! {
        answer = client.rest() => assert!(answer.starts_with("HTTP/1.1 400"), "{answer}"),
        mut nova = Wire::accept(&upstream) => {
            assert_eq!(nova.head().await.1, ["connection: close", "host: api", "transfer-encoding: chunked"]);
            assert_eq!(nova.until("0\r\n\r\n").await, "5\r\nhello\r\n0\r\n\r\n");
        }
    }
}

#[tokio::test]
async fn a_read_with_a_chunked_body_smuggles_nothing() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send(
            "GET /one HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked\r\n\r\n\
             1d\r\nDELETE /v2.1/x HTTP/1.1\r\n\r\n12\r\n0\r\n\r\n",
        )
        .await;
    let mut nova = Wire::accept(&upstream).await;
    let (line, headers) = nova.head().await;
    assert_eq!(
        (line.as_str(), headers),
        ("GET /one HTTP/1.1", vec!["host: api".to_owned()])
    );
    nova.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .await;
    // Whatever else came would be here.
    drop(client);
    drop(gateway);
    assert_eq!(nova.rest().await, "");
}

#[tokio::test]
async fn chunks_are_the_last_on_their_connection() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    let mut ask = async |request: &str| {
        client.send(request).await;
        let mut nova = Wire::accept(&upstream).await;
        let (_, headers) = nova.head().await;
        nova.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .await;
        client.until("\r\n\r\n").await;
        (nova, headers)
    };
    let chunks = "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    let (mut first, headers) = ask(&format!("POST / HTTP/1.1\r\nHost: api\r\n{chunks}")).await;
    assert!(headers.contains(&"connection: close".into()), "{headers:?}");
    // On another connection, or this would wait for ever.
    let (_second, headers) = ask("GET / HTTP/1.1\r\nHost: api\r\n\r\n").await;
    assert_eq!(headers, ["host: api"]);
    assert_eq!(first.rest().await, "2\r\nhi\r\n0\r\n\r\n");
}

#[tokio::test]
async fn trailers_of_a_request_stay_here() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send(
            "POST / HTTP/1.1\r\nHost: api\r\nTrailer: x-roles\r\nTE: trailers\r\n\
             Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Roles: admin\r\n\r\n",
        )
        .await;
    let mut nova = Wire::accept(&upstream).await;
    assert_eq!(
        nova.head().await.1,
        [
            "connection: close",
            "host: api",
            "transfer-encoding: chunked"
        ]
    );
    assert_eq!(nova.until("0\r\n\r\n").await, "2\r\nhi\r\n0\r\n\r\n");
}

#[tokio::test]
async fn an_unclear_request_is_a_fault_and_nova_never_sees_it() {
    let (upstream, gateway) = pair().await;
    for request in [
        "GET /v2.1/servers%2fx HTTP/1.1\r\nHost: api",
        "GET /v2.1/../servers HTTP/1.1\r\nHost: api",
        "PUT /v2.1/servers?_method=POST HTTP/1.1\r\nHost: api",
        "OPTIONS * HTTP/1.1\r\nHost: api",
        "CONNECT nova:8774 HTTP/1.1\r\nHost: nova:8774",
        "TRACE /v2.1/servers HTTP/1.1\r\nHost: api",
        "FOO /v2.1/servers HTTP/1.1\r\nHost: api",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b",
        "GET / HTTP/1.1\r\nHost:",
        "GET http://b/ HTTP/1.1\r\nHost: a",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Auth-Token\r\nX-Auth-Token: t",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: content-length",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Host",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Forwarded-For",
    ] {
        let mut client = Wire::connect(gateway.address).await;
        client.send(format!("{request}\r\n\r\n")).await;
        let (line, headers) = client.head().await;
        assert_eq!(line, "HTTP/1.1 400 Bad Request", "{request}");
        assert!(headers.contains(&"content-type: application/json".to_owned()));
        assert!(
            client
                .until("}}")
                .await
                .starts_with("{\"badRequest\":{\"code\":400")
        );
    }
    drop(gateway);
    let (mut next, _) = {
        // Had anything been sent, a connection would be waiting.
        let own = tokio::net::TcpStream::connect(upstream.local_addr().unwrap())
            .await
            .unwrap();
        let accepted = Wire::accept(&upstream).await;
        assert_eq!(
            accepted.stream.peer_addr().unwrap(),
            own.local_addr().unwrap()
        );
        (accepted, own)
    };
    next.send("").await;
}

#[tokio::test]
async fn the_answer_keeps_what_is_not_about_the_connection() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client.send("GET / HTTP/1.1\r\nHost: api\r\n\r\n").await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.send(
        "HTTP/1.1 202 Fine\r\nConnection: X-Hop, Content-Type\r\nX-Hop: a\r\n\
         Keep-Alive: timeout=5\r\nUpgrade: h2c\r\nAlt-Svc: h2=\":443\"\r\n\
         Content-Type: text/plain\r\nDate: now\r\nX-OpenStack-Request-Id: r\r\n\
         Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    )
    .await;
    let (line, headers) = client.head().await;
    assert_eq!(line, "HTTP/1.1 202 Accepted");
    assert_eq!(
        headers,
        [
            "content-type: text/plain",
            "date: now",
            "transfer-encoding: chunked",
            "x-openstack-request-id: r",
        ]
    );
    assert_eq!(client.until("0\r\n\r\n").await, "3\r\nabc\r\n0\r\n\r\n");
}

#[tokio::test]
async fn the_answer_to_head_keeps_its_length() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client.send("HEAD / HTTP/1.1\r\nHost: api\r\n\r\n").await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.send("HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 42\r\n\r\n")
        .await;
    assert_eq!(client.head().await.1, ["content-length: 42", "date: now"]);
}

#[tokio::test]
async fn the_host_can_be_the_upstreams() {
    let (upstream, gateway) = pair_with(|builder| builder.rewrite_host(true)).await;
    let mut client = Wire::connect(gateway.address).await;
    client.send("GET / HTTP/1.1\r\nHost: api\r\n\r\n").await;
    let mut nova = Wire::accept(&upstream).await;
    let own = format!("host: {}", upstream.local_addr().unwrap());
    assert_eq!(nova.head().await.1, [own]);
}

#[tokio::test]
async fn the_server_tells_the_proxy_who_the_peer_is() {
    let (upstream, gateway) = pair_with(|builder| builder.forwarding(Forwarding::Append)).await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send("GET / HTTP/1.1\r\nHost: api\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n")
        .await;
    let mut nova = Wire::accept(&upstream).await;
    assert_eq!(
        nova.head().await.1,
        [
            "forwarded: for=127.0.0.1;proto=http;host=\"api\"",
            "host: api",
            "x-forwarded-for: 1.1.1.1, 127.0.0.1",
            "x-forwarded-host: api",
            "x-forwarded-proto: http",
        ]
    );
}
