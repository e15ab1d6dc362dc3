//! Random histories of what people do with a task, beside a model of the state table.

use std::time::Duration;

use proptest::prelude::*;
use wafflehaus::workflow::{EngineError, Refused, Task, TaskState};

use crate::{
    database::Database,
    lab::{Lab, caller},
    world::body,
};

/// How an action behaves in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Plain,
    /// Fails for good in this stage.
    Fatal(usize),
    /// Is invalid in this stage.
    Invalid(usize),
    /// Fails once in each run of this stage.
    Retry(usize),
}

/// Something that somebody does.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Approve,
    Cancel,
    Expire,
    Note,
    Pass,
    Reissue,
    Retry,
    Submit,
    Update(Mode),
    Work,
}

/// What a task is thought to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Model {
    state: TaskState,
    stage: usize,
    approved: bool,
    /// The stage has failed once in this run, and is tried again later.
    paused: bool,
    token: bool,
    /// The actions have asked for a token, which they do in the first stage.
    asked: bool,
    mode: Mode,
}

const STAGES: [&str; 3] = ["pre_approve", "post_approve", "submit"];

impl Mode {
    fn text(self) -> String {
        let (stage, what) = match self {
            Self::Plain => return String::new(),
            Self::Fatal(stage) => (stage, "fatal"),
            Self::Invalid(stage) => (stage, "invalid"),
            Self::Retry(stage) => (stage, "retry"),
        };
        format!("{}={what}", STAGES[stage])
    }
}

impl Model {
    fn new(mode: Mode) -> Self {
        let (state, asked) = (TaskState::Running, false);
        Self {
            state,
            stage: 0,
            approved: false,
            paused: false,
            token: false,
            asked,
            mode,
        }
    }

    fn over(&self) -> Option<Refused> {
        match self.state {
            TaskState::Cancelled => Some(Refused::Cancelled),
            TaskState::Completed => Some(Refused::Completed),
            _ => None,
        }
    }

    fn run(&mut self, stage: usize) {
        self.state = TaskState::Running;
        self.stage = stage;
        self.paused = false;
    }

    fn restart(&mut self) {
        self.run(0);
        self.asked = false;
        self.token = false;
    }

    /// What becomes of a stage when it is worked on.
    fn work(&mut self, late: bool) {
        if self.state != TaskState::Running || (self.paused && !late) {
            return;
        }
        match self.mode {
            Mode::Fatal(stage) if stage == self.stage => self.end(TaskState::Failed),
            Mode::Invalid(stage) if stage == self.stage => {
                // Every action is asked in the first stage, and this one asks for a password.
                self.asked |= stage == 0;
                self.end(TaskState::Invalid);
            }
            Mode::Retry(stage) if stage == self.stage && !self.paused => self.paused = true,
            _ => {
                self.asked = true;
                self.approved |= self.stage == 1;
                self.token = self.stage == 1;
                self.paused = false;
                match self.stage {
                    2 => self.state = TaskState::Completed,
                    stage => {
                        self.state = TaskState::Waiting;
                        self.stage = stage + 1;
                    }
                }
            }
        }
    }

    fn end(&mut self, state: TaskState) {
        self.state = state;
        self.token = self.stage == 2;
        self.paused = false;
    }

    /// What a deed is answered with, and what becomes of the task.
    fn answer(&mut self, deed: Deed) -> Result<(), Answer> {
        let running = self.state == TaskState::Running;
        let refused = |why| Err(Answer::Refused(why));
        match deed {
            Deed::Expire => self.token = false,
            Deed::Note => {}
            Deed::Pass => {
                self.work(false);
                self.work(true);
            }
            Deed::Work => self.work(false),
            Deed::Submit if !self.token || running => return Err(Answer::NoToken),
            Deed::Submit => {
                self.token = false;
                self.run(2);
            }
            _ if self.over().is_some() => return refused(self.over().unwrap()),
            Deed::Cancel => {
                self.state = TaskState::Cancelled;
                self.token = false;
            }
            _ if running => return refused(Refused::Running),
            Deed::Approve => match (self.state, self.stage) {
                (TaskState::Invalid, _) => return refused(Refused::ActionsInvalid),
                (_, 1) => self.run(1),
                _ if self.approved => return refused(Refused::Approved),
                _ => return refused(Refused::NotWaited),
            },
            Deed::Reissue if self.stage == 2 && self.asked => self.token = true,
            Deed::Reissue => return refused(Refused::NotWaited),
            Deed::Retry if self.state == TaskState::Waiting => {
                return refused(Refused::NothingFailed);
            }
            Deed::Retry if self.stage == 2 => return refused(Refused::TokenNeeded),
            Deed::Retry if self.state == TaskState::Invalid => self.restart(),
            Deed::Retry => self.run(self.stage),
            Deed::Update(_) if self.approved => return refused(Refused::Approved),
            Deed::Update(mode) => {
                self.mode = mode;
                self.restart();
            }
        }
        Ok(())
    }
}

/// Why a deed was in vain.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    NoToken,
    Refused(Refused),
}

/// Does it, and says what came of it.
async fn act(lab: &Lab, task: &Task, deed: Deed) -> Result<(), Answer> {
    let (engine, id, bob) = (&lab.engine, &task.id, &caller("bob"));
    let done = match deed {
        Deed::Approve => engine.approve(id, bob).await,
        Deed::Cancel => engine.cancel(id, bob).await,
        Deed::Note => engine.note(id, "a note", bob).await,
        Deed::Reissue => engine.reissue(id, bob).await,
        Deed::Retry => engine.retry(id, bob).await,
        Deed::Update(mode) => engine.update(id, &body("one", &mode.text()), bob).await,
        Deed::Submit => match lab.world.token(id) {
            Some(token) => lab.use_token(&token, "hunter2").await,
            None => Err(EngineError::NoToken),
        },
        Deed::Work | Deed::Pass | Deed::Expire => {
            lab.work().await;
            match deed {
                Deed::Pass => lab.pass(Duration::from_secs(600)).await,
                Deed::Expire => lab.clock.advance(Duration::from_secs(86_400)),
                _ => {}
            }
            return Ok(());
        }
    };
    match done {
        Ok(_) => Ok(()),
        Err(EngineError::NoToken) => Err(Answer::NoToken),
        Err(EngineError::Refused(why)) => Err(Answer::Refused(why)),
        Err(other) => panic!("{deed:?}: {other}"),
    }
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        1 => Just(Mode::Plain),
        1 => (0..3_usize).prop_map(Mode::Fatal),
        1 => (0..3_usize).prop_map(Mode::Invalid),
        1 => (0..3_usize).prop_map(Mode::Retry),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Approve),
        1 => Just(Deed::Cancel),
        1 => Just(Deed::Expire),
        1 => Just(Deed::Note),
        3 => Just(Deed::Pass),
        2 => Just(Deed::Reissue),
        3 => Just(Deed::Retry),
        4 => Just(Deed::Submit),
        6 => mode().prop_map(Deed::Update),
        8 => Just(Deed::Work),
    ]
}

async fn history(database: Database, first: Mode, deeds: &[Deed]) {
    let lab = Lab::new(database).await;
    let task = lab.ask("chore", "one", &first.text()).await.unwrap();
    let mut model = Model::new(first);
    for (number, deed) in deeds.iter().enumerate() {
        let mut deed = *deed;
        if matches!(deed, Deed::Submit) {
            // The mail is sent by a worker, so one works before somebody can have read it.
            lab.work().await;
            model.work(false);
        }
        if matches!(deed, Deed::Expire) {
            model.work(false);
            model.answer(deed).unwrap();
            act(&lab, &task, deed).await.unwrap();
            deed = Deed::Pass;
        }
        let (expected, done) = (model.answer(deed), act(&lab, &task, deed).await);
        let at = format!("deed {number}, {deed:?}");
        assert_eq!(done, expected, "{at}");
        let task = lab.task(&task.id).await;
        let position = (
            task.position.state,
            task.position.stage,
            task.approved.is_some(),
        );
        assert_eq!(position, (model.state, model.stage, model.approved), "{at}");
    }
    assert_eq!(lab.engine.verify(&task.id).await.unwrap(), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_history_leaves_the_state_table(
        first in mode(),
        deeds in prop::collection::vec(deed(), 10..40),
        on_postgres in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let postgres = if on_postgres { Database::postgres().await } else { None };
            history(postgres.unwrap_or_else(Database::sqlite), first, &deeds).await;
        });
    }
}
