//! A server, for processes on several machines.

/// What is PostgreSQL's own.
mod dialect {
    pub(super) type Db = sqlx::Postgres;

    pub(super) const BEGIN: &str = "BEGIN";

    // A job that somebody is claiming is passed over, so claims do not wait for each other.
    pub(super) const CLAIM: &str = "UPDATE job SET owner = $1, due_on = $2, attempt = attempt + 1 \
         WHERE id = (SELECT id FROM job WHERE dead_on IS NULL AND due_on <= $3 \
         ORDER BY due_on, id LIMIT 1 FOR UPDATE SKIP LOCKED) \
         RETURNING id, task_id, kind, subject, sealed, due_on, attempt, \
         dead_on IS NOT NULL AS dead";

    // A job that is locked is not claimed, dropped or settled before the statement is done.
    pub(super) const BEGIN_STEP: &str = "INSERT INTO step (task_id, place, stage, name, begun_on) \
         SELECT $1, $2, $3, $4, $8 FROM job WHERE id = $5 AND owner = $6 AND attempt = $7 FOR UPDATE \
         ON CONFLICT DO NOTHING";

    pub(super) const FINISH_STEP: &str = "UPDATE step SET done_on = $8, result = $9 \
         WHERE task_id = $1 AND place = $2 AND stage = $3 AND name = $4 AND done_on IS NULL \
         AND EXISTS (SELECT 1 FROM job WHERE id = $5 AND owner = $6 AND attempt = $7 FOR UPDATE)";

    // Told when the transaction is committed, and only then.
    pub(super) const TELL_OF_WORK: &str = " RETURNING pg_notify('wafflehaus_work', '')";

    pub(super) const BYTEWISE: &str = " COLLATE \"C\"";
    pub(super) const DAY: &str = "EXTRACT(DAY FROM to_timestamp({} / 1000000) AT TIME ZONE 'UTC')";
    pub(super) const FIND: &str = "strpos";
    pub(super) const JSON: &str = "::json";
    pub(super) const MATCHES: &str = " ~ ";
    pub(super) const MONTH: &str =
        "EXTRACT(MONTH FROM to_timestamp({} / 1000000) AT TIME ZONE 'UTC')";
    pub(super) const TIME_TEXT: &str = "(to_char(to_timestamp({} / 1000000) AT TIME ZONE 'UTC', \
         'YYYY-MM-DD HH24:MI:SS.') || lpad(({} % 1000000)::text, 6, '0'))";
}

// One body for both databases: the statements are the same, but sqlx has a type for each.
#[expect(
    clippy::duplicate_mod,
    reason = "the same body, made for another type of sqlx"
)]
#[path = "sql/mod.rs"]
mod sql;

use std::{sync::Arc, time::Duration};

pub use sql::SqlStore as PostgresStore;
use sqlx::{
    Connection as _,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::sync::Notify;

use super::StoreError;

impl PostgresStore {
    /// Connects to a database by its URL (`postgres://user:password@host/database`), with as many
    /// connections as are needed up to `connections`, and brings its tables up to date. One more
    /// connection listens for work.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] for a server that cannot be reached, and for a database of a later
    /// version.
    pub async fn connect(url: &str, connections: u32) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(connections.saturating_add(1))
            // A connection is tested each time that it is given back, so one that has only just
            // been is good, and there are several for each request.
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move {
                    if known.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect(url)
            .await
            .map_err(StoreError::unusable)?;
        let mut connection = pool.acquire().await.map_err(StoreError::unusable)?;
        let migrated = sql::migrate(&mut connection, MIGRATIONS).await?;
        drop(connection);
        let mut listener = PgListener::connect_with(&pool)
            .await
            .map_err(StoreError::unusable)?;
        let listening = listener.listen("wafflehaus_work").await;
        listening.map_err(StoreError::unusable)?;
        let hint = Arc::new(Notify::new());
        let listener = tokio::spawn(listen(listener, Arc::clone(&hint)));
        let pools = (pool.clone(), pool);
        Ok(Self::of(pools, hint, Some(listener), migrated))
    }
}

/// Passes on that there is work. It is a hint: what is missed while the connection is down is
/// found by looking.
async fn listen(mut listener: PgListener, hint: Arc<Notify>) {
    loop {
        match listener.recv().await {
            Ok(_) => hint.notify_one(),
            Err(_) => tokio::time::sleep(RECONNECT).await,
        }
    }
}

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/postgres/0001_tasks.sql"),
    include_str!("../../../migrations/postgres/0002_search.sql"),
    include_str!("../../../migrations/postgres/0003_purge.sql"),
];
/// For how long a connection that was good is taken to be.
const FRESH: Duration = Duration::from_secs(1);
const RECONNECT: Duration = Duration::from_secs(1);
