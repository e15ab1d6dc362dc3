//! One connection, made when it is needed and again after it failed.

use std::{mem, time::Duration};

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::{sync::Mutex, time::timeout};

use crate::server_lock::LockError;

/// The connections that are made one after the other.
pub(super) struct Sessions {
    options: PgConnectOptions,
    current: Mutex<Current>,
}

#[derive(Default)]
struct Current {
    session: Option<Session>,
    /// How many there have been.
    count: u64,
}

/// A connection. What it has locked ends with it.
pub(super) struct Session {
    pub(super) connection: PgConnection,
    pub(super) number: u64,
}

impl Sessions {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        // A machine that is gone must not keep its turns for the hours that TCP would wait.
        let options = options.options([
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
        ]);
        Self {
            options: options.application_name("wafflehaus lock"),
            current: Mutex::default(),
        }
    }

    /// Does something with the connection, alone. After a failure, or when this is dropped before
    /// it is over, nobody knows what has been done: then the connection ends.
    pub(super) async fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, LockError>,
    ) -> Result<T, LockError> {
        let working = async {
            let mut current = self.current.lock().await;
            let living = match mem::take(&mut current.session) {
                Some(session) => session.living().await,
                None => None,
            };
            let mut session = match living {
                Some(session) => session,
                None => {
                    current.count += 1;
                    Session::open(&self.options, current.count).await?
                }
            };
            let done = work(&mut session).await?;
            current.session = Some(session);
            Ok(done)
        };
        let done = timeout(ANSWER, working).await;
        done.unwrap_or_else(|elapsed| Err(LockError::unavailable(elapsed)))
    }

    /// Ends the connection with this number, if it has not ended yet.
    pub(super) async fn end(&self, number: u64) {
        let session = &mut self.current.lock().await.session;
        session.take_if(|session| session.number == number);
    }
}

impl Session {
    /// The session, if its connection has not been lost while it was idle.
    async fn living(mut self) -> Option<Self> {
        self.connection.ping().await.is_ok().then_some(self)
    }

    async fn open(options: &PgConnectOptions, number: u64) -> Result<Self, LockError> {
        let mut connection = PgConnection::connect_with(options).await?;
        // A role that may not create tables is refused even if the table is there.
        let there: bool =
            sqlx::query_scalar("SELECT to_regclass('wafflehaus_uncertain') IS NOT NULL")
                .fetch_one(&mut connection)
                .await?;
        if !there {
            sqlx::raw_sql(TABLE).execute(&mut connection).await?;
        }
        Ok(Self { connection, number })
    }
}

/// For which the database is waited, at each step.
const ANSWER: Duration = Duration::from_secs(5);

// One transaction. Two gateways that start at once would both find the table missing.
const TABLE: &str = "SELECT pg_advisory_xact_lock(hashtextextended('wafflehaus tables', 0)); \
     CREATE TABLE IF NOT EXISTS wafflehaus_uncertain ( \
         id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
         server UUID NOT NULL, \
         network UUID NOT NULL, \
         ports INTEGER NOT NULL, \
         port UUID, \
         trunk_networks UUID[] NOT NULL, \
         lapses_on TIMESTAMPTZ NOT NULL \
     ); \
     CREATE INDEX IF NOT EXISTS wafflehaus_uncertain_server ON wafflehaus_uncertain (server);";
