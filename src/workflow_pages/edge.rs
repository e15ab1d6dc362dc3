//! What happens to every request for a page, and to every answer.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY,
        X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};

use super::App;
use crate::request_id::{REQUEST_ID, request_id};

/// Gives a request the id that it has in all lines of the log.
pub(super) async fn number(mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    request.headers_mut().insert(REQUEST_ID, id);
    next.run(request).await
}

/// Refuses what a page of another site has a browser send.
pub(super) async fn own_site(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let own = app.settings.url.as_ref().map(|it| it.authority());
    // Of HTTP/2 the host is a part of the target.
    let asked = request.uri().authority().map(|it| it.as_str());
    let own = own.or(asked);
    if request.method() == Method::POST && !is_own_site(request.headers(), own) {
        let text = "This came from another site, and nothing was done.";
        return app.trouble(StatusCode::FORBIDDEN, text).into_response();
    }
    next.run(request).await
}

/// Whether a browser says that a page of this site has sent this, or says nothing.
fn is_own_site(headers: &HeaderMap, own: Option<&str>) -> bool {
    let one = |name: &HeaderName| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Some(None),
            (Some(value), None) => value.to_str().ok().map(Some),
            _ => None,
        }
    };
    let (Some(site), Some(origin), Some(host)) = (one(&FETCH_SITE), one(&ORIGIN), one(&HOST))
    else {
        return false;
    };
    if site.is_some_and(|it| it != "same-origin") {
        return false;
    }
    match origin {
        // Says nothing, because the pages have browsers tell nobody where they come from.
        None | Some("null") => true,
        Some(origin) => {
            let origin = origin.split_once("://").map(|(_, it)| it);
            origin.is_some() && (origin == own || (own.is_none() && origin == host))
        }
    }
}

/// Whether a person comes from a page of another site, so that the browser has kept back a cookie
/// that it may have.
pub(super) fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    matches!(site, Some(b"cross-site" | b"same-site"))
}

/// Keeps an answer from caches, and a page from loading, showing or telling anything it need not.
pub(super) async fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in SECURED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const SECURED: [(HeaderName, &str); 6] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'",
    ),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn own_site(pairs: &[(&'static str, &'static str)], own: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name = HeaderName::from_static(name);
            headers.append(name, HeaderValue::from_static(value));
        }
        is_own_site(&headers, own)
    }

    #[test]
    fn rule_3_a_browser_says_whether_another_site_has_sent_a_form() {
        let site = |it| own_site(&[("host", "a"), ("sec-fetch-site", it)], None);
        assert!(site("same-origin"));
        for other in ["same-site", "cross-site", "none", "", "SAME-ORIGIN"] {
            assert!(!site(other), "{other}");
        }
        let origin = |it, own| own_site(&[("host", "a"), ("origin", it)], own);
        assert!(origin("https://a", None) && origin("null", None));
        assert!(origin("https://c.example", Some("c.example")));
        assert!(!origin("https://a", Some("c.example")));
        for other in ["https://b", "https://a.b", "a", "https://a/"] {
            assert!(!origin(other, None), "{other}");
        }
        let twice = [
            ("host", "a"),
            ("origin", "https://a"),
            ("origin", "https://b"),
        ];
        assert!(!own_site(&twice, None));
        assert!(
            own_site(&[("host", "a")], None),
            "what is no browser's needs no site"
        );
    }
}
