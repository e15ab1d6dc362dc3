//! Filters, on both databases.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use wafflehaus::workflow::{
    Caller, Engine, Key, KeystoneUser, ManualClock, Timestamp, Worker,
    identity::InMemoryIdentity,
    quota::{InMemoryQuota, QuotaStore},
    store::{Cursor, Filter, Page, Slice},
};

use crate::{
    database::Database,
    support::{Mails, open, registry},
};

/// 2026-11-22T05:36:10.480795Z, a Sunday.
const BEGIN: i64 = 1_795_325_770_480_795;

/// Tasks `a`, `b` and `c`, of which each is a day and an hour younger. `a` is cancelled, `b`
/// invalid, and `c` waits for its token.
async fn world(database: &Database) -> Engine {
    let identity = Arc::new(InMemoryIdentity::new());
    identity.add_domain("default", "Default").unwrap();
    for role in crate::support::ROLES {
        identity.add_role(role).unwrap();
    }
    let taken = wafflehaus::workflow::identity::CreateProject::new("b", "default");
    identity.add_project(&taken).unwrap();
    let quota: Arc<dyn QuotaStore> = Arc::new(InMemoryQuota::new());
    let clock = Arc::new(ManualClock::at(Timestamp::from_micros(BEGIN)));
    let engine = Engine::new(
        open(database).await,
        registry(&identity, &quota),
        Key::random().unwrap(),
        Mails::default(),
    )
    .clock(Arc::clone(&clock));
    let worker = Worker::new(engine.clone());
    for (name, email) in [
        ("a", "Ann@x.example"),
        ("b", "bob%_@x.example"),
        ("c", "ceé@x.example"),
    ] {
        let mut user = KeystoneUser::default();
        user.user_id = format!("user-{name}");
        user.project_id = (name != "c").then(|| "6f70".to_owned());
        let caller = Caller::user(user).from_address([192, 0, 2, 7].into());
        let body = json!({"project_name": name, "email": email});
        let task = engine
            .submit("create_project", body.as_object().unwrap(), &caller)
            .await
            .unwrap();
        worker.run_due().await.unwrap();
        if name == "a" {
            engine.note(&task.id, "looked at", &caller).await.unwrap();
            engine.cancel(&task.id, &caller).await.unwrap();
        }
        if name == "c" {
            engine.approve(&task.id, &Caller::system()).await.unwrap();
            worker.run_due().await.unwrap();
        }
        clock.advance(Duration::from_secs(25 * 3600));
    }
    engine
}

async fn names(engine: &Engine, filter: Filter) -> String {
    let tasks = engine.find_tasks(&filter, &Slice::default()).await.unwrap();
    assert_eq!(
        engine.count(&filter).await.unwrap(),
        u64::try_from(tasks.len()).unwrap()
    );
    let mut names: Vec<&str> = tasks
        .iter()
        .map(|it| it.actions[0].data["project_name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names.concat()
}

async fn found(engine: &Engine, filters: &Value) -> String {
    let filter = Filter::tasks()
        .and(filters)
        .unwrap_or_else(|it| panic!("{filters}: {it}"));
    names(engine, filter).await
}

#[tokio::test]
async fn every_lookup_finds_the_same_in_both_databases() {
    for database in Database::each().await {
        let engine = world(&database).await;
        let of = |field: &str, lookup: &str, value: Value| json!({field: {lookup: value}});
        let cases = [
            (json!({}), "abc"),
            (of("task_type", "exact", json!("create_project")), "abc"),
            (of("task_type", "exact", json!("Create_project")), ""),
            (of("task_type", "iexact", json!("Create_PROJECT")), "abc"),
            (of("task_type", "contains", json!("te_p")), "abc"),
            (of("task_type", "contains", json!("te%p")), ""),
            (of("task_type", "contains", json!("TE_P")), ""),
            (of("task_type", "icontains", json!("TE_P")), "abc"),
            (of("task_type", "startswith", json!("create")), "abc"),
            (of("task_type", "startswith", json!("reate")), ""),
            (of("task_type", "istartswith", json!("CREATE")), "abc"),
            (of("task_type", "endswith", json!("project")), "abc"),
            (of("task_type", "endswith", json!("xcreate_project")), ""),
            (of("task_type", "iendswith", json!("PROJECT")), "abc"),
            (of("task_type", "in", json!(["x", "create_project"])), "abc"),
            (of("task_type", "in", json!([])), ""),
            (of("task_type", "gt", json!("create")), "abc"),
            (of("task_type", "gte", json!("create_project")), "abc"),
            (of("task_type", "lt", json!("Zebra")), ""),
            (of("task_type", "lte", json!("d")), "abc"),
            (of("task_type", "range", json!(["c", "d"])), "abc"),
            (of("task_type", "regex", json!("^create_[a-z]+$")), "abc"),
            (of("task_type", "regex", json!("^CREATE")), ""),
            (of("task_type", "iregex", json!("^CREATE")), "abc"),
            (of("project_id", "exact", json!("6f70")), "ab"),
            (of("project_id", "isnull", json!(true)), "c"),
            (of("project_id", "isnull", json!(0)), "ab"),
            (of("project_id", "exact", json!(null)), "c"),
            (of("ip_address", "exact", json!("192.0.2.7")), "abc"),
            (of("ip_address", "startswith", json!("10.")), ""),
            (of("keystone_user", "contains", json!("user-b")), "b"),
            (
                of("action_notes", "contains", json!("No existing project")),
                "ac",
            ),
            (of("action_notes", "contains", json!("looked at")), ""),
            (of("task_notes", "contains", json!("looked at")), "a"),
            (of("task_notes", "isnull", json!(true)), "bc"),
            (of("cancelled", "exact", json!(true)), "a"),
            (of("cancelled", "exact", json!("0")), "bc"),
            (of("cancelled", "in", json!([true, false])), "abc"),
            (of("cancelled", "gt", json!(false)), "a"),
            (of("cancelled", "contains", json!("1")), "a"),
            (of("approved", "exact", json!(1)), "c"),
            (of("approved_by", "contains", json!("system")), "c"),
            (of("completed", "exact", json!(false)), "abc"),
            (of("completed", "isnull", json!(false)), "abc"),
            (of("completed_on", "isnull", json!(true)), "abc"),
            (
                of("created_on", "exact", json!("2026-11-22T05:36:10.480795Z")),
                "a",
            ),
            (
                of(
                    "created_on",
                    "exact",
                    json!("2026-11-22 06:36:10.480795+01:00"),
                ),
                "a",
            ),
            (
                of("created_on", "gt", json!("2026-11-22T05:36:10.480795Z")),
                "bc",
            ),
            (of("created_on", "gte", json!("2026-11-23")), "bc"),
            (of("created_on", "lt", json!("2026-11-24 00:00")), "ab"),
            (
                of("created_on", "range", json!(["2026-11-23", "2026-11-24"])),
                "b",
            ),
            (
                of("created_on", "in", json!(["2026-11-22T05:36:10.480795"])),
                "a",
            ),
            (of("created_on", "year", json!(2026)), "abc"),
            (of("created_on", "year", json!("2025")), ""),
            (of("created_on", "month", json!(11)), "abc"),
            (of("created_on", "day", json!(23)), "b"),
            (of("created_on", "day", json!(99)), ""),
            (of("created_on", "week_day", json!(1)), "a"),
            (of("created_on", "week_day", json!(3)), "c"),
            (of("created_on", "hour", json!(6)), "b"),
            (of("created_on", "minute", json!(36)), "abc"),
            (of("created_on", "second", json!(10)), "abc"),
            (
                of(
                    "created_on",
                    "startswith",
                    json!("2026-11-22 05:36:10.480795"),
                ),
                "a",
            ),
            (of("created_on", "regex", json!("^2026-11-2[34]")), "bc"),
            (of("approved_on", "year", json!(2026)), "c"),
            (of("hash_key", "regex", json!("^[0-9a-f]{64}$")), "abc"),
            (
                of("action", "action_name", json!("NewProjectWithUser")),
                "abc",
            ),
            (of("action__valid", "exact", json!(true)), "ac"),
            (of("action", "valid__exact", json!(false)), "b"),
            (of("action__action_data", "contains", json!("bob%_@")), "b"),
            (of("action__action_data", "contains", json!("b%@")), ""),
            (of("action__order", "lt", json!(1)), "abc"),
            (of("action__order", "contains", json!("0")), "abc"),
            (of("action__state", "exact", json!("default")), "abc"),
            (of("action__need_token", "exact", json!(true)), "ac"),
            (of("action__auto_approve", "isnull", json!(true)), "abc"),
            (of("action__cache", "exact", json!("{}")), "ab"),
            (of("action__created", "day", json!(24)), "c"),
            (of("token", "isnull", json!(false)), "c"),
            (of("token", "isnull", json!(true)), "ab"),
            (of("token__expires", "day", json!(25)), "c"),
            (of("notification__error", "exact", json!(false)), "ac"),
            (
                of("notification__notes", "icontains", json!("APPROVAL")),
                "ac",
            ),
            (of("notification__acknowledged", "exact", json!(true)), "ac"),
            (
                of("notification__task__cancelled", "exact", json!(true)),
                "a",
            ),
            (
                json!({"cancelled": {"exact": false}, "created_on": {"lt": "2026-11-24"}}),
                "b",
            ),
            (
                json!({"action__valid": {"exact": true}, "action__state": {"exact": "x"}}),
                "",
            ),
        ];
        for (filters, expected) in cases {
            assert_eq!(
                found(&engine, &filters).await,
                expected,
                "{filters} in {database:?}"
            );
        }
    }
}

#[tokio::test]
async fn tokens_and_notifications_are_found_by_their_tasks() {
    for database in Database::each().await {
        let engine = world(&database).await;
        let tokens = async |filters: Value| {
            let filter = Filter::tokens().and(&filters).unwrap();
            engine
                .find_tokens(&filter, &Slice::default())
                .await
                .unwrap()
        };
        let all = tokens(json!({})).await;
        assert_eq!(all.len(), 1);
        let id = all[0].task.as_str();
        for filters in [
            json!({"task": {"exact": id}}),
            json!({"task_id": {"in": [id]}}),
            json!({"task__uuid": {"exact": id}}),
            json!({"task": {"approved__exact": true}}),
            json!({"task__action__valid": {"exact": true}}),
            json!({"token": {"exact": all[0].hash}}),
            json!({"expires": {"gt": "2026-11-24"}}),
        ] {
            assert_eq!(tokens(filters.clone()).await.len(), 1, "{filters}");
        }
        assert!(
            tokens(json!({"task": {"cancelled": true}}))
                .await
                .is_empty()
        );
        let filter = Filter::notifications();
        let filter = filter
            .and(&json!({"task": {"exact": id}, "error": {"exact": false}}))
            .unwrap();
        let notified = engine
            .find_notifications(&filter, &Slice::default())
            .await
            .unwrap();
        assert_eq!(notified.len(), 1);
        let kinds = engine
            .events_of(&[all[0].task.clone()], &["submitted", "approval"])
            .await
            .unwrap();
        let kinds: Vec<_> = kinds.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(kinds, ["submitted", "approval"]);
        assert_eq!(engine.last_completed().await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_pattern_that_one_database_does_not_know_is_an_error_of_its_own() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let engine = world(&database).await;
    let pattern = json!({"task_type": {"regex": r"\p{Greek}"}});
    let filter = Filter::tasks().and(&pattern).unwrap();
    let error = engine.count(&filter).await.unwrap_err();
    assert_eq!(error.to_string(), "the database cannot match the pattern");
}

#[tokio::test]
async fn slices_go_on_where_the_one_before_ended() {
    for database in Database::each().await {
        let engine = world(&database).await;
        let all = Filter::tasks();
        let first = engine
            .find_tasks(&all, &Slice::of(Page::first(2)))
            .await
            .unwrap();
        let mut page = Page::first(2);
        page.after = Some(Cursor::after(first[1].created_on, first[1].id.as_str()));
        let rest = engine.find_tasks(&all, &Slice::of(page)).await.unwrap();
        let skipped = engine
            .find_tasks(&all, &Slice::of(Page::first(2)).skip(2))
            .await
            .unwrap();
        assert_eq!((first.len(), rest.len()), (2, 1));
        assert_eq!(rest, skipped);
    }
}
