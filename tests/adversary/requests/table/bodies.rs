//! How a body is sent.

use super::*;

/// Types and encodings do not hide a body.
pub(super) fn types(_: Ids) -> Vec<Attack> {
    let bare = || post_bad("/v2.1/servers").without("content-type");
    let typed = |value: &str| bare().header(format!("Content-Type:{value}"));
    let xml = format!(
        r#"<server name="web" flavorRef="1"><networks><network uuid="{BANNED}"/></networks></server>"#
    );
    let as_xml = post("/v2/servers", xml.clone())
        .without("content-type")
        .header("Content-Type: application/xml");
    vec![
        attack("C48 plain", 403, Harmed, typed(" text/plain")),
        attack("C48 none", 403, Harmed, bare()),
        attack("C48 empty", 403, Harmed, typed("")),
        attack(
            "C48 vendor",
            403,
            Harmed,
            typed(" application/vnd.openstack.compute+json"),
        ),
        attack("C48 case", 415, Safe, typed(" APPLICATION/JSON")),
        attack(
            "C48 form",
            415,
            Safe,
            typed(" application/x-www-form-urlencoded"),
        ),
        attack(
            "C48 list",
            415,
            Safe,
            typed(" application/json, text/plain"),
        ),
        attack(
            "C48 two",
            400,
            Safe,
            typed(" application/json").header("Content-Type: text/plain"),
        ),
        attack(
            "C49",
            403,
            Harmed,
            typed(" application/json; charset=utf-16"),
        ),
        attack(
            "C50",
            415,
            Harmed,
            post_bad("/v2.1/servers").header("Content-Encoding: gzip"),
        ),
        attack("C59", 415, Safe, as_xml),
        attack("C59 as json", 400, Safe, post("/v2/servers", xml)),
    ]
}

/// Nor does how its end is told, or that it has none.
pub(super) fn framings(ids: Ids) -> Vec<Attack> {
    let Ids { full, small, .. } = ids;
    let large = || bad().replacen("\"name\"", &format!("{}\"name\"", " ".repeat(114_688)), 1);
    let chunked = |shot: Shot| shot.framing(Framing::Chunked);
    vec![
        attack("C51", 403, Harmed, chunked(post_bad("/v2.1/servers"))),
        attack(
            "C51 attach",
            403,
            Harmed,
            chunked(attach(small, &format!(r#""net_id": "{BANNED}""#))),
        ),
        attack("2.4 size", 413, Safe, post("/v2.1/servers", large())),
        attack(
            "2.4 size in chunks",
            413,
            Safe,
            chunked(post("/v2.1/servers", large())),
        ),
        attack("2.4 empty", 400, Safe, post("/v2.1/servers", "")),
        attack("2.4 no body", 400, Safe, Shot::bare("POST /v2.1/servers")),
        attack(
            "2.4 no action",
            400,
            Safe,
            Shot::bare(format!("POST /v2.1/servers/{full}/action")),
        ),
    ]
}
