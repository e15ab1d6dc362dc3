//! The other side: what is only spelled like an attack.

use super::*;

/// What is not an attack, spelled as one.
pub(crate) struct Lawful {
    pub(crate) case: &'static str,
    pub(crate) shot: Shot,
    /// The networks of the servers it makes.
    pub(crate) made: Vec<Vec<&'static str>>,
}

fn one(case: &'static str, shot: Shot) -> Lawful {
    let made = vec![vec![REQUIRED, FREE]];
    Lawful { case, shot, made }
}

/// All of them.
pub(crate) fn lawful(ids: Ids) -> Vec<Lawful> {
    let Ids {
        full,
        full_goes_address,
        on_free,
        project,
        ..
    } = ids;
    let good = || by_id(&[REQUIRED, FREE]);
    let at = |case, target: &str| one(case, post(target, good()));
    let port = format!(r#"[{{"uuid": "{REQUIRED}"}}, {{"port": "{on_free}"}}]"#);
    let escaped = format!(
        r#"[{{"\u0075uid": "\u0061{}"}}, {{"port": null, "uuid": "{FREE}"}}]"#,
        &REQUIRED[1..]
    );
    let twice =
        format!(r#"[{{"uuid": "{REQUIRED}"}}, {{"uuid": "{FREE}"}}, {{"uuid": "{FREE}"}}]"#);
    let several = by_id(&[REQUIRED]).replacen("\"name\"", "\"max_count\": 3, \"name\"", 1);
    let plain = || post("/v2.1/servers", good());
    let add = format!(r#"{{"addFixedIp": {{"networkId": "{REQUIRED}"}}}}"#);
    let remove = format!(r#"{{"removeFixedIp": {{"address": "{full_goes_address}"}}}}"#);
    let makes = |case, shot, made| Lawful { case, shot, made };
    vec![
        at("C1", "/v2.1/servers"),
        at("C2", &format!("/v2/{project}/servers")),
        at("C3", &format!("//v2.1//{project}//servers")),
        at("C4", "/v2%2E1/%73ervers"),
        at("C10", "/v2.1/servers#x"),
        one("C25", create(&port)),
        one("C44", create(&escaped)),
        makes("C37", create(&twice), vec![vec![REQUIRED, FREE, FREE]]),
        one(
            "C8",
            post("http://other.example/v2.1/servers", good()).header("Host: other.example"),
        ),
        makes(
            "C38",
            post("/v2.1/servers", several),
            vec![vec![REQUIRED]; 3],
        ),
        one(
            "C49",
            plain()
                .without("content-type")
                .header("Content-Type: application/json; charset=utf-16"),
        ),
        one("C51", plain().framing(Framing::Chunked)),
        one("C60", plain().header("X_Auth_Token: other")),
        makes("C45", act(full, &add), Vec::new()),
        makes("C46", act(full, &remove), Vec::new()),
        makes(
            "2.5 action",
            act(full, r#"{"reboot": {"type": "SOFT"}}"#),
            Vec::new(),
        ),
    ]
}
