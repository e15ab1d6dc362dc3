//! Bodies pass as they come, whatever their size.

use super::common::{OK, Wire, pair, soon};

#[tokio::test]
async fn an_upload_arrives_piece_by_piece() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send("POST / HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    let mut nova = Wire::accept(&upstream).await;
    assert_eq!(
        nova.head().await.1,
        [
            "connection: close",
            "host: api",
            "transfer-encoding: chunked"
        ]
    );
    // Each piece is only sent when the one before has arrived.
    for piece in ["3\r\none\r\n", "3\r\ntwo\r\n", "0\r\n\r\n"] {
        client.send(piece).await;
        assert_eq!(nova.until(piece).await, piece);
    }
    nova.send(OK).await;
    assert_eq!(client.head().await.0, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_download_arrives_piece_by_piece() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client.send("GET / HTTP/1.1\r\nHost: api\r\n\r\n").await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    client.head().await;
    for piece in ["3\r\none\r\n", "3\r\ntwo\r\n", "0\r\n\r\n"] {
        nova.send(piece).await;
        assert_eq!(client.until(piece).await, piece);
    }
}

#[tokio::test]
async fn an_answer_may_come_before_the_request_has_ended() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client
        .send("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 100\r\n\r\nx")
        .await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert_eq!(client.head().await.0, "HTTP/1.1 413 Payload Too Large");
}

#[tokio::test]
async fn ten_megabytes_pass_in_both_directions() {
    const LENGTH: usize = 10 << 20;
    let (upstream, gateway) = pair().await;
    let body: Vec<u8> = (0..=255).cycle().take(LENGTH).collect();
    let expected = body.clone();
    let nova = tokio::spawn(async move {
        let mut nova = Wire::accept(&upstream).await;
        let (_, headers) = nova.head().await;
        assert_eq!(
            headers,
            [format!("content-length: {LENGTH}"), "host: api".to_owned()]
        );
        let received = nova.exactly(LENGTH).await;
        nova.send(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n"
        ))
        .await;
        nova.send(&received).await;
    });
    let mut client = Wire::connect(gateway.address).await;
    client
        .send(format!(
            "POST / HTTP/1.1\r\nHost: api\r\nContent-Length: {LENGTH}\r\n\r\n"
        ))
        .await;
    client.send(&body).await;
    assert_eq!(client.head().await.0, "HTTP/1.1 200 OK");
    assert!(client.exactly(LENGTH).await == expected);
    soon(nova).await.unwrap();
}

#[tokio::test]
async fn a_client_that_reads_slowly_holds_nova_back() {
    let (upstream, gateway) = pair().await;
    let mut client = Wire::connect(gateway.address).await;
    client.send("GET / HTTP/1.1\r\nHost: api\r\n\r\n").await;
    let mut nova = Wire::accept(&upstream).await;
    nova.head().await;
    nova.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        .await;
    client.head().await;
    // Were the body buffered, all of a gigabyte could be written.
    let block = vec![0; 1 << 20];
    let mut written = 0;
    loop {
        let write = tokio::io::AsyncWriteExt::write(&mut nova.stream, &block);
        match tokio::time::timeout(std::time::Duration::from_millis(500), write).await {
            Ok(count) => written += count.unwrap(),
            Err(_) => break,
        }
        assert!(written < 200 << 20, "it is buffered");
    }
}
