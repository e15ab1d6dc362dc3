//! Running the stage that a task is at.

use std::sync::Mutex;

use serde_json::json;

use super::{Failure, Work, journal::StepJournal};
use crate::workflow::{
    ActionError, ActionRecord, Caller, Context, EngineError, Move, Outcome, Task, TaskState,
    TokenData,
    context::{About, Memory},
    engine::Draft,
    store::Then,
};

/// An action that has ended its part of a stage.
struct Ended {
    place: usize,
    memory: Memory,
    outcome: Outcome,
}

/// What comes after an action's end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The stage is over, and may be left.
    Advance,
    /// There are more actions.
    GoOn,
    /// The stage is over, and the task stays.
    Invalidate,
}

impl Work<'_> {
    pub(super) async fn run_stage(self) -> Result<(), EngineError> {
        let mut task = self.engine.task(self.task()).await?;
        if task.state() == TaskState::Waiting {
            task = self.open_timer(&task).await?;
        }
        let known = self.engine.registry().find_type(&task.task_type);
        let attempts = known.map_or(1, |it| it.attempts);
        if self.job.attempt > attempts {
            let error = "the process that ran it did not come back";
            return self.stage_failed(&task, attempts, None, error, false).await;
        }
        let token = match self.token_data() {
            Ok(token) => token,
            Err(error) => return self.ended_badly(&task, attempts, None, &error).await,
        };
        for place in 0..task.actions.len() {
            let done = |it: &ActionRecord| it.done_run == task.run;
            if task.actions.get(place).is_none_or(done) {
                continue;
            }
            match self.run_action(&task, place, &token).await {
                Ok(ended) => {
                    let next = after(&task, &ended);
                    match self.record(&task, &ended, next).await {
                        Ok(changed) if next == Next::GoOn => task = changed,
                        // Without its type nobody knows how long a token is to be good.
                        Err(error @ EngineError::UnknownType(_)) => {
                            let error = ActionError::fatal(error);
                            let place = Some(place);
                            return self.ended_badly(&task, attempts, place, &error).await;
                        }
                        done => return done.map(drop),
                    }
                }
                // What can write no more has nothing to say either.
                Err(error) if error.is_interrupted() => return Err(EngineError::Contended),
                Err(error) => return self.ended_badly(&task, attempts, Some(place), &error).await,
            }
        }
        Ok(())
    }

    async fn open_timer(self, task: &Task) -> Result<Task, EngineError> {
        let lease = self.engine.pace_of_work().lease;
        self.change(task, |draft| {
            let to = draft.task().next(Move::Timer)?;
            draft.event("timer", &Caller::system(), &json!({}));
            draft.by_job(self.by_job(Then::Kept(self.engine.now().after(lease))));
            draft.open_timer(to);
            Ok(())
        })
        .await
    }

    fn token_data(self) -> Result<TokenData, ActionError> {
        let Some(sealed) = &self.job.sealed else {
            return Ok(TokenData::default());
        };
        let opened = self.engine.key().open(self.job.id.as_str(), sealed);
        let text = opened.map_err(ActionError::fatal)?;
        let data = serde_json::from_slice(&text);
        data.map(TokenData)
            .map_err(|_| ActionError::fatal("what was submitted is unreadable"))
    }

    async fn run_action(
        self,
        task: &Task,
        place: usize,
        token: &TokenData,
    ) -> Result<Ended, ActionError> {
        let unknown = || ActionError::fatal("the task has no such action");
        let record = task.actions.get(place).ok_or_else(unknown)?;
        let action = self.engine.registry().named(&record.name);
        let action = action.map_err(ActionError::fatal)?;
        let stage = task.stage();
        let journal = StepJournal {
            work: self,
            task,
            action: place,
        };
        let mut ctx = Context {
            about: About {
                task: &task.id,
                task_type: &task.task_type,
                stage,
                run: task.run,
                now: self.engine.now(),
                valid: task.actions.iter().take(place).all(|it| it.valid),
                requester: &task.requester,
                data: &record.data,
                token,
            },
            memory: record.memory(&task.shared),
            journal: &journal,
            named: Mutex::default(),
        };
        let outcome = self.attempt(action.run(stage, &mut ctx)).await?;
        Ok(Ended {
            place,
            memory: ctx.memory,
            outcome,
        })
    }

    /// Writes the end of an action, and of the stage if it was the last.
    async fn record(self, task: &Task, ended: &Ended, next: Next) -> Result<Task, EngineError> {
        let lease = self.engine.pace_of_work().lease;
        self.change(task, |draft| {
            remember(draft, ended);
            let then = match next {
                Next::GoOn => Then::Kept(self.engine.now().after(lease)),
                Next::Advance | Next::Invalidate => Then::Done,
            };
            draft.by_job(self.by_job(then));
            match next {
                Next::GoOn => Ok(()),
                Next::Advance => draft.advance(),
                Next::Invalidate => {
                    let to = draft.task().next(Move::Invalidate)?;
                    draft.go(to, &Caller::system())
                }
            }
        })
        .await
    }

    async fn ended_badly(
        self,
        task: &Task,
        attempts: u32,
        place: Option<usize>,
        error: &ActionError,
    ) -> Result<(), EngineError> {
        let text = error.to_string();
        self.stage_failed(task, attempts, place, &text, error.is_retry())
            .await
    }

    async fn stage_failed(
        self,
        task: &Task,
        attempts: u32,
        place: Option<usize>,
        error: &str,
        may_pass: bool,
    ) -> Result<(), EngineError> {
        let action = place.and_then(|it| task.actions.get(it));
        let details = json!({
            "stage": task.stage(),
            "action": action.map(|it| &it.name),
            "attempt": self.job.attempt,
            "error": error,
        });
        let failure = Failure {
            error,
            may_pass,
            attempts,
            details,
        };
        self.failed(task, failure).await
    }
}

/// What comes after this end. The first stage only looks, so there every action is asked; later an
/// action must not act on what one before it found invalid.
fn after(task: &Task, ended: &Ended) -> Next {
    let invalid = matches!(ended.outcome, Outcome::Invalid(_));
    let first = task.position.stage == 0;
    if invalid && !first {
        return Next::Invalidate;
    }
    if ended.place.saturating_add(1) < task.actions.len() {
        return Next::GoOn;
    }
    let mut before = task.actions.iter().take(ended.place);
    if invalid || (first && before.any(|it| !it.valid)) {
        Next::Invalidate
    } else {
        Next::Advance
    }
}

fn remember(draft: &mut Draft<'_>, ended: &Ended) {
    let (run, stage) = (draft.task().run, draft.task().stage().to_owned());
    let Some(record) = draft.action(ended.place) else {
        return;
    };
    let name = record.name.clone();
    let memory = ended.memory.clone();
    record.cache = memory.cache;
    record.state = memory.state;
    record.token_fields = memory.token_fields;
    record.auto_approve = memory.vote;
    record.valid = ended.outcome == Outcome::Valid;
    record.done_run = run;
    draft.share(memory.shared);
    for letter in memory.letters {
        draft.letter(letter);
    }
    let system = Caller::system();
    for text in memory.notes {
        draft.event("note", &system, &json!({ "action": name, "text": text }));
    }
    if let Outcome::Invalid(reason) = &ended.outcome {
        let text = &reason.message;
        draft.event("note", &system, &json!({ "action": name, "text": text }));
        let details = json!({ "stage": stage, "action": name, "code": reason.code, "text": text });
        draft.event("invalid", &system, &details);
    }
}
