//! Jobs and the journal of their steps.

use sqlx::query;

use super::{Db, SqlStore, dialect, row};
use crate::workflow::{
    Begun, Job, Lease, TaskId, Timestamp,
    store::{StepKey, StoreError},
};

impl SqlStore {
    pub(super) async fn claim_job(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Job>, StoreError> {
        let claimed = query(dialect::CLAIM)
            .bind(owner)
            .bind(until.as_micros())
            .bind(now.as_micros())
            .fetch_optional(&self.writer)
            .await?;
        let job = claimed.as_ref().map(row::job).transpose()?;
        if job.is_some() {
            // A hint wakes one worker; where there was a job there may be another.
            self.hint.notify_one();
        }
        Ok(job)
    }

    pub(super) async fn renew_lease(
        &self,
        lease: &Lease,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let renewed =
            query("UPDATE job SET due_on = $4 WHERE id = $1 AND owner = $2 AND attempt = $3")
                .bind(lease.job.as_str())
                .bind(&lease.owner)
                .bind(i64::from(lease.attempt))
                .bind(until.as_micros())
                .execute(&self.writer)
                .await?;
        Ok(renewed.rows_affected() == 1)
    }

    pub(super) async fn read_jobs(&self, task: &TaskId) -> Result<Vec<Job>, StoreError> {
        let sql = "SELECT id, task_id, kind, subject, NULL AS sealed, due_on, attempt, \
             dead_on IS NOT NULL AS dead FROM job WHERE task_id = $1 ORDER BY due_on, id";
        let rows = query(sql)
            .bind(task.as_str())
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(row::job).collect()
    }

    pub(super) async fn write_intent(
        &self,
        lease: &Lease,
        key: &StepKey,
        now: Timestamp,
    ) -> Result<Option<Begun>, StoreError> {
        let mut tx = self.begin().await?;
        if !hold(&mut tx, lease).await? {
            return Ok(None);
        }
        let sql = "INSERT INTO step (task_id, place, stage, name, begun_on) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let first = query(sql)
            .bind(key.task.as_str())
            .bind(row::number(key.action))
            .bind(&key.stage)
            .bind(&key.step)
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await?;
        let begun = if first.rows_affected() == 1 {
            Begun::First
        } else {
            let sql = "SELECT result FROM step \
                 WHERE task_id = $1 AND place = $2 AND stage = $3 AND name = $4";
            let found = query(sql)
                .bind(key.task.as_str())
                .bind(row::number(key.action))
                .bind(&key.stage)
                .bind(&key.step)
                .fetch_one(&mut *tx)
                .await?;
            let result: Option<String> = row::column(&found, "result")?;
            result.map_or(Begun::Before, Begun::Done)
        };
        tx.commit().await?;
        Ok(Some(begun))
    }

    pub(super) async fn write_result(
        &self,
        lease: &Lease,
        key: &StepKey,
        result: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        if !hold(&mut tx, lease).await? {
            return Ok(false);
        }
        let sql = "UPDATE step SET result = $5, done_on = $6 \
             WHERE task_id = $1 AND place = $2 AND stage = $3 AND name = $4 AND done_on IS NULL";
        let done = query(sql)
            .bind(key.task.as_str())
            .bind(row::number(key.action))
            .bind(&key.stage)
            .bind(&key.step)
            .bind(result)
            .bind(now.as_micros())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

/// Keeps the job from being claimed, dropped or settled until the transaction ends, and says
/// whether it is still held. It is written to because that locks it on both databases.
async fn hold(tx: &mut sqlx::Transaction<'static, Db>, lease: &Lease) -> Result<bool, StoreError> {
    let sql = "UPDATE job SET owner = owner WHERE id = $1 AND owner = $2 AND attempt = $3";
    let held = query(sql)
        .bind(lease.job.as_str())
        .bind(&lease.owner)
        .bind(i64::from(lease.attempt))
        .execute(&mut **tx)
        .await?;
    Ok(held.rows_affected() == 1)
}
