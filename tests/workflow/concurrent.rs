//! Several who want the same at the same time: one gets it, the others a clear answer.

use std::future::Future;

use tokio::task::JoinSet;
use wafflehaus::workflow::{Caller, EngineError, Refused, Task, TaskState};

use crate::{
    lab::{Lab, caller, on_each},
    world::{body, password},
};

/// How many try at once.
const MANY: usize = 12;

/// What comes of it when many do the same.
async fn at_once<F>(lab: &Lab, what: impl Fn(wafflehaus::workflow::Engine) -> F) -> Vec<Outcome>
where
    F: Future<Output = Result<Task, EngineError>> + Send + 'static,
{
    let mut all = JoinSet::new();
    for _ in 0..MANY {
        all.spawn(what(lab.engine.clone()));
    }
    all.join_all().await
}

type Outcome = Result<Task, EngineError>;

/// The one that got it, and why the others did not.
fn one(outcomes: Vec<Outcome>) -> (Task, Vec<EngineError>) {
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, MANY - 1), "{lost:?}");
    let won = won.into_iter().map(Result::unwrap).next().unwrap();
    (won, lost.into_iter().map(Result::unwrap_err).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_approvals_one_counts() {
    on_each(async |lab| {
        let id = lab.submit("chore", "").await.id;
        let approve = |engine: wafflehaus::workflow::Engine| {
            let id = id.clone();
            async move { engine.approve(&id, &caller("bob")).await }
        };
        let (won, lost) = one(at_once(&lab, approve).await);
        assert_eq!(won.state(), TaskState::Running);
        for error in lost {
            assert!(
                matches!(error, EngineError::Refused(Refused::Running)),
                "{error:?}"
            );
        }
        lab.work().await;
        assert_eq!(lab.events(&won.id, "approval").await.len(), 1);
        assert_eq!(lab.world.state(), ["network one", "router one"]);
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_after_it_was_seen_is_not_approved() {
    on_each(async |lab| {
        let seen = lab.submit("chore", "").await;
        let (id, bob) = (&seen.id, caller("bob"));
        let body = body("two", "");
        lab.engine.update(id, &body, &caller("ann")).await.unwrap();
        lab.work().await;
        let refused = lab.engine.approve_run(id, seen.run, &bob).await;
        assert!(matches!(refused, Err(EngineError::Changed)), "{refused:?}");
        assert_eq!(lab.events(id, "approval").await.len(), 0);
        let now = lab.task(id).await;
        lab.engine.note(id, "changes no input", &bob).await.unwrap();
        lab.engine.approve_run(id, now.run, &bob).await.unwrap();
        lab.work().await;
        assert_eq!(lab.world.state(), ["network two", "router two"]);
        // What is too late is told as that.
        let late = lab.engine.approve_run(id, seen.run, &bob).await;
        assert!(
            matches!(late, Err(EngineError::Refused(Refused::Approved))),
            "{late:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_submissions_of_a_token_one_counts() {
    on_each(async |lab| {
        let task = lab.waiting_for_token("").await;
        let token = lab.world.token(&task.id).unwrap();
        let submit = |engine: wafflehaus::workflow::Engine| {
            let token = token.clone();
            async move {
                let (body, by) = (password("hunter2"), Caller::anonymous());
                engine.submit_token(&token, &body, &by).await
            }
        };
        let (won, lost) = one(at_once(&lab, submit).await);
        for error in lost {
            assert!(matches!(error, EngineError::NoToken), "{error:?}");
        }
        lab.work().await;
        assert_eq!(lab.task(&won.id).await.state(), TaskState::Completed);
        assert_eq!(lab.world.state().len(), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_equal_requests_one_becomes_a_task() {
    on_each(async |lab| {
        let submit = |engine: wafflehaus::workflow::Engine| async move {
            engine
                .submit("chore", &body("one", ""), &caller("ann"))
                .await
        };
        let (won, lost) = one(at_once(&lab, submit).await);
        for error in lost {
            assert!(
                matches!(&error, EngineError::Duplicate(id) if *id == won.id),
                "{error:?}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_take_each_others_place_one_is_open() {
    on_each(async |lab| {
        let submit = |engine: wafflehaus::workflow::Engine| async move {
            engine
                .submit("quick", &body("one", ""), &caller("ann"))
                .await
        };
        let mut open = 0;
        for task in at_once(&lab, submit).await {
            let task = lab.task(&task.unwrap().id).await;
            open += usize::from(!task.state().is_over());
        }
        assert_eq!(open, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_task_is_cancelled_or_approved_and_stays_so() {
    on_each(async |lab| {
        let id = &lab.submit("chore", "").await.id;
        let (ann, bob) = (caller("ann"), caller("bob"));
        let both = tokio::join!(lab.engine.cancel(id, &ann), lab.engine.approve(id, &bob));
        lab.work().await;
        both.0.unwrap();
        assert_eq!(lab.task(id).await.state(), TaskState::Cancelled);
        assert!(lab.world.state().is_empty());
        if let Err(error) = both.1 {
            assert!(matches!(error, EngineError::Refused(Refused::Cancelled)));
        }
    })
    .await;
}
