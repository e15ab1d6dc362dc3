//! The three policies of networks.

use crate::{
    config::{Registry, Settings},
    identity::ProjectId,
    pipeline::Filter,
    policy::{
        ByProject, DetachNetworkCheck, InvalidPolicy, NetworkCountCheck, NetworkSet, Policy,
        RequestNetworks,
    },
};

pub(super) fn register(registry: Registry) -> Registry {
    registry
        .filter(
            [
                "request_networks",
                "wafflehaus.requestnetworks:RequestNetworks.factory",
                "wafflehaus.requestnetworks:filter_factory",
                "wafflehaus.nova.networking.requestnetworks:RequestNetworks.factory",
                "wafflehaus.nova.networking.requestnetworks:filter_factory",
            ],
            request_networks,
        )
        .filter(
            [
                "detach_network_check",
                "wafflehaus.detach_network_check:DetachNetworkCheck.factory",
                "wafflehaus.detach_network_check:filter_factory",
                "wafflehaus.nova.detach_network_check:DetachNetworkCheck.factory",
                "wafflehaus.nova.detach_network_check:filter_factory",
                "wafflehaus.nova.networking.detach_network_check:DetachNetworkCheck.factory",
                "wafflehaus.nova.networking.detach_network_check:filter_factory",
            ],
            detach_network_check,
        )
        .filter(
            [
                "network_count_check",
                "wafflehaus.network_count_check:NetworkCountCheck.factory",
                "wafflehaus.network_count_check:filter_factory",
                "wafflehaus.nova.network_count_check:NetworkCountCheck.factory",
                "wafflehaus.nova.network_count_check:filter_factory",
                "wafflehaus.nova.networking.network_count_check:NetworkCountCheck.factory",
                "wafflehaus.nova.networking.network_count_check:filter_factory",
            ],
            network_count_check,
        )
}

fn request_networks(settings: &mut Settings<'_>) -> Option<Filter> {
    let mode = Mode::read(settings);
    let required: NetworkSet = settings.key("required_nets").or(NetworkSet::default());
    let banned: NetworkSet = settings.key("banned_nets").or(NetworkSet::default());
    if required.is_empty() && banned.is_empty() && !settings.has_mistakes() {
        settings.warning(
            "required_nets",
            "neither `required_nets` nor `banned_nets`: any networks pass that are named",
        );
    }
    let assumed = assumed(settings);
    let policy = RequestNetworks::new(required.iter(), banned.iter());
    let policy = policy.and_then(|policy| match assumed {
        Some(assumed) => policy.assume_when_absent(assumed.iter()),
        None => Ok(policy),
    });
    mode.filter(settings, policy)
}

fn detach_network_check(settings: &mut Settings<'_>) -> Option<Filter> {
    let mode = Mode::read(settings);
    let required: NetworkSet = settings.key("required_nets").or(NetworkSet::default());
    if required.is_empty() && !settings.has_mistakes() {
        settings.warning(
            "required_nets",
            "no `required_nets`: anything may be detached",
        );
    }
    mode.filter(settings, Ok(DetachNetworkCheck::new(required.iter())))
}

fn network_count_check(settings: &mut Settings<'_>) -> Option<Filter> {
    let mode = Mode::read(settings);
    let mut check = NetworkCountCheck::builder()
        .required_nets(networks(settings, "required_nets"))
        .banned_nets(networks(settings, "banned_nets"))
        .optional_nets(networks(settings, "optional_nets"))
        .count_optional_nets(settings.key("count_optional_nets").or(false))
        .networks_min(settings.key("networks_min").or(1))
        .networks_max(settings.key("networks_max").or(1));
    if let Some(most) = settings.key("interfaces_max").get() {
        check = check.interfaces_max(most);
    }
    check = check.judge_adopted_ports(settings.key("judge_adopted_ports").or(true));
    if let Some(assumed) = assumed(settings) {
        check = check.assume_when_absent(assumed.iter());
    }
    let strict = settings.key("strict_boot_check");
    if strict.get::<bool>() == Some(false) {
        settings.mistake(
            "strict_boot_check",
            "a create that names no networks is always judged; say with `assume_when_absent` \
             which networks Nova attaches then",
        );
    }
    mode.filter(settings, check.build())
}

fn networks(settings: &mut Settings<'_>, key: &'static str) -> Vec<crate::nova::NetworkId> {
    let networks: NetworkSet = settings.key(key).or(NetworkSet::default());
    networks.iter().collect()
}

fn assumed(settings: &mut Settings<'_>) -> Option<NetworkSet> {
    let assumed: NetworkSet = settings.key("assume_when_absent").get()?;
    if assumed.is_empty() {
        let message = "names no network; leave it out if Nova's choice is not known";
        settings.mistake("assume_when_absent", message);
    }
    Some(assumed)
}

/// What the Python filters have in common.
struct Mode {
    enabled: bool,
    audit: bool,
    /// The projects whose servers are not judged.
    exempt: Vec<ProjectId>,
    /// The projects whose servers alone are judged, if any are named.
    only: Vec<ProjectId>,
}

impl Mode {
    fn read(settings: &mut Settings<'_>) -> Self {
        // The first releases had no `enabled` and were always on; those that had it were off
        // without it.
        let later = settings.factory().starts_with("wafflehaus.nova.")
            || settings.factory().ends_with(":filter_factory");
        let enabled = settings.key("enabled").or(!later);
        if !enabled {
            settings.warning("enabled", "this filter is off, and polices nothing");
        }
        if settings.key("testing").or(false) {
            let message = "the original did nothing with this; `audit = true` decides, tells, \
                           and lets pass";
            settings.mistake("testing", message);
        }
        let audit = settings.key("audit").or(false);
        if audit && enabled {
            settings.warning("audit", "this filter refuses nothing, it only tells");
        }
        settings.ignored("log_name");
        let exempt = projects(settings, "exempt_projects");
        let only = projects(settings, "only_projects");
        if !exempt.is_empty() && !only.is_empty() {
            let message = "`exempt_projects` or `only_projects`, not both";
            settings.mistake("only_projects", message);
        }
        Self {
            enabled,
            audit,
            exempt,
            only,
        }
    }

    fn filter(
        self,
        settings: &mut Settings<'_>,
        policy: Result<impl Policy + 'static, InvalidPolicy>,
    ) -> Option<Filter> {
        match policy {
            Ok(_) if !self.enabled => Some(Filter::nothing("it is not enabled")),
            Ok(policy) if self.only.is_empty() => {
                let policy = ByProject::except(policy, self.exempt);
                Some(Filter::judged(policy, self.audit))
            }
            Ok(policy) => match ByProject::only(policy, self.only) {
                Ok(policy) => Some(Filter::judged(policy, self.audit)),
                Err(error) => {
                    settings.mistake("only_projects", error.to_string());
                    None
                }
            },
            Err(error) => {
                settings.mistake(error.key(), error.to_string());
                None
            }
        }
    }
}

fn projects(settings: &mut Settings<'_>, key: &'static str) -> Vec<ProjectId> {
    let ids: Vec<String> = settings.key(key).or(Vec::new());
    for id in &ids {
        let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if id.len() != 32 || !id.bytes().all(hexadecimal) {
            let message = format!(
                "`{id}` does not look like the id of a project, which is 32 lower-case \
                 hexadecimal digits: it may be that of none"
            );
            settings.warning(key, message);
        }
    }
    let ids = ids
        .into_iter()
        .filter_map(|id| match ProjectId::new(id.as_str()) {
            Ok(id) => Some(id),
            Err(error) => {
                settings.mistake(key, format!("`{id}`: {error}"));
                None
            }
        });
    ids.collect()
}

impl InvalidPolicy {
    /// The setting to look at first.
    const fn key(&self) -> &'static str {
        match self {
            Self::AssumedRefused { .. } => "assume_when_absent",
            Self::BannedAndRequired { .. } => "banned_nets",
            Self::InterfacesBelowNetworks { .. } => "interfaces_max",
            Self::MinimumAboveMaximum { .. } => "networks_min",
            Self::NoProjects => "only_projects",
            Self::RequiredAboveMaximum { .. } => "required_nets",
        }
    }
}
