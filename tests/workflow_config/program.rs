//! `wafflehaus workflow`, as an operator runs it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStderr, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    database::Database,
    folder::{Folder, KEY, LEAST, SECRET},
};

/// A process that ends with this.
struct Running {
    child: Child,
    log: Option<BufReader<ChildStderr>>,
    said: String,
}

impl Running {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut child = program(folder, arguments).spawn().unwrap();
        let log = child.stderr.take().map(BufReader::new);
        Self {
            child,
            log,
            said: String::new(),
        }
    }

    /// Waits for a line with this, and gives what is behind it.
    fn until(&mut self, word: &str) -> String {
        let log = self.log.as_mut().unwrap();
        loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "{}", self.said);
            self.said.push_str(&line);
            if let Some((_, rest)) = line.trim_end().split_once(word) {
                return rest.to_owned();
            }
        }
    }

    /// Asks it to stop, and gives its exit code with all that it has said.
    fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").arg(id).status().unwrap();
        assert!(asked.success());
        let mut said = std::mem::take(&mut self.said);
        self.log.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

fn program(folder: &Folder, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wafflehaus"));
    program
        .arg("workflow")
        .args(arguments)
        .arg("--config")
        .arg(folder.path().join("workflow.toml"))
        .env("RUST_LOG", "debug,sqlx=info,hyper=info")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    program
}

fn output(folder: &Folder, text: &str, arguments: &[&str]) -> (Option<i32>, String) {
    folder.write("workflow.toml", text);
    let Output {
        status,
        stdout,
        stderr,
    } = program(folder, arguments).output().unwrap();
    let said = [stdout, stderr].concat();
    (status.code(), String::from_utf8(said).unwrap())
}

/// The status and the body of what is answered to somebody with these headers.
fn ask(address: &str, line: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let mut head = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    write!(
        stream,
        "{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

/// Another service, which says of each call what it was.
fn other_service() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, calls) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut said, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some((_, value)) = line.to_lowercase().split_once("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            said.push_str(&line);
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        said.push_str(&String::from_utf8(body).unwrap());
        let answer = r#"{"client": {"id": "c-17"}}"#;
        let length = answer.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{answer}"
        )
        .unwrap();
        sender.send(said).unwrap();
    });
    (address, calls)
}

/// A task type that needs no cloud: it calls another service.
fn clients(database: &str, service: &str) -> String {
    let least = LEAST.replace(
        "database = \"tasks.db\"",
        &format!("database = \"{database}\""),
    );
    format!(
        "listen = '127.0.0.1:0'
        trust_identity_headers = true
        {least}
        [task_types.client]
        actions = ['MakeClient']
        [[service.views]]
        name = 'Client'
        task_type = 'client'
        access = ['member']
        [actions.MakeClient]
        use = 'Webhook'
        url = 'http://{service}/clients'
        secret_file = 'erp-secret'
        keep = {{ client_id = '/client/id' }}
        fields.company = {{ kind = 'text' }}
        [pace]
        look_seconds = 1
        [retention]
        days = 30
        "
    )
}

const MEMBER: [(&str, &str); 4] = [
    ("x-identity-status", "Confirmed"),
    ("x-user-id", "ann"),
    ("x-project-id", "acme"),
    ("x-roles", "member"),
];

const ADMIN: [(&str, &str); 4] = [
    ("x-identity-status", "Confirmed"),
    ("x-user-id", "root"),
    ("x-project-id", "cloud"),
    ("x-roles", "admin"),
];

#[tokio::test]
async fn rule_11_requests_and_work_may_be_of_two_processes() {
    for database in Database::each().await {
        let folder = Folder::new();
        let (service, calls) = other_service();
        folder.write("workflow.toml", &clients(&database.name(), &service));
        let mut api = Running::start(&folder, &["--only", "api"]);
        let address = api.until("address=");
        let mut worker = Running::start(&folder, &["--only", "worker"]);
        worker.until("working");
        assert_eq!(ask(&address, "GET /readyz", &[], &Value::Null).0, 200);
        assert_eq!(ask(&address, "GET /metrics", &[], &Value::Null).0, 200);
        assert_eq!(ask(&address, "GET /v1/tasks", &[], &Value::Null).0, 401);

        let company = json!({ "company": "Acme" });
        let (status, answer) = ask(&address, "POST /v1/actions/Client", &MEMBER, &company);
        assert_eq!(status, 202, "{answer}");
        let (_, tasks) = ask(&address, "GET /v1/tasks", &ADMIN, &Value::Null);
        let id = tasks["tasks"][0]["uuid"].as_str().unwrap();
        let approve = format!("POST /v1/tasks/{id}");
        let (status, answer) = ask(&address, &approve, &ADMIN, &json!({ "approved": true }));
        assert!([200, 202].contains(&status), "{status} {answer}");
        let call = calls.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(call.starts_with("POST /clients "), "{call}");
        assert!(
            call.to_lowercase()
                .contains("x-wafflehaus-signature: sha256="),
            "{call}"
        );
        assert!(call.contains("\"company\":\"Acme\""), "{call}");
        let (_, task) = ask(
            &address,
            &format!("GET /v1/tasks/{id}"),
            &ADMIN,
            &Value::Null,
        );
        assert_eq!(task["completed"], true, "{task}");

        let mut all = String::new();
        for running in [api, worker] {
            let (code, said) = running.stop();
            assert_eq!(code, Some(0), "{said}");
            all.push_str(&said);
        }
        for secret in [SECRET, KEY] {
            assert!(!all.contains(secret), "{all}");
        }
    }
}

#[test]
fn rule_11_one_process_does_everything_until_it_is_asked_to_stop() {
    let folder = Folder::new();
    let (service, calls) = other_service();
    folder.write("workflow.toml", &clients("tasks.db", &service));
    let mut running = Running::start(&folder, &[]);
    let address = running.until("address=");
    let company = json!({ "company": "Acme" });
    let (status, _) = ask(&address, "POST /v1/actions/Client", &MEMBER, &company);
    assert_eq!(status, 202);
    let (_, tasks) = ask(&address, "GET /v1/tasks", &ADMIN, &Value::Null);
    let id = tasks["tasks"][0]["uuid"].as_str().unwrap().to_owned();
    // Asked to stop while a request waits for what a worker does: both are finished.
    let asked = thread::spawn({
        let address = address.clone();
        move || {
            ask(
                &address,
                &format!("POST /v1/tasks/{id}"),
                &ADMIN,
                &json!({ "approved": true }),
            )
        }
    });
    calls.recv_timeout(Duration::from_secs(60)).unwrap();
    let (code, said) = running.stop();
    assert_eq!(code, Some(0), "{said}");
    let (status, answer) = asked.join().unwrap();
    assert!([200, 202].contains(&status), "{status} {answer}");
    TcpStream::connect(address).unwrap_err();
}

#[test]
fn a_configuration_with_mistakes_does_not_start() {
    let folder = Folder::new();
    let text = LEAST
        .replace("key_file", "key_fil")
        .replace("username", "usernam");
    for arguments in [&["check"][..], &["migrate"], &[]] {
        let (code, said) = output(&folder, &text, arguments);
        assert_eq!(code, Some(2), "{said}");
        for told in [
            "workflow.toml:3: key_fil: there is no key `key_fil`; did you mean `key_file`?",
            "workflow.toml:7: keystone.usernam: there is no key `usernam`; did you mean `username`?",
            "mistakes; nothing starts with that",
        ] {
            assert!(said.contains(told), "{said}");
        }
    }
}

#[test]
fn a_configuration_is_checked_without_a_cloud_and_with_one() {
    let folder = Folder::new();
    let (code, said) = output(&folder, LEAST, &["check"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The configuration is good."), "{said}");
    assert!(said.contains("without `[messages]`"), "{said}");
    // Nobody is on that port.
    let (code, said) = output(&folder, LEAST, &["check", "--online"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("WRONG Keystone answers"), "{said}");
    assert!(!said.contains(SECRET), "{said}");
}

#[tokio::test]
async fn rule_12_tables_are_brought_up_to_date() {
    for database in Database::each().await {
        let folder = Folder::new();
        let text = LEAST.replace("tasks.db", &database.name());
        let (code, said) = output(&folder, &text, &["migrate"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(
            said.contains("were at version 0, and are now at version "),
            "{said}"
        );
        let (code, said) = output(&folder, &text, &["migrate"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("are up to date"), "{said}");
        // Of a later version.
        let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
                     execution_time) VALUES (9999, 'later', TRUE, '', 0)";
        database.execute(later).await.unwrap();
        let (code, said) = output(&folder, &text, &["migrate"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("the database cannot be used"), "{said}");
    }
}

#[test]
fn a_mail_can_be_seen_before_it_is_sent() {
    let folder = Folder::new();
    let text = format!(
        "{LEAST}
        [messages]
        token_url = 'https://dashboard.example/token/'
        smtp.host = 'mail.example'
        default_task_settings.reply = 'no-reply@cloud.example'"
    );
    let (code, said) = output(&folder, &text, &["preview", "create_project", "token"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Subject: signup approved"), "{said}");
    assert!(said.contains("https://dashboard.example/token/"), "{said}");
    let (code, said) = output(&folder, LEAST, &["preview", "create_project", "token"]);
    assert_eq!(code, Some(1), "{said}");
}
