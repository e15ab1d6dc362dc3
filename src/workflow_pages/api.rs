//! The REST service, asked from within: so who may do what is decided there, and there alone.

use std::{net::SocketAddr, pin::pin};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER},
    request::Parts,
};
use serde_json::Value;
use tower_service::Service as _;

use crate::{body::Reading, keystone::Token, request_id::REQUEST_ID};

/// The service.
#[derive(Clone, Debug)]
pub(super) struct Api(Router);

/// Whose request a page acts on, as far as the service is told.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    peer: Option<ConnectInfo<SocketAddr>>,
    headers: HeaderMap,
}

/// What the service said.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
    pub(super) retry_after: Option<HeaderValue>,
}

impl Sender {
    pub(super) fn of(parts: &Parts) -> Self {
        let kept = [http::HeaderName::from_static("x-forwarded-for"), REQUEST_ID];
        let mut headers = HeaderMap::new();
        for name in kept {
            for value in parts.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        Self {
            peer: parts.extensions.get().copied(),
            headers,
        }
    }
}

impl Api {
    pub(super) const fn new(router: Router) -> Self {
        Self(router)
    }

    /// Asks as somebody with this token, or as nobody. What cannot be asked or read is 503, as if
    /// the service had said so.
    pub(super) async fn ask(
        &self,
        sender: &Sender,
        token: Option<&Token>,
        (method, target): (Method, &str),
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&sender.headers);
            let json = HeaderValue::from_static("application/json");
            headers.insert(ACCEPT, json.clone());
            headers.insert(CONTENT_TYPE, json);
            if let Some(token) = token {
                headers.insert("x-auth-token", token.to_header());
            }
        }
        let body = body.map_or_else(Body::empty, |it| Body::from(it.to_string()));
        let Ok(mut request) = request.body(body) else {
            return Answer::unavailable();
        };
        if let Some(peer) = sender.peer {
            request.extensions_mut().insert(peer);
        }
        let Ok(response) = self.0.clone().call(request).await;
        let (head, body) = response.into_parts();
        let mut body = pin!(body);
        let Ok((bytes, _)) = Reading::new(body.as_mut(), LONGEST).await else {
            return Answer::unavailable();
        };
        Answer {
            status: head.status,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            retry_after: head.headers.get(RETRY_AFTER).cloned(),
        }
    }
}

impl Answer {
    fn unavailable() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            body: Value::Null,
            retry_after: None,
        }
    }

    /// What is wrong, in sentences.
    pub(super) fn errors(&self) -> Vec<String> {
        texts(self.body.get("errors"))
    }

    /// What is wrong with a field.
    pub(super) fn errors_of(&self, field: &str) -> Vec<String> {
        texts(self.body.get("errors").and_then(|it| it.get(field)))
    }

    /// The fields with which something is wrong.
    pub(super) fn wrong_fields(&self) -> Vec<&str> {
        let errors = self.body.get("errors").and_then(Value::as_object);
        errors.map_or_else(Vec::new, |it| it.keys().map(String::as_str).collect())
    }

    /// Why actions are invalid.
    pub(super) fn reasons(&self) -> &[Value] {
        let reasons = self.body.get("reasons").and_then(Value::as_array);
        reasons.map_or(&[], Vec::as_slice)
    }

    /// What was done.
    pub(super) fn notes(&self) -> Vec<String> {
        texts(self.body.get("notes"))
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|it| it.as_str().map(str::to_owned))
        .collect()
}

/// More than any answer to a page has.
const LONGEST: usize = 64 * 1024 * 1024;
