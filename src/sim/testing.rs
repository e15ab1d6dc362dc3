//! An ordinary cloud and ordinary requests, so that a test shows only what is not.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tower_service::Service;

use super::{Api, Cloud, User};

pub(super) const A: &str = "abcdef01-c0de-4aaa-8bbb-fedcba987601";
pub(super) const B: &str = "abcdef02-c0de-4aaa-8bbb-fedcba987602";
pub(super) const SERVER: &str = "13c2a413-1f58-44c5-bc87-2c6e6058d12d";
pub(super) const PORT: &str = "90032ff8-184e-4ede-9457-9739e199de44";

/// Networks A and B; ann and bob, members of projects of their own; root, an administrator.
/// Tokens are the names. Ann's server has PORT, on A.
pub(super) fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.add_network(A, "net1").unwrap();
    cloud.add_network(B, "net2").unwrap();
    cloud.add_user(User::new("ann", "0a0a")).unwrap();
    cloud.add_user(User::new("bob", "0b0b")).unwrap();
    cloud
        .add_user(User::new("root", "0000").roles(["Admin"]))
        .unwrap();
    for name in ["ann", "bob", "root"] {
        cloud.add_token(name, name).unwrap();
    }
    cloud.add_server_as(SERVER, "0a0a", &[(A, PORT)]).unwrap();
    cloud
}

/// An answer, read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// Sends a request with ann's token unless the head has another.
pub(super) async fn send(
    cloud: &Cloud,
    api: Api,
    head: http::request::Builder,
    body: &str,
) -> Answer {
    let mut request = head.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let headers = request.headers_mut();
    if !headers.contains_key("x-auth-token") && !headers.contains_key("x-storage-token") {
        headers.insert("x-auth-token", http::HeaderValue::from_static("ann"));
    }
    let answer = cloud.service(api).call(request).await.unwrap();
    let (parts, mut body) = answer.into_parts();
    let body = match body.frame().await {
        Some(Ok(frame)) => serde_json::from_slice(frame.data_ref().unwrap()).unwrap(),
        _ => Value::Null,
    };
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// Sends ann's request to Nova.
pub(super) async fn nova(cloud: &Cloud, line: &str, body: &str) -> Answer {
    send(cloud, Api::Nova, head(line), body).await
}

/// Sends ann's request to Neutron.
pub(super) async fn neutron(cloud: &Cloud, line: &str, body: &str) -> Answer {
    send(cloud, Api::Neutron, head(line), body).await
}

/// The beginning of a request: `METHOD /path`.
pub(super) fn head(line: &str) -> http::request::Builder {
    let (method, target) = line.split_once(' ').unwrap();
    Request::builder().method(method).uri(target)
}
