//! The layers on an axum router, with axum's own body type.
//!
//! ```text
//! cargo run --example axum_gateway
//! ```
//!
//! listens on 127.0.0.1:8775 (or the address given as an argument) and answers itself what a
//! gateway would forward. Try
//!
//! ```text
//! curl -i http://127.0.0.1:8775/compute/v2.1/servers \
//!   -H 'X-User-Id: alice' -H 'X-Project-Id: 6f70656e' -H 'X-Roles: member' \
//!   -H 'Content-Type: application/json' -d '{"server": {"networks": "none"}}'
//! ```
//!
//! which is refused, and the same with
//! `{"server": {"networks": [{"uuid": "11111111-1111-4111-8111-111111111111"}]}}`, which is not.

use std::{env, error::Error};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    response::IntoResponse,
    routing::{any, get},
};
use tower::ServiceBuilder;
use tower_http::ServiceBuilderExt;
use wafflehaus::{
    guard::GuardLayer,
    identity::Identity,
    identity_headers::IdentityHeadersLayer,
    nova::Mount,
    policy::{NetworkCountCheck, RequestNetworks},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let office = "11111111-1111-4111-8111-111111111111".parse()?;
    let policies = (
        RequestNetworks::new([office], [])?,
        NetworkCountCheck::builder().networks_max(5).build()?,
    );
    let guarded = ServiceBuilder::new()
        // Before the guard, which asks who is calling.
        .layer(IdentityHeadersLayer::new())
        // axum hands the layers its own body, and the guard takes it as it is.
        .layer(
            GuardLayer::new(policies)
                .mount(Mount::at("/compute")?)
                .route("compute"),
        )
        // Behind the guard a body is an `InspectBody`, which axum's handlers take back.
        .map_request_body(Body::new);

    let app = Router::new()
        .route("/compute/{*path}", any(nova))
        .layer(guarded)
        // Below the layer, and so not judged.
        .route("/healthz", get(async || "ok"));

    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8775".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

/// Where a gateway would forward.
async fn nova(request: Request) -> impl IntoResponse {
    let caller = request
        .extensions()
        .get::<Identity>()
        .map(|caller| caller.user_id().to_string());
    let caller = caller.unwrap_or_default();
    let answer = format!(
        "{} {} for {caller}\n",
        request.method(),
        request.uri().path()
    );
    (StatusCode::ACCEPTED, answer)
}
