//! One file.

/// What is SQLite's own.
mod dialect {
    pub(super) type Db = sqlx::Sqlite;

    // A transaction that reads before it writes would fail if somebody else wrote in between.
    pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

    // There is one writer at a time, so no row can be locked.
    pub(super) const CLAIM: &str = "UPDATE job SET owner = $1, due_on = $2, attempt = attempt + 1 \
         WHERE id = (SELECT id FROM job WHERE dead_on IS NULL AND due_on <= $3 \
         ORDER BY due_on, id LIMIT 1) \
         RETURNING id, task_id, kind, subject, sealed, due_on, attempt, \
         dead_on IS NOT NULL AS dead";

    // Nobody else writes while a statement does.
    pub(super) const BEGIN_STEP: &str = "INSERT INTO step (task_id, place, stage, name, begun_on) \
         SELECT $1, $2, $3, $4, $8 FROM job WHERE id = $5 AND owner = $6 AND attempt = $7 \
         ON CONFLICT DO NOTHING";

    pub(super) const FINISH_STEP: &str = "UPDATE step SET done_on = $8, result = $9 \
         WHERE task_id = $1 AND place = $2 AND stage = $3 AND name = $4 AND done_on IS NULL \
         AND EXISTS (SELECT 1 FROM job WHERE id = $5 AND owner = $6 AND attempt = $7)";

    // Other processes have to look.
    pub(super) const TELL_OF_WORK: &str = "";

    pub(super) const BYTEWISE: &str = " COLLATE BINARY";
    pub(super) const DAY: &str = "CAST(strftime('%d', {} / 1000000, 'unixepoch') AS INTEGER)";
    pub(super) const FIND: &str = "instr";
    pub(super) const JSON: &str = "";
    pub(super) const MATCHES: &str = " REGEXP ";
    pub(super) const MONTH: &str = "CAST(strftime('%m', {} / 1000000, 'unixepoch') AS INTEGER)";
    pub(super) const TIME_TEXT: &str = "(strftime('%Y-%m-%d %H:%M:%S', {} / 1000000, 'unixepoch') \
         || printf('.%06d', {} % 1000000))";
}

// One body for both databases: the statements are the same, but sqlx has a type for each.
#[path = "sql/mod.rs"]
mod sql;

use std::{path::Path, sync::Arc, time::Duration};

pub use sql::SqlStore as SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::StoreError;

impl SqliteStore {
    /// Opens a file, which is made if it is not there, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] for a file that cannot be opened, is no database, or is one of a
    /// later version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Anything less can lose what was written last when the machine stops: an intent, and
            // with it the knowledge that its effect may be there.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            // SQLite itself has none for `REGEXP`.
            .with_regexp();
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections);
        // Writers of one process wait for each other here, which is fair; SQLite's own way is not.
        let writer = pool(1).connect_with(options.clone()).await;
        let writer = writer.map_err(StoreError::unusable)?;
        // sqlx locks a server for this, but not a file: two would make the same tables.
        let mut alone = writer.begin_with(dialect::BEGIN).await?;
        let migrated = sql::migrate(&mut alone, MIGRATIONS).await?;
        alone.commit().await?;
        let reader = pool(READERS).connect_with(options.read_only(true)).await;
        let pools = (writer, reader.map_err(StoreError::unusable)?);
        Ok(Self::of(pools, Arc::default(), None, migrated))
    }
}

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/sqlite/0001_tasks.sql"),
    include_str!("../../../migrations/sqlite/0002_search.sql"),
    include_str!("../../../migrations/sqlite/0003_purge.sql"),
];
const BUSY: Duration = Duration::from_secs(30);
const READERS: u32 = 4;
