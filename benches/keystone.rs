//! What a token costs whose validation is remembered.
//!
//! `cargo bench --bench keystone`

#![expect(clippy::unwrap_used, reason = "a bench")]

#[expect(dead_code, reason = "the other benches use the rest")]
mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{Bare, Body, measure, request};
use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use tower::{Layer, ServiceExt};
use wafflehaus::{
    identity::{Identity, ProjectId, Role, UserId},
    keystone::{ExpiredTokens, KeystoneLayer, Token, ValidateFuture, ValidateToken, Validated},
};

/// About as long as a Fernet token.
const TOKEN: &str = "gAAAAABn0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

struct Anybody;

fn caller() -> Identity {
    Identity::new(UserId::new("0c5e3a1f9d4b4c6e8a7b2d1f0e9c8b7a").unwrap())
        .project(ProjectId::new("6f70656e737461636b6f70656e737461").unwrap())
        .role(Role::new("member").unwrap())
        .role(Role::new("reader").unwrap())
}

impl ValidateToken for Anybody {
    fn validate<'a>(&'a self, _: &'a Token, _: ExpiredTokens) -> ValidateFuture<'a> {
        Box::pin(async { Ok(Validated::new(caller(), Duration::from_secs(86_400))) })
    }
}

fn keystone(criterion: &mut Criterion) {
    let plain = || request("GET", "/v2.1/servers", Bytes::new());
    let with_token = || -> Request<Body> {
        let mut request = plain();
        request
            .headers_mut()
            .insert("x-auth-token", http::HeaderValue::from_static(TOKEN));
        request
    };
    let endpoint = "https://cloud.example/identity".parse().unwrap();
    let layer = KeystoneLayer::new(Anybody, &endpoint)
        .unwrap()
        .cache_for(Duration::from_secs(86_400));
    let service = layer.layer(Bare);
    // Learnt once, on a runtime; what is measured needs none.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer = runtime.block_on(service.clone().oneshot(with_token()));
    assert_eq!(answer.unwrap().status(), 200);

    measure(criterion, "keystone/bare", &Bare, with_token);
    let copying = tower::util::MapRequestLayer::new(|mut request: Request<Body>| {
        request.extensions_mut().insert(caller());
        request
    });
    measure(
        criterion,
        "keystone/an identity of the same size",
        &copying.layer(Bare),
        with_token,
    );
    measure(criterion, "keystone/remembered", &service, with_token);
}

criterion_group!(benches, keystone);
criterion_main!(benches);
