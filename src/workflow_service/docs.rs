//! The description of the API, made from the endpoints themselves, and a page to browse it.

use axum::{Router, middleware::map_response, response::Response};
use http::{HeaderValue, header::CONTENT_SECURITY_POLICY};
use utoipa::openapi::{
    Components, HttpMethod, Info, OpenApi, PathItem, RefOr,
    content::ContentBuilder,
    path::Operation,
    response::ResponseBuilder,
    schema::Ref,
    security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
};
use utoipa_swagger_ui::SwaggerUi;

use super::{app::App, described, edge::ALIASES};

/// What every endpoint has in common is said once, here.
pub(super) fn complete(mut api: OpenApi, app: &App) -> OpenApi {
    described::views(&mut api, app);
    let mut info = Info::new("wafflehaus workflow", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    api.info = info;
    let scheme = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-Auth-Token")));
    let components = api.components.get_or_insert_with(Components::new);
    components.add_security_scheme("token", scheme);
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            common(path, &method, operation);
        }
    }
    let paths = api.paths.paths.clone();
    for (path, item) in paths {
        for (alias, name) in ALIASES {
            let Some(rest) = path.strip_prefix(name) else {
                continue;
            };
            if rest.is_empty() || rest.starts_with('/') {
                let mut item = item.clone();
                for (_, operation) in operations(&mut item) {
                    let id = operation.operation_id.take();
                    operation.operation_id = id.map(|it| format!("{it}_by_other_name"));
                }
                api.paths.paths.insert(format!("{alias}{rest}"), item);
            }
        }
    }
    api
}

fn operations(item: &mut PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Get, item.get.as_mut()),
        (HttpMethod::Put, item.put.as_mut()),
        (HttpMethod::Post, item.post.as_mut()),
        (HttpMethod::Delete, item.delete.as_mut()),
    ];
    all.into_iter()
        .filter_map(|(method, it)| Some((method, it?)))
        .collect()
}

/// Adds what any endpoint of its kind can answer.
fn common(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let name = path
        .trim_matches('/')
        .replace(['/', '-'], "_")
        .replace(['{', '}'], "");
    let method = match method {
        HttpMethod::Put => "put",
        HttpMethod::Post => "post",
        HttpMethod::Delete => "delete",
        _ => "get",
    };
    operation.operation_id = Some(format!("{method}_{name}"));
    let is_open = operation.security.is_some();
    if !is_open {
        operation.security = Some(vec![SecurityRequirement::new("token", [""; 0])]);
    }
    let mut answers = vec![("400", "The request is not understood, or cannot be done.")];
    // A token that is no good is refused everywhere.
    answers.push(("401", "There is no token, or it is not good."));
    answers.push(("403", "The caller may not do this."));
    if path.starts_with("/v1") {
        answers.push(("406", "The client does not understand JSON."));
    }
    answers.push(("503", "It cannot be done now."));
    if path.contains('{') {
        answers.push(("404", "There is no such thing."));
    }
    if operation.request_body.is_some() {
        answers.push(("408", "The body took too long."));
        answers.push(("413", "The body is too large."));
        answers.push(("415", "The body is no JSON."));
    }
    let schema = Ref::from_schema_name("Errors");
    for (status, description) in answers {
        let content = ContentBuilder::new().schema(Some(schema.clone())).build();
        let answer = ResponseBuilder::new()
            .description(description)
            .content("application/json", content);
        let known = &mut operation.responses.responses;
        known
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(answer.build()));
    }
}

/// The page at `/docs`, with all that it needs.
pub(super) fn page(api: OpenApi) -> Router {
    let page = SwaggerUi::new("/docs").url("/docs/openapi.json", api);
    Router::from(page).layer(map_response(secured))
}

/// Keeps the page from loading anything from elsewhere.
async fn secured(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         frame-ancestors 'none'; base-uri 'none'",
    );
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    response
}

const ABOUT: &str = "Tasks that people ask for and administrators approve, for OpenStack. \
     Callers show their Keystone token in `X-Auth-Token`. Each answer but a good one has `errors`.";
