//! Requests at a fixed rate, whatever becomes of those before, and how long the answers took from
//! the moment each was due. So a proxy that stalls is charged for all that waited.

use std::{error::Error, fs, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at},
};

const CONNECTIONS: u32 = 32;

/// `request` is a file with the bytes of one request. Prints the 50th, 99th and 99.9th of 100
/// parts of the times, and the longest, in µs.
pub async fn run(
    proxy: SocketAddr,
    request: &str,
    rate: u32,
    seconds: u32,
) -> Result<(), Box<dyn Error>> {
    let request = fs::read(request)?;
    let period = Duration::from_secs(1) * CONNECTIONS / rate;
    let each = rate * seconds / CONNECTIONS;
    let begin = Instant::now() + Duration::from_millis(200);
    let mut connections = JoinSet::new();
    for number in 0..CONNECTIONS {
        let first = begin + period * number / CONNECTIONS;
        connections.spawn(connection(proxy, request.clone(), first, period, each));
    }
    let mut times = Vec::new();
    while let Some(ended) = connections.join_next().await {
        times.extend(ended?.map_err(|error| format!("a connection failed: {error}"))?);
    }
    times.sort_unstable();
    let part = |part: usize| {
        times
            .get(times.len() * part / 1000)
            .map_or(0, Duration::as_micros)
    };
    let longest = times.last().map_or(0, Duration::as_micros);
    println!("{} {} {} {longest}", part(500), part(990), part(999));
    Ok(())
}

async fn connection(
    proxy: SocketAddr,
    request: Vec<u8>,
    first: Instant,
    period: Duration,
    count: u32,
) -> std::io::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(proxy).await?;
    stream.set_nodelay(true)?;
    let mut due = interval_at(first, period);
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut times = Vec::new();
    for _ in 0..count {
        let at = due.tick().await;
        stream.write_all(&request).await?;
        answer(&mut stream).await?;
        times.push(at.elapsed());
    }
    Ok(times)
}

/// Reads one answer with a length.
async fn answer(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut read = Vec::with_capacity(4096);
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        if !head.starts_with("http/1.1 202 ") {
            return Err(std::io::Error::other(head.to_owned()));
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if length.and_then(|length| length.parse().ok()) == Some(body.len()) {
            return Ok(());
        }
    }
}
