//! Jobs and the journal of their steps.

use sqlx::{Database, query, query::Query};

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
        let first = of_step(dialect::BEGIN_STEP, lease, key)
            .bind(now.as_micros())
            .execute(&self.writer)
            .await?;
        if first.rows_affected() == 1 {
            return Ok(Some(Begun::First));
        }
        let sql = "SELECT result FROM step \
             WHERE task_id = $1 AND place = $2 AND stage = $3 AND name = $4 AND EXISTS \
             (SELECT 1 FROM job WHERE id = $5 AND owner = $6 AND attempt = $7)";
        let found = of_step(sql, lease, key).fetch_optional(&self.writer);
        let Some(found) = found.await? else {
            return Ok(None);
        };
        let result: Option<String> = row::column(&found, "result")?;
        Ok(Some(result.map_or(Begun::Before, Begun::Done)))
    }

    pub(super) async fn write_result(
        &self,
        lease: &Lease,
        key: &StepKey,
        result: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = of_step(dialect::FINISH_STEP, lease, key)
            .bind(now.as_micros())
            .bind(result)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

/// A statement about a step of a job that is held.
fn of_step<'a>(
    sql: &'static str,
    lease: &'a Lease,
    key: &'a StepKey,
) -> Query<'a, Db, <Db as Database>::Arguments> {
    query(sql)
        .bind(key.task.as_str())
        .bind(row::number(key.action))
        .bind(&key.stage)
        .bind(&key.step)
        .bind(lease.job.as_str())
        .bind(&lease.owner)
        .bind(i64::from(lease.attempt))
}
