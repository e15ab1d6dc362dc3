//! `wafflehaus explain`

use std::path::Path;

use serde_json::Value;

use super::{KEYSTONE, NOVA, bad, program, run, said, sample};
use crate::{
    samples::{DETACH_CHECK, globals},
    support::{PROJECT, SERVER, create, file, network, port},
};

fn explain(
    configuration: &Path,
    roles: &str,
    more: &[&str],
    request: &str,
) -> (i32, String, String) {
    let mut command = program();
    command.arg("explain").arg("--config").arg(configuration);
    command
        .args(["--project", PROJECT, "--roles", roles])
        .args(more);
    said(&run(&mut command, request))
}

fn request(line: &str, body: &str) -> String {
    format!("{line} HTTP/1.1\nContent-Type: application/json\n\n{body}\n")
}

#[test]
fn explain_ends_with_0_3_or_2_and_says_why() {
    let sample = sample("explain.ini");
    let line = "POST /v2.1/servers";
    let (code, out, err) = explain(
        &sample,
        "member,role1",
        &[],
        &request(line, &create(&[0, 1])),
    );
    assert_eq!(code, 0, "{out}{err}");
    insta::assert_snapshot!("explain_passes", out);
    let (code, out, err) = explain(
        &sample,
        "member,role1",
        &[],
        &request(line, &create(&[0, 2])),
    );
    assert_eq!(code, 3, "{out}{err}");
    insta::assert_snapshot!("explain_refused", out);
    let (code, out, err) = explain(&sample, "member", &[], &request(line, &create(&[0, 2])));
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("the default route"), "{out}");
    let (code, _, err) = explain(&sample, "member", &[], "neither a request");
    assert_eq!(code, 2);
    assert!(err.contains("standard input is not a"), "{err}");
    let (code, _, err) = explain(&bad("bad-uuid.ini"), "member", &[], &request(line, "{}"));
    assert_eq!(code, 2);
    assert!(err.contains("is not the UUID of a network"), "{err}");
}

#[test]
fn explain_goes_by_given_facts_or_cannot_say() {
    let sample = file("facts.ini", &DETACH_CHECK.ini(&globals(NOVA, KEYSTONE)));
    let detach = request(
        &format!("DELETE /v2.1/servers/{SERVER}/os-interface/{}", port(1)),
        "",
    );
    let (code, out, err) = explain(&sample, "role1", &[], &detach);
    assert_eq!(code, 2, "{out}{err}");
    assert!(out.contains("cannot say"), "{out}");
    for (digit, expected) in [(1, 3), (5, 0)] {
        let facts =
            serde_json::json!({ "servers": { SERVER: { "ports": { port(1): network(digit) } } } });
        let facts = file(&format!("facts-{digit}.json"), &facts.to_string());
        let facts = ["--facts", facts.to_str().unwrap(), "--json"];
        let (code, out, err) = explain(&sample, "role1", &facts, &detach);
        assert_eq!(code, expected, "{out}{err}");
        let explanation: Value = serde_json::from_str(&out).unwrap();
        let outcome = if expected == 0 { "passes" } else { "refused" };
        assert_eq!(explanation["outcome"]["outcome"], outcome, "{out}");
        let way = explanation["way"].as_array().unwrap();
        let check = way
            .iter()
            .find(|step| step["section"] == "detachcheck")
            .unwrap();
        assert_eq!(check["says"], if expected == 0 { "allow" } else { "deny" });
    }
    let wrong = file("facts-wrong.json", "{\"server\": {}}");
    let (code, _, err) = explain(
        &sample,
        "role1",
        &["--facts", wrong.to_str().unwrap()],
        &detach,
    );
    assert_eq!(code, 2);
    assert!(
        err.contains("facts-wrong.json: unknown field `server`"),
        "{err}"
    );
}
