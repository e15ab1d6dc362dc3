//! Version documents, by which clients find the API.

use std::sync::Arc;

use axum::Json;
use http::{HeaderMap, header::HOST};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(all))
        .routes(routes!(one))
}

/// All versions of the API.
#[derive(Debug, Serialize, ToSchema)]
struct Versions {
    versions: Vec<Version>,
}

/// One version of the API.
#[derive(Debug, Serialize, ToSchema)]
struct OneVersion {
    version: Version,
}

/// A version of the API.
#[derive(Debug, Serialize, ToSchema)]
struct Version {
    #[schema(example = "CURRENT")]
    status: &'static str,
    #[schema(example = "1.0")]
    id: &'static str,
    #[serde(rename = "media-types")]
    media_types: Vec<MediaType>,
    links: Vec<Link>,
}

#[derive(Debug, Serialize, ToSchema)]
struct MediaType {
    #[schema(example = "application/json")]
    base: &'static str,
    #[serde(rename = "type")]
    media_type: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct Link {
    href: String,
    #[schema(example = "self")]
    rel: &'static str,
}

impl Version {
    /// As a client sees it who has asked by these headers.
    fn seen(headers: &HeaderMap) -> Self {
        let host = headers.get(HOST).and_then(|it| it.to_str().ok());
        // Without a scheme, a link takes that of the request, whatever is in front of us.
        let href = host.map_or_else(|| "/v1/".to_owned(), |host| format!("//{host}/v1/"));
        Self {
            status: "CURRENT",
            id: "1.0",
            media_types: vec![MediaType {
                base: "application/json",
                media_type: "application/vnd.openstack.adjutant-v1+json",
            }],
            links: vec![Link { href, rel: "self" }],
        }
    }
}

/// Lists the versions of the API.
#[utoipa::path(
    get,
    path = "/",
    tag = "operation",
    responses((status = 200, body = Versions)),
    security(())
)]
async fn all(headers: HeaderMap) -> Json<Versions> {
    let versions = vec![Version::seen(&headers)];
    Json(Versions { versions })
}

/// Shows the version of the API.
#[utoipa::path(
    get,
    path = "/v1",
    tag = "operation",
    responses((status = 200, body = OneVersion)),
    security(())
)]
async fn one(headers: HeaderMap) -> Json<OneVersion> {
    let version = Version::seen(&headers);
    Json(OneVersion { version })
}
