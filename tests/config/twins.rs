//! What is written as paste.ini and what as TOML come to the same plan.

use wafflehaus::pipeline::Plan;

use crate::{
    samples::{
        COUNT_CHECK, DETACH_CHECK, REQUEST_NETWORKS, SEVERAL_TIMES, globals, nova, nova_toml,
    },
    support::load,
};

#[test]
fn a_sample_and_its_twin_are_the_same_plan() {
    let globals = globals("http://nova:8774", "https://keystone:5000");
    for sample in [REQUEST_NETWORKS, DETACH_CHECK, COUNT_CHECK, SEVERAL_TIMES] {
        let name = sample.name;
        let ini = load(&format!("twin-{name}.ini"), &sample.ini(&globals)).plan;
        let toml = load(&format!("twin-{name}.toml"), &sample.toml(&globals)).plan;
        same(name, &ini, &toml);
    }
}

#[test]
fn novas_own_file_and_its_twin_are_the_same_plan() {
    let account = globals("http://nova:8774", "https://keystone:5000");
    for (name, globals) in [
        ("bare", "upstream = http://nova:8774"),
        ("account", &account),
    ] {
        let ini = load(&format!("twin-nova-{name}.ini"), &nova(globals)).plan;
        let toml = load(&format!("twin-nova-{name}.toml"), &nova_toml(globals)).plan;
        same(name, &ini, &toml);
    }
}

#[test]
fn a_difference_in_one_setting_is_one_of_the_plan() {
    let globals = globals("http://nova:8774", "https://keystone:5000");
    let toml = COUNT_CHECK.toml(&globals);
    let plan = load("differs.toml", &toml).plan;
    for (at, (before, after)) in [
        ("networks_max = 5", "networks_max = 6"),
        ("count_optional_nets = false", "count_optional_nets = true"),
        ("[\"22222222-", "[\"92222222-"),
        ("\"role1\", \"role2\"", "\"role1\""),
        (
            "routes = [\"managed\"]",
            "routes = [\"managed\"]\nenabled = false",
        ),
        ("password = \"in-memory\"", "password = \"in-memoria\""),
        ("username = \"wafflehaus\"", "username = \"waffle\""),
        ("http://nova:8774", "http://nova:8775"),
        ("\"ratelimit\", \"rolerouter\"", "\"rolerouter\""),
        (
            "use = \"ratelimit\"",
            "use = \"ratelimit\"\nlimits = \"(PUT, *, .*, 1, DAY)\"",
        ),
        (
            "use = \"keystone\"",
            "use = \"keystone\"\nduring_outage = \"nothing\"",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let other = toml.replace(before, after);
        let other = load(&format!("differs-{at}.toml"), &other).plan;
        assert!(toml.contains(before), "{before}");
        assert!(plan != other, "{before} → {after}");
    }
}

#[test]
fn order_comments_and_written_defaults_are_no_difference() {
    let globals = globals("http://nova:8774", "https://keystone:5000");
    let toml = COUNT_CHECK.toml(&globals);
    let plan = load("no-difference.toml", &toml).plan;
    for (at, (before, after)) in [
        ("networks_min = 1\n", ""),
        ("count_optional_nets = false", "# as it is without"),
        (
            "use = \"network_count_check\"",
            "use = \"network_count_check\"\nenabled = true",
        ),
        ("\"/\" = \"oscomputeversions\"\n\"/v2\"", "\"/v2\""),
        (
            "[composite.osapi_compute]",
            "[composite.unused]\nuse = \"url_map\"\n\n[composite.osapi_compute]",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(toml.contains(before), "{before}");
        let mut other = toml.replace(before, after);
        if before.starts_with("\"/\"") {
            // The first of the map goes to its end.
            let last = "\"/v2.1/+\" = \"openstack_compute_api_v2\"\n";
            other = other.replace(last, &format!("{last}\"/\" = \"oscomputeversions\"\n"));
        }
        let other = load(&format!("no-difference-{at}.toml"), &other).plan;
        same(before, &plan, &other);
    }
}

/// Equal, and shown as the same.
pub(crate) fn same(what: &str, a: &Plan, b: &Plan) {
    assert_eq!(a.tree().to_string(), b.tree().to_string(), "{what}");
    assert_eq!(format!("{a:?}"), format!("{b:?}"), "{what}");
    assert!(a == b, "{what}");
}
