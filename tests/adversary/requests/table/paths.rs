//! Paths.

use super::*;

/// Spellings of a path: judged as what it is, or refused.
pub(super) fn spellings(ids: Ids) -> Vec<Attack> {
    let Ids {
        full,
        full_stays,
        project,
        small,
        ..
    } = ids;
    let attached = format!("/v2.1/servers/{small}/os-interface");
    vec![
        attack("C1", 403, Harmed, post_bad("/v2.1/servers")),
        attack(
            "C2",
            403,
            Harmed,
            post_bad(&format!("/v2/{project}/servers")),
        ),
        attack("C2 v2", 403, Harmed, post_bad("/v2/servers")),
        attack(
            "C3",
            403,
            Harmed,
            post_bad(&format!("//v2.1//{project}//servers")),
        ),
        attack("C4", 403, Harmed, post_bad("/v2.1/%73ervers")),
        attack("C4 dot", 403, Harmed, post_bad("/v2%2E1/servers")),
        attack(
            "C4 project",
            403,
            Harmed,
            post_bad(&format!(
                "/v2.1/%{:02x}{}/servers",
                project.as_bytes()[0],
                &project[1..]
            )),
        ),
        attack(
            "C5",
            400,
            Harmed,
            post(
                &format!("/v2.1/servers%2F{small}%2Fos-interface"),
                attach_banned(),
            ),
        ),
        attack("C5 backslash", 400, Safe, post_bad("/v2.1%5Cservers")),
        attack("C5 raw backslash", 400, Safe, post_bad("/v2.1\\servers")),
        attack("C6", 400, Harmed, post_bad("/v2.1/servers%0A")),
        attack(
            "C6 detach",
            400,
            Harmed,
            detach(full, &format!("{full_stays}%0A")),
        ),
        attack(
            "C6 attach",
            400,
            Harmed,
            post(&format!("{attached}%0a"), attach_banned()),
        ),
        attack("C6 return", 400, Safe, post_bad("/v2.1/servers%0D")),
        attack("C6 null", 400, Safe, post_bad("/v2.1/servers%00")),
        attack("C7", 400, Harmed, post_bad("/v2.1/images/../servers")),
        attack("C7 root", 400, Harmed, post_bad("/../v2.1/servers")),
        attack("C7 dot", 400, Harmed, post_bad("/v2.1/./servers")),
        attack(
            "C7 encoded",
            400,
            Safe,
            post_bad("/v2.1/images/%2e%2e/servers"),
        ),
        attack(
            "C7 half encoded",
            400,
            Safe,
            post_bad("/v2.1/images/.%2E/servers"),
        ),
        attack("2.1 escape", 400, Safe, post_bad("/v2.1/servers%")),
        attack(
            "2.1 escape of one digit",
            400,
            Safe,
            post_bad("/v2.1/servers%7"),
        ),
        attack(
            "2.1 escape of no digits",
            400,
            Safe,
            post_bad("/v2.1/%zzservers"),
        ),
    ]
}

/// Forms of a target, and what stands before and after the part that counts.
pub(super) fn forms(ids: Ids) -> Vec<Attack> {
    let Ids {
        full_stays,
        other_project,
        project,
        small,
        ..
    } = ids;
    let elsewhere = || post_bad("http://other.example/v2.1/servers");
    let upper_server = format!("/v2.1/servers/{}/os-interface", upper(small));
    vec![
        attack("C8", 403, Harmed, elsewhere().header("Host: other.example")),
        attack("C8 two hosts", 403, Harmed, elsewhere()),
        attack("C9", 400, Safe, post_bad("/compute/v2.1/servers")),
        attack("C9 deep", 400, Safe, post_bad("/a/b/c/v2.1/servers")),
        attack(
            "C9 attach",
            400,
            Safe,
            post(&format!("/compute{upper_server}"), attach_banned()),
        ),
        attack("C10", 403, Harmed, post_bad("/v2.1/servers#x")),
        attack("C11", 403, Safe, post_bad("/v2.1/servers/")),
        attack("C11 two", 403, Safe, post_bad("/v2.1/servers//")),
        attack(
            "C12",
            400,
            Safe,
            post_bad(&format!("/v2/{project}/servers.json")),
        ),
        attack("C12 xml", 400, Safe, post_bad("/v2.1/servers.xml")),
        attack(
            "C12 attach",
            400,
            Safe,
            post(
                &format!("/v2.1/servers/{small}/os-interface.json"),
                attach_banned(),
            ),
        ),
        attack(
            "C13",
            403,
            Safe,
            post_bad(&format!("/v2.1/{other_project}/servers")),
        ),
        attack(
            "C13 not an id",
            403,
            Safe,
            post_bad("/v2.1/Not%20An%20Id/servers"),
        ),
        attack("C14", 400, Harmed, post(&upper_server, attach_banned())),
        attack("C15", 400, Safe, detach("web", full_stays)),
        attack("C15 port", 400, Safe, detach(small, "web")),
        attack("2.1 asterisk", 400, Safe, Shot::json("POST *", bad())),
        attack(
            "2.1 version twice",
            400,
            Safe,
            post_bad("/v2.1/v2.1/a/servers"),
        ),
        attack("2.1 next version", 400, Safe, post_bad("/v2.10/servers")),
        attack(
            "2.1 version in capitals",
            400,
            Safe,
            post_bad("/V2.1/servers"),
        ),
    ]
}
