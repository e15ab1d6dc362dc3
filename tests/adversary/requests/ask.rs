//! Sending bytes, and reading what comes back.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Writes bytes to a connection, and reads what comes back until it ends; nothing if that takes
/// longer than this.
pub(crate) async fn ask(patience: Duration, address: SocketAddr, bytes: &[u8]) -> Option<String> {
    let asking = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut answer = Vec::new();
        // The other side may refuse early and close; then its answer is what counts.
        if stream.write_all(bytes).await.is_ok() {
            stream.read_to_end(&mut answer).await.unwrap_or_default();
        }
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::time::timeout(patience, asking).await.ok()
}

/// The status of the first answer that is final; 0 if there is none.
pub(crate) fn status(answer: &str) -> u16 {
    let answer = answer
        .strip_prefix("HTTP/1.1 100 Continue\r\n\r\n")
        .unwrap_or(answer);
    let status = answer.strip_prefix("HTTP/1.1 ");
    let status = status.and_then(|rest| rest.get(..3)?.parse().ok());
    status.unwrap_or(0)
}
