//! WebSockets pass, and no other protocol.

use super::common::{OK, Wire, pair};

fn asking(upgrade: &str) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nHost: api\r\nConnection: keep-alive, Upgrade\r\n\
         Upgrade: {upgrade}\r\nSec-WebSocket-Key: a\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    )
}

const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
                        Upgrade: websocket\r\nSec-WebSocket-Accept: b\r\n\r\n";

#[tokio::test]
async fn a_websocket_joins_both_sides() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client.send(asking("WebSocket")).await;
    let mut nova = Wire::accept(&upstream).await;
    assert_eq!(
        nova.head().await.1,
        [
            "connection: upgrade",
            "host: api",
            "sec-websocket-key: a",
            "upgrade: websocket"
        ]
    );
    nova.send(format!("{SWITCHED}welcome")).await;
    let (line, headers) = client.head().await;
    assert_eq!(line, "HTTP/1.1 101 Switching Protocols");
    for header in [
        "connection: upgrade",
        "upgrade: websocket",
        "sec-websocket-accept: b",
    ] {
        assert!(headers.contains(&header.to_owned()), "{headers:?}");
    }
    assert_eq!(client.until("welcome").await, "welcome");
    for _ in 0..3 {
        client.send("ping").await;
        assert_eq!(nova.until("ping").await, "ping");
        nova.send("pong").await;
        assert_eq!(client.until("pong").await, "pong");
    }
    drop(nova);
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn any_other_protocol_is_forwarded_as_an_ordinary_request() {
    for other in ["h2c", "websocket, h2c", "tls/1.3"] {
        let (upstream, gateway) = pair().await;
        let mut client = Wire::connect(gateway.address).await;
        client.send(asking(other)).await;
        let mut nova = Wire::accept(&upstream).await;
        assert_eq!(nova.head().await.1, ["host: api", "sec-websocket-key: a"]);
        nova.send(OK).await;
        assert_eq!(client.head().await.0, "HTTP/1.1 200 OK");
        // What follows is a request like any other, judged and forwarded as one.
        client.until("ok").await;
        client.send("TRACE / HTTP/1.1\r\nHost: api\r\n\r\n").await;
        assert_eq!(client.head().await.0, "HTTP/1.1 400 Bad Request");
    }
}

#[tokio::test]
async fn a_websocket_that_nova_declines_is_no_tunnel() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client.send(asking("websocket")).await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.send(
        "HTTP/1.1 426 No\r\nUpgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let (line, headers) = client.head().await;
    assert_eq!(line, "HTTP/1.1 426 Upgrade Required");
    assert!(
        !headers.iter().any(|header| header.starts_with("upgrade")),
        "{headers:?}"
    );
    client.send("TRACE / HTTP/1.1\r\nHost: api\r\n\r\n").await;
    assert_eq!(client.head().await.0, "HTTP/1.1 400 Bad Request");
}

#[tokio::test]
async fn a_switch_that_was_not_asked_for_is_502() {
    for (request, reply) in [
        (
            "GET / HTTP/1.1\r\nHost: api\r\n\r\n".to_owned(),
            SWITCHED.to_owned(),
        ),
        (asking("h2c"), SWITCHED.replace("websocket", "h2c")),
        (asking("websocket"), SWITCHED.replace("websocket", "h2c")),
    ] {
        let (upstream, gateway) = pair().await;
        let mut client = Wire::connect(gateway.address).await;
        client.send(request).await;
        let mut nova = Wire::accept(&upstream).await;
        nova.head().await;
        nova.send(reply).await;
        assert_eq!(client.head().await.0, "HTTP/1.1 502 Bad Gateway");
    }
}
