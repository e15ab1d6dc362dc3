//! Does the work that is due: stages, mails and notifications.
//!
//! 1. A worker claims one job at a time, and renews its lease while it is at it. If it loses the
//!    lease it stops at once, and writes nothing more; so it does if it cannot renew the lease
//!    before it ends.
//! 2. An action that panics has failed in a way that may pass. An attempt that takes too long
//!    has too.
//! 3. What has failed in a way that may pass is tried again after a pause, until the attempts of
//!    its type are used up; what has failed for good is not. Each error becomes an event.
//! 4. A job whose attempts are used up is dead, also if each of them killed its process. A stage
//!    has then failed, and operators are notified.
//! 5. A job whose task the database has in a form that cannot be read is tried again for as long as
//!    it takes to mend that, after pauses; operators find a notification of it.

mod delivery;
mod journal;
mod stage;

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::Value;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use super::{
    ActionError, Caller, Engine, EngineError, ErrorClass, Job, JobKind, Lease, Move, Notification,
    Task, TaskId,
    engine::Draft,
    id,
    job::back_off,
    store::{ByJob, StoreError, Then},
};

/// Works for an engine.
#[derive(Clone, Debug)]
pub struct Worker {
    engine: Engine,
    /// Under which it holds leases.
    name: String,
}

/// A job under way.
#[derive(Clone, Copy)]
struct Work<'a> {
    engine: &'a Engine,
    job: &'a Job,
    lease: &'a Lease,
    /// When it was asked for at the latest.
    claimed: Instant,
}

/// What went wrong with an attempt, and how often it may.
struct Failure<'a> {
    error: &'a str,
    may_pass: bool,
    attempts: u32,
    /// What an event says beside the error.
    details: Value,
}

impl Worker {
    /// A worker for this engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            name: id::random().into(),
        }
    }

    /// Works on as many jobs at once, until `end`; then what is begun is finished.
    pub async fn run(&self, at_once: usize, end: impl Future<Output = ()>) {
        self.engine.begin_work();
        let (stop, stopped) = watch::channel(false);
        let mut hands = JoinSet::new();
        for _ in 0..at_once {
            let (this, stopped) = (self.clone(), stopped.clone());
            hands.spawn(async move { this.work(stopped).await });
        }
        end.await;
        stop.send_replace(true);
        while hands.join_next().await.is_some() {}
    }

    async fn work(&self, mut stopped: watch::Receiver<bool>) {
        let look = self.engine.pace_of_work().look;
        while !*stopped.borrow() {
            match self.work_once().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "work could not be done"),
            }
            tokio::select! {
                _ = stopped.changed() => {}
                () = self.engine.store().work() => {}
                () = tokio::time::sleep(look) => {}
            }
        }
    }

    /// Does all the work that is due, and what comes of it, and says how much it was.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn run_due(&self) -> Result<usize, EngineError> {
        let mut count = 0;
        while self.work_once().await? {
            count += 1;
        }
        Ok(count)
    }

    /// Does one job, if one is due.
    async fn work_once(&self) -> Result<bool, EngineError> {
        let engine = &self.engine;
        let pace = engine.pace_of_work();
        let (asked, now) = (Instant::now(), engine.now());
        let claimed = engine.store().claim(&self.name, now, now.after(pace.lease));
        let Some(job) = claimed.await? else {
            return Ok(false);
        };
        let lease = &job.lease(&self.name);
        let work = Work {
            engine,
            job: &job,
            lease,
            claimed: asked,
        };
        tokio::select! {
            done = work.run() => match done {
                // Somebody else has the job, or has dropped it and ended its task.
                Err(EngineError::Contended | EngineError::Refused(_)) => Ok(true),
                Err(EngineError::Store(error @ StoreError::Corrupt(_))) => {
                    work.unreadable(&error).await.map(|()| true)
                }
                done => done.map(|()| true),
            },
            () = work.hold() => {
                tracing::warn!(job = %job.id, task = %job.task, "a lease was lost");
                Ok(true)
            }
        }
    }
}

impl Work<'_> {
    async fn run(self) -> Result<(), EngineError> {
        match &self.job.kind {
            JobKind::Stage => self.run_stage().await,
            JobKind::Letter(letter) => self.send_letter(letter).await,
            JobKind::Mail(mail) => self.send_mail(*mail).await,
            JobKind::Notification(id) => self.send_notification(id).await,
        }
    }

    /// Renews the lease for as long as that is possible.
    async fn hold(self) {
        // Capped, because an instant cannot hold every duration.
        let lease = self.engine.pace_of_work().lease.min(LONGEST_LEASE);
        let mut ends = self.claimed + lease;
        loop {
            tokio::time::sleep(lease / 3).await;
            let asked = Instant::now();
            let until = self.engine.now().after(lease);
            // A database that hangs must not keep anybody at what others may have by now.
            let renewed = self.engine.store().renew(self.lease, until);
            match timeout_at(ends, renewed).await {
                Ok(Ok(true)) => ends = asked + lease,
                Ok(Err(error)) if Instant::now() < ends => {
                    tracing::warn!(%error, "a lease could not be renewed");
                }
                Ok(Ok(false) | Err(_)) | Err(_) => return,
            }
        }
    }

    /// Runs what may take too long or panic.
    async fn attempt<T>(
        self,
        what: impl Future<Output = Result<T, ActionError>>,
    ) -> Result<T, ActionError> {
        let mut what = pin!(what);
        let caught = poll_fn(|cx| {
            let polled = catch_unwind(AssertUnwindSafe(|| what.as_mut().poll(cx)));
            // The panic's own text could tell a secret.
            polled.unwrap_or_else(|_| Poll::Ready(Err(ActionError::retry("it panicked"))))
        });
        let limit = self.engine.pace_of_work().attempt;
        let late = |_| Err(ActionError::retry("it took too long"));
        timeout(limit, caught).await.unwrap_or_else(late)
    }

    /// What becomes of the job, decided when a change is written.
    fn by_job(self, then: Then) -> ByJob {
        ByJob {
            lease: self.lease.clone(),
            then,
        }
    }

    /// Makes a change for the job, of its task as it was read.
    async fn change(
        self,
        task: &Task,
        draft: impl Fn(&mut Draft<'_>) -> Result<(), EngineError> + Send,
    ) -> Result<Task, EngineError> {
        self.engine.change_from(task.clone(), draft).await
    }

    fn task(&self) -> &TaskId {
        &self.job.task
    }

    /// Puts the job off, because its task cannot be read. It has no event: they are the task's.
    async fn unreadable(self, error: &StoreError) -> Result<(), EngineError> {
        let (engine, job) = (self.engine, self.job);
        tracing::error!(job = %job.id, task = %job.task, attempt = job.attempt, %error, "unreadable");
        let now = engine.now();
        let due_on = now.after(self.pause());
        let error = error.to_string();
        let found = (job.attempt == UNREADABLE).then(|| {
            let note = format!("Error: '{error}' while working on the task.");
            Notification::new(&job.task, true, note, now)
        });
        let by = self.by_job(Then::Retried { due_on, error });
        engine.store().settle(&by, found.as_ref()).await?;
        Ok(())
    }

    /// How long to wait before the next attempt.
    fn pause(self) -> Duration {
        let pace = self.engine.pace_of_work();
        back_off(
            pace.first_pause,
            pace.longest_pause,
            self.job.attempt,
            random(),
        )
    }

    /// Writes that an attempt has failed, and what comes of it.
    async fn failed(self, task: &Task, failure: Failure<'_>) -> Result<(), EngineError> {
        let (engine, job) = (self.engine, self.job);
        let error = failure.error.to_owned();
        tracing::warn!(
            job = %job.id, task = %job.task, attempt = job.attempt, error, "an attempt failed"
        );
        let again = failure.may_pass && job.attempt < failure.attempts;
        let pause = self.pause();
        let mut details = failure.details;
        if let Some(details) = details.as_object_mut() {
            details.insert("again".into(), again.into());
        }
        self.change(task, |draft| {
            let error = error.clone();
            let now = engine.now();
            draft.event("attempt_failed", &Caller::system(), &details);
            if again {
                let due_on = now.after(pause);
                draft.by_job(self.by_job(Then::Retried { due_on, error }));
                return Ok(());
            }
            let note = format!("Error: '{error}' while {}.", doing(job, draft));
            draft.by_job(self.by_job(Then::Dead { on: now, error }));
            match &job.kind {
                JobKind::Stage => {
                    let to = draft.task().next(Move::Fail)?;
                    draft.go(to, &Caller::system())?;
                    draft.notify(Some(ErrorClass::TaskActionsFailed), note);
                }
                JobKind::Letter(_) | JobKind::Mail(_) => {
                    draft.notify(Some(ErrorClass::SmtpException), note);
                }
                // Who cannot be told is not told that they cannot be told.
                JobKind::Notification(_) => drop(draft.note_down(true, note)),
            }
            Ok(())
        })
        .await
        .map(drop)
    }
}

/// What a job does, as part of a sentence.
fn doing(job: &Job, draft: &Draft<'_>) -> String {
    match &job.kind {
        JobKind::Stage => format!("running stage '{}'", draft.task().stage()),
        JobKind::Letter(letter) => format!("sending the letter '{}'", letter.template),
        JobKind::Mail(mail) => format!("sending the '{}' mail", mail.as_str()),
        JobKind::Notification(id) => format!("sending notification '{id}'"),
    }
}

/// From 0 to 1; 0 if the system gives no random bytes, which only makes a pause longer.
fn random() -> f64 {
    let mut bytes = [0; 4];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_or(0.0, |()| {
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    })
}

/// At which attempt operators are to find that a task cannot be read. Processes of two versions
/// may meet on one database for a moment.
const UNREADABLE: u32 = 3;
const LONGEST_LEASE: Duration = Duration::from_secs(86_400);
