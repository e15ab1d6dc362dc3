//! What a create asks for, and what it leaves to Nova.

use super::*;

/// A body cannot hide a network.
pub(super) fn hidden(ids: Ids) -> Vec<Attack> {
    let Ids {
        on_banned,
        on_free,
        on_spare,
        project,
        ..
    } = ids;
    let port = |port: &str| format!(r#"[{{"uuid": "{REQUIRED}"}}, {{"port": "{port}"}}]"#);
    let beside = |uuid: &str| format!(r#"[{{"port": "{on_banned}", "uuid": "{uuid}"}}]"#);
    let only_beside = |json: &str| format!(r#"[{{"uuid": {json}, "port": "{on_banned}"}}]"#);
    let odd = |id: &str| {
        newer(&format!(
            r#"[{{"uuid": "{REQUIRED}"}}, {{"uuid": "{id}"}}]"#
        ))
    };
    let only_odd = |id: &str| newer(&format!(r#"[{{"uuid": "{id}"}}]"#));
    let many = |count: &str| {
        let body = by_id(&[BANNED]);
        post(
            "/v2.1/servers",
            body.replacen("\"name\"", &format!("{count}, \"name\""), 1),
        )
    };
    vec![
        attack("C25", 403, Harmed, create(&port(on_banned))),
        attack(
            "C25 count",
            403,
            Harmed,
            create(&format!(
                r#"[{{"uuid": "{REQUIRED}"}}, {{"port": "{on_free}"}}, {{"port": "{on_spare}"}}]"#
            )),
        ),
        attack(
            "C25 unknown",
            400,
            Safe,
            create(&port("00000000-0000-4000-8000-000000000000")),
        ),
        attack("C26", 400, Harmed, create(&beside(REQUIRED))),
        attack("C26 upper", 400, Harmed, create(&beside(&upper(REQUIRED)))),
        attack(
            "C26 list",
            400,
            Safe,
            create(&only_beside(&format!("[\"{REQUIRED}\"]"))),
        ),
        attack("C26 null", 403, Safe, create(&only_beside("null"))),
        attack("C26 no text", 400, Safe, create(&only_beside("7"))),
        attack("C27", 400, Harmed, create(&beside("x"))),
        attack("C34", 403, Harmed, post_bad("/v2.1/os-volumes_boot")),
        attack(
            "C34 extended",
            403,
            Safe,
            post_bad(&format!("/v2/{project}/os-create-server-ext")),
        ),
        attack("C35 urn", 400, Safe, odd(&format!("urn:uuid:{BANNED}"))),
        attack("C35 braces", 400, Safe, odd(&format!("{{{BANNED}}}"))),
        attack("C35 undashed", 400, Safe, odd(&undashed(BANNED))),
        attack("C35 dashes", 400, Safe, odd(&BANNED.replace('-', "--"))),
        attack("C35 upper", 400, Safe, odd(&upper(BANNED))),
        attack("C35 prefix", 400, Safe, odd(&format!("br-{BANNED}"))),
        attack(
            "C35 digits",
            400,
            Safe,
            odd(&BANNED.replace('2', "\u{ff12}")),
        ),
        attack("C35 required", 400, Safe, only_odd(&undashed(REQUIRED))),
        attack("C36", 400, Harmed, create(&port(&upper(on_banned)))),
        attack("C38", 403, Harmed, many("\"max_count\": 50")),
        attack("C38 text", 403, Harmed, many("\"min_count\": \"2\"")),
    ]
}

/// Nova does not choose the network.
pub(super) fn left_to_nova(ids: Ids) -> Vec<Attack> {
    let Ids { small, .. } = ids;
    let other_key = body(&format!(r#", "Networks": [{{"uuid": "{REQUIRED}"}}]"#));
    let interfaces = format!("/v2.1/servers/{small}/os-interface");
    let wrong_key = format!(r#"{{"interfaceAttachment": {{"uuid": "{FREE}"}}}}"#);
    vec![
        lonely("C28", 403, Harmed, post("/v2.1/servers", body(""))),
        lonely("C28 v2", 403, Harmed, post("/v2/servers", body(""))),
        lonely("C29", 403, Harmed, newer("[]")),
        lonely("C30", 403, Harmed, newer("\"auto\"")),
        lonely(
            "C30 latest",
            403,
            Harmed,
            create("\"auto\"").header("OpenStack-API-Version: compute latest"),
        ),
        attack("C31", 403, Harmed, newer("\"none\"")),
        attack("C32 null", 400, Safe, newer("null")),
        attack("C32 object", 400, Safe, newer("{}")),
        attack("C32 case", 400, Safe, newer("\"AUTO\"")),
        attack("C32 nulls", 400, Safe, newer("[null]")),
        attack("C32 texts", 400, Safe, newer(&format!("[\"{REQUIRED}\"]"))),
        attack("C32 nothing", 400, Safe, newer("[{}]")),
        lonely("C33", 403, Harmed, post("/v2/servers", other_key)),
        // Judged as what it is, not as what Nova would have found a moment later.
        lonely("C39", 403, Harmed, post("/v2.1/servers", body(""))),
        lonely(
            "C41",
            400,
            Harmed,
            post(&interfaces, r#"{"interfaceAttachment": {}}"#),
        ),
        lonely("C41 empty", 400, Harmed, post(&interfaces, "{}")),
        lonely(
            "C42",
            400,
            Harmed,
            post(&format!("/v2/servers/{small}/os-interface"), wrong_key),
        ),
    ]
}
