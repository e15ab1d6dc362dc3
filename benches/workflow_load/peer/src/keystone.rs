//! A Keystone in memory, as far as both services ask it.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use crate::people::{People, domain};

/// A status, a body, and a token that is told in a header.
pub type Reply = (StatusCode, Value, Option<String>);

pub async fn run(listen: SocketAddr) -> Result<(), crate::Fault> {
    let people = Arc::new(Mutex::new(People::new(&format!("http://{listen}/v3"))));
    crate::accept(listen, |stream| {
        let people = Arc::clone(&people);
        async move {
            let service = service_fn(|request| answer(&people, request));
            // A connection that fails is its client's to complain of.
            let _ended = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        }
    })
    .await
}

async fn answer(
    people: &Mutex<People>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|it| it.to_bytes());
    let body = serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
    let query: Vec<_> = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let (status, body, token) = {
        let mut people = people.lock().unwrap_or_else(PoisonError::into_inner);
        let path = head.uri.path().trim_matches('/');
        let parts: Vec<_> = path.split('/').collect();
        route(
            &mut people,
            (&head.method, &parts),
            (&head.headers, &query),
            &body,
        )
    };
    let body = match body {
        Value::Null => Bytes::new(),
        body => body.to_string().into(),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(token) = token.and_then(|it| it.parse().ok()) {
        headers.insert("x-subject-token", token);
    }
    Ok(response)
}

fn route(
    people: &mut People,
    (method, path): (&Method, &[&str]),
    (headers, query): (&HeaderMap, &[(String, String)]),
    body: &Value,
) -> Reply {
    let asked = |name: &str| query.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
    let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    // What is asked how often, told of at the end.
    people.count(method, path);
    match (method.as_str(), path) {
        ("GET", ["calls"]) => return (StatusCode::OK, people.calls(), None),
        ("GET", [""]) => {
            let versions = json!({"versions": {"values": [people.version()]}});
            return (StatusCode::MULTIPLE_CHOICES, versions, None);
        }
        ("GET", ["v3"]) => return (StatusCode::OK, json!({"version": people.version()}), None),
        ("POST", ["v3", "auth", "tokens"]) => return people.log_in(body),
        _ => {}
    }
    if !header("x-auth-token").is_some_and(|it| people.is_admin(it)) {
        return fault(
            StatusCode::UNAUTHORIZED,
            "This takes an administrator's token.",
        );
    }
    match (method.as_str(), path) {
        ("GET", ["v3", "auth", "tokens"]) => {
            people.told(header("x-subject-token").unwrap_or_default())
        }
        ("GET", ["v3", "domains", id]) => found("domain", (*id == "default").then(domain)),
        ("GET", ["v3", "roles"]) => list("roles", People::roles(asked("name"))),
        ("GET", ["v3", "users"]) => list("users", people.users.named(asked("name"))),
        ("GET", ["v3", "projects"]) => list("projects", people.projects.named(asked("name"))),
        ("GET", ["v3", "users", id]) => found("user", people.users.get(id)),
        ("GET", ["v3", "projects", id]) => found("project", people.projects.get(id)),
        ("POST", ["v3", "users"]) => made("user", people.add_user(&body["user"])),
        ("POST", ["v3", "projects"]) => made("project", people.add_project(&body["project"])),
        ("PATCH", ["v3", "users", id]) => found("user", people.change_user(id, &body["user"])),
        ("PUT", ["v3", "projects", project, "users", user, "roles", role]) => {
            match people.grant(project, user, role) {
                true => (StatusCode::NO_CONTENT, Value::Null, None),
                false => fault(StatusCode::NOT_FOUND, "Could not find them."),
            }
        }
        _ => fault(StatusCode::NOT_FOUND, "There is no such thing to ask."),
    }
}

fn list(key: &str, items: Vec<Value>) -> Reply {
    let links = json!({"next": null, "self": "", "previous": null});
    (StatusCode::OK, json!({key: items, "links": links}), None)
}

fn found(key: &str, item: Option<Value>) -> Reply {
    match item {
        Some(item) => (StatusCode::OK, json!({key: item}), None),
        None => fault(StatusCode::NOT_FOUND, &format!("Could not find the {key}.")),
    }
}

fn made(key: &str, item: Option<Value>) -> Reply {
    match item {
        Some(item) => (StatusCode::CREATED, json!({key: item}), None),
        None => fault(StatusCode::CONFLICT, &format!("There is such a {key}.")),
    }
}

pub fn fault(status: StatusCode, message: &str) -> Reply {
    let title = status.canonical_reason();
    let error = json!({"code": status.as_u16(), "message": message, "title": title});
    (status, json!({"error": error}), None)
}
