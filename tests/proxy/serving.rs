//! The server: how it begins, serves and ends.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use wafflehaus::proxy::{Drain, Forwarding, ServeOptions, serve};

use super::common::{Gateway, OK, Wire, listen, pair, pair_with, soon, to};

async fn pair_serving(options: ServeOptions) -> (TcpListener, Gateway) {
    let (listener, address) = listen().await;
    let gateway = Gateway::with(to(address).build().unwrap(), options).await;
    (listener, gateway)
}

/// Returns once nobody listens there any more.
async fn refuses(address: SocketAddr) {
    soon(async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

const GET: &str = "GET / HTTP/1.1\r\nHost: api\r\n\r\n";

#[tokio::test]
async fn a_request_in_flight_is_answered_and_new_connections_are_refused() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    let mut idle = Wire::connect(gateway.address).await;
    client.send(GET).await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;

    gateway.stop.send(()).unwrap();
    refuses(gateway.address).await;
    assert_eq!(idle.rest().await, "");

    nova.send(OK).await;
    assert!(client.rest().await.ends_with("\r\n\r\nok"));
    assert_eq!(soon(gateway.server).await.unwrap(), Drain::Complete);
}

#[tokio::test]
async fn what_is_unanswered_at_the_deadline_is_cut_off_and_told() {
    let options = ServeOptions::new().drain_deadline(Duration::from_millis(20));
    let (upstream, gateway) = pair_serving(options).await;
    let mut client = Wire::connect(gateway.address).await;
    client.send(GET).await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    gateway.stop.send(()).unwrap();
    let ended = soon(gateway.server).await.unwrap();
    assert_eq!(ended, Drain::CutOff { connections: 1 });
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_websocket_does_not_hold_the_end_up() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send("GET / HTTP/1.1\r\nHost: api\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
        .await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.send("HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello")
        .await;
    client.until("hello").await;
    gateway.stop.send(()).unwrap();
    assert_eq!(soon(gateway.server).await.unwrap(), Drain::Complete);
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_head_is_dropped() {
    // The last two are not even enough to tell the version of HTTP.
    for begun in ["GET / HTTP/1.1\r\nHost:", "P", ""] {
        let options = ServeOptions::new().header_read_timeout(Duration::from_millis(30));
        let (_upstream, gateway) = pair_serving(options).await;
        let mut client = Wire::connect(gateway.address).await;
        client.send(begun).await;
        let answer = client.rest().await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_request_may_take_longer_than_its_head() {
    let options = ServeOptions::new().header_read_timeout(Duration::from_millis(30));
    let (upstream, gateway) = pair_serving(options).await;
    let mut client = Wire::connect(gateway.address).await;
    client.send(GET).await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    // A second connection that is silent from the start is dropped first.
    assert_eq!(Wire::connect(gateway.address).await.rest().await, "");
    nova.send(OK).await;
    assert_eq!(client.head().await.0, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn without_keep_alive_a_connection_carries_one_request() {
    let (upstream, gateway) = pair_serving(ServeOptions::new().keep_alive(false)).await;
    let mut client = Wire::connect(gateway.address).await;
    client.send(GET).await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.send(OK).await;
    assert!(client.rest().await.ends_with("ok"));
}

#[tokio::test]
async fn http2_clients_are_served_and_their_authority_is_the_host() {
    let (upstream, gateway) = pair_with(|builder| builder.forwarding(Forwarding::Replace)).await;
    let stream = soon(TcpStream::connect(gateway.address)).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://api.example:8774/v2.1")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let answer = tokio::spawn(async move { client.send_request(request).await });
    let mut nova = Wire::accept(&upstream).await;
    let (line, headers) = nova.head().await;
    assert_eq!(line, "GET /v2.1 HTTP/1.1");
    assert!(
        headers.contains(&"host: api.example:8774".to_owned()),
        "{headers:?}"
    );
    assert!(
        headers.contains(&"x-forwarded-for: 127.0.0.1".to_owned()),
        "{headers:?}"
    );
    nova.send(OK).await;
    let answer = soon(answer).await.unwrap().unwrap();
    assert_eq!(answer.version(), http::Version::HTTP_2);
    let mut body = answer.into_body();
    let frame = soon(body.frame()).await.unwrap().unwrap();
    assert_eq!(frame.into_data().unwrap(), "ok");
}

#[tokio::test]
async fn a_service_behind_a_box_can_be_served() {
    let (upstream, address) = listen().await;
    let proxy = to(address).build().unwrap();
    let (listener, own) = listen().await;
    // Can be sent to another thread, but not shared between two.
    let boxed = tower::util::BoxCloneService::new(proxy);
    let never = std::future::pending();
    tokio::spawn(serve(listener, boxed, never, ServeOptions::new()));
    let mut client = Wire::connect(own).await;
    client.send(GET).await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.send(OK).await;
    assert_eq!(client.head().await.0, "HTTP/1.1 200 OK");
}
