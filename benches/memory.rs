//! How much memory the gateway takes while large bodies stream through it: 50 at once, slow
//! readers, both ways, by size.
//!
//! `cargo build --release --example nova_proxy && cargo bench --bench memory`
//!
//! Prints the gateway's peak resident memory after each round; flat in the size is the point.
//! The gateway is a process of its own, the example; upstream and clients are in this one.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a bench")]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

const AT_ONCE: usize = 50;
const MEGABYTE: usize = 1024 * 1024;
const CHUNK: usize = 64 * 1024;

/// Ends the gateway when this is dropped.
struct Gateway(Child);

impl Gateway {
    fn start(upstream: SocketAddr) -> (Self, SocketAddr) {
        let target = std::env::current_exe().unwrap();
        let target = target
            .parent()
            .unwrap()
            .parent()
            .unwrap()
            .join("examples/nova_proxy");
        let upstream = format!("http://{upstream}");
        let mut child = Command::new(target)
            .args([
                "--config",
                concat!(env!("CARGO_MANIFEST_DIR"), "/benches/memory.toml"),
                "--listen",
                "127.0.0.1:0",
                "--upstream",
                &upstream,
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the example is built first: see the head of this file");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .parse()
            .unwrap();
        (Self(child), address)
    }

    /// Peak resident memory so far, in KiB.
    fn peak(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Answers `GET /v2.1/{size}` with that many bytes, and reads what `POST` sends.
async fn upstream(listener: TcpListener) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::spawn(async move {
            let head = head(&mut stream).await;
            let target = head.split(' ').nth(1).unwrap_or_default();
            let size: usize = target.trim_start_matches("/v2.1/").parse().unwrap_or(0);
            if head.starts_with("GET") {
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                write(&mut stream, size).await;
            } else {
                read(&mut stream, size).await;
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                    .await
                    .unwrap();
            }
        });
    }
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

async fn write(stream: &mut TcpStream, size: usize) {
    let chunk = vec![b'x'; CHUNK];
    for _ in 0..size / CHUNK {
        stream.write_all(&chunk).await.unwrap();
    }
}

/// Reads slowly, so that whoever buffers has to show it.
async fn read(stream: &mut TcpStream, size: usize) {
    let mut chunk = vec![0; CHUNK];
    for _ in 0..size / CHUNK {
        stream.read_exact(&mut chunk).await.unwrap();
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

async fn request(gateway: SocketAddr, method: &'static str, size: usize) {
    let mut stream = TcpStream::connect(gateway).await.unwrap();
    let length = if method == "POST" { size } else { 0 };
    let request = format!(
        "{method} /v2.1/{size} HTTP/1.1\r\nHost: x\r\nX-User-Id: a\r\nX-Project-Id: b\r\n\
         X-Roles: role1\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    write(&mut stream, length).await;
    let head = head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    if method == "GET" {
        read(&mut stream, size).await;
    }
}

#[tokio::main]
async fn main() {
    // `cargo test --benches` only sees whether it runs; there is nothing to time.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (gateway, address) = Gateway::start(listener.local_addr().unwrap());
    tokio::spawn(upstream(listener));
    println!("started: {} KiB", gateway.peak());
    for method in ["GET", "POST"] {
        for megabytes in [1, 10, 40] {
            let mut all = JoinSet::new();
            for _ in 0..AT_ONCE {
                all.spawn(request(address, method, megabytes * MEGABYTE));
            }
            all.join_all().await;
            println!(
                "{AT_ONCE} x {method} of {megabytes} MB: peak {} KiB",
                gateway.peak()
            );
        }
    }
}
