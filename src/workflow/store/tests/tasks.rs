//! Tasks, and changes of them.

use super::*;

#[tokio::test]
async fn a_task_comes_back_as_it_was_written() {
    on_each(async |_, store| {
        let new = written(&*store, '1').await;
        assert_eq!(store.task(&new.id).await.unwrap(), Some(new.clone()));
        assert_eq!(store.task(&TaskId::random()).await.unwrap(), None);

        let mut change = Change::to(new);
        change.task.position = Position::at(TaskState::Completed, 2);
        change.task.run = 7;
        change.task.hash_key = "2".repeat(64);
        change.task.shared.insert("project_id".into(), json!(0.1));
        change.task.opened = Some(signature(2_000));
        change.task.approved = Some(signature(3_000));
        change.task.completed_on = Some(at(4_000));
        change.task.trail.length = 9;
        let action = &mut change.task.actions[1];
        action.state = "existing".into();
        action.valid = true;
        action.auto_approve = Some(false);
        action.token_fields = vec!["confirm".into()];
        action.cache.insert("id".into(), json!([1, null]));
        action.done_run = 7;
        change.actions = vec![1];
        committed(&*store, &change).await;
        let changed = store.task(&change.task.id).await.unwrap();
        assert_eq!(changed, Some(change.task));
    })
    .await;
}

#[tokio::test]
async fn rule_1_a_change_of_a_task_that_has_changed_writes_nothing() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let mut change = Change::to(task.clone());
        committed(&*store, &change).await;
        change.jobs.push(job(&task, 5));
        change.token = TokenChange::Replaced(token(&task, 'b', 10));
        let again = store.commit(&[change]).await.unwrap();
        assert_eq!(again, Committed::Stale);
        assert_eq!(store.jobs(&task.id).await.unwrap().len(), 1);
        assert!(store.tokens(&Page::default()).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn rule_1_of_several_changes_all_are_written_or_none() {
    on_each(async |_, store| {
        let old = written(&*store, '1').await;
        let mut close = Change::to(old.clone());
        close.task.position.state = TaskState::Cancelled;
        close.task.cancelled_on = Some(at(2_000));
        let same = Change::to(task('1'));
        let stale = Change::to(old.clone());
        let all = [close.clone(), same.clone(), stale];
        assert_eq!(store.commit(&all).await.unwrap(), Committed::Stale);
        assert_eq!(store.task(&old.id).await.unwrap(), Some(old));
        assert_eq!(store.task(&same.task.id).await.unwrap(), None);
        // The first closes the task that the second would be a duplicate of.
        assert_eq!(
            store.commit(&[close, same.clone()]).await.unwrap(),
            Committed::Done
        );
        let open = store.open_task(&same.task.hash_key).await.unwrap();
        assert_eq!(open, Some(same.task.id));
    })
    .await;
}

#[tokio::test]
async fn rule_3_of_equal_tasks_one_is_open() {
    on_each(async |_, store| {
        let first = written(&*store, '1').await;
        let other = Change::to(task('1'));
        let refused = store.commit(std::slice::from_ref(&other)).await.unwrap();
        assert_eq!(refused, Committed::Duplicate);
        written(&*store, '2').await;
        let mut change = Change::to(first.clone());
        change.task.hash_key = "2".repeat(64);
        let refused = store.commit(&[change]).await.unwrap();
        assert_eq!(refused, Committed::Duplicate);
        let open = store.open_task(&first.hash_key).await.unwrap();
        assert_eq!(open, Some(first.id));
        assert_eq!(store.open_task(&"3".repeat(64)).await.unwrap(), None);
    })
    .await;
}
