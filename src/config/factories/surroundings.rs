//! What surrounds the policies in Nova's own pipelines.

use std::{num::NonZeroU32, time::Duration};

use http::{HeaderName, HeaderValue, Method};
use regex::Regex;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_service::Service as _;

use crate::{
    config::{Registry, Settings},
    nova::Mount,
    pipeline::{
        Filter,
        filters::{HealthCheck, Limit, RateLimit, RequestId, RequestLog, SizeLimit},
    },
};

pub(super) fn register(registry: Registry) -> Registry {
    let registry = registry
        .filter(
            [
                "sizelimit",
                "oslo_middleware:RequestBodySizeLimiter.factory",
                "oslo_middleware.sizelimit:RequestBodySizeLimiter.factory",
                "oslo.middleware:RequestBodySizeLimiter.factory",
                "nova.api.sizelimit:RequestBodySizeLimiter.factory",
                "egg:oslo.middleware#sizelimit",
            ],
            size_limit,
        )
        .filter(
            [
                "request_id",
                "nova.api.compute_req_id:ComputeReqIdMiddleware.factory",
                "oslo_middleware:RequestId.factory",
                "oslo_middleware.request_id:RequestId.factory",
                "egg:oslo.middleware#request_id",
            ],
            |_| {
                Some(Filter::from_fn(|request, next| {
                    RequestId.give(request, next)
                }))
            },
        )
        .filter(
            [
                "request_log",
                "nova.api.openstack.requestlog:RequestLog.factory",
            ],
            |_| {
                Some(Filter::from_fn(|request, next| {
                    RequestLog.tell(request, next)
                }))
            },
        )
        .filter(
            [
                "cors",
                "oslo_middleware.cors:filter_factory",
                "oslo_middleware:CORS.factory",
                "egg:oslo.middleware#cors",
            ],
            cors,
        )
        .filter(
            [
                "healthcheck",
                "oslo_middleware:Healthcheck.factory",
                "oslo_middleware.healthcheck:Healthcheck.factory",
                "egg:oslo.middleware#healthcheck",
            ],
            |settings| {
                let check = health_check(settings, Some("/healthcheck"));
                Some(Filter::from_fn(move |request, mut next| {
                    let check = check.clone();
                    async move {
                        if check.concerns(&request) {
                            return check.answer().await;
                        }
                        let Ok(response) = next.call(request).await;
                        response
                    }
                }))
            },
        )
        .filter(
            [
                "ratelimit",
                "nova.api.openstack.compute.limits:RateLimitingMiddleware.factory",
                "nova.api.openstack.compute.plugins.v3.limits:RateLimitingMiddleware.factory",
            ],
            rate_limit,
        )
        .filter(
            [
                "http_proxy_to_wsgi",
                "oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory",
                "oslo_middleware:HTTPProxyToWSGI.factory",
                "oslo_middleware.ssl:SSLMiddleware.factory",
                "egg:oslo.middleware#http_proxy_to_wsgi",
            ],
            |settings| {
                settings.ignored("oslo_config_project");
                if settings.key("enable_proxy_headers_parsing").or(false) {
                    settings.mistake(
                        "enable_proxy_headers_parsing",
                        "a hop in front is believed with `trust_forwarded = true`, and with \
                         `forwarding = append` Nova is told",
                    );
                }
                Some(Filter::nothing(
                    "whether Forwarded headers are believed is the setting `forwarding`",
                ))
            },
        );
    NOTHING.iter().fold(registry, |registry, (names, reason)| {
        registry.filter(*names, |_| Some(Filter::nothing(*reason)))
    })
}

/// Filters that have nothing to do in a gateway.
const NOTHING: [([&str; 2], &str); 3] = [
    (
        ["faultwrap", "nova.api.openstack:FaultWrapper.factory"],
        "refusals are Nova faults already",
    ),
    (
        ["osprofiler", "nova.profiler:WsgiMiddleware.factory"],
        "Nova behind profiles itself",
    ),
    (
        [
            "legacy_v2_compatible",
            "nova.api.openstack:LegacyV2CompatibleWrapper.factory",
        ],
        "Nova behind reads the path, too",
    ),
];

/// Nova's own limit for a request body, `max_request_body_size`, in bytes.
pub(in crate::config) const NOVA_BODY_LIMIT: usize = 114_688;

fn size_limit(settings: &mut Settings<'_>) -> Option<Filter> {
    let limit = settings
        .inherited("max_request_body_size")
        .or(NOVA_BODY_LIMIT);
    settings.ignored("oslo_config_project");
    let limit = SizeLimit(limit);
    Some(Filter::from_fn(move |request, next| {
        limit.pass(request, next)
    }))
}

/// As `oslo_middleware`: without an allowed origin, nothing is done.
fn cors(settings: &mut Settings<'_>) -> Option<Filter> {
    let origins: Vec<String> = settings.key("allowed_origin").or(Vec::new());
    let credentials: bool = settings.key("allow_credentials").or(true);
    let max_age: Duration = settings.key("max_age").or(Duration::from_secs(3600));
    let methods: Vec<Method> = list(
        settings,
        "allow_methods",
        &["GET", "PUT", "POST", "DELETE", "PATCH"],
    );
    let headers: Vec<HeaderName> = list(
        settings,
        "allow_headers",
        &[
            "X-Auth-Token",
            "X-OpenStack-Request-Id",
            "OpenStack-API-Version",
            "X-OpenStack-Nova-API-Version",
            "Content-Type",
        ],
    );
    let exposed: Vec<HeaderName> = list(
        settings,
        "expose_headers",
        &[
            "X-Auth-Token",
            "X-OpenStack-Request-Id",
            "X-Subject-Token",
            "OpenStack-API-Version",
            "X-OpenStack-Nova-API-Version",
        ],
    );
    settings.ignored("oslo_config_project");
    settings.ignored("latent_allow_headers");
    if origins.is_empty() {
        return Some(Filter::nothing("no `allowed_origin` is configured"));
    }
    if origins.iter().any(|origin| origin == "*") && credentials {
        let message = "any origin with credentials is not allowed by browsers; set `allow_credentials = false`";
        settings.mistake("allowed_origin", message);
        return None;
    }
    let origin = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let origins = origins
            .iter()
            .filter_map(|origin| HeaderValue::from_str(origin).ok());
        AllowOrigin::list(origins)
    };
    let layer = CorsLayer::new()
        .allow_origin(origin)
        .allow_credentials(credentials)
        .allow_methods(methods)
        .allow_headers(headers)
        .expose_headers(exposed)
        .max_age(max_age);
    Some(Filter::layer(layer))
}

fn list<T: std::str::FromStr>(
    settings: &mut Settings<'_>,
    key: &'static str,
    default: &[&str],
) -> Vec<T> {
    let default: Vec<String> = default.iter().copied().map(str::to_owned).collect();
    let words: Vec<String> = settings.key(key).or(default);
    let words = words.iter().filter_map(|word| match word.parse() {
        Ok(parsed) if word != "*" => Some(parsed),
        _ => {
            settings.mistake(
                key,
                format!("`{word}` is not a name in HTTP; each has to be named"),
            );
            None
        }
    });
    words.collect()
}

pub(super) fn health_check(settings: &mut Settings<'_>, path: Option<&str>) -> HealthCheck {
    let path = path.map(|path| settings.key("path").or(path.to_owned()));
    let disable_by_file = settings.path("disable_by_file_path");
    for key in [
        "backends",
        "detailed",
        "oslo_config_project",
        "allowed_source_ranges",
    ] {
        settings.ignored(key);
    }
    HealthCheck {
        path,
        disable_by_file,
    }
}

/// As Nova's old `RateLimitingMiddleware`: `(POST, "*", .*, 10, MINUTE); …`.
fn rate_limit(settings: &mut Settings<'_>) -> Option<Filter> {
    let mount: Mount = settings.inherited("mount").or(Mount::root());
    let text: String = settings.key("limits").or(NOVA_LIMITS.to_owned());
    let limits: Vec<_> = text
        .split(';')
        .map(str::trim)
        .filter(|limit| !limit.is_empty())
        .map(limit)
        .collect();
    let mut good = Vec::new();
    for limit in limits {
        match limit {
            Ok(limit) => good.push(limit),
            Err(message) => settings.mistake("limits", message),
        }
    }
    let limits = RateLimit::new(mount, &good);
    let filter = Filter::from_fn(move |request, next| {
        let limits = limits.clone();
        async move { limits.pass(request, next).await }
    });
    Some(filter.needs_caller())
}

fn limit(text: &str) -> Result<Limit, String> {
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
        .ok_or_else(|| format!("`{text}` is not in parentheses"))?;
    let parts: Vec<_> = inner.split(',').map(str::trim).collect();
    let [method, _, path, value, unit] = parts.as_slice() else {
        return Err(format!(
            "`{text}` does not have the five parts of a limit: method, name, path, number, unit"
        ));
    };
    let method = match *method {
        "GET" => Method::GET,
        "PUT" => Method::PUT,
        "POST" => Method::POST,
        "DELETE" => Method::DELETE,
        other => return Err(format!("`{other}` is not GET, PUT, POST or DELETE")),
    };
    let path = Regex::new(path.trim_matches('"'))
        .map_err(|_| format!("`{path}` is not a regular expression"))?;
    let value = value
        .parse::<NonZeroU32>()
        .map_err(|_| format!("`{value}` is not a number of requests, 1 or more"))?;
    let seconds = match *unit {
        "SECOND" => 1,
        "MINUTE" => 60,
        "HOUR" => 3600,
        "DAY" => 86_400,
        other => return Err(format!("`{other}` is not SECOND, MINUTE, HOUR or DAY")),
    };
    Ok(Limit {
        method,
        path,
        value,
        unit: Duration::from_secs(seconds),
    })
}

/// What Nova had when it still limited.
const NOVA_LIMITS: &str = "(POST, *, .*, 120, MINUTE); (POST, */servers, ^/servers, 120, MINUTE); \
    (PUT, *, .*, 120, MINUTE); (GET, *changes-since*, .*changes-since.*, 120, MINUTE); \
    (DELETE, *, .*, 120, MINUTE)";
