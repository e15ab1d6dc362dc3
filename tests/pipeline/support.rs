//! A gateway from a few lines of TOML, with an application that shows what reached it.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::{Request, Response, request::Builder};
use http_body_util::{BodyExt as _, Full};
use tower::ServiceExt as _;
use wafflehaus::{
    config::{Loaded, Loader, Registry},
    pipeline::{Body, Gateway, Next},
};

/// Answers with method and path, the body's length and the request's id.
fn show() -> Next {
    Next::from_fn(async |request: wafflehaus::pipeline::Request| {
        let (head, body) = request.into_parts();
        let length = match read(body).await {
            Some(body) => body.len().to_string(),
            None => "broken".to_owned(),
        };
        let id = head.headers.get("x-openstack-request-id");
        let id = id.map_or("-", |id| id.to_str().unwrap());
        let text = format!("{} {} {length} {id}", head.method, head.uri);
        Response::new(Body::from(Bytes::from(text)))
    })
}

#[expect(clippy::disallowed_methods, reason = "a test's own bodies")]
async fn read<B: http_body::Body>(body: B) -> Option<Bytes> {
    Some(body.collect().await.ok()?.to_bytes())
}

/// Loads a configuration whose app `show` is there already.
pub(crate) fn load(toml: &str) -> Loaded {
    let text = format!("trust_identity_headers = true\n{toml}\n[app.show]\nuse = \"show\"\n");
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("wafflehaus-pipeline-{}-{count}.toml", std::process::id());
    let file: PathBuf = std::env::temp_dir().join(name);
    fs::write(&file, text).unwrap();
    let registry = Registry::standard().app(["show"], |_| Some(show()));
    let loaded = Loader::new().registry(registry).load(&file);
    fs::remove_file(file).unwrap();
    match loaded {
        Ok(loaded) => loaded,
        Err(rejected) => panic!("{rejected}"),
    }
}

pub(crate) fn gateway(toml: &str) -> Gateway {
    Gateway::new(load(toml).plan)
}

/// A request line with a caller that the filter `identity` believes in: `GET /v2.1/servers`.
pub(crate) fn line(line: &str) -> Builder {
    let (method, target) = line.split_once(' ').unwrap();
    Request::builder()
        .method(method)
        .uri(target)
        .header("x-user-id", "alice")
        .header("x-project-id", "6f70")
        .header("x-roles", "member,role1")
}

/// The answer of a gateway.
pub(crate) struct Answer {
    pub(crate) head: http::response::Parts,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.head.headers[name].to_str().unwrap()
    }
}

pub(crate) async fn send<B>(gateway: &Gateway, request: Request<B>) -> Answer
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Ok(response) = gateway.clone().oneshot(request).await;
    let (head, body) = response.into_parts();
    let text = read(body).await.unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    Answer { head, text }
}

pub(crate) fn empty() -> Full<Bytes> {
    Full::default()
}
