//! What is counted. Every case makes its request, calls the service and drops the answer, and
//! `bare…` does so with no layer between: what a layer costs is the difference.

use std::{
    convert::Infallible,
    error::Error,
    future::{Ready, ready},
    task::{Context, Poll},
};

use crate::configured::{routes, url_map};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use tower::{Layer, Service, layer::util::Identity as Nothing};
use wafflehaus::{
    body::InspectBody,
    guard::GuardLayer,
    identity::{Identity, ProjectId, Role, UserId},
    identity_headers::IdentityHeadersLayer,
    nova::NetworkId,
    policy::{DetachNetworkCheck, NetworkCountCheck, Policy, RequestNetworks},
    role_router::RoleRouterLayer,
};

pub type Body = InspectBody<Full<Bytes>>;
pub type Case = Result<Box<dyn FnMut()>, Box<dyn Error>>;

/// By name. The numbers in names are sizes of bodies in KiB, of lists, and of guards or routes.
pub fn all() -> Vec<(&'static str, fn() -> Case)> {
    vec![
        ("bare-get", || over(Nothing::new(), get)),
        ("get-guard", || over(guard(1, 1)?, get)),
        ("get-guards-3", || {
            over((guard(1, 1)?, guard(1, 1)?, guard(1, 1)?), get)
        }),
        ("get-router-1", || over(router(1)?, get)),
        ("get-router-1000", || over(router(1000)?, get)),
        ("get-all", || {
            over((IdentityHeadersLayer::new(), router(1)?, guard(1, 1)?), get)
        }),
        ("bare-create-1", || over(Nothing::new(), create(1024))),
        ("create-1-guard", || over(guard(1, 1)?, create(1024))),
        ("create-1-guard-policies-4", || {
            over(four_policies()?, create(1024))
        }),
        ("create-1-guards-2", || {
            over((guard(1, 1)?, one_policy()?), create(1024))
        }),
        ("create-1-guards-3", || {
            over((guard(1, 1)?, one_policy()?, one_policy()?), create(1024))
        }),
        ("create-1-all", || {
            over(
                (IdentityHeadersLayer::new(), router(1)?, guard(1, 1)?),
                create(1024),
            )
        }),
        ("create-1-banned-100", || over(guard(1, 100)?, create(1024))),
        ("create-1-banned-10000", || {
            over(guard(1, 10_000)?, create(1024))
        }),
        ("refused-1-required-10", || refused(guard(10, 1)?)),
        ("refused-1-required-100", || refused(guard(100, 1)?)),
        ("refused-1-required-10000", || refused(guard(10_000, 1)?)),
        ("get-url-map-1", || url_map(1)),
        ("get-url-map-1000", || url_map(1000)),
        ("create-1-routes-1", || routes(1)),
        ("create-1-routes-1000", || routes(1000)),
        ("bare-create-64", || over(Nothing::new(), create(65_536))),
        ("create-64-guard", || over(guard(1, 1)?, create(65_536))),
    ]
}

/// Answers at once and drops what came.
#[derive(Clone, Copy)]
pub struct Nova;

impl Service<Request<Body>> for Nova {
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

pub fn over<L, R>(layer: L, request: impl Fn() -> Request<Body> + 'static) -> Case
where
    L: Layer<Nova>,
    L::Service: Service<Request<Body>, Response = Response<R>, Error = Infallible> + 'static,
{
    calls(layer, request, StatusCode::OK)
}

fn refused<L, R>(layer: L) -> Case
where
    L: Layer<Nova>,
    L::Service: Service<Request<Body>, Response = Response<R>, Error = Infallible> + 'static,
{
    calls(layer, create(1024), StatusCode::FORBIDDEN)
}

fn calls<L, R>(layer: L, request: impl Fn() -> Request<Body> + 'static, status: StatusCode) -> Case
where
    L: Layer<Nova>,
    L::Service: Service<Request<Body>, Response = Response<R>, Error = Infallible> + 'static,
{
    let mut service = layer.layer(Nova);
    let mut call = move || match service.call(request()).now_or_never() {
        Some(Ok(response)) => response.status(),
        Some(Err(never)) => match never {},
        None => StatusCode::REQUEST_TIMEOUT,
    };
    let answered = call();
    if answered != status {
        return Err(format!("answered {answered}, and not {status}").into());
    }
    Ok(Box::new(move || {
        call();
    }))
}

/// So many networks that are required from 1 on, and banned from a million on.
fn networks(from: u128, count: u128) -> impl Iterator<Item = NetworkId> {
    (from..from + count).map(NetworkId::from_u128)
}

fn guard(required: u128, banned: u128) -> Result<GuardLayer<Vec<Box<dyn Policy>>>, Box<dyn Error>> {
    Ok(GuardLayer::new(policies(required, banned)?))
}

fn policies(required: u128, banned: u128) -> Result<Vec<Box<dyn Policy>>, Box<dyn Error>> {
    Ok(vec![
        Box::new(RequestNetworks::new(
            networks(1, required),
            networks(1_000_000, banned),
        )?),
        Box::new(DetachNetworkCheck::new(networks(1, required))),
        Box::new(NetworkCountCheck::builder().networks_max(5).build()?),
    ])
}

/// As a configuration has it, where filters side by side become one guard.
fn four_policies() -> Result<GuardLayer<Vec<Box<dyn Policy>>>, Box<dyn Error>> {
    let mut policies = policies(1, 1)?;
    policies.push(Box::new(RequestNetworks::new(
        networks(2, 1),
        networks(1_000_000, 1),
    )?));
    Ok(GuardLayer::new(policies))
}

fn one_policy() -> Result<GuardLayer<RequestNetworks>, Box<dyn Error>> {
    let policy = RequestNetworks::new(networks(1, 1), networks(1_000_000, 1))?;
    Ok(GuardLayer::new(policy))
}

/// The caller's role leads to the last of so many routes.
fn router(routes: usize) -> Result<RoleRouterLayer<Nothing>, Box<dyn Error>> {
    let mut router = RoleRouterLayer::new(Nothing::new());
    for route in 1..routes {
        let role = Role::new(&format!("role-{route}"))?;
        router = router.route([role], Nothing::new());
    }
    Ok(router.route([Role::new("member")?], Nothing::new()))
}

pub fn get() -> Request<Body> {
    let target = "/v2.1/9f1c6fd1a8f24f4aa4ae7e1c7b0f5d11/servers/detail";
    request(Method::GET, target, Bytes::new())
}

/// Creates of so many bytes on the networks 1 and 2, which come behind what is large.
pub fn create(size: usize) -> impl Fn() -> Request<Body> {
    let listed: Vec<_> = networks(1, 2)
        .map(|network| format!(r#"{{"uuid": "{network}"}}"#))
        .collect();
    let end = format!(r#"", "networks": [{}]}}}}"#, listed.join(", "));
    let begin = r#"{"server": {"name": "worker", "flavorRef": "42", "imageRef": "7d1f6a52", "min_count": 1, "security_groups": [{"name": "default"}], "user_data": ""#;
    let filling = "Q".repeat(size.saturating_sub(begin.len() + end.len()));
    let body = Bytes::from(format!("{begin}{filling}{end}"));
    let target = "/v2.1/9f1c6fd1a8f24f4aa4ae7e1c7b0f5d11/servers";
    move || request(Method::POST, target, body.clone())
}

fn request(method: Method, target: &'static str, body: Bytes) -> Request<Body> {
    let mut request = Request::new(InspectBody::new(Full::new(body)));
    *request.method_mut() = method;
    *request.uri_mut() = http::Uri::from_static(target);
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-user-id", "alice"),
        ("x-project-id", "9f1c6fd1a8f24f4aa4ae7e1c7b0f5d11"),
        ("x-roles", "member,reader"),
    ] {
        let value = http::HeaderValue::from_static(value);
        request.headers_mut().insert(name, value);
    }
    if let (Ok(user), Ok(project), Ok(role)) = (
        UserId::new("alice"),
        ProjectId::new("9f1c"),
        Role::new("member"),
    ) {
        let caller = Identity::new(user).project(project).role(role);
        request.extensions_mut().insert(caller);
    }
    request
}
