//! The rules of the module, and a second reading of every answer by hyper.

#![expect(clippy::disallowed_methods, reason = "a test's own bodies")]

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use http::{HeaderMap, Method, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::client::conn::http1;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::*;
use crate::http_client::HTTP1_BUFFER;

/// What came of a request.
#[derive(Debug, PartialEq)]
struct Outcome {
    status: StatusCode,
    headers: HeaderMap,
    /// None if it ended early, or not as HTTP.
    body: Option<Bytes>,
}

fn request(method: &Method) -> Request<Outgoing<Full<Bytes>>> {
    let request = Request::builder().method(method).uri("/v2.1/servers");
    request.body(Outgoing::new(Full::default())).unwrap()
}

fn pool() -> Arc<Idle<Box<Connection>>> {
    Arc::new(Idle::new(Pool::default()))
}

/// Nova's part: an answer in pieces of this size, and then the end, unless it stays.
fn nova(mut stream: DuplexStream, answer: Vec<u8>, piece: usize, stays: bool) {
    tokio::spawn(async move {
        let mut head = [0; 4096];
        // The other side may have had enough at any time.
        let mut _length = stream.read(&mut head).await;
        for piece in answer.chunks(piece.max(1)) {
            if stream.write_all(piece).await.is_err() {
                return;
            }
            yield_now().await;
        }
        while stays && stream.read(&mut head).await.is_ok_and(|read| read > 0) {}
    });
}

/// How this module reads an answer, and whether the connection rests then.
async fn read(
    method: &Method,
    answer: &[u8],
    piece: usize,
    stays: bool,
) -> (Option<Outcome>, bool) {
    let (stream, other) = duplex(HTTP1_BUFFER);
    nova(other, answer.to_vec(), piece, stays);
    let due = Instant::now() + Duration::from_secs(20);
    let idle = pool();
    let mut sending = Sending::new(request(method));
    let response = exchange(Connection::new(stream, due), &mut sending, due, &idle).await;
    let Ok(response) = response else {
        return (None, idle.take().is_some());
    };
    let (head, body) = response.into_parts();
    let is_switched = head.status == StatusCode::SWITCHING_PROTOCOLS;
    let body = if is_switched {
        Some(Bytes::new())
    } else {
        body.collect().await.ok().map(|body| body.to_bytes())
    };
    let outcome = Outcome {
        status: head.status,
        headers: head.headers,
        body,
    };
    (Some(outcome), idle.take().is_some())
}

/// How hyper reads it.
async fn read_by_hyper(method: &Method, answer: &[u8], piece: usize) -> Option<Outcome> {
    let (stream, other) = duplex(HTTP1_BUFFER);
    nova(other, answer.to_vec(), piece, false);
    let handshake = http1::handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.ok()?;
    let connection = tokio::spawn(connection.with_upgrades());
    let response = sender.send_request(request(method)).await.ok();
    let outcome = match response {
        Some(response) => {
            let (head, body) = response.into_parts();
            let body = body.collect().await.ok().map(|body| body.to_bytes());
            Some(Outcome {
                status: head.status,
                headers: head.headers,
                body,
            })
        }
        None => None,
    };
    connection.abort();
    outcome
}

async fn outcome(answer: &str) -> Option<Outcome> {
    read(&Method::GET, answer.as_bytes(), usize::MAX, false)
        .await
        .0
}

async fn body(answer: &str) -> Option<Bytes> {
    outcome(answer).await.and_then(|outcome| outcome.body)
}

#[tokio::test]
async fn rule_1_an_unclear_head_is_none() {
    let large = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(HTTP1_BUFFER));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(101));
    for head in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "nonsense\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: b\n\nc: d\r\n\r\n",
        "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\nx",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        &large,
        &many,
    ] {
        assert_eq!(outcome(head).await, None, "{head}");
    }
    let same = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nContent-Length: 1\r\n\r\nx";
    let same = outcome(same).await.unwrap();
    assert_eq!(same.headers.get_all("content-length").iter().count(), 1);
    let most = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(100));
    assert_eq!(outcome(&most).await.unwrap().headers.len(), 100);
}

#[tokio::test]
async fn rule_2_a_body_is_as_long_as_the_head_says() {
    for (answer, wanted) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabc", "ab"),
        ("HTTP/1.1 200 OK\r\n\r\nabc", "abc"),
        ("HTTP/1.0 200 OK\r\n\r\nabc", "abc"),
        ("HTTP/1.1 204 No\r\ncontent-length: 2\r\n\r\nab", ""),
        ("HTTP/1.1 304 No\r\ncontent-length: 2\r\n\r\nab", ""),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n",
            "abc",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0A\r\n0123456789\r\n00\r\n\r\n",
            "0123456789",
        ),
    ] {
        assert_eq!(body(answer).await.unwrap(), wanted, "{answer}");
    }
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
    let (outcome, rests) = read(&Method::HEAD, head, usize::MAX, true).await;
    let outcome = outcome.unwrap();
    assert_eq!(outcome.headers["content-length"], "2");
    assert_eq!((outcome.body.unwrap(), rests), (Bytes::new(), true));
}

#[tokio::test]
async fn rule_3_interim_answers_and_trailers_are_passed_over() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n\
                  HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-sum: 1\r\n\r\n";
    let outcome = outcome(answer).await.unwrap();
    assert_eq!(outcome.status, 200);
    assert!(!outcome.headers.contains_key("link"));
    assert_eq!(outcome.body.unwrap(), "a");
}

#[tokio::test]
async fn rule_4_a_body_that_ends_early_is_an_error() {
    let long = format!("{}\r\n", "0".repeat(2000));
    let trailers = format!("0\r\n{}\r\n", "x: y\r\n".repeat(5000));
    assert_eq!(
        body("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na").await,
        None
    );
    for chunks in [
        "",
        "1\r\n",
        "1\r\na",
        "1\r\na\r\n",
        "1\r\na\r\n0\r\n",
        "1\r\nab\r\n0\r\n\r\n",
        "1\na\n0\n\n",
        "x\r\n",
        "\r\n",
        "1 x\r\na\r\n0\r\n\r\n",
        "1;x=\ry\r\na\r\n0\r\n\r\n",
        "1\r;x\r\na\r\n0\r\n\r\n",
        "1\x0c;x\r\na\r\n0\r\n\r\n",
        "-1\r\na\r\n0\r\n\r\n",
        "10000000000000000\r\na",
        &long,
        &trailers,
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        assert_eq!(body(&answer).await, None, "{chunks}");
    }
}

#[tokio::test]
async fn rule_5_an_answer_before_the_end_of_the_request_ends_the_connection() {
    let (stream, mut nova) = duplex(HTTP1_BUFFER);
    let (sender, frames) = tokio::sync::mpsc::channel::<Result<_, io::Error>>(1);
    let frames = futures_util::stream::unfold(frames, |mut frames| async {
        frames.recv().await.map(|frame| (frame, frames))
    });
    let body = Outgoing::new(StreamBody::new(Box::pin(frames)));
    let mut sending = Sending::new(Request::post("/").body(body).unwrap());
    let due = Instant::now() + Duration::from_secs(20);
    let idle = pool();
    nova.write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
        .await
        .unwrap();
    let response = exchange(Connection::new(stream, due), &mut sending, due, &idle);
    let response = response.await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        "no"
    );
    let mut sent = String::new();
    nova.read_to_string(&mut sent).await.unwrap();
    assert_eq!(
        sent,
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    assert!(idle.take().is_none());
    // The caller can go on writing for a while.
    let discarded = tokio::spawn(sending.discard());
    let piece = Bytes::from(vec![0; 64 * 1024]);
    let mut taken = 0;
    while sender.send(Ok(Frame::data(piece.clone()))).await.is_ok() {
        taken += 1;
    }
    assert!((16..20).contains(&taken), "{taken}");
    discarded.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_5_what_does_not_come_is_not_waited_for() {
    let never = StreamBody::new(futures_util::stream::pending::<io::Result<Frame<Bytes>>>());
    let request = Request::post("/").body(Outgoing::new(Box::pin(never)));
    let begin = Instant::now();
    Sending::new(request.unwrap()).discard().await;
    assert_eq!(begin.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn rule_5_an_answer_that_comes_after_writing_failed_is_had() {
    let (stream, mut nova) = tokio::io::simplex(1024);
    // Takes the head, and nothing of the body.
    let writing = tokio_test::io::Builder::new()
        .write(b"POST / HTTP/1.1\r\n\r\n")
        .write_error(io::ErrorKind::BrokenPipe.into())
        .build();
    let large = Full::new(Bytes::from(vec![b'x'; 100_000]));
    let mut sending = Sending::new(Request::post("/").body(Outgoing::new(large)).unwrap());
    let due = Instant::now() + Duration::from_secs(20);
    let connection = Connection::new(tokio::io::join(stream, writing), due);
    let answer = tokio::spawn(async move {
        let response = exchange(connection, &mut sending, due, &pool()).await;
        response.map(|response| response.status())
    });
    yield_now().await;
    nova.write_all(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(answer.await.unwrap().unwrap(), 413);
}

#[tokio::test]
async fn rule_7_what_comes_before_the_request_is_no_answer() {
    let reading = &b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"[..];
    let closed = tokio_test::io::Builder::new()
        .write_error(io::ErrorKind::BrokenPipe.into())
        .build();
    let due = Instant::now() + Duration::from_secs(20);
    let mut sending = Sending::new(request(&Method::GET));
    let connection = Connection::new(tokio::io::join(reading, closed), due);
    let outcome = exchange(connection, &mut sending, due, &pool()).await;
    // So that it is sent again on another.
    assert!(matches!(outcome, Err(SendError::Write(_))) && !sending.has_begun());
}

#[tokio::test]
async fn pieces_of_a_body_share_their_room() {
    let (stream, mut nova) = duplex(1024 * 1024);
    let due = Instant::now() + Duration::from_secs(20);
    let mut connection = Connection::new(stream, due);
    let mut pieces = Vec::new();
    for _ in 0..12 {
        nova.write_all(&[b'x'; 5_000]).await.unwrap();
        let piece = poll_fn(|cx| connection.poll_data(cx, u64::MAX)).await;
        pieces.push(piece.unwrap());
    }
    // Each begins where the one before ends, but where there is a new allocation.
    let apart = pieces
        .windows(2)
        .filter(|pair| pair[0].as_ptr_range().end != pair[1].as_ptr())
        .count();
    assert!(pieces.iter().all(|piece| piece.len() == 5_000));
    assert!(apart <= 1, "{apart}");
}

#[tokio::test]
async fn rule_6_only_a_clear_answer_leaves_a_connection() {
    for (answer, rests) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na", true),
        ("HTTP/1.1 204 No\r\n\r\n", true),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            true,
        ),
        (
            "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n",
            true,
        ),
        ("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", false),
        (
            "HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 0\r\n\r\n",
            false,
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab", false),
        ("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", false),
        ("HTTP/1.1 204 No\r\ncontent-length: 1\r\n\r\n", false),
        (
            "HTTP/1.1 204 No\r\ntransfer-encoding: chunked\r\n\r\n",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
            false,
        ),
        ("HTTP/1.1 101 Switching\r\n\r\n", false),
    ] {
        let (outcome, is_kept) = read(&Method::GET, answer.as_bytes(), usize::MAX, true).await;
        assert!(outcome.unwrap().body.is_some(), "{answer}");
        assert_eq!(is_kept, rests, "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_with_the_deadline() {
    let (stream, _nova) = duplex(1024);
    let due = Instant::now() + Duration::from_secs(90);
    let mut sending = Sending::new(request(&Method::GET));
    let silence = exchange(Connection::new(stream, due), &mut sending, due, &pool()).await;
    assert!(matches!(silence, Err(SendError::Silence)));
    assert_eq!(Instant::now(), due);
}

/// Answers and what is nearly one.
fn answers() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.0 200 OK\r\n",
        "HTTP/1.1 204 No Content\r\n",
        "HTTP/1.1 304 Not Modified\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\n",
        "HTTP/1.1 500 \r\n",
    ]);
    let header = prop::sample::select(vec![
        "content-length: 5\r\n",
        "Content-Length: 05\r\n",
        "content-length: 6\r\n",
        "transfer-encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "connection: close\r\n",
        "x-openstack-request-id: req-1\r\n",
        "x:\r\n",
    ]);
    let body = prop::sample::select(vec![
        "",
        "hello",
        "hello again",
        "5\r\nhello\r\n0\r\n\r\n",
        "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nx: y\r\n\r\n",
        "5\r\nhello\r\n",
        "F\r\nhello",
    ]);
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..3_u8);
    let parts = (line, prop::collection::vec(header, 0..4), body);
    (parts, prop::collection::vec(change, 0..3)).prop_map(|((line, headers, body), changes)| {
        let mut bytes = [line, &headers.concat(), "\r\n", body]
            .concat()
            .into_bytes();
        for (place, byte, kind) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => drop(bytes.remove(place)),
            }
        }
        bytes
    })
}

/// Where something is made of an answer, hyper makes the same of it. The other way round, this
/// module may refuse what hyper takes.
#[test]
fn what_is_read_is_what_hyper_reads() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.unwrap();
    let both = AtomicUsize::new(0);
    let method = prop::sample::select(vec![Method::GET, Method::HEAD, Method::DELETE]);
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2_000)
    };
    proptest!(config, |(
        answer in answers(),
        method in method,
        piece in prop::sample::select(vec![1, 3, 17, usize::MAX]),
    )| {
        let (own, _) = runtime.block_on(read(&method, &answer, piece, false));
        let hypers = runtime.block_on(read_by_hyper(&method, &answer, piece));
        if let Some(mut own) = own {
            let mut hypers = hypers.expect("hyper does not read it");
            if own.headers.get_all("content-length").iter().count() == 1 {
                // Here one that came several times is said once, and without leading zeros.
                for outcome in [&mut own, &mut hypers] {
                    outcome.headers.remove("content-length");
                }
            }
            prop_assert_eq!(own.status, hypers.status);
            prop_assert_eq!(own.headers, hypers.headers);
            if own.body.is_some() {
                prop_assert_eq!(own.body, hypers.body);
                both.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    // Otherwise the answers above are none.
    assert!(both.into_inner() > 500);
}
