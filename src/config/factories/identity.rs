//! Who is asking.

use std::time::Duration;

use super::account::Account;
use crate::{
    config::{Registry, Settings},
    identity::Role,
    keystone::{KeystoneClient, KeystoneLayer, Outage},
    nova::Mount,
    openstack::Endpoint,
    pipeline::{Filter, FilterKind},
};

pub(super) fn register(registry: Registry) -> Registry {
    registry
        .filter(
            [
                "keystone",
                "keystonemiddleware.auth_token:filter_factory",
                "keystoneclient.middleware.auth_token:filter_factory",
                "keystone.middleware.auth_token:filter_factory",
                "egg:keystonemiddleware#auth_token",
            ],
            keystone,
        )
        .filter(
            [
                "identity",
                "nova.api.auth:NovaKeystoneContext.factory",
                "neutron.auth:NeutronKeystoneContext.factory",
            ],
            identity,
        )
        .filter(
            [
                "noauth",
                "nova.api.openstack.auth:NoAuthMiddleware.factory",
                "nova.api.openstack.auth:NoAuthMiddlewareV2_18.factory",
                "nova.api.openstack.auth:NoAuthMiddlewareV3.factory",
            ],
            |settings| {
                let message = "everybody could be anybody: this is not for a gateway";
                settings.mistake("paste.filter_factory", message);
                None
            },
        )
}

/// Nova makes a context of what `authtoken` found out: behind one, there is nothing to do.
fn identity(settings: &mut Settings<'_>) -> Option<Filter> {
    let trusted = settings.inherited("trust_identity_headers").or(false);
    Some(FilterKind::Identity { trusted }.into())
}

fn keystone(settings: &mut Settings<'_>) -> Option<Filter> {
    let account = Account::read(settings);
    let public: Option<Endpoint> = settings.inherited("www_authenticate_uri").get();
    let old: Option<Endpoint> = settings.inherited("auth_uri").get();
    let configure = knobs(settings);
    for key in ELSEWHERE {
        settings.ignored(key);
    }
    let Some(account) = account else {
        if settings.has_mistakes() {
            return None;
        }
        let message = "no `auth_url`: there is no Keystone to ask about tokens, and every request \
                       to here is refused with 503";
        settings.warning("auth_url", message);
        return Some(FilterKind::Keystone(None).into());
    };
    let client = KeystoneClient::new(account.keystone.clone(), account.credential.any_role());
    let told = public.or(old).unwrap_or(account.keystone);
    match KeystoneLayer::new(client, &told) {
        Ok(layer) => Some(FilterKind::Keystone(Some(Box::new(configure(layer)))).into()),
        Err(error) => {
            settings.mistake("auth_url", error.to_string());
            None
        }
    }
}

/// The settings of the layer.
fn knobs(settings: &mut Settings<'_>) -> impl FnOnce(KeystoneLayer) -> KeystoneLayer + use<> {
    let cache_for: Duration = settings.key("token_cache_time").or(Duration::from_secs(60));
    let fresh_for: Duration = settings.key("fresh_for").or(Duration::from_secs(3));
    let deadline: Duration = settings.key("deadline").or(Duration::from_secs(5));
    let capacity: usize = settings.key("cache_capacity").or(10_000);
    let outage = outage(settings);
    let service_type: String = settings.key("service_type").or("compute".to_owned());
    let set_headers = settings.key("set_identity_headers").or(false);
    let trust_forwarded = settings.inherited("trust_forwarded").or(false);
    let anonymous = settings.key("anonymous_versions").or(false);
    let mount: Mount = settings.inherited("mount").or(Mount::root());
    let roles: Vec<String> = settings
        .key("service_token_roles")
        .or(vec!["service".to_owned()]);
    let roles = roles.iter().filter_map(|name| match Role::new(name) {
        Ok(role) => Some(role),
        Err(error) => {
            settings.mistake("service_token_roles", format!("`{name}`: {error}"));
            None
        }
    });
    let roles: Vec<_> = roles.collect();
    if settings.key("service_token_roles_required").get() == Some(false) {
        let message = "the role of a service token is always required";
        settings.mistake("service_token_roles_required", message);
    }
    if settings.key("delay_auth_decision").or(false) {
        let message = "a request without a valid token is never passed on";
        settings.mistake("delay_auth_decision", message);
    }
    move |mut layer| {
        if anonymous {
            layer = layer.anonymous_versions(mount);
        }
        layer
            .cache_for(cache_for)
            .fresh_for(fresh_for)
            .deadline(deadline)
            .cache_capacity(capacity as u64)
            .during_outage(outage)
            .service_roles(roles)
            .service_type(service_type)
            .set_identity_headers(set_headers)
            .trust_forwarded(trust_forwarded)
    }
}

fn outage(settings: &mut Settings<'_>) -> Outage {
    let text: String = settings.key("during_outage").or("reads".to_owned());
    match text.as_str() {
        "all" => Outage::ServeAll,
        "nothing" => Outage::ServeNothing,
        "reads" => Outage::ServeReads,
        _ => {
            settings.mistake("during_outage", "expected all, reads or nothing");
            Outage::default()
        }
    }
}

/// Settings of Keystone's middleware about things that are done otherwise here.
const ELSEWHERE: [&str; 24] = [
    "auth_section",
    "cache",
    "check_revocations_for_cached",
    "enforce_token_bind",
    "hash_algorithms",
    "http_connect_timeout",
    "http_request_max_retries",
    "include_service_catalog",
    "interface",
    "keystone_authtoken_config_dir",
    "log_name",
    "memcache_secret_key",
    "memcache_security_strategy",
    "memcache_use_advanced_pool",
    "memcached_servers",
    "oslo_config_config",
    "oslo_config_file",
    "oslo_config_project",
    "region_name",
    "revocation_cache_time",
    "signing_dir",
    "signing_dirname",
    "token_cache_size",
    "valid_interfaces",
];
