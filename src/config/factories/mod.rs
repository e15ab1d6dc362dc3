//! The factories that come with this crate.

pub(super) mod account;
mod identity;
mod networks;
mod nova;
mod surroundings;

pub(super) use surroundings::NOVA_BODY_LIMIT;

use super::{Registry, registry::Composite};

/// All of them, under their own names and those that Python files use.
pub(super) fn standard() -> Registry {
    let registry = Registry::empty()
        .composite(
            Composite::AuthStrategy,
            [
                "nova.api.auth:pipeline_factory",
                "nova.api.auth:pipeline_factory_v21",
                "nova.api.auth:pipeline_factory_v3",
                "neutron.auth:pipeline_factory",
            ],
        )
        .composite(
            Composite::RoleRouter,
            [
                "wafflehaus.rolerouter:rolerouter_factory",
                "wafflehaus.rolerouter:RoleRouter.factory",
                "wafflehaus.routers.rolerouter:rolerouter_factory",
                "wafflehaus.routers.rolerouter:RoleRouter.factory",
            ],
        )
        .composite(
            Composite::UrlMap,
            [
                "nova.api.openstack.urlmap:urlmap_factory",
                "egg:Paste#urlmap",
            ],
        );
    let registry = networks::register(registry);
    let registry = identity::register(registry);
    let registry = surroundings::register(registry);
    nova::register(registry)
}
