//! Guards that stand behind each other share one reading.

use std::{
    borrow::Cow,
    sync::{Arc, atomic::Ordering},
};

use tower::Layer;
use wafflehaus::{
    guard::GuardLayer,
    identity::Role,
    nova::Operation,
    policy::{Denial, Hold, Inspection, NetworkCountCheck, Policy, RequestNetworks},
    role_router::RoleRouterLayer,
};

use crate::common::*;

fn required(id: &str) -> GuardLayer<RequestNetworks> {
    GuardLayer::new(RequestNetworks::new([network(id)], []).unwrap())
}

#[tokio::test]
async fn the_inner_guards_refusal_stands_with_a_router_between() {
    let nova = Nova::default();
    let router = RoleRouterLayer::new(required(OTHER))
        .route([Role::new("role1").unwrap()], required(REQUIRED));
    let service = required(REQUIRED).layer(router.layer(nova.service()));
    let answer = send(&service, create(&listing(&[REQUIRED]))).await;
    assert!(answer.message.contains(OTHER), "{answer:?}");
    assert!(nova.take().is_empty());
    assert_eq!(
        send(&service, create(&listing(&[REQUIRED, OTHER])))
            .await
            .status,
        202
    );
    assert_eq!(
        nova.only().body,
        read(create_body(&listing(&[REQUIRED, OTHER]))).await
    );
}

#[tokio::test]
async fn two_routes_use_the_same_middleware_with_different_settings() {
    let policy = |required, banned: &[&str]| {
        let banned = banned.iter().map(|id| network(id));
        GuardLayer::new(Some(
            RequestNetworks::new([network(required)], banned).unwrap(),
        ))
    };
    let roles = |names: &[&str]| caller(names).role_names().to_vec();
    let router = RoleRouterLayer::new(GuardLayer::new(None))
        .route(roles(&["role1", "role2"]), policy(REQUIRED, &[]))
        .route(roles(&["specialrole"]), policy(OTHER, &[BANNED]))
        .layer(Nova::default().service());
    for (role, networks, code) in [
        ("member", &[BANNED][..], ""),
        ("role2", &[BANNED], "network_required"),
        ("role1", &[REQUIRED, BANNED], ""),
        ("specialrole", &[REQUIRED], "network_required"),
        ("specialrole", &[OTHER, BANNED], "network_banned"),
        ("specialrole", &[OTHER], ""),
    ] {
        let mut request = create(&listing(networks));
        request.extensions_mut().insert(caller(&[role]));
        assert_eq!(
            send(&router, request).await.code,
            code,
            "{role} {networks:?}"
        );
    }
}

#[tokio::test]
async fn each_fact_is_looked_up_once_for_all() {
    let lookup = Arc::new(Known {
        servers: Known::server(&[REQUIRED]).servers,
        ..Known::on(OTHER)
    });
    let limits = || {
        GuardLayer::new(
            NetworkCountCheck::builder()
                .networks_max(2)
                .build()
                .unwrap(),
        )
        .lookup(lookup.clone())
    };
    let service = limits().layer(limits().layer(limits().layer(Nova::default().service())));
    assert_eq!(
        send(&service, attach(&format!(r#""port_id": "{PORT}""#)))
            .await
            .status,
        202
    );
    assert_eq!(
        lookup.asked.load(Ordering::Relaxed),
        2,
        "the port, and what the server has"
    );
}

#[tokio::test]
async fn an_inner_limit_holds_for_a_body_an_outer_guard_has_read() {
    let inner = || {
        required(REQUIRED)
            .body_limit(10)
            .layer(Nova::default().service())
    };
    let answer = send(
        &required(REQUIRED).layer(inner()),
        create(&listing(&[REQUIRED])),
    )
    .await;
    assert_eq!(answer.code, "body_too_large");
    // And if that guard did not understand it, and only audits.
    let service = GuardLayer::new(ReadsOnly).audit(true).layer(inner());
    assert_eq!(send(&service, create("7")).await.code, "body_too_large");
}

/// Wants the body of a create, and then has nothing against it.
struct ReadsOnly;

impl Policy for ReadsOnly {
    fn name(&self) -> Cow<'static, str> {
        "ReadsOnly".into()
    }

    fn concerns(&self, operation: &Operation) -> bool {
        *operation == Operation::CreateServer
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        request.server_create().map(drop)
    }
}

/// A policy outside the crate, which decides by who asks.
struct OnlyMembers;

impl Policy for OnlyMembers {
    fn name(&self) -> Cow<'static, str> {
        "OnlyMembers".into()
    }

    fn concerns(&self, operation: &Operation) -> bool {
        *operation != Operation::Other
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        let member = Role::new("member").unwrap();
        if request
            .caller()
            .is_some_and(|caller| caller.has_role(&member))
        {
            return Ok(());
        }
        Err(Denial::forbidden("not_a_member", "only members change servers").into())
    }
}

#[tokio::test]
async fn a_policy_of_ones_own_stands_beside_the_others() {
    let service = GuardLayer::new((
        OnlyMembers,
        RequestNetworks::new([network(REQUIRED)], []).unwrap(),
    ))
    .layer(Nova::default().service());
    assert_eq!(
        send(&service, create(&listing(&[REQUIRED]))).await.status,
        202
    );
    assert_eq!(
        send(&service, create("\"none\"")).await.code,
        "network_required"
    );
    let mut request = detach(PORT);
    request.extensions_mut().insert(caller(&["reader"]));
    let answer = send(&service, request).await;
    assert_eq!((answer.status, answer.code), (403, "not_a_member"));
}
