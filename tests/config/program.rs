//! The program, as a process of its own.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;
use tokio::{process, time::timeout};

use crate::{
    samples::{COUNT_CHECK, DETACH_CHECK, REQUEST_NETWORKS, globals, needed},
    support::{PROJECT, SERVER, ask, cloud, create, file, network, port},
};

const NOVA: &str = "http://nova:8774";
const KEYSTONE: &str = "https://keystone:5000";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wafflehaus"));
    command.env_clear();
    command
}

/// What it says to these arguments, with this on its standard input.
fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Who reads no input may be gone already.
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// The exit code, standard output and standard error.
fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    (code, text(&output.stdout), text(&output.stderr))
}

fn sample(name: &str) -> PathBuf {
    file(name, &REQUEST_NETWORKS.ini(&globals(NOVA, KEYSTONE)))
}

fn bad(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/config/bad")
        .join(name)
}

#[test]
fn check_ends_with_0_or_1_and_says_everything() {
    let (code, out, err) = said(&run(program().arg("check").arg(sample("check.ini")), ""));
    assert_eq!((code, out.as_str()), (0, "no mistakes\n"), "{err}");
    assert!(err.contains("note: `faultwrap` does nothing here"), "{err}");
    let (code, out, err) = said(&run(program().arg("check").arg(bad("several.ini")), ""));
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    let lines: Vec<_> = err.lines().collect();
    let (last, told) = lines.split_last().unwrap();
    let mistakes = told
        .iter()
        .filter(|line| line.starts_with("mistake: "))
        .count();
    assert_eq!(
        *last,
        format!("{mistakes} mistakes; nothing starts with that")
    );
    assert!(
        told.iter().all(|line| line.contains("several.ini:")),
        "{err}"
    );
    let (code, _, err) = said(&run(program().args(["check", "there-is-none.ini"]), ""));
    assert_eq!(code, 1);
    assert!(err.contains("there-is-none.ini: No such file"), "{err}");
    let (code, _, err) = said(&run(program().args(["check"]), ""));
    assert_eq!(code, 2, "{err}");
}

#[test]
fn check_as_json_is_one_object() {
    let (code, out, err) = said(&run(
        program().args(["check", "--json"]).arg(bad("several.ini")),
        "",
    ));
    assert_eq!((code, err.as_str()), (1, ""));
    let all: Value = serde_json::from_str(&out).unwrap();
    let mistakes = all["mistakes"].as_array().unwrap();
    assert!(mistakes.len() > 3, "{out}");
    for mistake in mistakes {
        assert!(
            mistake["file"].as_str().unwrap().ends_with("/several.ini"),
            "{mistake}"
        );
        assert!(mistake["line"].as_u64().unwrap() > 0, "{mistake}");
        assert!(!mistake["message"].as_str().unwrap().is_empty());
    }
    assert_eq!(all["warnings"].as_array().unwrap().len(), 1);
    let (code, out, _) = said(&run(
        program().args(["check", "--json"]).arg(sample("json.ini")),
        "",
    ));
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &all["mistakes"]), (0, &Value::Array(Vec::new())));
}

#[test]
fn the_environment_goes_before_the_file_and_arguments_before_both() {
    let nova = file("environment.ini", &crate::samples::nova(""));
    let check = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = program();
        command.envs(variables.iter().copied());
        said(&run(command.arg("check").arg(&nova).args(arguments), ""))
    };
    let (code, _, err) = check(&[], &[]);
    assert_eq!(code, 1, "{err}");
    let (code, _, err) = check(&[("WAFFLEHAUS__UPSTREAM", NOVA)], &[]);
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = check(&[("WAFFLEHAUS__UPSTREAM", "nowhere")], &[]);
    assert_eq!(code, 1);
    assert!(
        err.contains("mistake: WAFFLEHAUS__UPSTREAM: upstream: the URL must begin"),
        "{err}"
    );
    let (code, _, err) = check(
        &[("WAFFLEHAUS__UPSTREAM", "nowhere")],
        &["--upstream", NOVA],
    );
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = check(&[], &["--set", "upstream=nowhere"]);
    assert_eq!(code, 1);
    assert!(
        err.contains("mistake: the command line: upstream: "),
        "{err}"
    );
}

#[test]
fn the_environment_reaches_into_the_sections_of_toml() {
    let toml = COUNT_CHECK.toml(&globals(NOVA, KEYSTONE));
    let toml = file("environment.toml", &toml);
    let check = |variable: &str, value: &str| {
        let mut command = program();
        said(&run(
            command.env(variable, value).arg("check").arg(&toml),
            "",
        ))
    };
    let maximum = "WAFFLEHAUS__FILTER__NETWORK_COUNT_CHECK__NETWORKS_MAX";
    let (code, _, err) = check(maximum, "7");
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = check(maximum, "1");
    assert_eq!(code, 1);
    assert!(
        err.contains("2 counted networks are required but `networks_max` is 1"),
        "{err}"
    );
    let (code, _, err) = check(maximum, "many");
    assert_eq!(code, 1);
    assert!(
        err.contains("the environment: [filter.network_count_check] networks_max: "),
        "{err}"
    );
}

#[test]
fn no_secret_of_the_environment_is_told() {
    let mut command = program();
    command
        .env("WAFFLEHAUS__PASSWORD", "s3cr3t")
        .env("WAFFLEHAUS__AUTH_URL", "https://u:s3cr3t@keystone");
    let (code, out, err) = said(&run(
        command.arg("check").arg(bad("password-twice.ini")),
        "",
    ));
    assert_eq!(code, 1);
    assert!(err.contains("user name or password"), "{err}");
    assert!(
        !out.contains("s3cr3t") && !err.contains("s3cr3t"),
        "{out}{err}"
    );
}

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

#[tokio::test]
async fn serve_answers_and_ends_when_it_is_told_to() {
    let (cloud, endpoints) = cloud().await;
    let configuration = file("serve.ini", &REQUEST_NETWORKS.ini(&needed(&endpoints)));
    let mut child = process::Command::from(program())
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(configuration)
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = BufReader::new(
        child
            .stderr
            .take()
            .unwrap()
            .into_owned_fd()
            .map(std::fs::File::from)
            .unwrap(),
    );
    let (address, log) = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        while !line.contains("listening address=") {
            line.clear();
            assert!(
                log.read_line(&mut line).unwrap() > 0,
                "it ended without listening"
            );
        }
        let (_, address) = line.trim_end().rsplit_once('=').unwrap();
        (address.parse().unwrap(), log)
    })
    .await
    .unwrap();
    for (networks, expected) in [(&[0, 1][..], 202), (&[0], 403)] {
        let (status, _) = ask(
            address,
            Some("alice"),
            "POST /v2.1/servers",
            &create(networks),
        )
        .await;
        assert_eq!(status, expected);
    }
    assert_eq!(cloud.server_count(), 2);
    let id = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    let ended = timeout(Duration::from_secs(20), child.wait())
        .await
        .unwrap();
    assert!(ended.unwrap().success());
    let mut rest = String::new();
    let mut log = log;
    log.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("stopping"), "{rest}");
    assert!(!rest.contains("in-memory"), "{rest}");
}

#[test]
fn serve_does_not_start_on_a_mistake() {
    let mut command = program();
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(bad("bad-uuid.ini"));
    let (code, _, err) = said(&run(&mut command, ""));
    assert_eq!(code, 1);
    assert!(
        err.contains("2 mistakes; nothing starts with that"),
        "{err}"
    );
    assert!(!err.contains("listening"), "{err}");
}
