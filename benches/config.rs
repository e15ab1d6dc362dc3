//! Checking a large configuration: a router with a route for each team, five thousand sections.
//!
//! `cargo bench --bench config`

#![expect(clippy::unwrap_used, reason = "a bench")]

use std::{fmt::Write as _, fs, path::Path};

use criterion::{Criterion, criterion_group, criterion_main};
use wafflehaus::config::Loader;

const SECTIONS: usize = 5000;
/// Each has two filters and a pipeline of its own.
const TEAMS: usize = (SECTIONS - 4) / 3;

fn check(criterion: &mut Criterion) {
    for (name, text) in [("paste.ini", ini()), ("TOML", toml())] {
        let extension = name.rsplit('.').next().unwrap().to_lowercase();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("large.{extension}"));
        fs::write(&path, &text).unwrap();
        let load = || Loader::new().load(&path).unwrap();
        assert!(load().warnings.is_empty());
        println!("{name}: {} lines", text.lines().count());
        criterion.bench_function(&format!("check {SECTIONS} sections/{name}"), |bencher| {
            bencher.iter(load);
        });
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("large-and-bad.ini");
    let bad = ini().replace("required_nets", "requierd_nets");
    fs::write(&path, bad).unwrap();
    let load = || Loader::new().load(&path).unwrap_err();
    assert!(load().mistakes.len() >= TEAMS);
    criterion.bench_function(
        &format!("check {SECTIONS} sections/a mistake in every third"),
        |bencher| {
            bencher.iter(load);
        },
    );
}

fn ini() -> String {
    let mut text = "[DEFAULT]
upstream = http://nova:8774
neutron_url = http://neutron:9696
auth_url = https://keystone:5000/v3
username = wafflehaus
password = secret
project_name = service

[pipeline:main]
pipeline = authtoken router

[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory

[app:nova]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory

[composite:router]
use = call:wafflehaus.rolerouter:rolerouter_factory
route_default = nova
routes ="
        .to_owned();
    for team in 0..TEAMS {
        write!(text, "\n    team{team}").unwrap();
    }
    text.push('\n');
    for team in 0..TEAMS {
        write!(
            text,
            "roles_team{team} = role{team}\nroute_team{team} = way{team}\n"
        )
        .unwrap();
    }
    for team in 0..TEAMS {
        write!(
            text,
            "\n[pipeline:way{team}]\npipeline = networks{team} count{team} nova\n\
             \n[filter:networks{team}]\n\
             paste.filter_factory = wafflehaus.requestnetworks:RequestNetworks.factory\n\
             required_nets = {}\nbanned_nets = {}\n                {}\n\
             \n[filter:count{team}]\n\
             paste.filter_factory = wafflehaus.network_count_check:NetworkCountCheck.factory\n\
             networks_max = 5\n",
            id(team, 0),
            id(team, 1),
            id(team, 2)
        )
        .unwrap();
    }
    text
}

fn toml() -> String {
    let mut text = r#"upstream = "http://nova:8774"
neutron_url = "http://neutron:9696"
auth_url = "https://keystone:5000/v3"
username = "wafflehaus"
password = "secret"
project_name = "service"

[pipeline.main]
pipeline = ["authtoken", "router"]

[filter.authtoken]
use = "keystone"

[app.nova]
use = "nova"

[composite.router]
use = "role_router"
route_default = "nova"
routes = ["#
        .to_owned();
    for team in 0..TEAMS {
        write!(text, "\n    \"team{team}\",").unwrap();
    }
    text.push_str("\n]\n");
    for team in 0..TEAMS {
        write!(
            text,
            "roles_team{team} = \"role{team}\"\nroute_team{team} = \"way{team}\"\n"
        )
        .unwrap();
    }
    for team in 0..TEAMS {
        write!(
            text,
            "\n[pipeline.way{team}]\npipeline = [\"networks{team}\", \"count{team}\", \"nova\"]\n\
             \n[filter.networks{team}]\nuse = \"request_networks\"\n\
             required_nets = [\"{}\"]\nbanned_nets = [\n    \"{}\",\n    \"{}\",\n]\n\
             \n[filter.count{team}]\nuse = \"network_count_check\"\nnetworks_max = 5\n",
            id(team, 0),
            id(team, 1),
            id(team, 2)
        )
        .unwrap();
    }
    text
}

fn id(team: usize, network: usize) -> String {
    format!("{team:08x}-c0de-4aaa-8bbb-{network:012x}")
}

criterion_group!(
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = check
);
criterion_main!(benches);
