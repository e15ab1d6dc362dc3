//! The numbered rules of `role_router` and, with it, of `identity_headers` as a service.

use http::{Request, Response};
use tower::{Layer, ServiceExt, service_fn};
use wafflehaus::{
    identity::{Identity, Role},
    identity_headers::IdentityHeadersLayer,
    role_router::RoleRouterLayer,
};

use crate::common::*;

/// A layer whose service answers with a name, whatever is inside.
fn named(name: &'static str) -> impl Layer<(), Service = Named> + Clone {
    tower::layer::layer_fn(move |()| Named(name))
}

#[derive(Clone, Debug)]
struct Named(&'static str);

impl tower::Service<Request<()>> for Named {
    type Response = Response<http_body_util::Full<bytes::Bytes>>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        std::future::ready(Ok(Response::new(body(self.0))))
    }
}

fn roles<const N: usize>(names: [&str; N]) -> [Role; N] {
    names.map(|name| Role::new(name).unwrap())
}

#[tokio::test]
async fn rules_1_and_2_the_first_configured_route_wins_else_the_default() {
    let router = RoleRouterLayer::new(named("default"))
        .route(roles(["role1", "role2"]), named("managed"))
        .route(roles(["special", "role1"]), named("special"))
        .layer(());
    for (held, route) in [
        (&["member"][..], "default"),
        (&[], "default"),
        (&["role1"], "managed"),
        (&["special"], "special"),
        // The order of the routes decides, not that of the caller's roles.
        (&["special", "role2"], "managed"),
        (&["SPECIAL", "member"], "special"),
        (&["Role1 "], "managed"),
        (&["role"], "default"),
    ] {
        let mut request = Request::new(());
        request.extensions_mut().insert(caller(held));
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(read(response.into_body()).await, route, "{held:?}");
    }
}

#[tokio::test]
async fn rule_3_without_an_identity_nobody_gets_to_the_default_route() {
    let router = RoleRouterLayer::new(named("default")).layer(());
    let answer = send(&router, Request::new(())).await;
    assert_eq!((answer.status, answer.code), (401, "identity_missing"));
}

#[tokio::test]
async fn a_route_may_be_a_router() {
    let inner = RoleRouterLayer::new(named("inner default")).route(roles(["b"]), named("b"));
    let outer = RoleRouterLayer::new(RoleRouterLayer::new(named("outer default")))
        .route(roles(["a"]), inner)
        .layer(());
    for (held, route) in [
        (&["a", "b"][..], "b"),
        (&["a"], "inner default"),
        (&["b"], "outer default"),
    ] {
        let mut request = Request::new(());
        request.extensions_mut().insert(caller(held));
        let response = outer.clone().oneshot(request).await.unwrap();
        assert_eq!(read(response.into_body()).await, route);
    }
}

#[tokio::test]
async fn identity_headers_become_an_identity_and_are_gone() {
    let app = IdentityHeadersLayer::new().layer(service_fn(async |request: Request<()>| {
        let names: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
        assert_eq!(names, ["x-auth-token"]);
        let caller = request.extensions().get::<Identity>().unwrap();
        Ok::<_, std::convert::Infallible>(Response::new(body(format!("{:?}", caller.role_names()))))
    }));
    let request = Request::get("/")
        .header("x-user-id", "bob")
        .header("x-roles", "member,role1")
        .header("x-project-id", "p")
        .header("x-auth-token", "t")
        .header("x-is-admin-project", "True")
        .header("x_roles", "admin")
        .header("x-wafflehaus-requestnetworks-enabled", "0");
    // An identity from before is not believed either.
    let request = request.extension(caller(&["admin"])).body(()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    assert_eq!(
        read(response.into_body()).await,
        r#"[Role("member"), Role("role1")]"#
    );

    let request = Request::get("/v2.1/servers").extension(caller(&["admin"]));
    assert_eq!(
        send(&app, request.body(()).unwrap()).await.code,
        "identity_missing"
    );
}

#[tokio::test]
async fn a_version_document_is_read_without_a_caller_and_by_the_default_route() {
    let router = RoleRouterLayer::new(named("default")).route(roles(["admin"]), named("admin"));
    let app = IdentityHeadersLayer::new()
        .mount(wafflehaus::nova::Mount::at("/compute").unwrap())
        .layer(router.layer(()));
    let get = |target: &str| {
        Request::get(target)
            .extension(caller(&["admin"]))
            .body(())
            .unwrap()
    };
    let response = app.clone().oneshot(get("/compute/v2.1/")).await.unwrap();
    assert_eq!(read(response.into_body()).await, "default");
    for target in ["/v2.1/", "/compute/v2.1/servers", "/compute/?_method=POST"] {
        assert_eq!(
            send(&app, get(target)).await.code,
            "identity_missing",
            "{target}"
        );
    }
    // One that says who it is, and says it badly, is not let off.
    let twice = Request::get("/compute/")
        .header("x-user-id", "a")
        .header("x-user-id", "b");
    let twice = twice.header("x-roles", "member").body(()).unwrap();
    assert_eq!(send(&app, twice).await.code, "identity_invalid");
}
