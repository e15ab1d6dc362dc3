//! What stands for Nova: a list of servers, a server that was created, and as many bytes as asked.

use std::{
    convert::Infallible,
    error::Error,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Frame, Incoming, SizeHint},
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;

/// A block, as often as it takes.
struct Blocks {
    block: Bytes,
    left: usize,
}

impl Body for Blocks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.left.min(self.block.len());
        self.left -= length;
        let frame = (length > 0).then(|| Ok(Frame::data(self.block.slice(..length))));
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left as u64)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }
}

pub async fn run(listen: SocketAddr) -> Result<(), Box<dyn Error>> {
    let list = Bytes::from(list());
    let zeros = Bytes::from(vec![b'0'; 64 * 1024]);
    crate::accept(listen, |stream| {
        let (list, zeros) = (list.clone(), zeros.clone());
        async move {
            let service = service_fn(|request| answer(&list, &zeros, request));
            let _ended = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
    })
    .await
}

/// `GET …/bytes/N` is N bytes, any other a list; a `POST` makes a server once its body is read.
async fn answer(
    list: &Bytes,
    zeros: &Bytes,
    request: Request<Incoming>,
) -> Result<Response<Blocks>, hyper::Error> {
    let (head, mut body) = request.into_parts();
    while let Some(frame) = body.frame().await {
        frame?;
    }
    let size = head.uri.path().rsplit_once("/bytes/");
    let (status, block, left) = match size.and_then(|(_, size)| size.parse().ok()) {
        Some(size) => (StatusCode::OK, zeros.clone(), size),
        None if head.method == Method::POST => {
            let created = Bytes::from_static(CREATED);
            (StatusCode::ACCEPTED, created, CREATED.len())
        }
        None => (StatusCode::OK, list.clone(), list.len()),
    };
    let mut response = Response::new(Blocks { block, left });
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    let id = HeaderValue::from_static("req-5b0e8a3c-4d7d-4a8e-9f5e-3f2d1c0b9a87");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response.headers_mut().insert("x-openstack-request-id", id);
    Ok(response)
}

/// About as much as Nova tells of four servers.
fn list() -> String {
    let server = |number| {
        format!(
            r#"{{"id":"7d1f6a52-0000-4000-8000-00000000000{number}","name":"worker-{number}","status":"ACTIVE","tenant_id":"6f70656e737461636b6f70656e737461","created":"2026-01-01T10:00:00Z","updated":"2026-01-01T10:00:07Z","flavor":{{"original_name":"m1.small"}},"addresses":{{"private":[{{"addr":"10.0.0.{number}","version":4}}]}},"metadata":{{}}}}"#
        )
    };
    let servers: Vec<_> = (1..=4).map(server).collect();
    format!(r#"{{"servers":[{}]}}"#, servers.join(","))
}

const CREATED: &[u8] = br#"{"server":{"id":"7d1f6a52-0000-4000-8000-000000000009","links":[{"rel":"self","href":"http://nova/v2.1/servers/7d1f6a52-0000-4000-8000-000000000009"}],"OS-DCF:diskConfig":"MANUAL","security_groups":[{"name":"default"}],"adminPass":"pT4kQzJ9aX2m"}}"#;
