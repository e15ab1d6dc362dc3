//! `NewDefaultNetwork` and `DefaultProjectResources`.

use std::sync::Arc;

use serde_json::{Value, json};
use wafflehaus::workflow::{
    Fault, Trial,
    actions::{DefaultProjectResources, NetworkSettings, NewDefaultNetwork, Regions},
    network::{CreateNetwork, InMemoryNetwork, NetworkStore as _},
};

use crate::{support::run, world::World};

struct Place {
    network: Arc<InMemoryNetwork>,
    regions: Regions,
}

fn place(settings: NetworkSettings) -> Place {
    let network = Arc::new(InMemoryNetwork::new());
    network.add_external("public").unwrap();
    let regions = Regions::new("one", settings, network.clone());
    Place { network, regions }
}

/// How many networks, subnets, routers and interfaces there are.
fn made(network: &InMemoryNetwork) -> [usize; 4] {
    let state = network.snapshot().unwrap();
    let count = |key: &str| state[key].as_array().unwrap().len();
    let interfaces = state["interfaces"].as_object().unwrap().values();
    let interfaces = interfaces.map(|it| it.as_array().unwrap().len()).sum();
    [
        count("networks"),
        count("subnets"),
        count("routers"),
        interfaces,
    ]
}

#[tokio::test]
async fn a_network_is_set_up_in_the_callers_project() {
    let world = World::new();
    let mut settings = NetworkSettings::new("public");
    settings.dns_nameservers = vec!["192.0.2.53".into()];
    let Place { network, regions } = place(settings);
    let action = NewDefaultNetwork::new(world.people(), regions);
    let mut trial = Trial::new(&action, world.body(json!({})))
        .unwrap()
        .requester(world.boss());
    assert_eq!(run(&mut trial, "pre_approve").await, "valid");
    assert_eq!(made(&network), [0; 4]);
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!(made(&network), [1; 4]);
    assert_eq!(trial.state(), "completed");
    let networks = network.networks(&world.acme).await.unwrap();
    assert_eq!(networks[0].name, "default_network");
    assert_eq!(trial.cache()["network_id_one"], networks[0].id);
    let subnets = network.subnets(&world.acme).await.unwrap();
    assert_eq!(
        (&*subnets[0].cidr, &*subnets[0].dns_nameservers),
        ("192.168.1.0/24", &["192.0.2.53".to_owned()][..])
    );
    let routers = network.routers(&world.acme).await.unwrap();
    let interfaces = network.interfaces(&routers[0].id).await.unwrap();
    assert_eq!(trial.cache()["port_id_one"], interfaces[0].port_id);
    assert_eq!(interfaces[0].subnet_id, subnets[0].id);
    // Approving again, and submitting, makes nothing more.
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!(run(&mut trial, "submit").await, "valid");
    assert_eq!(made(&network), [1; 4]);
}

#[tokio::test]
async fn what_was_lost_half_way_is_found_and_not_made_twice() {
    for step in ["network", "subnet", "router", "interface"] {
        for fault in [Fault::AfterEffect, Fault::BeforeEffect] {
            let world = World::new();
            let Place { network, regions } = place(NetworkSettings::new("public"));
            // The project has one of that name of its own, which is none of the task's business.
            let own = CreateNetwork::new("default_network", &*world.acme, "");
            network.create_network(&own).await.unwrap();
            let action = NewDefaultNetwork::new(world.people(), regions);
            let mut trial = Trial::new(&action, world.body(json!({})))
                .unwrap()
                .requester(world.boss());
            let verb = if step == "interface" { "add" } else { "create" };
            network.faults().inject(&format!("{verb}_{step}"), fault);
            assert_eq!(run(&mut trial, "post_approve").await, "retry", "{step}");
            assert_eq!(run(&mut trial, "post_approve").await, "valid", "{step}");
            assert_eq!(made(&network), [2, 1, 1, 1], "{step} {fault:?}");
            // As if the process had died between the effect and its record.
            trial.forget_result("post_approve", &format!("{verb} {step}"));
            assert_eq!(run(&mut trial, "post_approve").await, "valid", "{step}");
            assert_eq!(made(&network), [2, 1, 1, 1], "{step} {fault:?}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_is_invalid_before_and_at_approval() {
    let world = World::new();
    let mut odd = NetworkSettings::new("public");
    odd.subnet_cidr = "192.168.1.1/24".into();
    let nowhere = place(NetworkSettings::new("nowhere")).regions;
    let good = place(NetworkSettings::new("public"));
    let elsewhere = json!({ "project_id": world.other });
    for (regions, body, code) in [
        (&good.regions, elsewhere, "project_mismatch"),
        (&good.regions, json!({ "region": "two" }), "region_unknown"),
        (&nowhere, json!({}), "public_network_missing"),
        (&place(odd).regions, json!({}), "cidr_invalid"),
    ] {
        let action = NewDefaultNetwork::new(world.people(), regions.clone());
        let trial = Trial::new(&action, world.body(body)).unwrap();
        let mut trial = trial.requester(world.boss());
        assert_eq!(run(&mut trial, "pre_approve").await, code);
        assert_eq!(run(&mut trial, "post_approve").await, code);
    }
    assert_eq!(made(&good.network), [0; 4]);
}

#[tokio::test]
async fn a_name_that_two_external_networks_have_leads_nowhere() {
    let world = World::new();
    let Place { network, regions } = place(NetworkSettings::new("public"));
    network.add_external("public").unwrap();
    let action = NewDefaultNetwork::new(world.people(), regions);
    let mut trial = Trial::new(&action, world.body(json!({})))
        .unwrap()
        .requester(world.boss());
    assert_eq!(run(&mut trial, "pre_approve").await, "fatal");
}

#[tokio::test]
async fn another_region_has_a_network_of_its_own() {
    let world = World::new();
    let one = place(NetworkSettings::new("public"));
    let two = place(NetworkSettings::new("public"));
    let mut settings = NetworkSettings::new("public");
    settings.subnet_cidr = "10.0.0.0/8".into();
    let regions = one.regions.region("two", settings, two.network.clone());
    let action = NewDefaultNetwork::new(world.people(), regions);
    let trial = Trial::new(&action, world.body(json!({ "region": "two" }))).unwrap();
    let mut trial = trial.requester(world.boss());
    assert_eq!(run(&mut trial, "post_approve").await, "valid");
    assert_eq!((made(&one.network), made(&two.network)), ([0; 4], [1; 4]));
    assert!(trial.cache().contains_key("router_id_two"));
}

#[tokio::test]
async fn a_new_project_gets_a_network_if_it_was_asked_for() {
    let world = World::new();
    let Place { network, regions } = place(NetworkSettings::new("public"));
    let action = DefaultProjectResources::new(world.people(), regions);
    let outcome = async |body: Value, project: Option<&str>| {
        let mut trial = Trial::new(&action, body).unwrap();
        if let Some(project) = project {
            trial = trial.shared("project_id", project);
        }
        assert_eq!(run(&mut trial, "pre_approve").await, "valid");
        run(&mut trial, "post_approve").await
    };
    let yes = json!({ "setup_resources": true });
    assert_eq!(outcome(json!({}), Some(&world.other)).await, "valid");
    assert_eq!(outcome(yes.clone(), None).await, "project_missing");
    assert_eq!(outcome(yes.clone(), Some("gone")).await, "project_missing");
    assert_eq!(made(&network), [0; 4]);
    assert_eq!(outcome(yes, Some(&world.other)).await, "valid");
    assert_eq!(made(&network), [1; 4]);
    assert_eq!(network.networks(&world.other).await.unwrap().len(), 1);
}

#[test]
fn settings_are_read_strictly() {
    let read = serde_json::from_value::<NetworkSettings>;
    let settings = read(json!({ "public_network": "public", "router_name": "r" })).unwrap();
    assert_eq!(
        (&*settings.router_name, &*settings.subnet_name),
        ("r", "default_subnet")
    );
    read(json!({})).unwrap_err();
    read(json!({ "public_network": "p", "DNS_NAMESERVERS": [] })).unwrap_err();
}
