//! Jobs, leases and the steps that are written under them.

use super::*;

#[tokio::test]
async fn rule_2_a_change_without_the_lease_writes_nothing() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let (_, old) = claimed(&*store, "one", 0, 10).await.unwrap();
        let (job, lease) = claimed(&*store, "two", 10, 20).await.unwrap();
        assert_eq!(job.attempt, 2);
        for then in [Then::Done, Then::Kept(at(99))] {
            let mut change = Change::to(task.clone());
            by_job(&mut change, &old, then);
            assert_eq!(store.commit(&[change]).await.unwrap(), Committed::LeaseLost);
        }
        assert!(!store.renew(&old, at(99)).await.unwrap());
        assert_eq!(store.task(&task.id).await.unwrap(), Some(task.clone()));
        let mut change = Change::to(task.clone());
        by_job(&mut change, &lease, Then::Done);
        committed(&*store, &change).await;
        assert!(store.jobs(&task.id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_job_is_put_off_by_whoever_has_the_lease() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let (_, old) = claimed(&*store, "one", 0, 10).await.unwrap();
        let (_, lease) = claimed(&*store, "two", 10, 20).await.unwrap();
        let found = Notification::new(&task.id, true, "unreadable".into(), at(11));
        let put_off = async |lease: &Lease| {
            let then = Then::Retried {
                due_on: at(50),
                error: "unreadable".into(),
            };
            let lease = lease.clone();
            let by = ByJob { lease, then };
            store.settle(&by, Some(&found)).await.unwrap()
        };
        assert!(!put_off(&old).await);
        assert_eq!(store.notification(&found.id).await.unwrap(), None);
        assert!(put_off(&lease).await);
        assert!(!put_off(&lease).await, "it is nobody's now");
        assert_eq!(
            store.notification(&found.id).await.unwrap(),
            Some(found.clone())
        );
        assert!(claimed(&*store, "two", 49, 60).await.is_none());
        assert_eq!(claimed(&*store, "two", 50, 60).await.unwrap().0.attempt, 3);
        assert_eq!(store.task(&task.id).await.unwrap(), Some(task));
    })
    .await;
}

#[tokio::test]
async fn what_is_due_longest_is_claimed_and_nobody_else_gets_it() {
    on_each(async |_, store| {
        let mut due: Vec<_> = Vec::new();
        for (hash, on) in [('1', 30), ('2', 10), ('3', 20), ('4', 99)] {
            let mut change = Change::to(task(hash));
            change.jobs.push(job(&change.task, on));
            committed(&*store, &change).await;
            due.push(change.task.id);
        }
        for expected in [1, 2, 0] {
            let (job, _) = claimed(&*store, "one", 50, 200).await.unwrap();
            assert_eq!((job.task, job.attempt), (due[expected].clone(), 1));
        }
        assert!(claimed(&*store, "two", 98, 200).await.is_none());
        assert_eq!(
            claimed(&*store, "two", 99, 200).await.unwrap().0.task,
            due[3]
        );
        // A lease that was renewed does not end where it would have.
        let (_, lease) = claimed(&*store, "two", 200, 300).await.unwrap();
        assert!(store.renew(&lease, at(400)).await.unwrap());
        for _ in 0..3 {
            let (job, _) = claimed(&*store, "three", 300, 500).await.unwrap();
            assert_ne!(job.id, lease.job);
        }
        assert!(claimed(&*store, "three", 399, 500).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn each_job_is_claimed_once_whoever_claims() {
    on_each(async |_, store| {
        for hash in "0123456789abcdef".chars() {
            written(&*store, hash).await;
        }
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..8 {
            let store = Arc::clone(&store);
            workers.spawn(async move {
                let mut jobs = Vec::new();
                while let Some((job, _)) = claimed(&*store, &worker.to_string(), 1, 10).await {
                    jobs.push(job.id);
                }
                jobs
            });
        }
        let jobs: Vec<_> = workers.join_all().await.concat();
        assert_eq!(jobs.len(), 16);
        assert_eq!(jobs.into_iter().collect::<BTreeSet<_>>().len(), 16);
    })
    .await;
}

#[tokio::test]
async fn a_job_is_tried_again_or_is_dead() {
    on_each(async |database, store| {
        let task = task('1');
        let mut change = Change::to(task);
        let mut secret = job(&change.task, 0);
        secret.sealed = Some(vec![1, 2, 3]);
        change.jobs.push(secret);
        committed(&*store, &change).await;

        let (job, lease) = claimed(&*store, "one", 0, 10).await.unwrap();
        assert_eq!(job.sealed, Some(vec![1, 2, 3]));
        let mut change = Change::to(change.task);
        let (due_on, error) = (at(50), "not now".to_owned());
        by_job(&mut change, &lease, Then::Retried { due_on, error });
        committed(&*store, &change).await;
        assert!(claimed(&*store, "two", 49, 60).await.is_none());

        let (job, lease) = claimed(&*store, "two", 50, 60).await.unwrap();
        assert_eq!((job.attempt, job.sealed), (2, Some(vec![1, 2, 3])));
        let mut change = Change::to(change.task);
        let (on, error) = (at(55), "never".to_owned());
        by_job(&mut change, &lease, Then::Dead { on, error });
        committed(&*store, &change).await;
        assert!(claimed(&*store, "three", 1_000, 2_000).await.is_none());
        assert!(store.jobs(&change.task.id).await.unwrap()[0].dead);
        let gone = "DELETE FROM job WHERE sealed IS NULL AND last_error = 'never'";
        assert_eq!(database.execute(gone).await, Ok(1));
    })
    .await;
}

#[tokio::test]
async fn dropped_jobs_are_those_of_the_stage_and_of_the_token() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let mut change = Change::to(task.clone());
        for mail in [Mail::Token, Mail::Initial] {
            change
                .jobs
                .push(Job::new(&task.id, JobKind::Mail(mail), at(0)));
        }
        committed(&*store, &change).await;
        let mut change = Change::to(change.task);
        change.drop_jobs = true;
        change.jobs.push(job(&task, 7));
        committed(&*store, &change).await;
        let left = store.jobs(&task.id).await.unwrap();
        let kinds: Vec<_> = left.into_iter().map(|job| job.kind).collect();
        assert_eq!(kinds, [JobKind::Mail(Mail::Initial), JobKind::Stage]);
    })
    .await;
}

#[tokio::test]
async fn steps_are_begun_and_done_by_whoever_has_the_lease() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let (_, old) = claimed(&*store, "one", 0, 10).await.unwrap();
        let key = StepKey {
            task: task.id.clone(),
            action: 1,
            stage: "submit".into(),
            step: "create user".into(),
        };
        let begin = async |lease| store.begin_step(lease, &key, at(3)).await.unwrap();
        assert_eq!(begin(&old).await, Some(Begun::First));
        assert_eq!(begin(&old).await, Some(Begun::Before));
        let (_, lease) = claimed(&*store, "two", 10, 20).await.unwrap();
        assert_eq!(begin(&old).await, None);
        let finish = async |lease| store.finish_step(lease, &key, "[1]", at(4)).await.unwrap();
        assert!(!finish(&old).await);
        assert_eq!(begin(&lease).await, Some(Begun::Before));
        assert!(finish(&lease).await);
        assert_eq!(begin(&lease).await, Some(Begun::Done("[1]".into())));
        let steps = store.steps(&task.id).await.unwrap();
        assert_eq!(steps.len(), 1);
        assert_eq!(steps[0].key, key);
        assert_eq!(steps[0].begun_on, at(3));
        assert_eq!(steps[0].done, Some((at(4), "[1]".into())));
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_job_comes_back_as_it_was_written() {
    on_each(async |_, store| {
        let task = written(&*store, '1').await;
        let mut kinds: Vec<JobKind> = [Mail::Completed, Mail::Initial, Mail::Token]
            .map(JobKind::Mail)
            .into();
        kinds.push(JobKind::Letter(Letter::new("é \"x\"", "ann@x")));
        kinds.push(JobKind::Notification(NotificationId::random()));
        let mut change = Change::to(task.clone());
        for (kind, on) in kinds.iter().zip(1..) {
            change.jobs.push(Job::new(&task.id, kind.clone(), at(on)));
        }
        committed(&*store, &change).await;
        let found = store.jobs(&task.id).await.unwrap();
        let found: Vec<_> = found.into_iter().skip(1).map(|it| it.kind).collect();
        assert_eq!(found, kinds);
    })
    .await;
}
