//! Turns among several gateways that have a PostgreSQL in common.

mod session;

use std::{fmt, sync::Arc, time::Duration};

use sqlx::{ConnectOptions as _, PgConnection, postgres::PgConnectOptions};
use tokio::{
    runtime::Handle,
    time::{Instant, sleep},
};

use self::session::{Session, Sessions};
use super::{
    Held, LockError, LockFuture, LockLimits, ServerLock, Uncertain,
    queue::{Place, Queue},
};
use crate::nova::{NetworkId, Port, PortId, ServerId};

/// A lock for all the gateways that use the same database. Clones are the same lock.
///
/// 1. A turn is an advisory lock, which PostgreSQL takes back when the connection ends; doubts
///    are in the table `wafflehaus_uncertain`, which is made if it is missing, and go by the
///    database's clock.
/// 2. All turns of one gateway share one connection. Within the gateway they are handed on in
///    order; for the turn of another one it asks again every 50 ms.
/// 3. A request goes on only after its doubt is written, over the connection that has the turn.
///    If the connection or the gateway is lost after that, the doubt stays: for five minutes and
///    [`uncertain_for`](LockLimits::uncertain_for), since nobody knows when Nova was done.
/// 4. A database that cannot be reached, or does not answer within 5 s, is
///    [`LockError::Unavailable`]. It is connected to when a turn is first needed, and again when
///    the connection is lost. A turn that is lost with it before the request goes on refuses.
///
/// The role needs to be able to create the table, or to read and write it. A pooler in front of
/// the database must not share connections between transactions: advisory locks are the
/// connection's.
#[derive(Clone)]
pub struct PostgresLock {
    limits: LockLimits,
    queue: Arc<Queue>,
    sessions: Arc<Sessions>,
}

/// A text that is not the URL of a PostgreSQL database. It may have a password in it, so it is
/// not told.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not the URL of a PostgreSQL database")]
#[non_exhaustive]
pub struct InvalidDatabase;

impl PostgresLock {
    /// A lock in the database with this URL, `postgresql://user:password@host/database`. Nothing
    /// is connected to yet.
    ///
    /// # Errors
    ///
    /// [`InvalidDatabase`] if it is not a URL, or has options that are not known.
    pub fn new(url: &str, limits: LockLimits) -> Result<Self, InvalidDatabase> {
        if !is_url(url) {
            return Err(InvalidDatabase);
        }
        let options: PgConnectOptions = url.parse().map_err(|_| InvalidDatabase)?;
        Ok(Self {
            limits,
            queue: Queue::new(limits),
            sessions: Arc::new(Sessions::new(options.disable_statement_logging())),
        })
    }

    async fn turn(&self, server: ServerId) -> Result<Box<dyn Held>, LockError> {
        let latest = Instant::now() + self.limits.wait;
        let place = self.queue.front(server, latest).await?;
        loop {
            let asked = self.sessions.run(async |session| {
                let taken = take(&mut session.connection, server).await?;
                Ok(taken.map(|uncertain| (uncertain, session.number)))
            });
            if let Some((uncertain, session)) = asked.await? {
                return Ok(Box::new(Turn {
                    uncertain,
                    release: Some(Release {
                        sessions: Arc::clone(&self.sessions),
                        session,
                        server,
                        doubts: Vec::new(),
                        settled: false,
                        uncertain_for: self.limits.uncertain_for,
                        _place: place,
                    }),
                }));
            }
            if latest.saturating_duration_since(Instant::now()) < ASK_AGAIN {
                return Err(LockError::Busy);
            }
            sleep(ASK_AGAIN).await;
        }
    }
}

impl ServerLock for PostgresLock {
    fn acquire(&self, server: ServerId) -> LockFuture<'_, Box<dyn Held>> {
        Box::pin(self.turn(server))
    }
}

impl fmt::Debug for PostgresLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresLock")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The turn at a server with the doubts about it, if it is not another's.
async fn take(
    connection: &mut PgConnection,
    server: ServerId,
) -> Result<Option<Vec<Uncertain>>, LockError> {
    let server = server.to_string();
    let taken: bool = sqlx::query_scalar(TAKE)
        .bind(&server)
        .fetch_one(&mut *connection)
        .await?;
    if !taken {
        return Ok(None);
    }
    // A statement of its own: the one that waits its turn sees the table as it was before.
    let doubts: Vec<Row> = sqlx::query_as(DOUBTS)
        .bind(&server)
        .fetch_all(connection)
        .await?;
    let doubts = doubts
        .into_iter()
        .map(|row| doubt(row).map_err(LockError::Unavailable));
    doubts.collect::<Result<_, _>>().map(Some)
}

/// Network, number of ports, port, and the networks of its trunk.
type Row = (String, i32, Option<String>, Vec<String>);

fn doubt((network, ports, port, trunk): Row) -> Result<Uncertain, BoxError> {
    let network = network.parse()?;
    let trunk = trunk.iter().map(|network| network.parse());
    let trunk: Vec<NetworkId> = trunk.collect::<Result<_, _>>()?;
    let port: Option<PortId> = port.map(|id| id.parse()).transpose()?;
    let port = port.map(|id| Port::new(id, network).with_trunk_networks(trunk));
    Ok(Uncertain::new(network, usize::try_from(ports)?, port))
}

struct Turn {
    uncertain: Vec<Uncertain>,
    /// Taken when it is dropped.
    release: Option<Release>,
}

/// What is to be done at the end of a turn.
struct Release {
    sessions: Arc<Sessions>,
    /// The session that has the lock.
    session: u64,
    server: ServerId,
    /// The rows of the doubts.
    doubts: Vec<i64>,
    /// Whether they are none any more.
    settled: bool,
    uncertain_for: Duration,
    // Until all of that is done: the lock is the session's, which another turn shares.
    _place: Place,
}

impl Held for Turn {
    fn uncertain(&self) -> &[Uncertain] {
        &self.uncertain
    }

    fn begin(&mut self, uncertain: Uncertain) -> LockFuture<'_, ()> {
        Box::pin(async move {
            match &mut self.release {
                Some(release) => release.write(uncertain).await,
                // INVARIANT: it is there until the turn is dropped.
                None => Err(LockError::unavailable(Lost)),
            }
        })
    }

    fn settle(&mut self) {
        if let Some(release) = &mut self.release {
            release.settled = true;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let release = self.release.take();
        // Without a runtime the process is about to end, and the connection with it.
        if let (Some(release), Ok(runtime)) = (release, Handle::try_current()) {
            runtime.spawn(release.run());
        }
    }
}

impl Release {
    async fn write(&mut self, uncertain: Uncertain) -> Result<(), LockError> {
        let ports = i32::try_from(uncertain.ports).map_err(LockError::unavailable)?;
        let lapses = (IN_FLIGHT + self.uncertain_for).as_secs_f64();
        let (server, number) = (self.server.to_string(), self.session);
        let port = uncertain.port.as_ref();
        let trunk = port.into_iter().flat_map(|port| &port.trunk_networks);
        let trunk: Vec<_> = trunk.map(ToString::to_string).collect();
        let port = port.map(|port| port.id.to_string());
        let row = self.sessions.run(async |session| {
            if session.number != number {
                return Ok(None);
            }
            let row = sqlx::query_scalar(BEGIN)
                .bind(server)
                .bind(uncertain.network.to_string())
                .bind(ports)
                .bind(lapses)
                .bind(port)
                .bind(trunk)
                .fetch_one(&mut session.connection);
            Ok(Some(row.await?))
        });
        let row = row.await?.ok_or_else(|| LockError::unavailable(Lost))?;
        self.doubts.push(row);
        Ok(())
    }

    async fn run(self) {
        let done = self.sessions.run(async |session| self.end(session).await);
        if let Err(error) = done.await {
            tracing::warn!(%error, server = %self.server, "a turn's end could not be written down");
            // Or the turn would never end for other gateways.
            self.sessions.end(self.session).await;
        }
    }

    async fn end(&self, session: &mut Session) -> Result<(), LockError> {
        let connection = &mut session.connection;
        // First: the next turn has to see it.
        if !self.doubts.is_empty() {
            let end = if self.settled {
                sqlx::query(SETTLE).bind(&self.doubts)
            } else {
                let lapse = sqlx::query(LAPSE).bind(&self.doubts);
                lapse.bind(self.uncertain_for.as_secs_f64())
            };
            end.execute(&mut *connection).await?;
        }
        if session.number == self.session {
            let release = sqlx::query(RELEASE).bind(self.server.to_string());
            release.execute(connection).await?;
        }
        Ok(())
    }
}

/// The connection that had the turn has ended, and the turn with it.
#[derive(Debug, thiserror::Error)]
#[error("the connection that had the lock is lost")]
struct Lost;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl LockError {
    fn unavailable(cause: impl Into<BoxError>) -> Self {
        Self::Unavailable(cause.into())
    }
}

/// sqlx names hosts, users and databases in its errors, and no passwords.
impl From<sqlx::Error> for LockError {
    fn from(error: sqlx::Error) -> Self {
        Self::unavailable(error)
    }
}

fn is_url(text: &str) -> bool {
    ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

/// How often a gateway asks for a turn that another one has.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// Longer than any request is on its way to Nova and back.
const IN_FLIGHT: Duration = Duration::from_secs(300);

const TAKE: &str = "SELECT pg_try_advisory_lock(hashtextextended('wafflehaus server ' || $1, 0))";
const RELEASE: &str = "SELECT pg_advisory_unlock(hashtextextended('wafflehaus server ' || $1, 0))";
const DOUBTS: &str = "SELECT network::text, ports, port::text, trunk_networks::text[] \
     FROM wafflehaus_uncertain WHERE server = $1::uuid AND lapses_on > now()";
const BEGIN: &str = "WITH lapsed AS (DELETE FROM wafflehaus_uncertain WHERE lapses_on <= now()) \
     INSERT INTO wafflehaus_uncertain \
     (server, network, ports, lapses_on, port, trunk_networks) \
     VALUES ($1::uuid, $2::uuid, $3, now() + make_interval(secs => $4), $5::uuid, $6::uuid[]) \
     RETURNING id";
const SETTLE: &str = "DELETE FROM wafflehaus_uncertain WHERE id = ANY($1)";
const LAPSE: &str = "UPDATE wafflehaus_uncertain \
     SET lapses_on = now() + make_interval(secs => $2) WHERE id = ANY($1)";
