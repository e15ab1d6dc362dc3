//! What a create asks for, and what it leaves to Nova.

use super::*;

#[tokio::test]
async fn a_body_cannot_hide_a_network() {
    let port = |port: &str| format!(r#"[{{"uuid": "{REQUIRED}"}}, {{"port": "{port}"}}]"#);
    let beside = |uuid: &str| format!(r#"[{{"port": "{ON_BANNED}", "uuid": "{uuid}"}}]"#);
    let odd = |id: &str| {
        newer(&format!(
            r#"[{{"uuid": "{REQUIRED}"}}, {{"uuid": "{id}"}}]"#
        ))
    };
    let only_odd = |id: &str| newer(&format!(r#"[{{"uuid": "{id}"}}]"#));
    let volumes = |body| Shot::json("POST /v2.1/os-volumes_boot", body);
    let extended = |body| Shot::json(format!("POST /v2/{PROJECT}/os-create-server-ext"), body);
    let many = r#"{"server": {"name": "n", "flavorRef": "1", "max_count": 50, "networks": [{"uuid": "$"}]}}"#;
    run(vec![
        attack("C25", 403, Harmed, create(&port(ON_BANNED))),
        attack("C26", 400, Harmed, create(&beside(REQUIRED))),
        attack("C27", 400, Harmed, create(&beside("x"))),
        attack("C34", 403, Harmed, volumes(bad())),
        attack("C34 extended", 403, Safe, extended(bad())),
        attack("C35 urn", 400, Safe, odd(&format!("urn:uuid:{BANNED}"))),
        attack("C35 braces", 400, Safe, odd(&format!("{{{BANNED}}}"))),
        attack("C35 undashed", 400, Safe, odd(&undashed(BANNED))),
        attack("C35 upper", 400, Safe, odd(&upper(BANNED))),
        attack("C35 required", 400, Safe, only_odd(&undashed(REQUIRED))),
        attack("C36", 400, Harmed, create(&port(&upper(ON_BANNED)))),
        attack(
            "C38",
            403,
            Harmed,
            Shot::json("POST /v2.1/servers", many.replace('$', BANNED)),
        ),
    ])
    .await;
}

#[tokio::test]
async fn nova_does_not_choose_the_network() {
    let absent = r#"{"server": {"name": "web", "flavorRef": "1"}}"#;
    let other_key = format!(
        r#"{{"server": {{"name": "web", "flavorRef": "1", "Networks": [{{"uuid": "{REQUIRED}"}}]}}}}"#
    );
    let post = |target: &str, body: &str| Shot::json(format!("POST {target}"), body.to_owned());
    let interfaces = format!("/v2.1/servers/{SMALL}/os-interface");
    let wrong_key = format!(r#"{{"interfaceAttachment": {{"uuid": "{FREE}"}}}}"#);
    run(vec![
        lonely("C28", 403, Harmed, post("/v2.1/servers", absent)),
        lonely("C28 v2", 403, Harmed, post("/v2/servers", absent)),
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
        lonely("C33", 403, Harmed, post("/v2/servers", &other_key)),
        // Judged as what it is, not as what Nova would have found a moment later.
        lonely("C39", 403, Harmed, post("/v2.1/servers", absent)),
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
            post(&format!("/v2/servers/{SMALL}/os-interface"), &wrong_key),
        ),
    ])
    .await;
}
