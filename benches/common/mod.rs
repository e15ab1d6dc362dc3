//! A service that answers at once, requests for it, and a count of allocations beside the time.

#![expect(unsafe_code, reason = "an allocator that counts is one")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    convert::Infallible,
    future::{Ready, ready},
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll},
};

use bytes::Bytes;
use criterion::{BatchSize, Criterion};
use futures_util::FutureExt;
use http::{Request, Response};
use http_body_util::Full;
use tower::Service;
use wafflehaus::{
    body::InspectBody,
    identity::{Identity, ProjectId, Role, UserId},
    nova::NetworkId,
    policy::{DetachNetworkCheck, NetworkCountCheck, Policy, RequestNetworks},
};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is the system allocator's own; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

pub(crate) const A: NetworkId = NetworkId::from_u128(0xa);
pub(crate) const B: NetworkId = NetworkId::from_u128(0xb);

pub(crate) type Body = InspectBody<Full<Bytes>>;

/// Answers at once and drops what came.
#[derive(Clone, Copy)]
pub(crate) struct Bare;

impl Service<Request<Body>> for Bare {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        ready(Ok(Response::new(Full::default())))
    }
}

/// The three policies of the README, boxed as a configuration would have them.
pub(crate) fn policies() -> Vec<Box<dyn Policy>> {
    vec![
        Box::new(RequestNetworks::new([A], [B]).unwrap()),
        Box::new(DetachNetworkCheck::new([A])),
        Box::new(
            NetworkCountCheck::builder()
                .networks_max(5)
                .build()
                .unwrap(),
        ),
    ]
}

pub(crate) fn role() -> Role {
    Role::new("role1").unwrap()
}

pub(crate) fn request(method: &str, target: &str, body: Bytes) -> Request<Body> {
    let caller = Identity::new(UserId::new("alice").unwrap())
        .project(ProjectId::new("6f70656e").unwrap())
        .role(role());
    Request::builder()
        .method(method)
        .uri(target)
        .header("content-type", "application/json")
        .header("content-length", body.len())
        .extension(caller)
        .body(InspectBody::new(Full::new(body)))
        .unwrap()
}

/// Times a service on one kind of request, and prints what a call allocates.
pub(crate) fn measure<S, F>(criterion: &mut Criterion, name: &str, service: &S, make: F)
where
    S: Service<Request<Body>, Error = Infallible> + Clone,
    F: Fn() -> Request<Body>,
{
    let mut service = service.clone();
    let mut call = |request| drop(service.call(request).now_or_never().unwrap());
    call(make());
    let request = make();
    let before = COUNT.load(Ordering::Relaxed);
    call(request);
    println!(
        "{name}: {} allocations",
        COUNT.load(Ordering::Relaxed) - before
    );
    criterion.bench_function(name, |bencher| {
        bencher.iter_batched(&make, &mut call, BatchSize::SmallInput);
    });
}
