//! Whether the service runs, whether it can work, and what it counts.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::header::CONTENT_TYPE;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    app::App,
    error::{ApiError, Body},
};
use crate::workflow::store::Filter;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(ready))
        .routes(routes!(metrics))
}

/// That all is well.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// Tells that the service runs.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operation",
    responses((status = 200, body = Health)),
    security(())
)]
async fn alive() -> Json<Health> {
    OK
}

/// Tells whether the service can work: whether its database answers.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses((status = 200, body = Health), (status = 503, body = Body)),
    security(())
)]
async fn ready(State(app): State<Arc<App>>) -> Result<Json<Health>, ApiError> {
    let any = Filter::tokens();
    let look = app.engine.count(&any);
    match tokio::time::timeout(app.settings.patience(), look).await {
        Ok(answer) => answer.map(|_| OK).map_err(Into::into),
        Err(_) => Err(ApiError::unavailable()),
    }
}

/// Tells what the service counts, if whoever runs it has it count.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = Body)
    ),
    security(())
)]
async fn metrics(
    State(app): State<Arc<App>>,
) -> Result<([(http::HeaderName, &'static str); 1], String), ApiError> {
    let render = app.metrics.as_ref();
    let render = render.ok_or_else(|| ApiError::not_found("Not found."))?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], render()))
}
