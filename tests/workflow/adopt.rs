//! Rule 20: tasks from elsewhere, on both databases.

use serde_json::json;
use wafflehaus::workflow::{
    ActionRecord, Adopted, Adoption, Caller, EngineError, Reached, Task, TaskId, TaskState,
    Timestamp,
};

use crate::lab::{Lab, caller, on_each};

/// A chore that was begun elsewhere.
fn chore(reached: Reached) -> Adoption {
    let actions = [
        ("Build", Vec::new()),
        ("Person", vec!["password".to_owned()]),
    ];
    let actions = actions.into_iter().map(|(name, fields)| {
        let mut action = ActionRecord::default();
        action.name = name.into();
        action.data.insert("name".into(), "one".into());
        action.state = "default".into();
        action.valid = true;
        action.token_fields = fields;
        action
    });
    let (id, asked) = (TaskId::random(), Timestamp::from_micros(7));
    let mut it = Adoption::new(id, "chore", caller("ann"), asked);
    it.actions = actions.collect();
    it.reached = reached;
    it.origin = json!("elsewhere");
    it
}

async fn adopt(lab: &Lab, from: &Adoption) -> Task {
    match lab.engine.adopt(from, true).await.unwrap() {
        Adopted::Now(task) => *task,
        other => panic!("{other:?}"),
    }
}

fn approved() -> wafflehaus::workflow::Signature {
    wafflehaus::workflow::Signature::new(caller("bob"), Timestamp::from_micros(8))
}

#[tokio::test]
async fn rule_20_a_task_from_elsewhere_stands_where_it_stood() {
    on_each(async |lab| {
        for (reached, state, stage) in [
            (Reached::Asked, TaskState::Waiting, "post_approve"),
            (
                Reached::Approved(approved()),
                TaskState::Failed,
                "post_approve",
            ),
            (Reached::Done(approved()), TaskState::Waiting, "submit"),
        ] {
            let from = chore(reached);
            let task = adopt(&lab, &from).await;
            assert_eq!((task.state(), task.stage()), (state, stage));
            assert_eq!(task, lab.engine.task(&from.id).await.unwrap());
            assert_eq!(task.created_on, Timestamp::from_micros(7));
            assert_eq!(task.approved.is_some(), stage == "submit");
            assert!(lab.engine.jobs(&task.id).await.unwrap().is_empty());
            let events = lab.engine.events(&task.id).await.unwrap();
            assert_eq!(events[0].kind, "imported");
            assert_eq!(events[0].details()["from"], "elsewhere");
            assert_eq!(lab.engine.verify(&task.id).await.unwrap(), Ok(()));
            lab.engine
                .cancel(&task.id, &Caller::system())
                .await
                .unwrap();
        }
        for reached in [
            Reached::Asked,
            Reached::Approved(approved()),
            Reached::Done(approved()),
        ] {
            let stage = match &reached {
                Reached::Asked => "pre_approve",
                Reached::Approved(_) => "post_approve",
                _ => "submit",
            };
            let mut from = chore(reached);
            from.actions[0].valid = false;
            let task = adopt(&lab, &from).await;
            assert_eq!((task.state(), task.stage()), (TaskState::Invalid, stage));
            lab.engine
                .cancel(&task.id, &Caller::system())
                .await
                .unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn rule_20_it_is_taken_over_once_also_if_it_was_removed_or_is_only_tried() {
    on_each(async |lab| {
        let from = chore(Reached::Asked);
        let tried = lab.engine.adopt(&from, false).await.unwrap();
        assert!(matches!(tried, Adopted::Now(_)));
        assert!(matches!(
            lab.engine.task(&from.id).await,
            Err(EngineError::NoTask)
        ));
        adopt(&lab, &from).await;
        let again = lab.engine.adopt(&from, true).await.unwrap();
        assert!(matches!(again, Adopted::Before));
        let other = chore(Reached::Asked);
        let refused = lab.engine.adopt(&other, true).await.unwrap_err();
        assert!(matches!(refused, EngineError::Duplicate(id) if id == from.id));
        lab.engine
            .cancel(&from.id, &Caller::system())
            .await
            .unwrap();
        let ever = Timestamp::from_micros(i64::MAX);
        lab.engine.purge(ever, &Caller::system()).await.unwrap();
        let again = lab.engine.adopt(&from, true).await.unwrap();
        assert!(matches!(again, Adopted::Before));
    })
    .await;
}

#[tokio::test]
async fn rule_20_what_could_not_be_asked_for_here_is_refused() {
    on_each(async |lab| {
        let refused = async |change: fn(&mut Adoption)| {
            let mut from = chore(Reached::Asked);
            change(&mut from);
            lab.engine.adopt(&from, true).await.unwrap_err()
        };
        let error = refused(|it| it.task_type = "none".into()).await;
        assert!(matches!(error, EngineError::UnknownType(_)));
        let error = refused(|it| it.actions[0].name = "None".into()).await;
        assert!(matches!(error, EngineError::UnknownAction(_)));
        let error = refused(|it| it.actions[0].data.clear()).await;
        assert!(matches!(error, EngineError::Fields(_)));
    })
    .await;
}
