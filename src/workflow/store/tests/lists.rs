//! Pages of tasks and notifications.

use super::*;

#[tokio::test]
async fn notifications_are_listed_and_acknowledged_once() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let mut change = Change::to(task.clone());
        for (error, on) in [(false, 1), (true, 2), (true, 3)] {
            change.notifications.push(Notification {
                id: NotificationId::random(),
                task: task.id.clone(),
                error,
                notes: vec![format!("é {on}")],
                created_on: at(on),
                acknowledged: None,
            });
        }
        committed(&*store, &change).await;
        let made = change.notifications.clone();
        for on in [8, 9] {
            change = Change::to(change.task);
            change.acknowledged = Some((vec![made[1].id.clone()], signature(on)));
            committed(&*store, &change).await;
        }
        let mut second = made[1].clone();
        second.acknowledged = Some(signature(8));
        let found = store.notification(&second.id).await.unwrap();
        assert_eq!(found, Some(second.clone()));

        let list = async |change: fn(&mut NotificationQuery)| {
            let mut query = NotificationQuery::default();
            change(&mut query);
            store.notifications(&query).await.unwrap()
        };
        assert_eq!(
            list(|_| ()).await,
            [&made[2], &second, &made[0]].map(Clone::clone)
        );
        assert_eq!(list(|it| it.error = Some(false)).await, [made[0].clone()]);
        assert_eq!(list(|it| it.acknowledged = Some(true)).await, [second]);
        assert_eq!(list(|it| it.acknowledged = Some(false)).await.len(), 2);
        assert!(list(|it| it.task = Some(TaskId::random())).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_whatever_is_added() {
    on_each(async |_, store| {
        let mut all = Vec::new();
        for (on, hash) in [5, 5, 5, 7, 3].into_iter().zip('1'..) {
            let mut change = Change::to(task(hash));
            change.task.created_on = at(on);
            change.task.task_type = if on == 5 { "invite" } else { "signup" }.into();
            committed(&*store, &change).await;
            all.push((on, change.task.id));
        }
        all.sort();
        all.reverse();
        let (mut seen, mut query) = (Vec::new(), TaskQuery::default());
        query.page.limit = 2;
        for hash in 'a'.. {
            let page = store.tasks(&query).await.unwrap();
            let Some(last) = page.last() else { break };
            query.page.after = Some(Cursor::after(last.created_on, last.id.as_str()));
            seen.extend(
                page.iter()
                    .map(|it| (it.created_on.as_micros(), it.id.clone())),
            );
            assert!(page.iter().all(|it| it.actions.len() == 2));
            // Newer than all, so it belongs before the first page.
            let mut change = Change::to(task(hash));
            change.task.created_on = at(1_000);
            committed(&*store, &change).await;
        }
        assert_eq!(seen, all);

        let count = async |change: fn(&mut TaskQuery)| {
            let mut query = TaskQuery::default();
            change(&mut query);
            store.tasks(&query).await.unwrap().len()
        };
        assert_eq!(count(|it| it.task_type = Some("invite".into())).await, 3);
        assert_eq!(count(|it| it.project_id = Some("other".into())).await, 0);
        assert_eq!(count(|it| it.state = Some(TaskState::Failed)).await, 0);
        let three = |it: &mut TaskQuery| {
            it.state = Some(TaskState::Running);
            it.task_type = Some("invite".into());
            it.project_id = Some("6f70".into());
        };
        assert_eq!(count(three).await, 3);
    })
    .await;
}
