//! Speaking to the mail server.
//!
//! 1. A connection is kept for a while after a mail was taken, for the next one. It belongs to
//!    whoever sends by it: if a mail takes too long or its sender is stopped, it is closed. A
//!    connection on which an answer is still to come would give that answer to the next mail.
//! 2. What the server says to a mail for good (5xx) does not pass. All else may: no answer, an
//!    answer for now (4xx), and whatever goes wrong before the mail, a login included.
//! 3. Of what the server says the codes are kept and no text: servers quote what they refuse, and
//!    that may be a link with a token.

mod hand_over;
mod settings;

use std::{
    error::Error as _,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::AsyncSmtpConnection,
    },
};
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, timeout};

use hand_over::hand_over;
pub(super) use settings::Server;
use settings::Tls;

use crate::workflow::ActionError;

pub(super) struct Smtp {
    server: Server,
    idle: Mutex<Option<Idle>>,
}

/// A connection that waits for a mail.
struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Smtp {
    pub(super) fn new(server: Server) -> Self {
        Self {
            server,
            idle: Mutex::default(),
        }
    }

    /// Sends a mail: the server has it, or there is an error.
    pub(super) async fn send(&self, mail: &Message) -> Result<(), ActionError> {
        let late = |_| Err(ActionError::retry("the mail server takes too long"));
        let sent = timeout(self.server.timeout, self.exchange(mail));
        sent.await.unwrap_or_else(late)
    }

    async fn exchange(&self, mail: &Message) -> Result<(), ActionError> {
        let mut connection = match self.reuse().await {
            Some(connection) => connection,
            None => self.connect().await.map_err(|it| unavailable(&it))?,
        };
        let sent = hand_over(&mut connection, mail).await;
        sent.map_err(|it| refused(&it))?;
        *self.slot() = Some(Idle {
            connection,
            since: Instant::now(),
        });
        Ok(())
    }

    async fn reuse(&self) -> Option<AsyncSmtpConnection> {
        let idle = self.slot().take();
        let mut idle = idle.filter(|it| it.since.elapsed() < LONGEST_IDLE)?;
        let alive = idle.connection.test_connected().await;
        alive.then_some(idle.connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let server = &self.server;
        let wrapped = match &server.tls {
            Tls::Wrapped(parameters) => Some(parameters.clone()),
            Tls::None | Tls::Starttls(_) => None,
        };
        let place = (server.host.as_str(), server.port);
        let connected =
            AsyncSmtpConnection::connect_tokio1(place, None, &server.hello, wrapped, None);
        let mut connection = connected.await?;
        if let Tls::Starttls(parameters) = &server.tls {
            let upgraded = connection.starttls(parameters.clone(), &server.hello);
            upgraded.await?;
        }
        if let Some((name, password)) = &server.login {
            let password = password.expose_secret().to_owned();
            let credentials = Credentials::new(name.clone(), password);
            connection.auth(&MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the server did not take a mail.
fn refused(error: &Error) -> ActionError {
    if error.is_permanent() {
        return ActionError::fatal(answer(error));
    }
    unavailable(error)
}

/// Why there was nobody to take it.
fn unavailable(error: &Error) -> ActionError {
    if error.status().is_some() {
        return ActionError::retry(answer(error));
    }
    if error.is_response() {
        return ActionError::retry("the mail server's answer cannot be read");
    }
    ActionError::retry(format!("no mail server: {error}"))
}

/// The codes of an answer: `550 5.1.1`.
fn answer(error: &Error) -> String {
    let code = error.status().map(|it| it.to_string()).unwrap_or_default();
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let enhanced = text.split_whitespace().next().filter(|it| is_enhanced(it));
    let codes = [code.as_str()].into_iter().chain(enhanced);
    let codes: Vec<_> = codes.collect();
    format!("the mail server answers {}", codes.join(" "))
}

/// Three short numbers with full stops between them, as RFC 3463 has it.
fn is_enhanced(word: &str) -> bool {
    let short = |it: &str| (1..=3).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    word.split('.').count() == 3 && word.split('.').all(short)
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.server.host)
            .field("port", &self.server.port)
            .finish_non_exhaustive()
    }
}

/// The password goes over TLS, or not further than this machine.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
/// Shorter than servers wait for a command.
const LONGEST_IDLE: Duration = Duration::from_secs(30);
