//! The mechanisms of PasteDeploy, each beside what it is as TOML.

use wafflehaus::config::{Loaded, Loader, Registry};

use crate::{
    support::{file, load, network},
    twins::same,
};

/// The rest of each file: where Nova and Keystone are, who is calling, and Nova.
const INI: &str = "[DEFAULT]
upstream = http://nova:8774
auth_url = https://keystone:5000/v3
username = wafflehaus
password = in-memory
project_name = service

[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory

[app:nova]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
";

const TOML: &str = r#"
upstream = "http://nova:8774"
auth_url = "https://keystone:5000/v3"
username = "wafflehaus"
password = "in-memory"
project_name = "service"

[filter.authtoken]
use = "keystone"

[app.nova]
use = "nova"
"#;

/// Both come to a plan, and that is the same. Gives what the paste.ini came to.
fn twins(name: &str, ini: &str, toml: &str) -> Loaded {
    let ini = load(&format!("{name}.ini"), &format!("{INI}\n{ini}"));
    let toml = load(&format!("{name}.toml"), &format!("{TOML}\n{toml}"));
    same(name, &ini.plan, &toml.plan);
    ini
}

#[test]
fn a_section_uses_another_and_changes_some_of_it() {
    let (one, two) = (network(1), network(2));
    twins(
        "use",
        &format!(
            "[pipeline:main]\npipeline = authtoken both one nova\n\n\
             [filter:both]\n\
             paste.filter_factory = wafflehaus.requestnetworks:RequestNetworks.factory\n\
             required_nets = {one}\nbanned_nets = {two}\n\n\
             [filter:one]\nuse = both\nbanned_nets =\n"
        ),
        &format!(
            "[pipeline.main]\npipeline = [\"authtoken\", \"both\", \"one\", \"nova\"]\n\n\
             [filter.both]\nuse = \"request_networks\"\n\
             required_nets = [\"{one}\"]\nbanned_nets = [\"{two}\"]\n\n\
             [filter.one]\nuse = \"both\"\nbanned_nets = []\n"
        ),
    );
}

#[test]
fn set_changes_a_global_for_what_a_section_leads_to() {
    twins(
        "set",
        "[composite:main]\nuse = egg:Paste#urlmap\n/v2.1: new\n/v2: old\n\n\
         [pipeline:new]\npipeline = authtoken nova\n\n\
         [filter-app:old]\n\
         paste.filter_factory = keystonemiddleware.auth_token:filter_factory\n\
         next = nova_old\nset upstream = http://old:8774\n\n\
         [app:nova_old]\nuse = nova\n",
        "[composite.main]\nuse = \"url_map\"\n\"/v2.1\" = \"new\"\n\"/v2\" = \"old\"\n\n\
         [pipeline.new]\npipeline = [\"authtoken\", \"nova\"]\n\n\
         [filter_app.old]\nuse = \"keystone\"\nnext = \"nova_old\"\n\n\
         [app.nova_old]\nuse = \"nova\"\nupstream = \"http://old:8774\"\n",
    );
}

#[test]
fn filter_with_puts_a_filter_around_any_section() {
    let loaded = twins(
        "filter-with",
        "[composite:main]\nuse = egg:Paste#urlmap\n/: nova_behind\nfilter-with = outer\n\n\
         [filter:outer]\npaste.filter_factory = nova.api.openstack.requestlog:RequestLog.factory\n\
         filter-with = outermost\n\n\
         [filter:outermost]\n\
         paste.filter_factory = nova.api.compute_req_id:ComputeReqIdMiddleware.factory\n\n\
         [app:nova_behind]\nuse = nova\nfilter-with = authtoken\n",
        "[composite.main]\nuse = \"url_map\"\n\"/\" = \"nova_behind\"\nfilter_with = [\"outermost\", \"outer\"]\n\n\
         [filter.outer]\nuse = \"request_log\"\n\n\
         [filter.outermost]\nuse = \"request_id\"\n\n\
         [app.nova_behind]\nuse = \"nova\"\nfilter_with = \"authtoken\"\n",
    );
    let tree = loaded.plan.tree().to_string();
    insta::assert_snapshot!("filter_with", tree);
}

#[test]
fn a_filter_app_is_a_filter_and_what_it_is_in_front_of() {
    twins(
        "filter-app",
        "[filter-app:main]\n\
         paste.filter_factory = keystonemiddleware.auth_token:filter_factory\n\
         next = nova\nfresh_for = 5\n",
        "[filter_app.main]\nuse = \"keystone\"\nnext = \"nova\"\nfresh_for = 5\n",
    );
}

#[test]
fn composites_stand_in_composites_and_routers_in_routes() {
    let required = network(1);
    let loaded = twins(
        "nested",
        &format!(
            "[composite:main]\nuse = call:nova.api.openstack.urlmap:urlmap_factory\n\
             /v2.1/+: api\n/v2/+: api\n\n\
             [composite:api]\nuse = call:nova.api.auth:pipeline_factory_v21\n\
             noauth2 = nova\nkeystone = authtoken outer\n\n\
             [composite:outer]\nuse = call:wafflehaus.rolerouter:rolerouter_factory\n\
             routes = staff\nroles_staff = admin\nroute_staff = inner\nroute_default = required nova\n\n\
             [composite:inner]\nuse = call:wafflehaus.rolerouter:rolerouter_factory\n\
             routes = lab office\n\
             roles_lab = lab\nroute_lab = nova\n\
             roles_office = office\n  front desk\n\
             route_office = required nova\n\
             route_default = below\n\n\
             [pipeline:below]\npipeline = required\n           nova\n\n\
             [filter:required]\n\
             paste.filter_factory = wafflehaus.requestnetworks:RequestNetworks.factory\n\
             required_nets = {required}\n"
        ),
        &format!(
            "[composite.main]\nuse = \"url_map\"\n\"/v2/+\" = \"api\"\n\"/v2.1/+\" = \"api\"\n\n\
             [composite.api]\nuse = \"auth_strategy\"\n\
             keystone = [\"authtoken\", \"outer\"]\n\n\
             [composite.outer]\nuse = \"role_router\"\nroutes = \"staff\"\nroles_staff = \"admin\"\n\
             route_staff = \"inner\"\nroute_default = \"required nova\"\n\n\
             [composite.inner]\nuse = \"role_router\"\nroutes = [\"lab\", \"office\"]\n\
             roles_lab = [\"lab\"]\nroute_lab = [\"nova\"]\n\
             roles_office = [\"office\", \"front\", \"desk\"]\nroute_office = [\"required\", \"nova\"]\n\
             route_default = \"below\"\n\n\
             [pipeline.below]\npipeline = [\"required\", \"nova\"]\n\n\
             [filter.required]\nuse = \"request_networks\"\nrequired_nets = [\"{required}\"]\n"
        ),
    );
    let tree = loaded.plan.tree().to_string();
    insta::assert_snapshot!("nested", tree);
}

#[test]
fn values_refer_to_others_and_to_their_folder() {
    let password = file(
        "password-of-the-gateway",
        "in-memory\nthe second line is not read\n",
    );
    let required = network(1);
    let ini = "[pipeline:main]\npipeline = authtoken required nova\n\n\
               [filter:required]\n\
               paste.filter_factory = wafflehaus.requestnetworks:RequestNetworks.factory\n\
               office = NET\nrequired_nets = %(office)s\n";
    let ini = format!("{INI}\n{ini}").replace(
        "password = in-memory",
        "password_file = %(here)s/password-of-the-gateway",
    );
    let ini = ini.replace("NET", &required);
    let rejected = Loader::new().load(&file("values.ini", &ini)).unwrap_err();
    // A variable has to be a global one: in a section it would be a key of the filter.
    assert_eq!(rejected.mistakes.len(), 1, "{rejected}");
    let ini = ini.replace(&format!("office = {required}\n"), "");
    let ini = ini.replace("[DEFAULT]", &format!("[DEFAULT]\noffice = {required}"));
    let ini = load("values.ini", &ini).plan;
    let toml = "[pipeline.main]\npipeline = [\"authtoken\", \"required\", \"nova\"]\n\n\
                [filter.required]\nuse = \"request_networks\"\nrequired_nets = \"NET\"\n";
    let toml = format!("{TOML}\n{toml}").replace("NET", &required);
    let toml = toml.replace(
        "password = \"in-memory\"",
        &format!("password_file = {password:?}"),
    );
    same("values", &ini, &load("values.toml", &toml).plan);
}

#[test]
fn every_name_of_a_factory_makes_the_same() {
    let mut names = 0;
    for factory in Registry::standard().describe() {
        if ["metadata", "noauth"].contains(&factory.name.as_str()) {
            continue;
        }
        let short = &factory.name;
        let enabled = factory.keys.contains_key("enabled");
        let (prefix, pipeline) = if factory.is_app {
            ("app", "pipeline = authtoken it")
        } else {
            ("filter", "pipeline = authtoken it nova")
        };
        let with = |made_by: &str| {
            let on = if enabled { "enabled = true\n" } else { "" };
            format!("{INI}\n[pipeline:main]\n{pipeline}\n\n[{prefix}:it]\n{made_by}\n{on}")
        };
        let toml = pipeline.replace("= ", "= \"") + "\"";
        let on = if enabled { "enabled = true\n" } else { "" };
        let toml =
            format!("{TOML}\n[pipeline.main]\n{toml}\n\n[{prefix}.it]\nuse = \"{short}\"\n{on}");
        let toml = load("name.toml", &toml).plan;
        for name in &factory.also {
            let spellings = if name.starts_with("egg:") {
                vec![format!("use = {name}")]
            } else {
                vec![
                    format!("paste.{prefix}_factory = {name}"),
                    format!("use = call:{name}"),
                ]
            };
            for spelling in spellings {
                same(&spelling, &load("name.ini", &with(&spelling)).plan, &toml);
                names += 1;
            }
        }
    }
    assert!(names > 80, "{names}");
}

#[test]
fn filters_of_later_releases_are_off_unless_enabled() {
    for (at, (factory, is_on)) in [
        ("wafflehaus.requestnetworks:RequestNetworks.factory", true),
        ("wafflehaus.requestnetworks:filter_factory", false),
        (
            "wafflehaus.nova.networking.requestnetworks:filter_factory",
            false,
        ),
        (
            "wafflehaus.detach_network_check:DetachNetworkCheck.factory",
            true,
        ),
        (
            "wafflehaus.nova.networking.detach_network_check:filter_factory",
            false,
        ),
        (
            "wafflehaus.network_count_check:NetworkCountCheck.factory",
            true,
        ),
        (
            "wafflehaus.nova.networking.network_count_check:filter_factory",
            false,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        for (says, on) in [
            ("", is_on),
            ("enabled = True\n", true),
            ("enabled = off\n", false),
        ] {
            let ini = format!(
                "{INI}\n[pipeline:main]\npipeline = authtoken it nova\n\n[filter:it]\n\
                 paste.filter_factory = {factory}\nrequired_nets = {}\n{says}",
                network(1)
            );
            let loaded = load(&format!("generation-{at}.ini"), &ini);
            let idle: Vec<_> = loaded.plan.idle().collect();
            assert_eq!(idle.is_empty(), on, "{factory} {says}");
            // Whoever left it out is told.
            let told = loaded.warnings.iter();
            let told = told
                .filter(|it| it.key.as_deref() == Some("enabled"))
                .count();
            assert_eq!(told, usize::from(!on), "{factory} {says}");
        }
    }
}
