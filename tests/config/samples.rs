//! The samples of the Python middleware's README, put into Nova's own file, and their twins.

use wafflehaus::sim::Endpoints;

const NOVA: &str = include_str!("../paste/samples/nova-api-paste.ini");
const NOVA_TOML: &str = include_str!("samples/nova.toml");

const ROUTER: &str = include_str!("../paste/samples/role-router.ini");
/// The line of it that each sample has its own of.
const ROUTE: &str = include_str!("../paste/samples/request-networks-consumption.ini");
const ROUTER_IN_USE: &str = include_str!("../paste/samples/role-router-consumption.ini");

/// What the README takes for granted of the Nova of its time.
const OLDER_NOVA: &str = "
[filter:ratelimit]
paste.filter_factory = nova.api.openstack.compute.limits:RateLimitingMiddleware.factory

[app:osapi_compute_app_v2]
paste.app_factory = nova.api.openstack.compute:APIRouter.factory
";
const OLDER_NOVA_TOML: &str = include_str!("samples/older-nova.toml");

/// A sample and its twin.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    /// What the README gives, with the line that puts it into the route.
    ini: &'static str,
    in_use: Option<&'static str>,
    toml: &'static str,
}

macro_rules! sample {
    ($name:literal) => {
        Sample {
            name: $name,
            ini: include_str!(concat!("../paste/samples/", $name, ".ini")),
            in_use: Some(include_str!(concat!(
                "../paste/samples/",
                $name,
                "-consumption.ini"
            ))),
            toml: include_str!(concat!("samples/", $name, ".toml")),
        }
    };
}

pub(crate) const REQUEST_NETWORKS: Sample = sample!("request-networks");
pub(crate) const DETACH_CHECK: Sample = sample!("detach-network-check");
pub(crate) const COUNT_CHECK: Sample = sample!("network-count-check");

/// It has a router of its own.
pub(crate) const SEVERAL_TIMES: Sample = Sample {
    name: "several-times",
    ini: include_str!("../paste/samples/several-times.ini"),
    in_use: None,
    toml: include_str!("samples/several-times.toml"),
};

impl Sample {
    /// The whole paste.ini, below its globals.
    pub(crate) fn ini(&self, globals: &str) -> String {
        let Self { ini, in_use, .. } = self;
        let router = in_use.map(|in_use| ROUTER.replace(ROUTE, in_use));
        let router = router.unwrap_or_default();
        let nova = through_the_router(NOVA);
        format!("[DEFAULT]\n{globals}\n{nova}\n{OLDER_NOVA}\n{ROUTER_IN_USE}\n{router}\n{ini}\n")
    }

    /// The same as TOML.
    pub(crate) fn toml(&self, globals: &str) -> String {
        let nova = through_the_router(NOVA_TOML);
        format!(
            "{}\n{nova}\n{OLDER_NOVA_TOML}\n{}",
            quoted(globals),
            self.toml
        )
    }
}

/// Nova's own file, below globals.
pub(crate) fn nova(globals: &str) -> String {
    format!("[DEFAULT]\n{globals}\n{NOVA}")
}

pub(crate) fn nova_toml(globals: &str) -> String {
    format!("{}\n{NOVA_TOML}", quoted(globals))
}

/// What a gateway needs: where Nova is, and an account in Keystone.
pub(crate) fn needed(endpoints: &Endpoints) -> String {
    globals(&endpoints.nova(), &endpoints.keystone())
}

pub(crate) fn globals(nova: &str, keystone: &str) -> String {
    format!(
        "upstream = {nova}\nauth_url = {keystone}/v3\nusername = wafflehaus\n\
         password = in-memory\nproject_name = service\n"
    )
}

fn quoted(globals: &str) -> String {
    let lines = globals.lines().map(|line| {
        let (key, value) = line.split_once(" = ").unwrap();
        format!("{key} = {value:?}\n")
    });
    lines.collect()
}

/// Both APIs of Nova's file lead to the pipeline with the router.
fn through_the_router(nova: &str) -> String {
    let lines = nova.lines().map(|line| {
        let mut line = line.to_owned();
        if line.contains("/+") {
            line = line.replace("v21_legacy_v2_compatible", "v2");
            line = line.replace("v21", "v2");
        }
        line + "\n"
    });
    lines.collect()
}
