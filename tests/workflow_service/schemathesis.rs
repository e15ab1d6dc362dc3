//! Requests that schemathesis makes up from the description of the API, good ones and bad ones.
//!
//! ```text
//! WAFFLEHAUS_SCHEMATHESIS=/path/to/schemathesis cargo test --test workflow_service schemathesis
//! ```
//!
//! makes up to 20 of each kind for each endpoint, or as many as `WAFFLEHAUS_SCHEMATHESIS_EXAMPLES`
//! says, always the same ones. Without the path the tests say that they are skipped.

use std::{
    env,
    io::Write as _,
    process::{Output, Stdio},
};

use tokio::process::Command;

use crate::support::Lab;

const CONFIG: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/workflow_service/schemathesis.toml"
);

/// Has somebody with this token, or nobody, make requests.
async fn tried(who: &str) {
    let Some(program) = env::var_os("WAFFLEHAUS_SCHEMATHESIS") else {
        let line =
            format!("\nSKIPPED schemathesis as `{who}`: WAFFLEHAUS_SCHEMATHESIS is not set\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let examples = env::var("WAFFLEHAUS_SCHEMATHESIS_EXAMPLES");
    let examples = examples.unwrap_or_else(|_| "20".to_owned());
    let lab = Lab::new().await;
    let address = lab.serve().await;
    let mut command = Command::new(program);
    command
        .args(["--no-color", "--config-file", CONFIG, "run"])
        .arg(format!("http://{address}/docs/openapi.json"))
        .args(["--seed", "20261129", "--generation-database", "none"])
        .args(["--max-examples", &examples])
        .args(["--no-shrink", "--continue-on-failure"])
        .args(["--suppress-health-check", "all", "--request-timeout", "60"])
        .current_dir(env::temp_dir())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if !who.is_empty() {
        command.args(["--header", &format!("X-Auth-Token: {who}")]);
    }
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&stdout);
    assert!(
        status.success(),
        "{said}{}",
        String::from_utf8_lossy(&stderr)
    );
    println!("{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_schemathesis_makes_up_is_answered_as_described_to_nobody() {
    tried("").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_schemathesis_makes_up_is_answered_as_described_to_an_administrator() {
    tried("admin").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_schemathesis_makes_up_is_answered_as_described_to_who_manages_a_project() {
    tried("boss").await;
}
