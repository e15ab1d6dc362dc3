//! `wafflehaus routes`, `factories`, `completions` and `--help`

use serde_json::Value;

use super::{bad, program, run, said, sample};

#[test]
fn routes_shows_a_tree_or_a_graph() {
    let sample = sample("routes.ini");
    let (code, tree, err) = said(&run(program().arg("routes").arg(&sample), ""));
    assert_eq!((code, err.as_str()), (0, ""));
    insta::assert_snapshot!("routes", tree);
    let (code, dot, _) = said(&run(program().args(["routes", "--dot"]).arg(&sample), ""));
    assert_eq!(code, 0);
    insta::assert_snapshot!("routes_dot", dot);
    let (code, out, err) = said(&run(program().arg("routes").arg(bad("bad-uuid.ini")), ""));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("is not the UUID of a network"), "{err}");
}

#[test]
fn help_and_completions_and_factories_teach() {
    let (code, help, _) = said(&run(program().arg("--help"), ""));
    assert_eq!(code, 0);
    for word in [
        "serve",
        "check",
        "explain",
        "routes",
        "factories",
        "completions",
        "WAFFLEHAUS__UPSTREAM",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let (code, out, _) = said(&run(program().args(["completions", shell]), ""));
        assert_eq!(code, 0);
        assert!(
            out.contains("wafflehaus") && out.contains("explain"),
            "{shell}"
        );
    }
    let (code, out, _) = said(&run(program().arg("factories"), ""));
    assert_eq!(code, 0);
    insta::assert_snapshot!("factories", out);
    let (code, out, _) = said(&run(program().args(["factories", "--json"]), ""));
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert!(
        all.as_array()
            .unwrap()
            .iter()
            .any(|it| it["name"] == "request_networks")
    );
}
