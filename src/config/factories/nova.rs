//! The applications: what is behind the gateway.

use std::{sync::Arc, time::Duration};

use http::Response;
use tower_service::Service as _;

use crate::{
    body::InspectBody,
    config::{Registry, Settings},
    nova::{Mount, reads_versions},
    pipeline::{Body, Next, Request, nothing_here, refusal},
    proxy::{Forwarding, Proxy, ProxyBuilder, Upstream},
};

pub(super) fn register(registry: Registry) -> Registry {
    registry
        .app(
            [
                "nova",
                "nova.api.openstack.compute:APIRouter.factory",
                "nova.api.openstack.compute:APIRouterV21.factory",
                "nova.api.openstack.compute:APIRouterV3.factory",
            ],
            |settings| proxy(settings, "Nova"),
        )
        .app(
            [
                "neutron",
                "neutron.api.v2.router:APIRouter.factory",
                "neutron.pecan_wsgi.app:v2_factory",
            ],
            |settings| proxy(settings, "Neutron"),
        )
        .app(
            [
                "versions",
                "nova.api.openstack.compute.versions:Versions.factory",
                "nova.api.openstack.compute.versions:VersionsV2.factory",
                "neutron.pecan_wsgi.app:versions_factory",
            ],
            versions,
        )
        .app(
            [
                "metadata",
                "nova.api.metadata.handler:MetadataRequestHandler.factory",
            ],
            |settings| {
                let message =
                    "the metadata service is another one than the compute API, and not served";
                settings.mistake("paste.app_factory", message);
                None
            },
        )
        .app(
            [
                "health",
                "oslo_middleware:Healthcheck.app_factory",
                "oslo_middleware.healthcheck:Healthcheck.app_factory",
            ],
            |settings| {
                let check = super::surroundings::health_check(settings, None);
                Some(Next::from_fn(move |request| {
                    let check = check.clone();
                    let concerned = check.concerns(&request);
                    async move {
                        if concerned {
                            return check.answer().await;
                        }
                        not_found()
                    }
                }))
            },
        )
}

/// Everything goes on to this service.
fn proxy(settings: &mut Settings<'_>, service: &str) -> Option<Next> {
    Some(Next::new(upstream(settings, service)?))
}

/// Only what reads a version document goes on: whatever else came here would reach Nova past
/// the policies of other pipelines, for it may choose the API by a header.
fn versions(settings: &mut Settings<'_>) -> Option<Next> {
    let mount: Mount = settings.inherited("mount").or(Mount::root());
    let proxy = upstream(settings, "Nova")?;
    let mount = Arc::new(mount);
    Some(Next::from_fn(move |request: Request| {
        let mut proxy = proxy.clone();
        let mount = Arc::clone(&mount);
        async move {
            if reads_versions(request.method(), request.uri(), &mount) {
                let Ok(response) = proxy.call(request).await;
                return response.map(Body::new);
            }
            not_found()
        }
    }))
}

fn upstream(settings: &mut Settings<'_>, service: &str) -> Option<Proxy<InspectBody<Body>>> {
    let upstream: Option<Upstream> = settings.inherited("upstream").get();
    let authority = settings.contents("upstream_cafile");
    let answer: Duration = settings
        .inherited("answer_timeout")
        .or(Duration::from_secs(90));
    let connect: Duration = settings
        .inherited("connect_timeout")
        .or(Duration::from_secs(5));
    let idle: Duration = settings
        .inherited("idle_timeout")
        .or(Duration::from_secs(4));
    let most_idle: usize = settings.inherited("most_idle").or(64);
    let rewrite_host: bool = settings.inherited("rewrite_host").or(false);
    let forwarding: Forwarding = settings.inherited("forwarding").or(Forwarding::Drop);
    let Some(upstream) = upstream else {
        if !settings.has_mistakes() {
            let message =
                format!("no `upstream`: the URL of the {service} to forward to is missing");
            settings.mistake("upstream", message);
        }
        return None;
    };
    let mut proxy = ProxyBuilder::new(upstream)
        .answer_timeout(answer)
        .connect_timeout(connect)
        .idle_timeout(idle)
        .most_idle(most_idle)
        .rewrite_host(rewrite_host)
        .forwarding(forwarding);
    if let Some(pem) = authority {
        proxy = proxy.certificate_authority(pem);
    }
    match proxy.build() {
        Ok(proxy) => Some(proxy),
        Err(error) => {
            settings.mistake("upstream_cafile", error.to_string());
            None
        }
    }
}

fn not_found() -> Response<Body> {
    refusal(nothing_here())
}
