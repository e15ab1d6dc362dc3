//! What a guard costs in heap allocations: nothing for what it lets pass untouched, and one
//! reading for what it judges, however many guards there are.
//!
//! Counted for each thread, so that tests beside each other do not blur it.

#![expect(unsafe_code, reason = "an allocator that counts is one")]
#![expect(
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    borrow::Cow,
    cell::Cell,
    convert::Infallible,
    future::{Ready, ready},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame};
use tower::{Layer, Service};
use wafflehaus::{
    body::{InspectBody, IntoInspect},
    guard::GuardLayer,
    identity::{Identity, ProjectId, Role, UserId},
    keystone::{ExpiredTokens, KeystoneLayer, Token, ValidateFuture, ValidateToken, Validated},
    nova::{NetworkId, Operation, ServerCreate},
    policy::{DetachNetworkCheck, Hold, Inspection, NetworkCountCheck, Policy, RequestNetworks},
    role_router::RoleRouterLayer,
};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is the system allocator's own; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.with(Cell::get);
    work();
    COUNT.with(Cell::get) - before
}

/// A body of two frames that counts how often it is asked for one.
#[derive(Default)]
struct Frames {
    left: Vec<Bytes>,
    polls: Arc<Mutex<usize>>,
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        *self.polls.lock().unwrap() += 1;
        Poll::Ready(self.left.pop().map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// Answers at once, without an allocation, and keeps the body.
#[derive(Clone, Default)]
struct Nova(Arc<Mutex<Option<InspectBody<Frames>>>>);

impl Service<Request<InspectBody<Frames>>> for Nova {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<InspectBody<Frames>>) -> Self::Future {
        *self.0.lock().unwrap() = Some(request.into_body());
        ready(Ok(Response::new(())))
    }
}

const A: NetworkId = NetworkId::from_u128(1);

fn three_policies() -> (RequestNetworks, DetachNetworkCheck, NetworkCountCheck) {
    (
        RequestNetworks::new([A], []).unwrap(),
        DetachNetworkCheck::new([A]),
        NetworkCountCheck::builder().build().unwrap(),
    )
}

fn boxed() -> Vec<Box<dyn Policy>> {
    let (networks, detach, count) = three_policies();
    vec![Box::new(networks), Box::new(detach), Box::new(count)]
}

fn role() -> Role {
    Role::new("member").unwrap()
}

fn request(line: &str, left: Vec<Bytes>) -> (Request<InspectBody<Frames>>, Arc<Mutex<usize>>) {
    let (method, target) = line.split_once(' ').unwrap();
    let frames = Frames {
        left,
        ..Frames::default()
    };
    let polls = Arc::clone(&frames.polls);
    let caller = Identity::new(UserId::new("alice").unwrap())
        .project(ProjectId::new("p").unwrap())
        .role(role());
    let request = Request::builder()
        .method(method)
        .uri(target)
        .extension(caller);
    (request.body(InspectBody::new(frames)).unwrap(), polls)
}

/// Allocations of one call, with everything it returns dropped.
fn cost<S>(mut service: S, line: &str) -> usize
where
    S: Service<Request<InspectBody<Frames>>, Error = Infallible>,
{
    let (request, _) = request(line, Vec::new());
    allocations(|| drop(service.call(request).now_or_never().unwrap()))
}

#[test]
fn pass_through_allocates_nothing() {
    let guard = || GuardLayer::new(boxed());
    for line in [
        "GET /v2.1/6f70656e/servers/detail?limit=10",
        "POST /v2.1/os-keypairs",
        "DELETE /v2.1/servers/5abcde01-c0de-4aaa-8bbb-fedcba987601",
    ] {
        let nova = Nova::default;
        assert_eq!(cost(nova(), line), 0, "bare: {line}");
        assert_eq!(
            cost(GuardLayer::new(three_policies()).layer(nova()), line),
            0,
            "tuple: {line}"
        );
        assert_eq!(
            cost(guard().layer(nova()), line),
            0,
            "three policies: {line}"
        );
        let stacked = guard().layer(guard().layer(guard().layer(nova())));
        assert_eq!(cost(stacked, line), 0, "three guards: {line}");
        let router = RoleRouterLayer::new(guard()).route([role()], guard());
        let routed = guard().layer(router.layer(nova()));
        assert_eq!(cost(routed, line), 0, "guard, router, guard: {line}");
    }
}

/// Passes every create, and remembers where it saw what the body says.
#[derive(Clone, Default)]
struct Witness(Arc<Mutex<Vec<usize>>>);

impl Policy for Witness {
    fn name(&self) -> Cow<'static, str> {
        "Witness".into()
    }

    fn concerns(&self, operation: &Operation) -> bool {
        *operation == Operation::CreateServer
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        let create = request.server_create()?;
        self.0
            .lock()
            .unwrap()
            .push(std::ptr::from_ref(create).addr());
        Ok(())
    }
}

#[test]
fn an_inspected_create_is_read_once_and_parsed_once() {
    let text = r#"{"server": {"networks": "none"}}"#;
    let (head, tail) = text.split_at(9);
    for parts in [vec![text], vec![tail, head]] {
        let witness = Witness::default();
        let guard = || GuardLayer::new(witness.clone());
        let router = RoleRouterLayer::new(guard()).route([role()], guard());
        let nova = Nova::default();
        let mut service = guard().layer(router.layer(guard().layer(nova.clone())));

        let frames: Vec<_> = parts
            .iter()
            .map(|part| Bytes::from_static(part.as_bytes()))
            .collect();
        let came = frames[0].as_ptr();
        let count = frames.len();
        let (request, polls) = request("POST /v2.1/servers", frames);
        service.call(request).now_or_never().unwrap().unwrap();
        // Each frame, and the end.
        assert_eq!(*polls.lock().unwrap(), count + 1);
        let seen = witness.0.lock().unwrap();
        assert_eq!(seen.len(), 3, "three guards judged");
        assert!(
            seen.iter().all(|&place| place == seen[0]),
            "one parse: {seen:?}"
        );

        // What goes on is what came: the very same bytes if it was one frame.
        let body = nova.0.lock().unwrap().take().unwrap().into_inspect();
        let sent = std::pin::pin!(body);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let Poll::Ready(Some(Ok(frame))) = sent.poll_frame(&mut context) else {
            panic!()
        };
        let sent = frame.into_data().unwrap();
        assert_eq!(sent, text);
        assert_eq!(sent.as_ptr() == came, count == 1);
    }
}

#[test]
fn a_body_without_escapes_is_read_into_a_place_for_its_networks_and_no_other() {
    let networks = format!(r#"[{{"uuid": "{A}"}}, {{"port": "{A}", "tag": "t"}}]"#);
    for (networks, expected) in [(networks.as_str(), 1), ("\"auto\"", 0), ("[]", 0)] {
        let long = "Q".repeat(5000);
        let body = format!(
            r#"{{"server": {{"name": "é", "networks": {networks}, "user_data": "{long}",
                "metadata": {{"a": [[{{}}], "\u00e9", -1.5e7]}}}}}}"#
        );
        let mut read = None;
        let spent = allocations(|| read = Some(ServerCreate::from_json(body.as_bytes())));
        assert!(read.unwrap().is_ok(), "{body}");
        assert_eq!(spent, expected, "{networks}");
    }
}

/// Allocations of a create through a service, the second time it is called.
fn create_cost<S>(mut service: S) -> usize
where
    S: Service<Request<InspectBody<Frames>>, Error = Infallible>,
{
    const TEXT: &[u8] = br#"{"server": {"name": "web", "networks": "none"}}"#;
    let create = || request("POST /v2.1/servers", vec![Bytes::from_static(TEXT)]).0;
    let (first, second) = (create(), create());
    drop(service.call(first).now_or_never().unwrap());
    allocations(|| drop(service.call(second).now_or_never().unwrap()))
}

#[test]
fn a_further_guard_on_an_inspected_create_costs_only_its_telling() {
    let guard = || GuardLayer::new(RequestNetworks::new([], [A]).unwrap());
    let one = create_cost(guard().layer(Nova::default()));
    let two = create_cost(guard().layer(guard().layer(Nova::default())));
    let three = create_cost(guard().layer(guard().layer(guard().layer(Nova::default()))));
    assert_eq!(three - two, two - one);
    assert!(
        two - one <= TELLING,
        "a further guard: {} allocations",
        two - one
    );
    assert!(
        one <= READING + TELLING,
        "the first guard: {one} allocations"
    );
}

/// The labels of a count.
const TELLING: usize = 2;

/// The future, the record, the content length, and what the parser keeps.
const READING: usize = 10;

/// Says of any token that it is this caller's.
struct Always(Identity);

impl ValidateToken for Always {
    fn validate<'a>(&'a self, _: &'a Token, _: ExpiredTokens) -> ValidateFuture<'a> {
        let validated = Validated::new(self.0.clone(), Duration::from_secs(3600));
        Box::pin(async { Ok(validated) })
    }
}

#[tokio::test]
async fn a_remembered_token_costs_its_identity() {
    let caller = Identity::new(UserId::new("alice").unwrap())
        .project(ProjectId::new("6f70656e").unwrap())
        .role(Role::new("member").unwrap());
    let endpoint = "https://cloud.example/v3".parse().unwrap();
    let layer = KeystoneLayer::new(Always(caller.clone()), &endpoint).unwrap();
    let mut service = layer.layer(Nova::default());
    let request = || {
        Request::post("/v2.1/servers")
            .header("x-auth-token", HeaderValue::from_static("a-token"))
            .extension("something")
            .body(InspectBody::new(Frames::default()))
            .unwrap()
    };
    assert_eq!(service.call(request()).await.unwrap().status(), 200);
    let mut copied = request();
    let copy = allocations(|| {
        copied.extensions_mut().insert(caller.clone());
    });
    for _ in 0..3 {
        let request = request();
        let spent = allocations(|| drop(service.call(request).now_or_never().unwrap()));
        assert_eq!(spent, copy);
    }
}
