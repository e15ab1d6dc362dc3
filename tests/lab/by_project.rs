//! An administrator on the servers of other projects.

use std::sync::Arc;

use serde_json::json;
use wafflehaus::{
    guard::GuardLayer,
    identity::ProjectId,
    policy::{ByProject, NetworkCountCheck, Policy, RequestNetworks},
};

use crate::{
    gateway::{Gateway, lookups},
    support::*,
};

#[tokio::test]
async fn an_administrator_is_judged_by_the_project_of_the_server() {
    with_lab(async |lab| {
        let server = lab.server(&["net1"]).await;
        let attach = async |gateway: &Gateway, server: &str, network: &str| {
            let target = format!("/v2.1/servers/{server}/os-interface");
            let body = json!({ "interfaceAttachment": { "net_id": lab.network(network) } });
            gateway.ask(&lab.admin, post(&target, &body)).await
        };
        // With the project of the server exempt, and with that of the administrator.
        let exempting = async |project: &str| {
            let policy = (
                RequestNetworks::new([], [lab.network("net2").parse().unwrap()]).unwrap(),
                NetworkCountCheck::builder()
                    .networks_max(1)
                    .build()
                    .unwrap(),
            );
            let project = ProjectId::new(project).unwrap();
            let policy: Box<dyn Policy> = Box::new(ByProject::except(policy, [project]));
            let (neutron, nova) = lookups(&lab.cloud);
            let guard = GuardLayer::new(vec![policy])
                .lookup(Arc::new(neutron))
                .project_lookup(Arc::new(nova));
            Gateway::guarding(&lab.cloud, guard).await
        };
        let own = exempting(&lab.admin.project).await;
        assert_refused(&attach(&own, &server, "net3").await, 403, "at most 1");
        let nobodys = uuid::Uuid::new_v4().to_string();
        let nobodys = attach(&own, &nobodys, "net3").await;
        assert_eq!(nobodys.status, 404, "{nobodys:?}");
        assert_eq!(lab.networks_of(&server).await, ["net1"]);
        // What the administrator creates is its own project's.
        let body = lab.create_body(Some(lab.named(&["net2"])));
        let others = exempting(&lab.user1.project).await;
        let answer = others.ask(&lab.admin, post("/v2.1/servers", &body)).await;
        assert_refused(&answer, 403, "not allowed");

        let answer = attach(&others, &server, "net3").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(lab.networks_of(&server).await, ["net1", "net3"]);
    })
    .await;
}
