//! Asking in JSON, on connections that are kept.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{HeaderMap, Method, Request, StatusCode, header::CONTENT_TYPE};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use crate::Fault;

pub struct Asked {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

#[derive(Clone)]
pub struct Ask {
    client: Client<HttpConnector, Full<Bytes>>,
    at: String,
}

impl Ask {
    pub fn new(address: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            at: format!("http://{address}"),
        }
    }

    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Result<Asked, Fault> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{path}", self.at))
            .header(CONTENT_TYPE, "application/json");
        let request = match token {
            "" => request,
            token => request.header("x-auth-token", token),
        };
        let request = request.body(Full::from(body.to_string()))?;
        let (head, body) = self.client.request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Asked {
            status: head.status,
            headers: head.headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }
}

impl Asked {
    /// That it went well, or what went wrong.
    pub fn well(self, what: &str) -> Result<Self, Fault> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(format!("{what}: {} {}", self.status, self.body).into())
    }
}
