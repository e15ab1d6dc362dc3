//! Policies that judge by the project of the server.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tower::Layer;
use wafflehaus::{
    guard::{GuardLayer, LookupError, LookupFuture, ProjectLookup},
    identity::ProjectId,
    nova::ServerId,
    policy::{ByProject, DetachNetworkCheck, Policy, RequestNetworks},
};

use crate::{common::*, log::Log};

/// The project of [`caller`].
const OWN: &str = "6f70656e";
const FOREIGN: &str = "f0f0";

fn project(id: &str) -> ProjectId {
    ProjectId::new(id).unwrap()
}

/// Knows whose [`SERVER`] is, counts questions, and fails when told to.
#[derive(Default)]
struct Owner {
    project: Option<&'static str>,
    fails: bool,
    asked: AtomicUsize,
}

impl Owner {
    fn is(project: &'static str) -> Arc<Self> {
        Arc::new(Self {
            project: Some(project),
            ..Self::default()
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl ProjectLookup for Owner {
    fn server_project(&self, server: ServerId) -> LookupFuture<'_, Option<ProjectId>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        assert_eq!(server.to_string(), SERVER);
        Box::pin(async {
            match self.fails {
                true => Err(LookupError::new("nova", "it is down")),
                false => Ok(self.project.map(project)),
            }
        })
    }
}

/// [`PORT`] stays where it is, but on servers of these projects.
fn stays(exempt: &[&str]) -> ByProject<DetachNetworkCheck> {
    let exempt = exempt.iter().map(|id| project(id));
    ByProject::except(DetachNetworkCheck::new([network(REQUIRED)]), exempt)
}

fn guard<P: Policy>(policy: P, owner: &Arc<Owner>) -> GuardLayer<P> {
    GuardLayer::new(policy)
        .lookup(Arc::new(Known::on(REQUIRED)))
        .project_lookup(owner.clone())
}

#[tokio::test]
async fn an_administrator_on_a_foreign_server_is_judged_by_that_servers_project() {
    for (exempt, owner, status) in [
        (FOREIGN, FOREIGN, 202),
        (FOREIGN, OWN, 403),
        // The project of the caller's token exempts nothing of another project's.
        (OWN, FOREIGN, 403),
        (OWN, OWN, 202),
    ] {
        let layer = guard(stays(&[exempt]), &Owner::is(owner));
        let answer = send(&layer.layer(Nova::default().service()), detach(PORT)).await;
        assert_eq!(answer.status, status, "{exempt} exempt, {owner}'s server");
    }
}

#[tokio::test]
async fn a_create_of_an_exempt_project_is_not_even_read() {
    let policy = || RequestNetworks::new([network(REQUIRED)], []).unwrap();
    for (exempt, status) in [(OWN, 202), (FOREIGN, 400)] {
        let owner = Owner::is(FOREIGN);
        let layer = guard(ByProject::except(policy(), [project(exempt)]), &owner);
        let request = line("POST /v2.1/servers").body(body("no JSON")).unwrap();
        let answer = send(&layer.layer(Nova::default().service()), request).await;
        assert_eq!(answer.status, status, "{exempt}");
        assert_eq!(owner.asked(), 0);
    }
}

#[tokio::test]
async fn a_project_that_cannot_be_looked_up_is_not_exempt() {
    let failing = Arc::new(Owner {
        fails: true,
        ..Owner::default()
    });
    let log = Log::start();
    for layer in [
        guard(stays(&[OWN, FOREIGN]), &failing),
        // With no lookup at all.
        GuardLayer::new(stays(&[OWN, FOREIGN])).lookup(Arc::new(Known::on(OTHER))),
    ] {
        let nova = Nova::default();
        let answer = send(&layer.layer(nova.service()), detach(PORT)).await;
        assert_eq!((answer.status, answer.code), (503, "lookup_failed"));
        assert!(!answer.message.contains("down"), "{answer:?}");
        assert!(nova.take().is_empty());
    }
    assert!(log.text().contains("it is down"));
    // Nova knows no such server: the policy inside says what becomes of the request.
    for (exempt, status) in [(&[OWN, FOREIGN][..], 403), (&[], 403)] {
        let unknown = Arc::new(Owner::default());
        let layer = guard(stays(exempt), &unknown);
        let answer = send(&layer.layer(Nova::default().service()), detach(PORT)).await;
        assert_eq!(
            (answer.status, answer.code),
            (status, "network_not_detachable")
        );
        assert_eq!(unknown.asked(), usize::from(!exempt.is_empty()));
    }
}

#[tokio::test]
async fn whose_a_server_is_is_looked_up_once_for_all_policies_and_guards() {
    let owner = Owner::is(FOREIGN);
    let lookup = Arc::new(Known::on(OTHER));
    let layer = || {
        let policies: Vec<Box<dyn Policy>> = vec![
            Box::new(stays(&[OWN])),
            Box::new(stays(&[FOREIGN])),
            Box::new(ByProject::only(stays(&[OWN]), [project(FOREIGN)]).unwrap()),
        ];
        GuardLayer::new(policies)
            .lookup(lookup.clone())
            .project_lookup(owner.clone())
    };
    let service = layer().layer(layer().layer(Nova::default().service()));
    assert_eq!(send(&service, detach(PORT)).await.status, 202);
    assert_eq!(owner.asked(), 1);
    assert_eq!(lookup.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_exemption_exempts_from_its_own_policy_alone() {
    let inner = DetachNetworkCheck::new([network(REQUIRED)]);
    let layer = guard((stays(&[FOREIGN]), inner), &Owner::is(FOREIGN));
    let answer = send(&layer.layer(Nova::default().service()), detach(PORT)).await;
    assert_eq!(
        (answer.status, answer.code),
        (403, "network_not_detachable")
    );
}

#[tokio::test]
async fn an_audit_tells_what_the_exemption_would_decide() {
    for (owner, verdict) in [(FOREIGN, "allow"), (OWN, "would_deny")] {
        let log = Log::start();
        let layer = guard(stays(&[FOREIGN]), &Owner::is(owner)).audit(true);
        let answer = send(&layer.layer(Nova::default().service()), detach(PORT)).await;
        assert_eq!(answer.status, 202);
        let told = &log.events("wafflehaus::decision")[0]["fields"];
        assert_eq!(told["verdict"], verdict);
        assert_eq!(told["policy"], "DetachNetworkCheck");
    }
}
