//! The program, told by a signal or by the files themselves.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::symlink,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use wafflehaus::sim::Endpoints;

use crate::support::{Folder, NETWORKS, cloud, plan, settings};

/// `wafflehaus serve`, killed at the end if it does not end by itself.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: String,
    log: std::sync::mpsc::Receiver<String>,
}

impl Program {
    pub(crate) fn start(folder: &Folder, endpoints: &Endpoints, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wafflehaus"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]);
        command.arg(folder.file()).args(more);
        for (key, value) in settings(endpoints) {
            // The secret by the environment, as an operator would.
            if key == "password" {
                command.env("WAFFLEHAUS__PASSWORD", value);
            } else {
                command.arg("--set").arg(format!("{key}={value}"));
            }
        }
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, log) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut program = Self {
            child,
            address: String::new(),
            log,
        };
        let line = program.line("listening");
        program.address = line.split_once("address=").unwrap().1.to_owned();
        program
    }

    /// The next line of the log that has this in it.
    pub(crate) fn line(&self, text: &str) -> String {
        let mut before = Vec::new();
        loop {
            let Ok(line) = self.log.recv_timeout(Duration::from_secs(30)) else {
                panic!("no `{text}` in {before:#?}");
            };
            if line.contains(text) {
                return line;
            }
            before.push(line);
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(done.success());
    }

    /// Ends it, as a service manager would.
    pub(crate) async fn terminate(&mut self) {
        self.signal("-TERM");
        let begin = Instant::now();
        let ended = loop {
            if let Some(ended) = self.child.try_wait().unwrap() {
                break ended;
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "it runs on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(ended.success(), "{ended}");
    }

    /// The status for a create on this network.
    pub(crate) async fn create(&self, network: usize) -> u16 {
        let body = format!(
            r#"{{"server": {{"name": "web", "imageRef": "", "flavorRef": "1", "networks": [{{"uuid": "{}"}}]}}}}"#,
            NETWORKS[network]
        );
        let request = format!(
            "POST /v2.1/servers HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\
             X-Auth-Token: token\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = ask(&self.address, &request).await;
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

/// Sends a request after which the connection is closed; gives the whole answer.
pub(crate) async fn ask(address: &str, request: &str) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn a_hangup_reads_again_and_a_termination_ends() {
    let folder = Folder::new();
    folder.write(&plan(0, 1));
    let (_cloud, endpoints) = cloud().await;
    let mut program = Program::start(&folder, &endpoints, &["--no-watch"]);
    assert_eq!(program.create(0).await, 202);

    folder.write("[pipeline:main]\npipeline = nothing\n");
    program.signal("-HUP");
    program.line("there is no app `nothing`");
    program.line("the new configuration is not used");
    assert_eq!(program.create(0).await, 202);

    folder.write(&plan(1, 1));
    program.signal("-HUP");
    program.line("the gateway runs by the new configuration");
    assert_eq!(program.create(0).await, 403);

    program.terminate().await;
}

#[tokio::test]
async fn a_change_of_a_file_is_noticed_however_it_is_made() {
    let folder = Folder::new();
    folder.write(&plan(0, 1));
    let (_cloud, endpoints) = cloud().await;
    let program = Program::start(&folder, &endpoints, &[]);
    let used = "the gateway runs by the new configuration";
    assert_eq!(program.create(0).await, 202);

    // Written in place.
    folder.write(&plan(1, 1));
    program.line(used);
    assert_eq!(program.create(0).await, 403);

    // Another file takes its place, as editors do; and once more, for a watch on the file alone
    // would have ended with the first.
    for required in [0, 1] {
        let beside = folder.path().join("new");
        fs::write(&beside, plan(required, 1)).unwrap();
        fs::rename(&beside, folder.file()).unwrap();
        program.line(used);
        assert_eq!(program.create(0).await, [202, 403][required]);
    }

    // A link is turned to another folder, as mounted configuration maps do.
    for (name, required) in [("..a", 0), ("..b", 1)] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(
            folder.path().join(name).join("api-paste.ini"),
            plan(required, 1),
        )
        .unwrap();
    }
    let turn = |to: &str| {
        let link = folder.path().join("..new");
        symlink(to, &link).unwrap();
        fs::rename(&link, folder.path().join("..data")).unwrap();
    };
    turn("..a");
    let link = folder.path().join("link");
    symlink("..data/api-paste.ini", &link).unwrap();
    fs::rename(&link, folder.file()).unwrap();
    program.line(used);
    assert_eq!(program.create(0).await, 202);
    turn("..b");
    program.line(used);
    assert_eq!(program.create(0).await, 403);
}
