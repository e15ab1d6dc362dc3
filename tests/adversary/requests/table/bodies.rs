//! How a body is sent and written.

use super::*;
use crate::shot::Framing;

#[tokio::test]
async fn types_encodings_and_framing_do_not_hide_a_body() {
    let typed = |header: &str| {
        let shot = Shot::json("POST /v2.1/servers", bad()).without("content-type");
        if header.is_empty() {
            shot
        } else {
            shot.header(header)
        }
    };
    let xml = format!(
        r#"<server name="web" flavorRef="1"><networks><network uuid="{BANNED}"/></networks></server>"#
    );
    let mut bom = vec![0xef, 0xbb, 0xbf];
    bom.extend_from_slice(bad().as_bytes());
    let utf16: Vec<u8> = bad().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let beside = |junk: &str| {
        Shot::json(
            "POST /v2/servers",
            bad().replacen("\"name\"", &format!("\"x\": {junk}, \"name\""), 1),
        )
    };
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    run(vec![
        attack("C48 plain", 403, Harmed, typed("Content-Type: text/plain")),
        attack("C48 none", 403, Harmed, typed("")),
        attack("C48 empty", 403, Harmed, typed("Content-Type:")),
        attack(
            "C48 vendor",
            403,
            Harmed,
            typed("Content-Type: application/vnd.openstack.compute+json"),
        ),
        attack(
            "C48 case",
            415,
            Safe,
            typed("Content-Type: APPLICATION/JSON"),
        ),
        attack(
            "C48 form",
            415,
            Safe,
            typed("Content-Type: application/x-www-form-urlencoded"),
        ),
        attack(
            "C48 two",
            400,
            Safe,
            typed("Content-Type: application/json").header("Content-Type: text/plain"),
        ),
        attack(
            "C49",
            403,
            Harmed,
            typed("Content-Type: application/json; charset=utf-16"),
        ),
        attack("C50", 415, Harmed, typed("Content-Encoding: gzip")),
        attack(
            "C51",
            403,
            Harmed,
            Shot::json("POST /v2.1/servers", bad()).framing(Framing::Chunked),
        ),
        attack("C58 nan", 400, Safe, beside("NaN")),
        attack("C58 infinity", 400, Safe, beside("-Infinity")),
        // Read as what it is, or refused; never passed for not being understood.
        attack("C58 large", 403, Safe, beside("1e999")),
        attack("C58 surrogate", 403, Safe, beside("\"\\ud800\"")),
        attack("C58 surrogate key", 400, Safe, beside("{}, \"\\ud800\": 1")),
        attack("C58 deep", 403, Safe, beside(&deep)),
        attack("C58 long", 403, Safe, beside(&"9".repeat(5000))),
        attack("C58 bom", 400, Safe, Shot::json("POST /v2.1/servers", bom)),
        attack(
            "C58 utf-16",
            400,
            Safe,
            Shot::json("POST /v2.1/servers", utf16),
        ),
        attack(
            "C58 trailing",
            400,
            Safe,
            Shot::json("POST /v2.1/servers", bad() + "{}"),
        ),
        attack(
            "C59",
            415,
            Safe,
            Shot::json("POST /v2/servers", xml.clone())
                .without("content-type")
                .header("Content-Type: application/xml"),
        ),
        attack(
            "C59 as json",
            400,
            Safe,
            Shot::json("POST /v2/servers", xml),
        ),
    ])
    .await;
}
