//! Reading what belongs to one task, and what has one id.

use sqlx::query;

use super::{SqlStore, row};
use crate::workflow::{
    Event, Notification, NotificationId, TaskId, Timestamp, Token, Trail,
    store::{StepRecord, StoreError},
};

impl SqlStore {
    pub(super) async fn read_open_task(&self, hash: &str) -> Result<Option<TaskId>, StoreError> {
        let sql = "SELECT id FROM task \
             WHERE hash_key = $1 AND state NOT IN ('cancelled', 'completed')";
        let found = query(sql).bind(hash).fetch_optional(&self.reader).await?;
        found.map(|it| row::parsed(&it, "id")).transpose()
    }

    pub(super) async fn read_trail(&self, task: &TaskId) -> Result<Option<Trail>, StoreError> {
        let sql = "SELECT events, chain FROM task WHERE id = $1 \
             UNION ALL SELECT events, chain FROM purged WHERE task_id = $1";
        let found = query(sql)
            .bind(task.as_str())
            .fetch_optional(&self.reader)
            .await?;
        found.as_ref().map(row::trail).transpose()
    }

    pub(super) async fn read_events(&self, task: &TaskId) -> Result<Vec<Event>, StoreError> {
        let sql = "SELECT * FROM event WHERE task_id = $1 ORDER BY number";
        let rows = query(sql)
            .bind(task.as_str())
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(row::event).collect()
    }

    pub(super) async fn read_steps(&self, task: &TaskId) -> Result<Vec<StepRecord>, StoreError> {
        let sql = "SELECT * FROM step WHERE task_id = $1 ORDER BY begun_on, place, stage, name";
        let rows = query(sql)
            .bind(task.as_str())
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(row::step).collect()
    }

    pub(super) async fn read_token(&self, hash: &str) -> Result<Option<Token>, StoreError> {
        let found = query("SELECT * FROM token WHERE hash = $1")
            .bind(hash)
            .fetch_optional(&self.reader)
            .await?;
        found.as_ref().map(row::token).transpose()
    }

    pub(super) async fn delete_expired_tokens(&self, now: Timestamp) -> Result<u64, StoreError> {
        // A used one may be needed again if its stage fails.
        let done = query("DELETE FROM token WHERE expires <= $1 AND used_on IS NULL")
            .bind(now.as_micros())
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }

    pub(super) async fn read_notification(
        &self,
        id: &NotificationId,
    ) -> Result<Option<Notification>, StoreError> {
        let found = query("SELECT * FROM notification WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&self.reader)
            .await?;
        found.as_ref().map(row::notification).transpose()
    }
}
