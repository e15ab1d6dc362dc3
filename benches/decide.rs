//! Pure decisions: reading a path, reading a body, asking the policies.
//!
//! `cargo bench --bench decide`

#![expect(clippy::unwrap_used, reason = "a bench")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use http::{Method, Uri};
use wafflehaus::{
    nova::{Mount, NetworkId, Operation, RequestBody},
    policy::{Inspection, NetworkCountCheck, Policy, RequestNetworks},
};

const CREATE: Operation = Operation::CreateServer;

fn decide(criterion: &mut Criterion) {
    let mount = Mount::root();
    for (name, target) in [
        ("path/plain", "/v2.1/6f70656e/servers"),
        ("path/to rewrite", "//v2.1/6f70656e/%73ervers"),
        (
            "path/long",
            "/v2.1/6f70656e/servers/5abcde01-c0de-4aaa-8bbb-fedcba987601/metadata/key",
        ),
    ] {
        let uri = Uri::from_static(target);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| Operation::of(black_box(&Method::POST), black_box(&uri), &mount));
        });
    }

    let wanted = NetworkId::from_u128(0xa);
    let json = format!(r#"{{"server": {{"name": "web", "networks": [{{"uuid": "{wanted}"}}]}}}}"#);
    criterion.bench_function("body/small", |bencher| {
        bencher.iter(|| RequestBody::read(CREATE, black_box(json.as_bytes())));
    });

    let body = RequestBody::read(CREATE, json.as_bytes()).unwrap().unwrap();
    let request = Inspection::new(CREATE).body(&body);
    for size in [1_u128, 100, 10_000] {
        let banned = (0x100..0x100 + size).map(NetworkId::from_u128);
        let policies = (
            RequestNetworks::new([wanted], banned).unwrap(),
            NetworkCountCheck::builder().build().unwrap(),
        );
        criterion.bench_function(&format!("policies/{size} banned networks"), |bencher| {
            bencher.iter(|| policies.check(black_box(&request)));
        });
    }
}

criterion_group!(benches, decide);
criterion_main!(benches);
