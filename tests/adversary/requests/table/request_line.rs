//! Methods, and headers that stand in for a path.

use super::*;

/// A query cannot change the method.
pub(super) fn queries(ids: Ids) -> Vec<Attack> {
    let Ids {
        full,
        full_stays,
        small,
        ..
    } = ids;
    let put = |query: &str| Shot::json(format!("PUT /v2.1/servers?{query}"), bad());
    let interfaces = format!("/v2.1/servers/{small}/os-interface");
    let port = format!("/v2.1/servers/{full}/os-interface/{full_stays}");
    let vif = format!("/v2.1/servers/{full}/os-virtual-interfacesv2/{full_stays}");
    let overridden = |method: &str, query: &str| Shot::bare(format!("{method} {port}?{query}"));
    let add = format!(r#"{{"addFixedIp": {{"networkId": "{BANNED}"}}}}"#);
    let act = format!("PUT /v2.1/servers/{small}/action?_method=POST");
    vec![
        attack("C16", 400, Harmed, put("_method=POST")),
        attack("C16 encoded", 400, Safe, put("%5Fmethod=POST")),
        attack("C16 semicolon", 400, Harmed, put("a=b;_method=post")),
        attack(
            "C17",
            400,
            Harmed,
            Shot::json(format!("PUT {interfaces}?_method=post"), attach_banned()),
        ),
        // Without the override, too: no Nova has it.
        attack(
            "C17 alone",
            400,
            Safe,
            Shot::json(format!("PUT {interfaces}"), attach_banned()),
        ),
        attack("C18", 400, Safe, Shot::json(act, add)),
        attack("C19", 400, Harmed, overridden("GET", "_method=DELETE")),
        attack(
            "C19 vif",
            400,
            Harmed,
            Shot::bare(format!("GET {vif}?_method=DELETE")),
        ),
        attack(
            "C20 head",
            400,
            Harmed,
            overridden("HEAD", "_method=delete"),
        ),
        attack(
            "C20 patch",
            400,
            Harmed,
            overridden("PATCH", "_method=delete"),
        ),
        attack(
            "C20 options",
            400,
            Harmed,
            overridden("OPTIONS", "_method=delete"),
        ),
        attack(
            "C20 made up",
            400,
            Harmed,
            overridden("FOO", "_method=delete"),
        ),
        attack(
            "C20 trace",
            400,
            Harmed,
            overridden("TRACE", "_method=delete"),
        ),
        attack("C20 alone", 400, Safe, Shot::bare(format!("FOO {port}"))),
        attack("C21", 400, Harmed, put("_method=GET&_method=POST")),
        // What an application credential's rule for GET would let through.
        attack("C62", 400, Harmed, overridden("GET", "x=1&_method=DELETE")),
        attack("2.3 no override", 400, Safe, put("_method=")),
        attack(
            "2.3 small letters",
            400,
            Safe,
            Shot::json("post /v2.1/servers", bad()),
        ),
        // No override to Nova, and so no reason to let it pass.
        attack(
            "2.3 header",
            403,
            Harmed,
            post_bad("/v2.1/servers").header("X-HTTP-Method-Override: GET"),
        ),
    ]
}

/// A header cannot choose the API, nor the rules by which a body is read.
pub(super) fn headers(ids: Ids) -> Vec<Attack> {
    let Ids {
        full,
        full_stays,
        project,
        small,
        ..
    } = ids;
    let by_accept =
        post_bad(&format!("/{project}/servers")).header("Accept: application/json;version=2/x");
    let attach = post(&format!("/servers/{small}/os-interface"), attach_banned());
    let detach = Shot::bare(format!("DELETE /servers/{full}/os-interface/{full_stays}"));
    let typed = |header: &str| post_bad("/servers").without("content-type").header(header);
    let versioned = |version: &str| post_bad("/v2.1/servers").header(version);
    vec![
        attack(
            "C22",
            400,
            Harmed,
            typed("Content-Type: application/json;version=2.1/x"),
        ),
        attack(
            "C22 attach",
            400,
            Harmed,
            attach.header("Accept: */*;version=\"2.1/x\""),
        ),
        attack(
            "C22 detach",
            400,
            Harmed,
            detach.header("Accept: */*;version=2.1/x"),
        ),
        attack("C23", 400, Harmed, by_accept),
        attack(
            "C24",
            400,
            Safe,
            typed("Content-Type: application/json; version=2.1"),
        ),
        attack(
            "2.6",
            403,
            Harmed,
            versioned("OpenStack-API-Version: compute 2.90"),
        ),
        attack(
            "2.6 last",
            403,
            Harmed,
            versioned("OpenStack-API-Version: compute 9.9, volume 3.0, Compute 2.37"),
        ),
        attack(
            "2.6 older",
            403,
            Harmed,
            versioned("X-OpenStack-Nova-API-Version: 2.1, 2.60"),
        ),
        attack(
            "2.6 latest",
            403,
            Harmed,
            versioned("OpenStack-API-Version: compute latest"),
        ),
        attack(
            "2.6 unknown",
            403,
            Safe,
            versioned("OpenStack-API-Version: compute 2.9999"),
        ),
        attack(
            "2.6 not one",
            403,
            Safe,
            versioned("OpenStack-API-Version: compute LATEST"),
        ),
    ]
}
