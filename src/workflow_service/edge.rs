//! What happens to every request before it comes to its endpoint.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, Uri, header::ACCEPT};

use super::error::ApiError;
use crate::request_id::{REQUEST_ID, request_id};

/// Other names of paths, by which earlier clients know them.
pub(super) const ALIASES: [(&str, &str); 5] = [
    (
        "/v1/actions/CreateProjectAndUser",
        "/v1/actions/CreateProject",
    ),
    ("/v1/notification", "/v1/notifications"),
    (
        "/v1/openstack/forgotpassword",
        "/v1/openstack/users/password-reset",
    ),
    ("/v1/task", "/v1/tasks"),
    ("/v1/token", "/v1/tokens"),
];

/// Gives the answer the id under which the request is in the logs, and tells of the request:
/// never its query, nor what may be a token in its path.
pub(crate) async fn identify(request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let method = request.method().clone();
    let path = loggable(request.uri().path());
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    tracing::info!(
        target: "wafflehaus::request",
        %method, path, status, request_id = id.to_str().unwrap_or_default(), "request"
    );
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// A path without a secret, however it is written: ids and tokens have digits, names have none.
fn loggable(path: &str) -> String {
    let plain = |it: &str| {
        it == "v1"
            || it
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || b"-_.".contains(&b))
    };
    let segments = path.split('/').take(MOST_LOGGED);
    let segments: Vec<_> = segments
        .map(|it| if plain(it) { it } else { "…" })
        .collect();
    segments.join("/")
}

/// Takes a path by whichever of its names, with or without a slash at its end.
pub(super) async fn canonical(mut request: Request, next: Next) -> Response {
    let uri = request.uri();
    if let Some(path) = canonical_path(uri.path()) {
        let query = uri.query().map(|query| format!("?{query}"));
        let target = format!("{path}{}", query.unwrap_or_default());
        match target.parse::<Uri>() {
            Ok(target) => *request.uri_mut() = target,
            Err(_) => return ApiError::not_found("Not found.").into_response(),
        }
    }
    next.run(request).await
}

/// The path as the endpoints have it, if it is another.
fn canonical_path(path: &str) -> Option<String> {
    let of_the_api = path.starts_with("/v1");
    let plain = path.strip_suffix('/').filter(|_| of_the_api);
    let named = plain.unwrap_or(path);
    let alias = ALIASES.iter().find_map(|(alias, name)| {
        let rest = named.strip_prefix(alias)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{name}{rest}"))
    });
    alias.or_else(|| plain.map(str::to_owned))
}

/// Refuses clients that do not understand JSON.
pub(super) async fn acceptable(request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/v1") && !accepts_json(request.headers()) {
        let text = "Could not satisfy the request Accept header.";
        return ApiError::status(StatusCode::NOT_ACCEPTABLE, text).into_response();
    }
    next.run(request).await
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .flat_map(|it| it.to_str().unwrap_or_default().split(','))
        .filter(|it| !it.trim().is_empty())
        .peekable();
    if ranges.peek().is_none() {
        return true;
    }
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = |it: &str| {
            let quality = it.strip_prefix("q=").map(str::parse::<f32>);
            quality.is_some_and(|it| it.is_ok_and(|it| it <= 0.0))
        };
        ["application/json", "application/*", "*/*"].contains(&&*media) && !parts.any(refused)
    })
}

const MOST_LOGGED: usize = 8;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn rule_1_a_path_has_several_names() {
        for (path, canonical) in [
            ("/v1/task", Some("/v1/tasks")),
            ("/v1/task/", Some("/v1/tasks")),
            ("/v1/task/1", Some("/v1/tasks/1")),
            ("/v1/tasks/1/", Some("/v1/tasks/1")),
            ("/v1/tokens", None),
            ("/v1/taskx", None),
            ("/", None),
            ("/docs/", None),
            ("/v1/", Some("/v1")),
            (
                "/v1/openstack/forgotpassword/",
                Some("/v1/openstack/users/password-reset"),
            ),
        ] {
            assert_eq!(canonical_path(path).as_deref(), canonical, "{path}");
        }
    }

    #[test]
    fn rule_3_a_client_understands_json_or_not() {
        let accepts = |text: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(text) = text {
                headers.insert(ACCEPT, HeaderValue::from_static(text));
            }
            accepts_json(&headers)
        };
        for good in [
            None,
            Some(""),
            Some("*/*"),
            Some("text/html, */*;q=0.8"),
            Some("Application/JSON"),
        ] {
            assert!(accepts(good), "{good:?}");
        }
        for bad in [
            "text/html",
            "application/xml",
            "application/json;q=0",
            "*/*; q=0.0",
        ] {
            assert!(!accepts(Some(bad)), "{bad}");
        }
    }

    #[test]
    fn rule_10_no_token_is_logged() {
        assert_eq!(loggable("/v1/tokens/5a5a"), "/v1/tokens/…");
        assert_eq!(loggable("//v1/%74oken/5a5a/x"), "//v1/…/…/x");
        assert_eq!(loggable("/v1/openstack/users"), "/v1/openstack/users");
    }
}
