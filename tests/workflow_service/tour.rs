//! The example does what it prints.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Cargo builds examples beside tests before it runs them.
fn example() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    let path = path.join("examples").join("workflow_api");
    assert!(
        path.exists(),
        "the example is not built: run `cargo test` as a whole"
    );
    path
}

#[test]
fn every_request_of_the_tour_is_answered_as_it_says() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "the gate needs curl");
        eprintln!("SKIPPED: curl is not installed, so the printed requests were not tried");
        return;
    }
    let mut child = Command::new(example())
        .arg("127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let running = Running(child);
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let line = || lines.recv_timeout(Duration::from_secs(20)).unwrap();
    let mut statuses = Vec::new();
    while statuses.len() < 14 {
        let said = line();
        let said = said.strip_prefix("# ").and_then(|it| it.split_once(':'));
        let Some((status, _)) = said else {
            continue;
        };
        let command = line().replacen("curl -i", "curl -sS -i -m 20", 1);
        let answer = Command::new("timeout")
            .args(["30", "sh", "-c", &command])
            .output()
            .unwrap();
        let answer = String::from_utf8(answer.stdout).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{command}\n{answer}"
        );
        statuses.push(status.to_owned());
    }
    drop(running);
    assert_eq!(
        statuses.join(" "),
        "202 200 202 200 200 200 202 200 200 202 200 202 200 303"
    );
}
