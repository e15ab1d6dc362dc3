//! Creating servers.

use serde_json::json;

use crate::{cloud::full, support::*};

#[tokio::test]
async fn a_server_on_the_required_network_is_made() {
    with_lab(async |lab| {
        let port = json!({ "port": lab.port("net1").await });
        let beside = json!([{ "port": lab.port("net1").await }, { "uuid": lab.network("net3") }]);
        // As Terraform and Heat name a port.
        let both = json!([{ "port": lab.port("net1").await, "uuid": lab.network("net1") }]);
        let mut servers = Vec::new();
        for (networks, wanted) in [
            (lab.named(&["net1"]), &["net1"][..]),
            (lab.named(&["net3", "net1"]), &["net1", "net3"]),
            (json!([port]), &["net1"]),
            (beside, &["net1", "net3"]),
            (both, &["net1"]),
        ] {
            servers.push((lab.create(&lab.user1, networks).await, wanted));
        }
        for (server, wanted) in servers {
            lab.active(&server).await;
            assert_eq!(lab.networks_of(&server).await, wanted);
        }
    })
    .await;
}

#[tokio::test]
async fn no_server_is_made_of_a_create_that_is_refused() {
    with_lab(async |lab| {
        let (net1, net2) = (lab.network("net1"), lab.network("net2"));
        let banned = lab.port("net2").await;
        let allowed = lab.port("net1").await;
        let upper = |id: &str| id.to_uppercase();
        for (networks, status, message) in [
            (Some(lab.named(&["net3"])), 403, "required but missing"),
            (Some(json!("none")), 403, "required but missing"),
            (Some(lab.named(&["net2"])), 403, "not allowed to use"),
            (
                Some(lab.named(&["net1", "net2"])),
                403,
                "not allowed to use",
            ),
            (Some(lab.named(&["net1", "net3", "net4"])), 403, "at most 2"),
            (None, 403, "no networks are named"),
            (Some(json!([])), 403, "no networks are named"),
            (Some(json!("auto")), 403, "\"auto\" is not allowed"),
            (Some(json!([{ "port": banned }])), 403, "not allowed to use"),
            (
                Some(json!([{ "uuid": net1 }, { "port": banned }])),
                403,
                "not allowed to use",
            ),
            (
                Some(json!([{ "uuid": net1, "port": banned }])),
                400,
                "not on the network beside it",
            ),
            (
                Some(json!([{ "uuid": net2, "port": allowed }])),
                400,
                "not on the network beside it",
            ),
            (Some(json!([{ "uuid": upper(net1) }])), 400, "canonical"),
            (Some(json!([{ "port": upper(&allowed) }])), 400, "canonical"),
            (
                Some(json!([{ "uuid": net1 }, { "port": upper(&banned) }])),
                400,
                "canonical",
            ),
            (
                Some(json!([{ "port": uuid::Uuid::new_v4().to_string() }])),
                400,
                "could not be found",
            ),
            (Some(json!(null)), 400, "networks"),
        ] {
            let body = lab.create_body(networks).to_string();
            for version in ["2.1", "2.37", "latest"] {
                let request = json_request("/v2.1/servers")
                    .header("openstack-api-version", format!("compute {version}"))
                    .body(full(body.clone()))
                    .unwrap();
                assert_refused(&lab.ask(&lab.user1, request).await, status, message);
            }
        }

        let body = lab.create_body(Some(lab.named(&["net1"]))).to_string();
        let twice = body.replace(
            "\"networks\"",
            &format!(r#""networks": [{{"uuid": "{net2}"}}], "n\u0065tworks""#),
        );
        let request = json_request("/v2.1/servers").body(full(twice));
        assert_refused(
            &lab.ask(&lab.user1, request.unwrap()).await,
            400,
            "a key twice",
        );
        let alias = post("/v2.1/os-volumes_boot", &lab.create_body(None));
        assert_refused(&lab.ask(&lab.user1, alias).await, 403, "no networks");
        assert!(lab.made().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn who_has_no_judged_role_is_not_judged_and_any_judged_role_is_enough() {
    with_lab(async |lab| {
        let mut servers = Vec::new();
        for (user, project) in [("user2", "project2"), ("user3", "project3")] {
            let caller = lab.cloud.caller(user, project).await;
            servers.push(lab.create(&caller, lab.named(&["net2"])).await);
        }
        let multi = lab.cloud.caller("multi", "project3").await;
        let request = post(
            "/v2.1/servers",
            &lab.create_body(Some(lab.named(&["net2"]))),
        );
        assert_refused(&lab.ask(&multi, request).await, 403, "not allowed to use");
        for server in &servers {
            lab.active(server).await;
            assert_eq!(lab.networks_of(server).await, ["net2"]);
        }
        assert_eq!(lab.made().await.len(), servers.len());
    })
    .await;
}
