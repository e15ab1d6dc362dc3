//! Whose fault it is when there is no answer.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::ServiceExt;
use wafflehaus::{
    policy::{Denial, DenialKind},
    proxy::Proxy,
};

use super::common::{Gateway, OK, Wire, listen, pair, pair_with, soon, to};
use super::log::Log;

const GET: &str = "GET /v2.1/servers HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n";

fn post(path: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: api\r\nContent-Length: 2\r\n\r\nhi")
}

#[tokio::test]
async fn refusing_connections_is_503() {
    let (listener, address) = listen().await;
    drop(listener);
    let gateway = Gateway::new(to(address).build().unwrap()).await;
    let answer = gateway.ask(GET).await;
    assert!(
        answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{answer}"
    );
    assert!(answer.contains("retry-after: 5\r\n"), "{answer}");
    assert!(
        answer.contains("{\"serviceUnavailable\":{\"code\":503"),
        "{answer}"
    );
}

#[tokio::test]
async fn an_unknown_name_is_503() {
    let upstream = "http://nova.invalid:8774".parse().unwrap();
    let gateway = Gateway::new(Proxy::new(upstream).unwrap()).await;
    let answer = gateway.ask(GET).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}

#[tokio::test]
async fn closing_before_an_answer_is_502() {
    let (upstream, gateway) = pair().await;
    let nova = async {
        let mut nova = Wire::accept(&upstream).await;
        nova.head().await;
    };
    let ((), answer) = tokio::join!(nova, gateway.ask(GET));
    assert!(
        answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("{\"computeFault\":{\"code\":502"),
        "{answer}"
    );
    assert!(!answer.contains("retry-after"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_502() {
    for reply in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\n",
    ] {
        let (upstream, gateway) = pair().await;
        let nova = async {
            let mut nova = Wire::accept(&upstream).await;
            nova.head().await;
            nova.send(reply).await;
            nova.rest().await;
        };
        let ((), answer) = tokio::join!(nova, gateway.ask(GET));
        assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    }
}

#[tokio::test]
async fn no_answer_in_time_is_504_and_the_connection_is_given_up() {
    let (upstream, gateway) =
        pair_with(|builder| builder.answer_timeout(Duration::from_millis(50))).await;
    let nova = async {
        let mut nova = Wire::accept(&upstream).await;
        nova.head().await;
        assert_eq!(nova.rest().await, "");
    };
    let ((), answer) = tokio::join!(nova, gateway.ask(GET));
    assert!(
        answer.starts_with("HTTP/1.1 504 Gateway Timeout\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("{\"computeFault\":{\"code\":504"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_body_that_does_not_come_is_the_clients_fault() {
    let (upstream, gateway) =
        pair_with(|builder| builder.answer_timeout(Duration::from_millis(50))).await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 100\r\n\r\nx")
        .await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    assert_eq!(client.head().await.0, "HTTP/1.1 400 Bad Request");
    assert!(client.until("}}").await.contains("did not arrive in time"));
}

#[tokio::test]
async fn an_answer_cut_short_is_cut_short_for_the_client() {
    let (upstream, gateway) = pair().await;
    let nova = async {
        let mut nova = Wire::accept(&upstream).await;
        nova.head().await;
        nova.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            .await;
    };
    let ((), answer) = tokio::join!(nova, gateway.ask(GET));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_body_that_a_layer_breaks_off_is_not_novas_fault() {
    let (upstream, address) = listen().await;
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<_, io::Error>>(2);
    let frames = futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|frame| (frame, receiver))
    });
    let body = http_body_util::StreamBody::new(Box::pin(frames));
    let proxy = to(address).build().unwrap();
    let request = Request::post("/v2.1/servers").body(body).unwrap();
    let answer = tokio::spawn(proxy.oneshot(request));
    let frame = http_body::Frame::data(Bytes::from_static(b"one"));
    sender.send(Ok(frame)).await.unwrap();
    let mut nova = Wire::accept(&upstream).await;
    nova.until("3\r\none\r\n").await;
    sender
        .send(Err(io::ErrorKind::UnexpectedEof.into()))
        .await
        .unwrap();
    let answer: Response<_> = soon(answer).await.unwrap().unwrap();
    assert_eq!(answer.status(), 400);
    let denial = answer.extensions().get::<Denial>().unwrap();
    assert_eq!(denial.kind(), DenialKind::BodyUnreadable);
    // What Nova got must not look whole.
    assert_eq!(nova.rest().await, "");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_request_to_nova() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client.send(GET).await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    drop(client);
    assert_eq!(nova.rest().await, "");
}

#[tokio::test]
async fn a_denial_travels_with_the_answer_and_a_renderer_renders_it() {
    let (listener, address) = listen().await;
    drop(listener);
    let proxy = to(address)
        .with_fault_renderer(|denial| {
            let mut response = Response::new(Bytes::from_static(b"mine"));
            *response.status_mut() = denial.kind().status();
            response
        })
        .build()
        .unwrap();
    let request = Request::get("/").body(Full::<Bytes>::default()).unwrap();
    let answer = soon(proxy.oneshot(request)).await.unwrap();
    let denial = answer.extensions().get::<Denial>().unwrap();
    assert_eq!(denial.kind(), DenialKind::UpstreamUnreachable);
    assert_eq!(http_body::Body::size_hint(answer.body()).exact(), Some(4));
}

#[tokio::test]
async fn a_connection_is_used_again_and_a_closed_one_is_not() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    let mut nova = {
        client.send(post("/1")).await;
        Wire::accept(&upstream).await
    };
    for path in ["/1", "/2", "/3"] {
        if path != "/1" {
            client.send(post(path)).await;
        }
        assert_eq!(nova.head().await.0, format!("POST {path} HTTP/1.1"));
        nova.exactly(2).await;
        nova.send(OK).await;
        client.until("\r\n\r\nok").await;
    }
    // Nova closes what is idle; the next request goes over a new connection.
    drop(nova);
    client.send(post("/4")).await;
    let mut nova = Wire::accept(&upstream).await;
    assert_eq!(nova.head().await.0, "POST /4 HTTP/1.1");
    nova.send(OK).await;
    client.until("\r\n\r\nok").await;
}

#[tokio::test]
async fn no_more_connections_are_kept_than_wanted() {
    let (upstream, gateway) = pair_with(|builder| builder.most_idle(0)).await;
    let mut client = Wire::connect(gateway.address).await;
    for path in ["/1", "/2"] {
        client.send(post(path)).await;
        let mut nova = Wire::accept(&upstream).await;
        nova.head().await;
        nova.exactly(2).await;
        nova.send(OK).await;
        client.until("\r\n\r\nok").await;
        assert_eq!(nova.rest().await, "");
    }
}

#[tokio::test]
async fn a_warning_says_what_happened_and_no_secret() {
    // Everything runs on this one thread.
    let log = Log::start();
    let (listener, address) = listen().await;
    drop(listener);
    let gateway = Gateway::new(to(address).build().unwrap()).await;
    gateway
        .ask(
            "GET /v2.1/servers?name=hunter2 HTTP/1.1\r\nHost: api\r\n\
             X-Auth-Token: hunter2\r\nConnection: close\r\n\r\n",
        )
        .await;
    let all = log.text();
    assert_eq!(all.matches(r#""level":"WARN""#).count(), 1, "{all}");
    assert_eq!(all.matches(r#""level":"ERROR""#).count(), 0, "{all}");
    let told = &log.events("wafflehaus::proxy::future")[0].to_string();
    for part in ["upstream_unreachable", "GET", "/v2.1/servers", "refused"] {
        assert!(told.contains(part), "{told}");
    }
    for line in all.lines().filter(|line| line.contains("wafflehaus::")) {
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[tokio::test]
async fn a_post_is_never_sent_twice() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client.send(post("/1")).await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.exactly(2).await;
    nova.send(OK).await;
    client.until("\r\n\r\nok").await;
    // Nova reads the second on the pooled connection, and dies.
    client.send(post("/2")).await;
    nova.head().await;
    drop(nova);
    assert_eq!(client.head().await.0, "HTTP/1.1 502 Bad Gateway");
    // The next connection carries the next request.
    client.until("}}").await;
    client.send(post("/3")).await;
    let mut nova = Wire::accept(&upstream).await;
    assert_eq!(nova.head().await.0, "POST /3 HTTP/1.1");
}
