//! Composites of paths.

use crate::support::{empty, gateway, line, send};

const PATHS: &str = r#"
    mount = "/compute"
    [composite.main]
    use = "url_map"
    "/" = "root"
    "/v2" = "v2"
    "/v2.1/+" = "api"
    [pipeline.root]
    pipeline = ["identity", "root_name", "show"]
    [pipeline.v2]
    pipeline = ["identity", "v2_name", "show"]
    [pipeline.api]
    pipeline = ["identity", "api_name", "show"]
    [filter.identity]
    use = "identity"
    [filter.root_name]
    use = "healthcheck"
    path = "/compute/root"
    [filter.v2_name]
    use = "healthcheck"
    path = "/compute/v2/x"
    [filter.api_name]
    use = "healthcheck"
    path = "/compute/v2.1/x"
"#;

#[tokio::test]
async fn the_longest_prefix_is_taken_of_the_path_as_nova_reads_it() {
    let gateway = gateway(PATHS);
    let get = |path: &str| line(&format!("GET {path}")).body(empty()).unwrap();
    // Each pipeline answers one path itself, so that one can see which was taken.
    for path in ["/compute/root", "/compute/v2/x", "/compute/v2.1/x"] {
        assert_eq!(send(&gateway, get(path)).await.text, "OK", "{path}");
    }
    let shown = async |path: &str| send(&gateway, get(path)).await.text;
    assert_eq!(shown("/compute/v2.1").await, "GET /compute/v2.1 0 -");
    assert_eq!(shown("//compute//v2").await, "GET //compute//v2 0 -");
}

#[tokio::test]
async fn what_no_prefix_is_for_or_is_unclear_is_refused() {
    let gateway = gateway(PATHS);
    for (path, status) in [
        ("/v2.1/servers", 404),
        ("/", 404),
        ("/computer", 404),
        ("/compute/v2/%2e%2e/v2.1/x", 400),
        ("/compute%2fv2.1/x", 400),
        ("/compute/v2.1\\x", 400),
    ] {
        let request = line(&format!("GET {path}")).body(empty()).unwrap();
        let answer = send(&gateway, request).await;
        assert_eq!(answer.status(), status, "{path} {}", answer.text);
    }
}

/// Nova's version application is behind `/`, and Nova itself would take a request there to an
/// API that a header names.
#[tokio::test]
async fn only_version_documents_go_to_where_they_are() {
    let gateway = gateway(
        "upstream = \"http://127.0.0.1:9\"\n[composite.main]\nuse = \"url_map\"\n\
         \"/\" = \"versions\"\n[app.versions]\nuse = \"versions\"",
    );
    for (request, status) in [
        // They would be forwarded, if there were anybody.
        ("GET /", 503),
        ("HEAD /v2.1/", 503),
        ("POST /servers", 404),
        ("GET /servers", 404),
        ("POST /", 404),
        ("DELETE /v2.1/", 404),
    ] {
        let request_line = request;
        let request = line(request)
            .header("accept", "application/json;version=2.1")
            .body(empty())
            .unwrap();
        let answer = send(&gateway, request).await;
        assert_eq!(answer.status(), status, "{request_line}");
    }
}
