//! What guards cost a request that no policy judges, against the bare service.
//!
//! `cargo bench --bench pass_through`

#![expect(clippy::unwrap_used, reason = "a bench")]

mod common;

use bytes::Bytes;
use common::{Bare, measure, policies, request, role};
use criterion::{Criterion, criterion_group, criterion_main};
use tower::Layer;
use wafflehaus::{guard::GuardLayer, role_router::RoleRouterLayer};

fn pass_through(criterion: &mut Criterion) {
    let get = || request("GET", "/v2.1/6f70656e/servers/detail", Bytes::new());
    let guard = || GuardLayer::new(policies());
    measure(criterion, "get/bare", &Bare, get);
    measure(
        criterion,
        "get/guard of three policies",
        &guard().layer(Bare),
        get,
    );
    let stacked = guard().layer(guard().layer(guard().layer(Bare)));
    measure(criterion, "get/three guards", &stacked, get);
    let router = RoleRouterLayer::new(GuardLayer::new(Vec::new())).route([role()], guard());
    measure(criterion, "get/router and guard", &router.layer(Bare), get);
}

criterion_group!(benches, pass_through);
criterion_main!(benches);
