//! The store's body, which each of the two databases is given.

mod commit;
mod list;
mod queue;
mod read;
mod row;
mod search;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use sqlx::{
    Pool, SqlSafeStr as _, Transaction,
    migrate::{Migrate as _, MigrateError, Migration, MigrationType, Migrator},
};
use tokio::{sync::Notify, task::JoinHandle};

use super::dialect::{self, Db};
use crate::workflow::{
    Begun, Event, Job, Lease, Notification, NotificationId, Task, TaskId, Timestamp, Token, Trail,
    store::{
        ByJob, Change, Committed, Migrated, NotificationQuery, Page, StepKey, StepRecord, Store,
        StoreError, StoreFuture, TaskQuery,
    },
};

/// Tasks in a database. Clones share its connections.
#[derive(Clone)]
pub struct SqlStore {
    writer: Pool<Db>,
    reader: Pool<Db>,
    hint: Arc<Notify>,
    migrated: Migrated,
    _company: Arc<Company>,
}

type Row = <Db as sqlx::Database>::Row;

/// What runs as long as the store is there.
struct Company(Option<JoinHandle<()>>);

impl SqlStore {
    /// A store that `hint` tells of work, and that ends `company` with itself.
    pub(super) fn of(
        (writer, reader): (Pool<Db>, Pool<Db>),
        hint: Arc<Notify>,
        company: Option<JoinHandle<()>>,
        migrated: Migrated,
    ) -> Self {
        Self {
            writer,
            reader,
            hint,
            migrated,
            _company: Arc::new(Company(company)),
        }
    }

    /// How the tables were brought up to date.
    #[must_use]
    pub const fn migrated(&self) -> Migrated {
        self.migrated
    }

    async fn begin(&self) -> Result<Transaction<'static, Db>, StoreError> {
        Ok(self.writer.begin_with(dialect::BEGIN).await?)
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore").finish_non_exhaustive()
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Brings the tables up to date with these statements, the first of which has number 1. Nobody
/// else may do so meanwhile.
pub(super) async fn migrate(
    connection: &mut <Db as sqlx::Database>::Connection,
    statements: &[&'static str],
) -> Result<Migrated, StoreError> {
    let migrations = statements.iter().zip(1..).map(|(sql, number)| {
        let kind = MigrationType::Simple;
        Migration::new(number, "wafflehaus".into(), kind, sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    let done = async {
        // The migrator locks it once more; what it is locked for is the same.
        connection.lock().await?;
        connection
            .ensure_migrations_table(&migrator.table_name)
            .await?;
        let before = connection
            .list_applied_migrations(&migrator.table_name)
            .await?;
        // What `run` returns cannot be sent to another thread.
        migrator.run_direct(None, connection, false).await?;
        connection.unlock().await?;
        Ok::<_, MigrateError>(Migrated {
            from: before.len(),
            to: statements.len(),
        })
    };
    done.await.map_err(StoreError::unusable)
}

impl Store for SqlStore {
    fn commit<'a>(&'a self, changes: &'a [Change]) -> StoreFuture<'a, Committed> {
        Box::pin(self.write(changes))
    }

    fn task<'a>(&'a self, id: &'a TaskId) -> StoreFuture<'a, Option<Task>> {
        Box::pin(self.read_task(id))
    }

    fn open_task<'a>(&'a self, hash_key: &'a str) -> StoreFuture<'a, Option<TaskId>> {
        Box::pin(self.read_open_task(hash_key))
    }

    fn tasks<'a>(&'a self, query: &'a TaskQuery) -> StoreFuture<'a, Vec<Task>> {
        Box::pin(self.list_tasks(query))
    }

    fn over(&self, before: Timestamp, limit: u32) -> StoreFuture<'_, Vec<Task>> {
        Box::pin(self.list_over(before, limit))
    }

    fn trail<'a>(&'a self, task: &'a TaskId) -> StoreFuture<'a, Option<Trail>> {
        Box::pin(self.read_trail(task))
    }

    fn events<'a>(&'a self, task: &'a TaskId) -> StoreFuture<'a, Vec<Event>> {
        Box::pin(self.read_events(task))
    }

    fn steps<'a>(&'a self, task: &'a TaskId) -> StoreFuture<'a, Vec<StepRecord>> {
        Box::pin(self.read_steps(task))
    }

    fn token<'a>(&'a self, hash: &'a str) -> StoreFuture<'a, Option<Token>> {
        Box::pin(self.read_token(hash))
    }

    fn tokens<'a>(&'a self, page: &'a Page) -> StoreFuture<'a, Vec<Token>> {
        Box::pin(self.list_tokens(page))
    }

    fn remove_expired_tokens(&self, now: Timestamp) -> StoreFuture<'_, u64> {
        Box::pin(self.delete_expired_tokens(now))
    }

    fn notification<'a>(&'a self, id: &'a NotificationId) -> StoreFuture<'a, Option<Notification>> {
        Box::pin(self.read_notification(id))
    }

    fn notifications<'a>(
        &'a self,
        query: &'a NotificationQuery,
    ) -> StoreFuture<'a, Vec<Notification>> {
        Box::pin(self.list_notifications(query))
    }

    fn claim<'a>(
        &'a self,
        owner: &'a str,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreFuture<'a, Option<Job>> {
        Box::pin(self.claim_job(owner, now, until))
    }

    fn renew<'a>(&'a self, lease: &'a Lease, until: Timestamp) -> StoreFuture<'a, bool> {
        Box::pin(self.renew_lease(lease, until))
    }

    fn settle<'a>(
        &'a self,
        by: &'a ByJob,
        notification: Option<&'a Notification>,
    ) -> StoreFuture<'a, bool> {
        Box::pin(self.write_settled(by, notification))
    }

    fn jobs<'a>(&'a self, task: &'a TaskId) -> StoreFuture<'a, Vec<Job>> {
        Box::pin(self.read_jobs(task))
    }

    fn begin_step<'a>(
        &'a self,
        lease: &'a Lease,
        key: &'a StepKey,
        now: Timestamp,
    ) -> StoreFuture<'a, Option<Begun>> {
        Box::pin(self.write_intent(lease, key, now))
    }

    fn finish_step<'a>(
        &'a self,
        lease: &'a Lease,
        key: &'a StepKey,
        result: &'a str,
        now: Timestamp,
    ) -> StoreFuture<'a, bool> {
        Box::pin(self.write_result(lease, key, result, now))
    }

    fn work(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.hint.notified())
    }
}
