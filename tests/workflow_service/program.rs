//! `wafflehaus workflow`, as an operator runs it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().unwrap();
    }
}

/// A folder that goes when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("wafflehaus-{}", uuid::Uuid::new_v4());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

const CONFIG: &str = r#"
listen = "127.0.0.1:0"
auth_url = "http://127.0.0.1:9/v3"
database = "tasks.db"
key_file = "key"
roles = ["member", "project_mod"]

[account]
username = "workflow"
password_file = "password"
project_name = "service"

[service.access]
list_tasks = ["admin", "auditor"]

[[task_types]]
name = "create_project"
actions = ["NewProjectWithUser"]
"#;

fn program(folder: &Path, config: &str) -> Command {
    fs::write(folder.join("key"), "5a".repeat(32)).unwrap();
    fs::write(folder.join("password"), "secret\n").unwrap();
    fs::write(folder.join("workflow.toml"), config).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_wafflehaus"));
    program
        .args(["workflow", "--config"])
        .arg(folder.join("workflow.toml"))
        .env("RUST_LOG", "info")
        .stderr(Stdio::piped());
    program
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_configuration_is_run_until_the_program_is_asked_to_stop() {
    let folder = Folder::new();
    let mut running = Running(program(&folder.0, CONFIG).spawn().unwrap());
    let mut log = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let said = log.find_map(|line| {
        line.unwrap()
            .split_once("address=")
            .map(|it| it.1.to_owned())
    });
    let address = said.unwrap();
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200 "));
    assert!(get(&address, "/metrics").starts_with("HTTP/1.1 200 "));
    assert!(get(&address, "/v1/tasks").starts_with("HTTP/1.1 401 "));
    assert!(get(&address, "/v1/actions/CreateProject").starts_with("HTTP/1.1 200 "));
    let stop = Command::new("kill")
        .arg(running.0.id().to_string())
        .status()
        .unwrap();
    assert!(stop.success());
    assert!(running.0.wait().unwrap().success());
}

#[test]
fn a_configuration_with_a_mistake_does_not_start() {
    let folder = Folder::new();
    for (right, wrong, named) in [
        ("list_tasks =", "list_task =", "`access` names `list_task`"),
        (
            "NewProjectWithUser",
            "NewProjectWithUsers",
            "unknown action",
        ),
        ("key_file =", "key_files =", "key_files"),
        ("\"password\"", "\"none\"", "none: No such file"),
    ] {
        let output = program(&folder.0, &CONFIG.replace(right, wrong))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(named), "{said}");
    }
}
