//! Tokens for an axum service, with a simulated Keystone built in.
//!
//! ```text
//! cargo run --example keystone_axum
//! ```
//!
//! listens on 127.0.0.1:8776 (or the address given as an argument). Try
//!
//! ```text
//! curl -i http://127.0.0.1:8776/whoami -H 'X-Auth-Token: alices-token'
//! ```
//!
//! which tells who Alice is, and the same with another token, which is refused.

use std::{env, error::Error};

use axum::{Extension, Router, routing::get};
use wafflehaus::{
    identity::{Identity, Role},
    keystone::{KeystoneClient, KeystoneLayer},
    openstack::{AuthMethod, Client, Endpoint, Named, ServiceCredential},
    sim::{Cloud, User},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // In earnest this is a real cloud, and its password comes from a file.
    let cloud = Cloud::new();
    cloud.add_user(User::new("alice", "6f70656e").roles(["member"]))?;
    cloud.add_user(
        User::new("gateway", "5e41ce")
            .roles(["service"])
            .password("secret"),
    )?;
    cloud.add_token("alices-token", "alice")?;
    let endpoints = cloud.listen().await?;
    let keystone: Endpoint = endpoints.keystone().parse()?;

    let credential = ServiceCredential::new(
        Client::builder().build()?,
        keystone.clone(),
        AuthMethod::Password {
            user: Named::in_domain("gateway", "Default"),
            password: "secret".into(),
            project: Named::Id("5e41ce".into()),
        },
    )
    // It looks nothing up, so it need not be an admin's.
    .any_role();
    let validator = KeystoneClient::new(keystone.clone(), credential);

    let app = Router::new()
        .route("/whoami", get(whoami))
        // Of the routes above; what is added below is open to all.
        .layer(KeystoneLayer::new(validator, &keystone)?)
        .route("/healthz", get(async || "ok"));

    let address = env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8776".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn whoami(Extension(caller): Extension<Identity>) -> String {
    let roles: Vec<&str> = caller.role_names().iter().map(Role::as_str).collect();
    let project = caller.project_id().map_or("no project", |id| id.as_str());
    format!(
        "{} on {project} as {}\n",
        caller.user_id(),
        roles.join(", ")
    )
}
