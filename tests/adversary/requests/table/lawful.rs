//! The other side: what is only spelled like an attack.

use super::*;
use crate::shot::Framing;

/// What is not an attack, spelled as one.
struct Lawful {
    case: &'static str,
    shot: Shot,
    /// The networks of the servers it makes.
    made: &'static [&'static [&'static str]],
}

const ONE: &[&[&str]] = &[&[REQUIRED, FREE]];

#[tokio::test]
async fn the_same_spellings_pass_when_what_they_ask_is_allowed() {
    let good = || by_id(&[REQUIRED, FREE]);
    let at = |case, target: &str| Lawful {
        case,
        shot: Shot::json(format!("POST {target}"), good()),
        made: ONE,
    };
    let create = |case, networks: &str, made| Lawful {
        case,
        shot: create(networks),
        made,
    };
    let port = format!(r#"[{{"uuid": "{REQUIRED}"}}, {{"port": "{ON_FREE}"}}]"#);
    let escaped = format!(
        r#"[{{"\u0075uid": "\u0061{}"}}, {{"port": null, "uuid": "{FREE}"}}]"#,
        &REQUIRED[1..]
    );
    let twice =
        format!(r#"[{{"uuid": "{REQUIRED}"}}, {{"uuid": "{FREE}"}}, {{"uuid": "{FREE}"}}]"#);
    let several = by_id(&[REQUIRED]).replacen("\"name\"", "\"max_count\": 3, \"name\"", 1);
    let post = |case, shot, made| Lawful { case, shot, made };
    let cases = vec![
        at("C1", "/v2.1/servers"),
        at("C2", &format!("/v2/{PROJECT}/servers")),
        at("C3", &format!("//v2.1//{PROJECT}//servers")),
        at("C4", "/v2%2E1/%73ervers"),
        at("C10", "/v2.1/servers#x"),
        at("C34", "/v2.1/os-volumes_boot"),
        create("C25", &port, ONE),
        create("C44", &escaped, ONE),
        create("C37", &twice, &[&[REQUIRED, FREE, FREE]]),
        post(
            "C8",
            Shot::json("POST http://other.example/v2.1/servers", good())
                .header("Host: other.example"),
            ONE,
        ),
        post(
            "C38",
            Shot::json("POST /v2.1/servers", several),
            &[&[REQUIRED], &[REQUIRED], &[REQUIRED]],
        ),
        post(
            "C49",
            Shot::json("POST /v2.1/servers", good())
                .without("content-type")
                .header("Content-Type: application/json; charset=utf-16"),
            ONE,
        ),
        post(
            "C51",
            Shot::json("POST /v2.1/servers", good()).framing(Framing::Chunked),
            ONE,
        ),
        post(
            "C60",
            Shot::json("POST /v2.1/servers", good()).header("X_Auth_Token: other"),
            ONE,
        ),
    ];
    let client = client();
    let mut failures = Vec::new();
    for Lawful {
        case,
        shot,
        made: wanted,
    } in cases
    {
        let cloud = cloud(Sight::All);
        let gateway = Remote::before(&cloud, &client).await;
        let outcome = gateway.send(&shot).await;
        let made = made(&cloud);
        if outcome.status != 202 || made != wanted || harm(&cloud).is_some() {
            failures.push(format!("{case}: {outcome:?}, {made:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
