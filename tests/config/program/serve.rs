//! `wafflehaus serve`

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
    time::Duration,
};

use tokio::{process, time::timeout};

use super::{bad, program, run, said, sample};
use crate::{
    samples::{REQUEST_NETWORKS, needed},
    support::{ask, cloud, create, file},
};

#[tokio::test]
async fn serve_answers_and_ends_when_it_is_told_to() {
    let (cloud, endpoints) = cloud().await;
    let configuration = file("serve.ini", &REQUEST_NETWORKS.ini(&needed(&endpoints)));
    let mut child = process::Command::from(program())
        .args([
            "serve",
            "--threads",
            "4",
            "--listen",
            "127.0.0.1:0",
            "--config",
        ])
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
    // Nobody has asked for them.
    assert!(!rest.contains("metrics"), "{rest}");
    assert!(!rest.contains("in-memory"), "{rest}");
}

#[test]
fn serve_does_not_share_a_port_with_another_gateway() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = program();
    command
        .args(["serve", "--threads", "4", "--listen", &address, "--config"])
        .arg(sample("shared-port.ini"));
    let (code, _, err) = said(&run(&mut command, ""));
    assert_eq!(code, 2, "{err}");
    assert!(
        err.contains(&format!("cannot listen on {address}")),
        "{err}"
    );
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

#[test]
fn serve_does_not_start_without_the_metrics_it_is_to_tell() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = program();
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(["--metrics", &address, "--config"])
        .arg(sample("taken-metrics.ini"));
    let (code, _, err) = said(&run(&mut command, ""));
    assert_eq!(code, 2, "{err}");
    let expected = format!("cannot listen on {address} for the metrics: ");
    assert!(err.contains(&expected), "{err}");
    assert!(!err.contains("listening"), "{err}");
}
