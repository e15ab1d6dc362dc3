//! How a body is written.

use super::*;

/// Read as what it is, or refused; never passed for not being understood.
pub(super) fn documents(_: Ids) -> Vec<Attack> {
    let sent = |body: Vec<u8>| Shot::json("POST /v2.1/servers", body);
    let bom = [b"\xef\xbb\xbf", bad().as_bytes()].concat();
    let utf16 = bad().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let name = |bytes: &[u8]| {
        let (before, after) = bad()
            .split_once("web")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        sent([before.as_bytes(), bytes, after.as_bytes()].concat())
    };
    let beside = |junk: &str| {
        let body = bad().replacen("\"name\"", &format!("\"x\": {junk}, \"name\""), 1);
        post("/v2/servers", body)
    };
    let after = |more: &str| post("/v2.1/servers", bad() + more);
    let twice = |first: &str| bad().replacen("\"networks\"", &format!("{first}, \"networks\""), 1);
    let required = format!("[{{\"uuid\": \"{REQUIRED}\"}}]");
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let swapped = format!(r#"{{"server": {{"name": "x"}}, {}"#, &bad()[1..]);
    vec![
        attack("C58 nan", 400, Safe, beside("NaN")),
        attack("C58 infinity", 400, Safe, beside("-Infinity")),
        attack("C58 large", 403, Safe, beside("1e999")),
        attack("C58 surrogate", 403, Safe, beside("\"\\ud800\"")),
        attack("C58 surrogate key", 400, Safe, beside("{}, \"\\ud800\": 1")),
        attack("C58 deep", 403, Safe, beside(&deep)),
        attack("C58 long", 403, Safe, beside(&"9".repeat(5000))),
        attack("C58 bom", 400, Safe, sent(bom)),
        attack("C58 utf-16", 400, Safe, sent(utf16)),
        attack("C58 not utf-8", 400, Safe, name(b"\xff")),
        attack("C58 overlong", 400, Safe, name(b"\xc1\xae")),
        attack("C58 trailing", 400, Safe, after("{}")),
        attack(
            "2.5 key twice",
            400,
            Harmed,
            post("/v2.1/servers", twice(&format!("\"networks\": {required}"))),
        ),
        attack(
            "2.5 key twice, escaped",
            400,
            Harmed,
            post(
                "/v2.1/servers",
                twice(&format!("\"n\\u0065tworks\": {required}")),
            ),
        ),
        attack(
            "2.5 server twice",
            400,
            Harmed,
            post("/v2.1/servers", swapped),
        ),
        attack("2.5 comment", 400, Safe, after("// x")),
        attack(
            "2.5 comma",
            400,
            Safe,
            post("/v2.1/servers", bad().replace("]}", "]},")),
        ),
        attack("2.5 control character", 400, Safe, name(b"\x01")),
        attack("2.5 null at the end", 400, Safe, after("\0")),
        attack("2.5 white space", 403, Harmed, after(" \t\r\n")),
        attack(
            "2.5 list",
            400,
            Safe,
            post("/v2.1/servers", format!("[{}]", bad())),
        ),
        attack(
            "2.5 server is a list",
            400,
            Safe,
            post("/v2.1/servers", r#"{"server": []}"#),
        ),
    ]
}
