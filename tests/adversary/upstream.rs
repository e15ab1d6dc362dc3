//! What reaches Nova, byte by byte: nothing of what is refused, and all of what nobody polices.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    gateway::{Remote, client},
    requests::{
        Framing, Shot,
        table::{Sight, attacks},
    },
    world::*,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// A server in Nova's place that answers anything, and keeps every byte that it is sent.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<u8>>>);

impl Recorder {
    async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let recorder = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(recorder.clone().serve(stream));
            }
        });
        address
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut unanswered = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            self.0.lock().unwrap().extend_from_slice(&buffer[..read]);
            unanswered.extend_from_slice(&buffer[..read]);
            if is_whole(&unanswered) {
                unanswered.clear();
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                if stream.write_all(answer).await.is_err() {
                    return;
                }
            }
        }
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Whether this is a request with all of its body.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    if head.contains("transfer-encoding: chunked") {
        return text.ends_with("0\r\n\r\n");
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    let body = bytes.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
    bytes.len() - body >= length
}

/// One side of a connection.
struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

struct Response {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Connection {
    async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// Sends bytes and reads one answer; none if the connection ends before.
    async fn ask(&mut self, bytes: &[u8], has_body: bool) -> Option<Response> {
        // Who refuses early may have closed: then the answer is there to be read.
        self.stream.write_all(bytes).await.unwrap_or_default();
        tokio::time::timeout(PATIENCE, self.answer(has_body))
            .await
            .expect("neither an answer nor an end")
    }

    async fn answer(&mut self, has_body: bool) -> Option<Response> {
        let end = loop {
            let found = self.unread.windows(4).position(|it| it == b"\r\n\r\n");
            match found {
                Some(at) => break at + 4,
                None => self.more().await?,
            }
        };
        let head: Vec<u8> = self.unread.drain(..end).collect();
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        let length = if has_body { length } else { 0 };
        while self.unread.len() < length {
            self.more().await?;
        }
        Some(Response {
            status: head[9..12].parse().unwrap(),
            head,
            body: self.unread.drain(..length).collect(),
        })
    }

    async fn more(&mut self) -> Option<()> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer).await {
            Ok(read @ 1..) => self.unread.extend_from_slice(&buffer[..read]),
            Ok(0) | Err(_) => return None,
        }
        Some(())
    }
}

/// Whether a body is one fault of Nova's, with this status.
fn is_fault(body: &[u8], status: u16) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(members) = body.as_object() else {
        return false;
    };
    let faults: Vec<_> = members.values().collect();
    let [fault] = faults.as_slice() else {
        return false;
    };
    let told = fault["message"].as_str().is_some_and(|it| !it.is_empty());
    fault["code"] == status && told
}

#[tokio::test]
async fn nothing_of_what_is_refused_goes_on_and_the_connection_is_usable_or_closed() {
    let cloud = cloud(Sight::All);
    let nova = Recorder::default();
    let address = nova.listen().await;
    let gateway = Remote::forwarding(&cloud, &client(), Some(address)).await;
    let next = Shot::bare("GET /v2.1/servers").kept(ALICE);
    let mut failures = Vec::new();
    for attack in attacks(IDS) {
        let case = attack.case;
        let mut connection = Connection::to(gateway.address).await;
        let has_body = !attack.shot.line.starts_with("HEAD ");
        let answer = connection.ask(&attack.shot.kept(ALICE), has_body).await;
        let Some(answer) = answer else {
            failures.push(format!("{case}: no answer"));
            continue;
        };
        if answer.status != attack.status || (has_body && !is_fault(&answer.body, answer.status)) {
            let body = String::from_utf8_lossy(&answer.body);
            failures.push(format!("{case}: {} {body}", answer.head));
        }
        let forwarded = nova.take();
        if !forwarded.is_empty() {
            failures.push(format!("{case}: {} bytes went on", forwarded.len()));
        }
        let closes = answer.head.contains("connection: close");
        let again = connection.ask(&next, true).await.map(|it| it.status);
        if again.is_some_and(|status| closes || status != 200) {
            failures.push(format!("{case}: closes: {closes}, then {again:?}"));
        }
        let forwarded = nova.take();
        if !forwarded.is_empty() && !forwarded.starts_with(b"GET /v2.1/servers HTTP/1.1\r\n") {
            let forwarded = String::from_utf8_lossy(&forwarded);
            failures.push(format!("{case}: afterwards {forwarded}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test]
async fn nothing_goes_on_of_a_body_that_breaks_off_or_has_no_end() {
    let cloud = cloud(Sight::All);
    let nova = Recorder::default();
    let address = nova.listen().await;
    let gateway = Remote::forwarding(&cloud, &client(), Some(address)).await;
    let body = format!(r#"{{"server": {{"networks": [{{"uuid": "{REQUIRED}"}}]}}}}"#);
    let shot = Shot::json("POST /v2.1/servers", body);
    let whole = shot.kept(ALICE);
    let chunked = shot.clone().framing(Framing::Chunked).kept(ALICE);
    let replaced = |from: &str, to: &str| {
        let text = String::from_utf8(chunked.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1).into_bytes()
    };
    for (name, bytes) in [
        ("short", whole[..whole.len() - 1].to_vec()),
        ("no last chunk", chunked[..chunked.len() - 5].to_vec()),
        ("no last line", chunked[..chunked.len() - 2].to_vec()),
        ("a size that is none", replaced("\r\n\r\n", "\r\n\r\nx")),
        (
            "a huge size",
            replaced("\r\n\r\n", "\r\n\r\nffffffffffffffff"),
        ),
        ("codings", replaced("chunked", "gzip, chunked")),
    ] {
        let mut connection = Connection::to(gateway.address).await;
        // What breaks off ends here, and its answer can still be read.
        connection.stream.write_all(&bytes).await.unwrap();
        connection.stream.shutdown().await.unwrap();
        let answer = connection.ask(b"", true).await;
        let status = answer.map(|it| it.status);
        assert!(
            matches!(status, None | Some(400 | 413 | 415)),
            "{name}: {status:?}"
        );
        assert_eq!(connection.more().await, None, "{name} leaves it open");
        assert_eq!(nova.take(), b"", "{name}");
    }
}

/// Head and body of what Nova was sent: the head's lines in any order and case.
fn lines(bytes: &[u8]) -> (Vec<String>, Vec<u8>) {
    let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let (first, headers) = head.split_once("\r\n").unwrap();
    let mut headers: Vec<_> = headers
        .lines()
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            format!("{}: {}", name.to_ascii_lowercase(), value.trim())
        })
        .collect();
    headers.sort();
    headers.insert(0, first.to_owned());
    (headers, bytes[end + 4..].to_vec())
}

/// Without chunk sizes, however it was cut.
fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let at = bytes.windows(2).position(|it| it == b"\r\n").unwrap();
        let size = std::str::from_utf8(&bytes[..at]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&bytes[at + 2..at + 2 + size]);
        bytes = &bytes[at + 2 + size + 2..];
    }
}

#[tokio::test]
async fn what_nobody_polices_goes_on_as_it_came() {
    let cloud = cloud(Sight::All);
    let nova = Recorder::default();
    let address = nova.listen().await;
    let gateway = Remote::forwarding(&cloud, &client(), Some(address)).await;
    let binary: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let sent = |line: &str, body: &[u8], headers: &[&str]| {
        let shot = Shot {
            framing: Framing::Length,
            body: body.to_vec().into(),
            ..Shot::bare(line)
        };
        headers
            .iter()
            .fold(shot, |shot, header| shot.header(*header))
    };
    let server = format!("/v2.1/servers/{SMALL}");
    let get = |target: &str| Shot::bare(format!("GET {target}"));
    for shot in [
        get("/"),
        get("/v2.1/servers/detail?limit=1&name=a%20b&marker=%2f&x=_method"),
        get(&format!("{server}/os-interface")).header("OpenStack-API-Version: compute 2.90"),
        get("/v2.1/servers").header("Accept: text/html;q=0.5, */*;version=x"),
        Shot::bare(format!("DELETE {server}/tags/a%20b%C3%A9")),
        Shot::bare(format!("DELETE {server}")),
        sent(
            &format!("PUT {server}"),
            b"{\"server\": {",
            &["Content-Type: application/json"],
        ),
        sent(
            &format!("PUT {server}/metadata/servers"),
            b"\xff\0",
            &["Content-Type: x/y"],
        ),
        sent(
            "POST /v2.1/os-keypairs",
            b"{\"a\": 1, \"a\": 2}",
            &["Content-Encoding: gzip"],
        ),
        sent(
            "POST /v2.1/flavors",
            &binary,
            &["Content-Type: text/plain; charset=utf-16"],
        ),
        sent("PATCH /v2.1/os-services/x", b"[]", &["If-Match: \"x\""]),
    ] {
        let mut connection = Connection::to(gateway.address).await;
        let answer = connection.ask(&shot.kept(ALICE), true).await.unwrap();
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, b"{}".as_slice()),
            "{shot:?}"
        );
        // Who the caller is has been read, and is between the client and the gateway.
        let (mut wanted, body) = lines(&shot.kept(ALICE));
        let identity = ["x-identity-status", "x-user-id", "x-project-id", "x-roles"];
        wanted.retain(|line| !identity.iter().any(|name| line.starts_with(name)));
        assert_eq!(lines(&nova.take()), (wanted, body));
    }
    let chunked = sent("POST /v2.1/flavors", &binary, &[]).framing(Framing::Chunked);
    let mut connection = Connection::to(gateway.address).await;
    let answer = connection.ask(&chunked.kept(ALICE), true).await.unwrap();
    assert_eq!(answer.status, 200);
    let (_, body) = lines(&nova.take());
    assert_eq!(unchunked(&body), binary);
}
