//! Server actions, and what services tell Nova.

use super::*;

/// Addresses come and go by actions, and with them networks.
pub(super) fn addresses(ids: Ids) -> Vec<Attack> {
    let Ids {
        full,
        full_stays_address,
        small,
        ..
    } = ids;
    let add = |network: &str| format!(r#"{{"addFixedIp": {{"networkId": {network}}}}}"#);
    let add_banned = || add(&format!("\"{BANNED}\""));
    let remove = |address: &str| format!(r#"{{"removeFixedIp": {{"address": "{address}"}}}}"#);
    let boot = |server: &str| format!("/v2.1/os-volumes_boot/{server}/action");
    let beside = format!(r#"{{"lock": null, {}"#, &add_banned()[1..]);
    let twice = format!(r#"{{"addFixedIp": {{"networkId": "{FREE}", "networkId": "{BANNED}"}}}}"#);
    vec![
        attack("C34 action", 403, Safe, post(&boot(small), add_banned())),
        attack(
            "C34 removal",
            403,
            Safe,
            post(&boot(full), remove(full_stays_address)),
        ),
        attack("C45", 403, Safe, act(small, &add_banned())),
        attack(
            "C45 count",
            403,
            Safe,
            act(full, &add(&format!("\"{SPARE}\""))),
        ),
        attack("C45 number", 400, Safe, act(small, &add("7"))),
        attack(
            "C45 upper",
            400,
            Safe,
            act(small, &add(&format!("\"{}\"", upper(BANNED)))),
        ),
        attack(
            "C45 escaped",
            403,
            Safe,
            act(small, &add_banned().replacen('F', "\\u0046", 1)),
        ),
        attack("C45 twice", 400, Safe, act(small, &twice)),
        attack(
            "C45 v2",
            403,
            Safe,
            post(&format!("/v2/servers/{small}/action"), add_banned()),
        ),
        attack("C46", 403, Safe, act(full, &remove(full_stays_address))),
        attack("C46 nobody's", 404, Safe, act(full, &remove("192.0.2.7"))),
        attack(
            "C46 spelled",
            400,
            Safe,
            act(full, &remove(&format!("{full_stays_address} "))),
        ),
        attack("2.5 two actions", 400, Safe, act(small, &beside)),
        attack("2.5 no action", 400, Safe, act(small, "{}")),
        attack(
            "2.5 list of actions",
            400,
            Safe,
            act(small, "[\"addFixedIp\"]"),
        ),
        attack(
            "2.5 unknown action",
            400,
            Safe,
            act(small, &add_banned().replacen("Fixed", "Net", 1)),
        ),
        attack(
            "2.1 action.json",
            400,
            Safe,
            post(&format!("/v2.1/servers/{small}/action.json"), add_banned()),
        ),
        attack(
            "2.1 action's server",
            400,
            Safe,
            act(&upper(small), &add_banned()),
        ),
    ]
}

/// Events are for services.
pub(super) fn events(ids: Ids) -> Vec<Attack> {
    let Ids {
        full,
        full_stays,
        on_banned,
        project,
        small,
        ..
    } = ids;
    let event = |name: &str, server: &str, port: &str| {
        format!(
            r#"{{"events": [{{"name": "{name}", "server_uuid": "{server}", "tag": "{port}"}}]}}"#
        )
    };
    let deleted = || event("network-vif-deleted", full, full_stays);
    vec![
        attack(
            "C54",
            403,
            Safe,
            post("/v2.1/os-server-external-events", deleted()),
        ),
        attack(
            "C54 changed",
            403,
            Safe,
            post(
                &format!("/v2/{project}/os-server-external-events/"),
                event("network-changed", small, on_banned),
            ),
        ),
        attack(
            "C54 suffix",
            400,
            Safe,
            post("/v2.1/os-server-external-events.json", deleted()),
        ),
        attack(
            "C54 claimed",
            403,
            Safe,
            post("/v2.1/os-server-external-events", deleted()).header("X-Service-Roles: service"),
        ),
    ]
}
