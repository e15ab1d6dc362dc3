//! Health, sizes, rates, ids, origins.

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use http_body::Frame;
use http_body_util::{Full, StreamBody};

use crate::support::{empty, gateway, line, send};

/// A gateway with this one filter in front of the app, behind the caller's identity.
fn with(filter: &str) -> wafflehaus::pipeline::Gateway {
    gateway(&format!(
        "[pipeline.main]\npipeline = [\"identity\", \"it\", \"show\"]\n\
         [filter.identity]\nuse = \"identity\"\n[filter.it]\n{filter}\n"
    ))
}

/// A body that does not say how long it is.
fn unsized_body(
    parts: &[&'static str],
) -> impl http_body::Body<Data = Bytes, Error = std::io::Error> + Send + use<> {
    let parts: Vec<_> = parts
        .iter()
        .map(|part| Ok(Frame::data(Bytes::from(*part))))
        .collect();
    StreamBody::new(stream::iter(parts))
}

#[tokio::test]
async fn a_size_limit_refuses_what_says_its_size_and_what_turns_out_too_large() {
    let gateway = with("use = \"sizelimit\"\nmax_request_body_size = 4");
    let post = || line("POST /v2.1/os-keypairs");
    let fits = send(&gateway, post().body(Full::from("four")).unwrap()).await;
    assert_eq!(fits.text, "POST /v2.1/os-keypairs 4 -");
    let told = send(&gateway, post().body(Full::from("fives")).unwrap()).await;
    assert_eq!(told.status(), 413);
    assert!(told.text.starts_with("{\"overLimit\""), "{}", told.text);
    let fits = send(&gateway, post().body(unsized_body(&["fo", "ur"])).unwrap()).await;
    assert_eq!(fits.text, "POST /v2.1/os-keypairs 4 -");
    let turned_out = send(&gateway, post().body(unsized_body(&["fo", "urs"])).unwrap()).await;
    assert_eq!(turned_out.status(), 413);
    assert!(turned_out.text.contains("at most 4 bytes"));
}

#[tokio::test]
async fn a_request_has_an_id_and_one_that_is_none_is_replaced() {
    let gateway = with("use = \"request_id\"");
    let given = "req-9e2d6b4c-1f7a-4c55-8a58-5d5a3c1e7b90";
    let ask = |id: Option<&'static str>| {
        let mut request = line("GET /v2.1/servers");
        if let Some(id) = id {
            request = request.header("x-openstack-request-id", id);
        }
        request.body(empty()).unwrap()
    };
    let kept = send(&gateway, ask(Some(given))).await;
    assert_eq!(kept.header("x-openstack-request-id"), given);
    assert!(kept.text.ends_with(given));
    for bad in [
        None,
        Some("req-1"),
        Some("9e2d6b4c"),
        Some("req-x; DROP TABLE"),
    ] {
        let made = send(&gateway, ask(bad)).await;
        let id = made.header("x-openstack-request-id");
        assert!(id.len() == 40 && id.starts_with("req-"), "{id}");
        assert!(made.text.ends_with(id), "{} {id}", made.text);
    }
}

#[tokio::test]
async fn health_is_answered_before_anybody_is_asked_who_calls() {
    let off = std::env::temp_dir().join(format!("wafflehaus-off-{}", std::process::id()));
    let gateway = gateway(&format!(
        "[pipeline.main]\npipeline = [\"health\", \"identity\", \"show\"]\n\
         [filter.identity]\nuse = \"identity\"\n\
         [filter.health]\nuse = \"healthcheck\"\ndisable_by_file_path = \"{}\"",
        off.display()
    ));
    let health = || Request::get("/healthcheck").body(empty()).unwrap();
    let well = send(&gateway, health()).await;
    assert_eq!((well.status(), well.text.as_str()), (200, "OK"));
    std::fs::write(&off, "").unwrap();
    let disabled = send(&gateway, health()).await;
    std::fs::remove_file(&off).unwrap();
    assert_eq!(disabled.status(), 503);
    assert_eq!(disabled.text, "DISABLED BY FILE");
    let other = send(
        &gateway,
        Request::get("/v2.1/servers").body(empty()).unwrap(),
    )
    .await;
    assert_eq!(other.status(), 401);
    let post = Request::post("/healthcheck").body(empty()).unwrap();
    assert_eq!(send(&gateway, post).await.status(), 401);
}

#[tokio::test]
async fn rates_are_limited_for_each_user_by_method_and_path() {
    let gateway = with(
        "use = \"ratelimit\"\n\
         limits = \"(POST, *, .*, 3, HOUR); (POST, */servers, ^/servers, 2, HOUR)\"",
    );
    let post = |path: &str, user: &str| {
        let request = Request::post(path)
            .header("x-user-id", user)
            .header("x-project-id", "6f70")
            .header("x-roles", "member");
        request.body(empty()).unwrap()
    };
    for path in ["/v2.1/servers", "/v2.1/6f70/servers"] {
        assert_eq!(
            send(&gateway, post(path, "alice")).await.status(),
            200,
            "{path}"
        );
    }
    let refused = send(&gateway, post("/v2.1/servers", "alice")).await;
    assert_eq!(refused.status(), 429);
    assert!(
        refused.text.starts_with("{\"overLimit\""),
        "{}",
        refused.text
    );
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=1801).contains(&wait), "{wait}");
    // Another user, another method, another path.
    assert_eq!(
        send(&gateway, post("/v2.1/servers", "bob")).await.status(),
        200
    );
    let get = line("GET /v2.1/servers").body(empty()).unwrap();
    assert_eq!(send(&gateway, get).await.status(), 200);
    // The refused one has used up the limit for all paths as well.
    assert_eq!(
        send(&gateway, post("/v2.1/os-keypairs", "alice"))
            .await
            .status(),
        429
    );
}

#[tokio::test]
async fn a_listed_origin_may_ask_and_another_may_not() {
    let gateway = with("use = \"cors\"\nallowed_origin = \"https://horizon.example\"");
    let ask = |origin: &str| {
        let request = line("GET /v2.1/servers").header("origin", origin);
        request.body(empty()).unwrap()
    };
    let listed = send(&gateway, ask("https://horizon.example")).await;
    let allowed = listed.header("access-control-allow-origin");
    assert_eq!(allowed, "https://horizon.example");
    let other = send(&gateway, ask("https://evil.example")).await;
    assert!(
        !other
            .head
            .headers
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let gateway = gateway(
        "request_body_deadline = 2\n[pipeline.main]\npipeline = [\"identity\", \"show\"]\n\
         [filter.identity]\nuse = \"identity\"",
    );
    let never = StreamBody::new(stream::pending::<Result<Frame<Bytes>, std::io::Error>>());
    let post = line("POST /v2.1/os-keypairs").body(never).unwrap();
    let begin = tokio::time::Instant::now();
    let answer = send(&gateway, post).await;
    assert_eq!(answer.text, "POST /v2.1/os-keypairs broken -");
    assert_eq!(begin.elapsed().as_secs(), 2);
}
