//! What a judged create costs, by size of its body and number of guards, against the bare
//! service.
//!
//! `cargo bench --bench inspect`

#![expect(clippy::unwrap_used, reason = "a bench")]

mod common;

use bytes::Bytes;
use common::{A, Bare, measure, policies, request};
use criterion::{Criterion, criterion_group, criterion_main};
use tower::Layer;
use wafflehaus::guard::GuardLayer;

/// A create on network `A`, with user data before it so that the body has about this size.
fn create(size: usize) -> Bytes {
    let filling = "x".repeat(size.saturating_sub(140));
    let networks = format!(r#"[{{"uuid": "{A}"}}]"#);
    let text = format!(
        r#"{{"server": {{"name": "web", "user_data": "{filling}", "networks": {networks}}}}}"#
    );
    text.into()
}

fn inspect(criterion: &mut Criterion) {
    for (size, label) in [(1_024, "1 KB"), (65_536, "64 KB")] {
        let body = create(size);
        let post = || request("POST", "/v2.1/servers", body.clone());
        let guard = || GuardLayer::new(policies());
        measure(criterion, &format!("create {label}/bare"), &Bare, post);
        measure(
            criterion,
            &format!("create {label}/one guard"),
            &guard().layer(Bare),
            post,
        );
        let stacked = guard().layer(guard().layer(guard().layer(Bare)));
        measure(
            criterion,
            &format!("create {label}/three guards"),
            &stacked,
            post,
        );
    }
}

criterion_group!(benches, inspect);
criterion_main!(benches);
