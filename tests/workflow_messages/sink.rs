//! A mail server on 127.0.0.1 that keeps what it takes, and answers as a test says.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What the server does at a point of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Closes the connection.
    Cut,
    /// Goes on as servers do.
    Go,
    /// Says this instead.
    Say(&'static str),
    /// Says nothing more.
    Stall,
}

/// How connections are protected.
#[derive(Clone)]
pub(crate) enum Tls {
    None,
    Starttls(TlsAcceptor),
    Wrapped(TlsAcceptor),
}

/// A mail that was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: String,
    /// The decoded words of a login.
    pub(crate) login: Option<String>,
    pub(crate) encrypted: bool,
    /// Which connection it came by.
    pub(crate) connection: usize,
}

type Script = Box<dyn Fn(&str, usize) -> Reply + Send + Sync>;

/// The server.
pub(crate) struct Sink {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    tls: Tls,
    /// Whether a login is needed.
    login: bool,
    script: Script,
    mails: Mutex<Vec<Received>>,
    steps: Mutex<Vec<String>>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Sink {
    /// Takes every mail in the clear.
    pub(crate) async fn start() -> Self {
        Self::with(Tls::None, false, |_, _| Reply::Go).await
    }

    /// Asks `script` at each step (`connect`, `EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `end` and the
    /// like) what to do at this one of its kind, from 1.
    pub(crate) async fn with(
        tls: Tls,
        login: bool,
        script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            tls,
            login,
            script: Box::new(script),
            mails: Mutex::default(),
            steps: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            for number in 1.. {
                let (stream, _) = listener.accept().await.unwrap();
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let encrypted = matches!(state.tls, Tls::Wrapped(_));
                    let stream: Box<dyn Stream> = match &state.tls {
                        Tls::Wrapped(acceptor) => match acceptor.accept(stream).await {
                            Ok(stream) => Box::new(stream),
                            Err(_) => return,
                        },
                        _ => Box::new(stream),
                    };
                    let mut talk = Talk {
                        state,
                        stream: BufReader::new(stream),
                        mail: Received {
                            encrypted,
                            connection: number,
                            ..Received::default()
                        },
                        said: false,
                    };
                    talk.run().await;
                });
            }
        });
        Self { address, state }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The mails so far.
    pub(crate) fn mails(&self) -> Vec<Received> {
        self.state.mails.lock().unwrap().clone()
    }

    /// The only mail so far.
    pub(crate) fn only(&self) -> Received {
        let mails = self.mails();
        assert_eq!(mails.len(), 1, "{mails:#?}");
        mails[0].clone()
    }

    /// How often a step was taken.
    pub(crate) fn count(&self, step: &str) -> usize {
        let steps = self.state.steps.lock().unwrap();
        steps.iter().filter(|it| *it == step).count()
    }
}

/// A conversation.
struct Talk {
    state: Arc<State>,
    stream: BufReader<Box<dyn Stream>>,
    mail: Received,
    /// Whether the last step was answered in the script's words.
    said: bool,
}

impl Talk {
    async fn run(&mut self) {
        if !self.at("connect", "220 sink ESMTP").await {
            return;
        }
        while let Some(line) = self.line().await {
            let verb = line.split(' ').next().unwrap().to_uppercase();
            let goes_on = match verb.as_str() {
                "EHLO" => self.greet().await,
                "STARTTLS" => self.upgrade().await,
                "AUTH" => self.log_in(&line).await,
                "MAIL" => {
                    self.mail.from = path(&line);
                    self.mail.to.clear();
                    self.at("MAIL", "250 2.1.0 ok").await
                }
                "RCPT" => {
                    self.mail.to.push(path(&line));
                    self.at("RCPT", "250 2.1.5 ok").await
                }
                "DATA" => self.data().await,
                "QUIT" => {
                    self.at("QUIT", "221 bye").await;
                    false
                }
                _ => self.at(&verb, "250 ok").await,
            };
            if !goes_on {
                return;
            }
        }
    }

    async fn greet(&mut self) -> bool {
        let starttls = matches!(self.state.tls, Tls::Starttls(_)) && !self.mail.encrypted;
        let mut lines = vec!["250-sink", "250-8BITMIME"];
        lines.extend(starttls.then_some("250-STARTTLS"));
        lines.extend((self.state.login && !starttls).then_some("250-AUTH PLAIN LOGIN"));
        lines.push("250 ENHANCEDSTATUSCODES");
        self.at("EHLO", &lines.join("\r\n")).await
    }

    async fn upgrade(&mut self) -> bool {
        let Tls::Starttls(acceptor) = self.state.tls.clone() else {
            return self.at("STARTTLS", "502 no").await;
        };
        if !self.at("STARTTLS", "220 go").await {
            return false;
        }
        let (nothing, _) = tokio::io::duplex(1);
        let plain = std::mem::replace(&mut self.stream, BufReader::new(Box::new(nothing)));
        let Ok(stream) = acceptor.accept(plain.into_inner()).await else {
            return false;
        };
        self.stream = BufReader::new(Box::new(stream));
        self.mail.encrypted = true;
        true
    }

    async fn log_in(&mut self, line: &str) -> bool {
        let words = line.split(' ').next_back().unwrap();
        self.mail.login = Some(words.to_owned());
        self.at("AUTH", "235 2.7.0 welcome").await
    }

    async fn data(&mut self) -> bool {
        if self.state.login && self.mail.login.is_none() {
            return self.at("DATA", "530 5.7.0 log in first").await;
        }
        if !self.at("DATA", "354 go on").await {
            return false;
        }
        if self.said {
            return true;
        }
        let mut data = String::new();
        while let Some(line) = self.line().await {
            if line == "." {
                break;
            }
            let line = line.strip_prefix('.').unwrap_or(&line);
            data.push_str(line);
            data.push('\n');
        }
        self.mail.data = data;
        let reply = (self.state.script)("end", self.count("end") + 1);
        // A server that says no afterwards has not taken it; one that vanishes has.
        if !matches!(reply, Reply::Say(_)) {
            self.state.mails.lock().unwrap().push(self.mail.clone());
        }
        self.at("end", "250 2.0.0 taken").await
    }

    fn count(&self, step: &str) -> usize {
        let steps = self.state.steps.lock().unwrap();
        steps.iter().filter(|it| *it == step).count()
    }

    /// Takes a step, and says whether the conversation goes on.
    async fn at(&mut self, step: &str, ordinary: &str) -> bool {
        let number = self.count(step) + 1;
        self.state.steps.lock().unwrap().push(step.to_owned());
        let reply = (self.state.script)(step, number);
        self.said = matches!(reply, Reply::Say(_));
        let text = match reply {
            Reply::Cut => return false,
            Reply::Go => ordinary,
            Reply::Say(text) => text,
            Reply::Stall => std::future::pending().await,
        };
        self.stream
            .write_all(format!("{text}\r\n").as_bytes())
            .await
            .is_ok()
            && self.stream.flush().await.is_ok()
    }

    /// A line without its end, which is CR LF: anything else is the mail's own.
    async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        loop {
            let read = self.stream.read_until(b'\n', &mut line).await.ok()?;
            if read == 0 {
                return None;
            }
            if line.ends_with(b"\r\n") {
                line.truncate(line.len() - 2);
                return Some(String::from_utf8(line).unwrap());
            }
        }
    }
}

fn path(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap();
    rest.rsplit_once('>').unwrap().0.to_owned()
}

impl Received {
    /// The value of a header, unfolded.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let found = self.headers().into_iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value)
    }

    /// All headers in their order.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let (head, _) = self.data.split_once("\n\n").unwrap();
        let head = head.replace("\n ", " ").replace("\n\t", " ");
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim().to_owned())
        };
        head.lines().map(header).collect()
    }

    /// The decoded text of the part of this kind.
    pub(crate) fn part(&self, kind: &str) -> String {
        let start = format!("Content-Type: {kind}");
        let (_, part) = self.data.split_once(&start).unwrap();
        let (_, body) = part.split_once("\n\n").unwrap();
        let body = match self
            .header("Content-Type")
            .unwrap()
            .split_once("boundary=\"")
        {
            Some((_, boundary)) => {
                let boundary = format!("\n--{}", boundary.split('"').next().unwrap());
                body.split_once(&boundary).unwrap().0.to_owned()
            }
            None => body.to_owned(),
        };
        decoded(&body)
    }

    pub(crate) fn text(&self) -> String {
        self.part("text/plain")
    }
}

/// Quoted-printable, decoded.
fn decoded(text: &str) -> String {
    let text = text.replace("=\n", "");
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}
