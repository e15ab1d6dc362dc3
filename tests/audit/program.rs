//! `wafflehaus audit`

use std::process::{Command, Output};

use serde_json::Value;
use wafflehaus::sim::{Api, Cloud, Endpoints, Failure};

use crate::support::*;

/// Runs the program, which asks this process.
async fn run(endpoints: &Endpoints, rest: &str, more: &'static [&'static str]) -> Output {
    let file = File::new(endpoints, rest);
    let ended = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wafflehaus"));
        command
            .args(["audit", "--config"])
            .arg(file.path())
            .args(more);
        command.output().unwrap()
    });
    ended.await.unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

async fn broken(cloud: &Cloud) -> String {
    cloud.add_server(PROJECT, &[REQUIRED]).unwrap();
    cloud.add_server(LAB, &[BANNED]).unwrap();
    cloud.add_server(PROJECT, &[REQUIRED, BANNED]).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_exit_code_says_whether_there_are_any() {
    let (cloud, endpoints) = cloud().await;
    cloud.add_server(PROJECT, &[REQUIRED]).unwrap();
    let output = run(&endpoints, &one_pipeline(), &[]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        text(&output.stdout),
        "0 of 1 servers break a policy; 0 still being built were not judged\n"
    );
    let server = broken(&cloud).await;
    let output = run(&endpoints, &one_pipeline(), &[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let table = text(&output.stdout);
    let line = table.lines().find(|line| line.contains(&server)).unwrap();
    assert!(
        line.contains("network_banned") && line.contains(PROJECT),
        "{table}"
    );
    assert!(!table.contains(LAB), "{table}");
    // It draws nothing where nobody looks.
    assert_eq!(text(&output.stderr), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_one_document() {
    let (cloud, endpoints) = cloud().await;
    let server = broken(&cloud).await;
    let output = run(&endpoints, &one_pipeline(), &["--json"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["servers"], &report["unfinished"]),
        (&3.into(), &0.into())
    );
    let violation = &report["violations"][0];
    assert_eq!(violation["server"], server.as_str());
    assert_eq!(violation["code"], "network_banned");
    assert_eq!(violation["policy"], "RequestNetworks");
    assert_eq!(report["violations"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_done_is_2_and_a_reason() {
    let (cloud, endpoints) = cloud().await;
    broken(&cloud).await;
    cloud.fail_always(Api::Neutron, Failure::Status(http::StatusCode::BAD_GATEWAY));
    let failed = run(&endpoints, &one_pipeline(), &[]).await;
    cloud.clear_failures(Api::Neutron);
    let nobody = run(&endpoints, &one_pipeline(), &["--set", "password=wrong"]).await;
    let unknown = run(&endpoints, &one_pipeline(), &["--pipeline", "x"]).await;
    let mistaken = run(&endpoints, &one_pipeline().replace(BANNED, "x"), &[]).await;
    for (output, reason) in [
        (failed, "neutron lookup failed: status 502"),
        (nobody, "nova lookup failed: no token"),
        (unknown, "there is no pipeline `x`"),
        (mistaken, "mistake: "),
    ] {
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains(reason), "{output:?}");
        assert_eq!(text(&output.stdout), "");
    }
}
