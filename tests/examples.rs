//! The examples do what they print and say.

#![expect(
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// An example that runs, and is ended when this is dropped.
struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Running {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(example(name))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Cargo builds examples beside tests before it runs them.
fn example(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    let path = path.join("examples").join(name);
    assert!(
        path.exists(),
        "{} is not built: run `cargo test` as a whole",
        path.display()
    );
    path
}

fn shell(command: &str) -> Output {
    Command::new("sh").args(["-c", command]).output().unwrap()
}

/// Without curl the printed requests cannot be tried. A gate must have it.
fn curl_is_here() -> bool {
    let here = Command::new("curl").arg("--version").output().is_ok();
    assert!(
        here || std::env::var_os("CI").is_none(),
        "the gate needs curl"
    );
    if !here {
        eprintln!("SKIPPED: curl is not installed, so the printed requests were not tried");
    }
    here
}

#[test]
fn every_request_that_nova_proxy_prints_is_answered_as_it_says() {
    if !curl_is_here() {
        return;
    }
    let proxy = Running::start("nova_proxy", &["--listen", "127.0.0.1:0"]);
    let mut answers = Vec::new();
    while answers.len() < 10 {
        let line = proxy.line();
        let Some((status, _)) = line
            .strip_prefix("# ")
            .and_then(|line| line.split_once(':'))
        else {
            continue;
        };
        let mut command = proxy.line();
        while let Some(joined) = command.strip_suffix('\\') {
            command = format!("{joined}{}", proxy.line());
        }
        let output = shell(&command.replacen("curl -i", "curl -sS -i", 1));
        let answer = String::from_utf8(output.stdout).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{command}\n{answer}"
        );
        if status == "403" {
            assert!(
                answer.contains(r#"{"forbidden":{"code":403,"message":""#),
                "{answer}"
            );
        }
        let id = answer
            .to_lowercase()
            .contains("\r\nx-openstack-request-id: req-");
        assert!(id, "{answer}");
        answers.push(status.to_owned());
    }
    assert_eq!(answers.join(" "), "202 403 403 403 403 202 202 202 202 202");
}

/// A configuration in a folder that goes when this is dropped.
struct Written(PathBuf);

impl Written {
    fn new(name: &str, text: &str) -> Self {
        let folder = format!("wafflehaus-examples-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
        Self(folder.join(name))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        std::fs::remove_dir_all(self.0.parent().unwrap()).unwrap();
    }
}

/// The sample of nova_proxy, with another way to know callers and a mount.
fn behind_an_authenticator() -> String {
    let demo = include_str!("../examples/nova_proxy/demo.toml");
    let text = demo
        .replace("# mount = \"/compute\"", "mount = \"/compute\"")
        .replace("use = \"keystone\"", "use = \"identity\"");
    assert_eq!(demo.len() - 2, text.len());
    text
}

#[test]
fn nova_proxy_takes_an_upstream_and_a_configuration() {
    if !curl_is_here() {
        return;
    }
    let text = behind_an_authenticator();
    let config = Written::new(
        "gateway.toml",
        &format!("trust_identity_headers = true\n{text}"),
    );
    let inner = tokio::runtime::Runtime::new().unwrap();
    let cloud = wafflehaus::sim::Cloud::new();
    let endpoints = inner.block_on(cloud.listen()).unwrap();

    let arguments = [
        "--config",
        config.path(),
        "--upstream",
        &endpoints.nova(),
        "--listen",
        "127.0.0.1:0",
    ];
    let proxy = Running::start("nova_proxy", &arguments);
    let line = proxy.line();
    let listen = line.strip_prefix("listening on ").unwrap();
    let who = "-H 'X-User-Id: a' -H 'X-Project-Id: b' -H 'X-Roles: role2'";
    let get = |path: &str, more: &str| {
        let output = shell(&format!("curl -sS -i {who} {more} http://{listen}{path}"));
        String::from_utf8(output.stdout).unwrap()
    };
    // The simulated Nova knows no such token, so this came from it.
    assert!(
        get("/v2.1/servers", "").starts_with("HTTP/1.1 401 "),
        "forwarded"
    );
    let refused = get(
        "/compute/v2.1/servers",
        "-d '{\"server\": {}}' -H 'Content-Type:'",
    );
    assert!(refused.contains("no networks are named"), "{refused}");
}

/// What nova_proxy says of a configuration with which it does not start.
fn rejected(config: &str) -> String {
    let output = Command::new(example("nova_proxy"))
        .args(["--config", config, "--upstream", "http://127.0.0.1:9"])
        .args(["--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn nova_proxy_does_not_start_without_a_way_to_know_its_callers() {
    let config = Written::new("nobody.toml", &behind_an_authenticator());
    let said = rejected(config.path());
    assert!(said.contains("trust_identity_headers"), "{said}");
}

#[test]
fn nova_proxy_names_the_mistakes_in_its_configuration() {
    let said = rejected("/no/such/file.toml");
    assert!(said.contains("/no/such/file.toml"), "{said}");
    let demo = include_str!("../examples/nova_proxy/demo.toml");
    let text = demo
        .replace("networks_max", "network_max")
        .replace("banned_nets", "baned_nets");
    let config = Written::new("slips.toml", &text);
    let said = rejected(config.path());
    for meant in ["networks_max", "banned_nets"] {
        assert!(said.contains(&format!("did you mean `{meant}`?")), "{said}");
    }
}

#[test]
fn custom_filter_answers_as_its_head_comment_says() {
    if !curl_is_here() {
        return;
    }
    let gateway = Running::start("custom_filter", &["127.0.0.1:0"]);
    let lines = std::iter::repeat_with(|| gateway.line());
    let said: Vec<_> = lines
        .take_while(|line| line != "both files mean the same: true")
        .collect();
    assert!(
        said.iter()
            .any(|line| line.trim() == "read_only (read_only)"),
        "{said:?}"
    );
    let line = gateway.line();
    let address = line.strip_prefix("listening on ").unwrap();
    let source = include_str!("../examples/custom_filter/main.rs");
    let commands = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! curl -i "));
    let answers: Vec<_> = commands
        .map(|command| {
            let command = format!("curl -sS -i {command}").replace("127.0.0.1:8777", address);
            String::from_utf8(shell(&command).stdout).unwrap()
        })
        .collect();
    let statuses: Vec<_> = answers
        .iter()
        .map(|answer| answer.get(9..12).unwrap())
        .collect();
    assert_eq!(statuses, ["200", "403", "202", "200"], "{answers:#?}");
    assert!(answers[1].contains("the cloud is being moved until Monday"));
    assert!(answers[3].ends_with("Until Monday servers can be looked at, and not changed."));
}

#[test]
fn axum_gateway_refuses_and_passes_as_its_head_comment_says() {
    if !curl_is_here() {
        return;
    }
    let gateway = Running::start("axum_gateway", &["127.0.0.1:0"]);
    let line = gateway.line();
    let address = line.strip_prefix("listening on ").unwrap();
    let source = include_str!("../examples/axum_gateway.rs");
    let comment: String = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! "))
        .skip_while(|line| !line.starts_with("curl"))
        .take_while(|line| !line.starts_with("```"))
        .flat_map(|line| [line.trim_end_matches('\\'), " "])
        .collect();
    let command = comment
        .replace("127.0.0.1:8775", address)
        .replacen("curl -i", "curl -sS -i", 1);
    let refused = String::from_utf8(shell(&command).stdout).unwrap();
    assert!(refused.starts_with("HTTP/1.1 403 "), "{command}\n{refused}");
    let networks = r#"[{"uuid": "11111111-1111-4111-8111-111111111111"}]"#;
    let passed = shell(&command.replace("\"none\"", networks));
    let passed = String::from_utf8(passed.stdout).unwrap();
    assert!(
        passed.contains("POST /compute/v2.1/servers for alice"),
        "{passed}"
    );
    let health = shell(&format!("curl -sS http://{address}/healthz"));
    assert_eq!(health.stdout, b"ok");
}

#[test]
fn keystone_axum_knows_alice_and_nobody_else() {
    if !curl_is_here() {
        return;
    }
    let service = Running::start("keystone_axum", &["127.0.0.1:0"]);
    let line = service.line();
    let address = line.strip_prefix("listening on ").unwrap();
    let source = include_str!("../examples/keystone_axum.rs");
    let command = source
        .lines()
        .find_map(|line| line.strip_prefix("//! curl -i "))
        .unwrap();
    let command = format!("curl -sS -i {command}").replace("127.0.0.1:8776", address);
    let passed = String::from_utf8(shell(&command).stdout).unwrap();
    assert!(
        passed.ends_with("alice on 6f70656e as member\n"),
        "{passed}"
    );
    let refused = shell(&command.replace("alices-token", "another"));
    let refused = String::from_utf8(refused.stdout).unwrap();
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
    assert!(
        refused.contains("www-authenticate: Keystone uri="),
        "{refused}"
    );
    let health = shell(&format!("curl -sS http://{address}/healthz"));
    assert_eq!(health.stdout, b"ok");
}

#[test]
fn custom_policy_decides_by_role() {
    let mut child = Command::new(example("custom_policy"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(child.wait().unwrap().success());
    let verdicts: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .collect();
    assert_eq!(
        verdicts,
        [
            "passes",
            "is refused: only the role `network-admin` may name ports (port_by_name)",
            "cannot be told yet: Need(Ports)",
        ]
    );
}

#[test]
fn custom_action_takes_a_signup_to_its_end() {
    let output = Command::new(example("custom_action")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "mail about `signup`: we have your request",
            "mail about `signup`: something for operators",
            "mail about `signup`: follow the link to choose a password",
            "mail about `signup`: it is done",
            "note: \"No existing project with that name.\"",
            "note: \"No user present with username. Need to create new user.\"",
            "note: \"New project 'acme' created.\"",
            "note: \"User ann@acme.example has been given roles member.\"",
            "note: \"ann@acme.example is subscribed.\"",
            "completed",
            "subscribed: [\"ann@acme.example\"]",
        ]
    );
}
