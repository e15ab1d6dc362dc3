//! A request from its bytes, read by the server that would read it in the gateway.

use std::{convert::Infallible, sync::Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;

/// Reads one request of HTTP/1.1. Lines may end as text files have them.
pub(crate) async fn parse(bytes: Vec<u8>) -> Result<Request<Bytes>, String> {
    let bytes = wire(&bytes);
    let (mut client, server) = tokio::io::duplex(bytes.len().max(1024));
    let taken = Mutex::new(None);
    let service = service_fn(async |request: Request<Incoming>| {
        let (head, body) = request.into_parts();
        #[expect(clippy::disallowed_methods, reason = "it is all in memory already")]
        let body = body.collect().await.map(|body| body.to_bytes());
        if let (Ok(body), Ok(mut taken)) = (body, taken.lock()) {
            *taken = Some(Request::from_parts(head, body));
        }
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        // Nothing more comes, but the answer is still wanted.
        .half_close(true)
        .serve_connection(TokioIo::new(server), service);
    let write = async {
        client.write_all(&bytes).await?;
        client.shutdown().await
    };
    let (served, written) = tokio::join!(connection, write);
    let request = taken.into_inner().ok().flatten();
    match (request, served, written) {
        (Some(request), ..) => Ok(request),
        (None, Err(error), _) => Err(format!("standard input is not a request: {error}")),
        (None, Ok(()), _) => Err("standard input is not a whole request".to_owned()),
    }
}

/// The head with the line ends of HTTP, a `Host` and the length of the body if it says none.
fn wire(bytes: &[u8]) -> Vec<u8> {
    let text = bytes
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .map(|at| (at, 4));
    let unix = bytes
        .windows(2)
        .position(|it| it == b"\n\n")
        .map(|at| (at, 2));
    let (at, blank) = [text, unix]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or((bytes.len(), 0));
    let (head, body) = bytes.split_at(at);
    let body = body.get(blank..).unwrap_or_default();
    let mut wire = Vec::new();
    let mut names = Vec::new();
    for line in head.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        names.push(name.to_ascii_lowercase());
        wire.extend_from_slice(line);
        wire.extend_from_slice(b"\r\n");
    }
    let says = |name: &[u8]| names.iter().any(|said| said == name);
    if !says(b"host") {
        wire.extend_from_slice(b"Host: localhost\r\n");
    }
    // An editor's line end behind the body is not part of it.
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    if !says(b"content-length") && !says(b"transfer-encoding") && !body.is_empty() {
        wire.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    wire.extend_from_slice(b"\r\n");
    wire.extend_from_slice(body);
    wire
}
