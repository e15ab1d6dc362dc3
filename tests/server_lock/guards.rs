//! How guards use a lock: one that does not work, several guards, and audits.

use std::{borrow::Cow, sync::Arc};

use tower::{Layer as _, Service as _, ServiceExt as _};
use wafflehaus::{
    nova::{Operation, ServerId},
    policy::{Denial, DenialKind, Hold, Inspection, Policy},
    server_lock::{Held, LocalLock, LockError, LockFuture, ServerLock, Uncertain},
    sim::Api,
};

use crate::world::*;

/// A lock that is lost: at once, or once there is a turn.
struct Broken {
    at_once: bool,
}

struct Turn;

fn lost<T>() -> Result<T, LockError> {
    Err(LockError::Unavailable("it is lost".into()))
}

impl ServerLock for Broken {
    fn acquire(&self, _: ServerId) -> LockFuture<'_, Box<dyn Held>> {
        Box::pin(async {
            if self.at_once {
                return lost();
            }
            Ok(Box::new(Turn) as Box<dyn Held>)
        })
    }
}

impl Held for Turn {
    fn uncertain(&self) -> &[Uncertain] {
        &[]
    }

    fn begin(&mut self, _: Uncertain) -> LockFuture<'_, ()> {
        Box::pin(async { lost() })
    }

    fn settle(&mut self) {}
}

/// Refuses every attach, as a guard does that could not look something up.
struct Blind;

impl Policy for Blind {
    fn name(&self) -> Cow<'static, str> {
        "Blind".into()
    }

    fn concerns(&self, operation: &Operation) -> bool {
        matches!(operation, Operation::AttachInterface { .. })
    }

    fn check(&self, _: &Inspection<'_>) -> Result<(), Hold> {
        Err(Denial::new(DenialKind::LookupFailed, "it is dark").into())
    }
}

#[tokio::test]
async fn a_lock_that_does_not_work_refuses_and_nothing_reaches_nova() {
    for at_once in [true, false] {
        let world = World::new();
        let mut guard = world.guarded(Broken { at_once });
        let guard = guard.ready().await.unwrap();
        let refused = guard.call(attach(1)).await.unwrap();
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.headers()["retry-after"], "5");
        let denial = refused.extensions().get::<Denial>().unwrap();
        assert_eq!(denial.kind().code(), "lock_unavailable");
        assert_eq!(world.reached(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn stacked_guards_take_one_turn_and_look_once() {
    let world = World::new();
    let lock = Arc::new(with_waiters(0));
    let inner = world.layer(interfaces(9)).server_lock(lock.clone());
    let outer = world.layer(two_networks()).server_lock(lock);
    let guard = boxed(outer.layer(inner.layer(world.nova())));
    assert_eq!(ask(&guard, attach(1)).await, DONE);
    assert_eq!(world.lookups(), 1);
    assert_eq!(ask(&guard, attach(2)).await, TOO_MANY);
}

#[tokio::test(start_paused = true)]
async fn a_guard_does_not_judge_by_what_an_audit_saw_out_of_turn() {
    let world = World::new();
    let lock = Arc::new(LocalLock::default());
    let outer = world.layer(two_networks()).server_lock(lock.clone());
    let inner = world.layer(two_networks()).server_lock(lock);
    let guard = outer.audit(true).layer(inner.layer(world.nova()));
    let guard = boxed(guard);
    world.cloud.hold(Api::Nova);
    let first = start(&guard, attach(1));
    world.cloud.until_in_flight(Api::Nova, 1).await;
    let second = start(&guard, attach(2));
    all_wait().await;
    // The audits have looked, and of the guards the first.
    assert_eq!(world.lookups(), 3);
    world.cloud.release(Api::Nova);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(second.await.unwrap().code, "too_many_networks");
}

#[tokio::test(start_paused = true)]
async fn an_audit_waits_for_nobody() {
    let world = World::new();
    let lock = Arc::new(with_waiters(0));
    let layer = world.layer(two_networks()).server_lock(lock).audit(true);
    let guard = world.behind(&layer);
    world.cloud.hold(Api::Nova);
    let both = [1, 2].map(|digit| start(&guard, attach(digit)));
    world.cloud.until_in_flight(Api::Nova, 2).await;
    world.cloud.release(Api::Nova);
    for passed in both {
        assert_eq!(passed.await.unwrap().status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_guard_further_in_refuses_leaves_no_doubt() {
    let world = World::new();
    let lock = Arc::new(LocalLock::default());
    let outer = world.layer(two_networks()).server_lock(lock);
    let blind = world.layer(Blind);
    let refused = outer.clone().layer(blind.layer(world.nova()));
    let refused = boxed(refused);
    assert_eq!(ask(&refused, attach(1)).await, (503, "lookup_failed"));
    assert_eq!(ask(&world.behind(&outer), attach(2)).await, DONE);
}
