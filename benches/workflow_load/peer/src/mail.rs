//! A mail server that hands each mail to whoever waits for it.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
};

pub struct Mail {
    /// The envelope's sender.
    pub from: String,
    pub text: String,
}

/// Who waits, by address.
#[derive(Clone, Default)]
pub struct Letterboxes(Arc<Mutex<HashMap<String, UnboundedSender<Mail>>>>);

impl Letterboxes {
    pub fn open(&self, address: &str) -> UnboundedReceiver<Mail> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut boxes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        boxes.insert(address.to_owned(), sender);
        receiver
    }

    fn put(&self, address: &str, mail: Mail) {
        let boxes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = boxes.get(address) {
            // Who waits no more has told why.
            drop(sender.send(mail));
        }
    }
}

pub async fn run(listen: SocketAddr, boxes: Letterboxes) -> Result<(), crate::Fault> {
    crate::accept(listen, |stream| {
        let boxes = boxes.clone();
        async move {
            // A connection that fails is its client's to complain of.
            let _ended = serve(stream, &boxes).await;
        }
    })
    .await
}

async fn serve(mut stream: TcpStream, boxes: &Letterboxes) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut lines = BufReader::new(reader).lines();
    let (mut from, mut to) = (String::new(), String::new());
    writer.write_all(b"220 letterboxes\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let command: String = line.chars().take(4).flat_map(char::to_uppercase).collect();
        let answer: &[u8] = match command.as_str() {
            "MAIL" => {
                from = address(&line);
                b"250 so be it\r\n"
            }
            "RCPT" => {
                to = address(&line);
                b"250 so be it\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await?
                    && line != "."
                {
                    // The end of a line that quoted-printable has broken is none.
                    match line.strip_suffix('=') {
                        Some(begin) => text.push_str(begin),
                        None => text.extend([&line, "\n"]),
                    }
                }
                let from = from.clone();
                boxes.put(&to, Mail { from, text });
                b"250 taken\r\n"
            }
            "QUIT" => {
                writer.write_all(b"221 goodbye\r\n").await?;
                return Ok(());
            }
            _ => b"250 letterboxes\r\n",
        };
        writer.write_all(answer).await?;
    }
    Ok(())
}

/// What stands in angle brackets.
fn address(line: &str) -> String {
    let inner = line.split_once('<').and_then(|it| it.1.split_once('>'));
    inner.map_or("", |it| it.0).to_owned()
}
