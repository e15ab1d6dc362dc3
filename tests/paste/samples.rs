//! The samples of the Python middleware's README, and Nova's own file.

use std::{fs, io, path::Path};

use wafflehaus::config::paste::{Body, Deploy, Kind, Role, Section};

fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/paste/samples");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn read(text: &str) -> Deploy {
    let load = |_: &Path| Err(io::ErrorKind::NotFound.into());
    Deploy::read(Path::new("/etc/nova/api-paste.ini"), text, load).unwrap()
}

/// What builds a section, and each of its settings with the lines of its words.
fn told(section: &Section) -> (&str, Vec<(&str, Vec<(&str, u32)>)>) {
    let Body::Factory(factory) = &section.body else {
        panic!("{section:?}")
    };
    let settings = section.settings.values().map(|setting| {
        let words = setting.words().map(|(word, place)| (word, place.line));
        (setting.key.as_str(), words.collect())
    });
    (&factory.name, settings.collect())
}

#[test]
fn the_sections_that_use_the_role_router() {
    let text = sample("role-router-consumption.ini");
    let deploy = read(&text);
    let [section] = deploy.sections() else {
        panic!("{deploy:?}")
    };
    assert_eq!(
        (section.kind, &*section.name),
        (Kind::Composite, "openstack_compute_api_v2")
    );
    let keystone = "faultwrap sizelimit authtoken keystonecontext ratelimit rolerouter";
    let keystone = keystone.split(' ').map(|word| (word, 3)).collect();
    assert_eq!(
        told(section),
        (
            "nova.api.auth:pipeline_factory",
            vec![("keystone", keystone)]
        )
    );
}

#[test]
fn the_role_router() {
    let text = sample("role-router.ini");
    let deploy = read(&text);
    assert_eq!(deploy.sections().len(), 1);
    assert_eq!(
        told(deploy.section(Role::App, "rolerouter").unwrap()),
        (
            "wafflehaus.rolerouter:rolerouter_factory",
            vec![
                ("roles_managed", vec![("role1", 6), ("role2", 6)]),
                ("route_default", vec![("osapi_compute_app_v2", 9)]),
                (
                    "route_managed",
                    vec![("requestnetworks", 7), ("osapi_compute_app_v2", 7)]
                ),
                ("routes", vec![("managed", 4)]),
            ]
        )
    );
}

#[test]
fn the_routes_that_use_the_filters() {
    for (name, filter) in [
        ("request-networks-consumption.ini", "requestnetworks"),
        ("detach-network-check-consumption.ini", "detachcheck"),
        ("network-count-check-consumption.ini", "network_count_check"),
    ] {
        let text = sample(name);
        let load = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let alone = Deploy::read(Path::new("f.ini"), &text, load).unwrap_err();
        assert_eq!(
            alone[0].to_string(),
            "f.ini:1: no section header before this line"
        );
        let head = "[composite:r]\nuse = call:wafflehaus.rolerouter:rolerouter_factory\n";
        let deploy = read(&format!("{head}{text}"));
        let (_, settings) = told(&deploy.sections()[0]);
        let route = vec![(filter, 3), ("osapi_compute_app_v2", 3)];
        assert_eq!(settings, [("route_managed", route)]);
    }
}

#[test]
fn the_filters() {
    let text = sample("request-networks.ini");
    assert_eq!(
        told(&read(&text).sections()[0]),
        (
            "wafflehaus.requestnetworks:RequestNetworks.factory",
            vec![
                (
                    "banned_nets",
                    vec![
                        ("22222222-2222-2222-2222-222222222222", 5),
                        ("33333333-3333-3333-3333-333333333333", 6),
                    ]
                ),
                (
                    "required_nets",
                    vec![
                        ("00000000-0000-0000-0000-000000000000", 3),
                        ("11111111-1111-1111-1111-111111111111", 4),
                    ]
                ),
            ]
        )
    );
    let text = sample("detach-network-check.ini");
    assert_eq!(
        told(&read(&text).sections()[0]),
        (
            "wafflehaus.detach_network_check:DetachNetworkCheck.factory",
            vec![(
                "required_nets",
                vec![("11111111-1111-1111-1111-111111111111", 3)]
            )]
        )
    );
    let text = sample("network-count-check.ini");
    assert_eq!(
        told(&read(&text).sections()[0]),
        (
            "wafflehaus.network_count_check:NetworkCountCheck.factory",
            vec![
                (
                    "banned_nets",
                    vec![
                        ("44444444-4444-4444-4444-444444444444", 7),
                        ("55555555-5555-5555-5555-555555555555", 8),
                    ]
                ),
                ("count_optional_nets", vec![("False", 11)]),
                ("networks_max", vec![("5", 10)]),
                ("networks_min", vec![("1", 9)]),
                (
                    "optional_nets",
                    vec![
                        ("00000000-0000-0000-0000-000000000000", 3),
                        ("11111111-1111-1111-1111-111111111111", 4),
                    ]
                ),
                (
                    "required_nets",
                    vec![
                        ("22222222-2222-2222-2222-222222222222", 5),
                        ("33333333-3333-3333-3333-333333333333", 6),
                    ]
                ),
            ]
        )
    );
}

#[test]
fn one_filter_several_times() {
    let text = sample("several-times.ini");
    let deploy = read(&text);
    let [router, first, second] = deploy.sections() else {
        panic!("{deploy:?}")
    };
    assert_eq!(told(router).1.len(), 6);
    assert_eq!((&*first.name, first.place.line), ("requestnetworks", 12));
    assert_eq!(
        (&*second.name, second.place.line),
        ("requestnetworks_special", 16)
    );
    let (factory, settings) = told(first);
    let net = |word, line| vec![(word, line)];
    assert_eq!(
        settings,
        [(
            "required_nets",
            net("00000000-0000-0000-0000-000000000000", 14)
        )]
    );
    assert_eq!(
        told(second),
        (
            factory,
            vec![
                (
                    "banned_nets",
                    net("22222222-2222-2222-2222-222222222222", 19)
                ),
                (
                    "required_nets",
                    net("11111111-1111-1111-1111-111111111111", 18)
                ),
            ]
        )
    );
}

#[test]
fn novas_own_file() {
    let text = sample("nova-api-paste.ini");
    let deploy = read(&text);
    let headers = text.lines().filter(|line| line.starts_with('['));
    let sections = deploy.sections().iter();
    let sections: Vec<_> = sections
        .map(|section| format!("[{}]", section.header()))
        .collect();
    assert_eq!(sections, headers.collect::<Vec<_>>());
    // The line after the comment in the middle of the section.
    let (factory, paths) = told(deploy.section(Role::App, "osapi_compute").unwrap());
    assert_eq!(factory, "nova.api.openstack.urlmap:urlmap_factory");
    assert_eq!(
        paths,
        [
            ("/", vec![("oscomputeversions", 21)]),
            ("/v2", vec![("oscomputeversion_legacy_v2", 22)]),
            ("/v2.1", vec![("oscomputeversion_v2", 23)]),
            ("/v2.1/+", vec![("openstack_compute_api_v21", 30)]),
            (
                "/v2/+",
                vec![("openstack_compute_api_v21_legacy_v2_compatible", 29)]
            ),
        ]
    );
    // All that pipelines name is there, down to what is built by a factory.
    for section in deploy.sections() {
        if let Body::Pipeline(items) = &section.body {
            for item in items {
                assert!(!told(&deploy.get(item).unwrap()).0.is_empty());
            }
        }
    }
}
