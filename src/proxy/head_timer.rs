//! How long a client may take for a head.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};

use super::deadline::Deadline;

/// hyper's timer of one connection. It has one deadline at a time, and makes another for each
/// request.
#[derive(Clone, Debug, Default)]
pub(super) struct HeadTimer(Arc<Mutex<Option<Deadline>>>);

impl HeadTimer {
    fn deadline(&self) -> MutexGuard<'_, Option<Deadline>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, due: Instant) -> Pin<Box<dyn Sleep>> {
        let due = due.into();
        match &mut *self.deadline() {
            Some(deadline) => deadline.set(due),
            none => *none = Some(Deadline::new(due)),
        }
        Box::pin(Waiting(self.clone()))
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

/// The wait for the deadline that was set last.
struct Waiting(HeadTimer);

impl Future for Waiting {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut *self.0.deadline() {
            Some(deadline) => deadline.poll(cx),
            None => Poll::Pending,
        }
    }
}

impl Sleep for Waiting {}
