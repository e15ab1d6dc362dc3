//! Who waits in this process for what comes of a task.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

use crate::workflow::TaskId;

/// Those who wait, by task. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Waiting(Arc<Inner>);

#[derive(Default)]
struct Inner {
    places: Mutex<Places>,
    /// Whether workers of this process do some of what is waited for.
    worked_for: AtomicBool,
}

type Places = HashMap<TaskId, Arc<Notify>>;

/// A place to wait at. The last who leaves it takes it away.
pub(super) struct Place<'a> {
    waiting: &'a Waiting,
    task: &'a TaskId,
    told: Arc<Notify>,
}

impl Waiting {
    pub(super) fn at<'a>(&'a self, task: &'a TaskId) -> Place<'a> {
        let told = Arc::clone(self.places().entry(task.clone()).or_default());
        Place {
            waiting: self,
            task,
            told,
        }
    }

    /// Wakes all who wait for this task.
    pub(super) fn tell(&self, task: &TaskId) {
        if let Some(told) = self.places().get(task) {
            told.notify_waiters();
        }
    }

    /// Says that this process has workers.
    pub(super) fn begin_work(&self) {
        self.0.worked_for.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_worked_for(&self) -> bool {
        self.0.worked_for.load(Ordering::Relaxed)
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    pub(super) fn told(&self) -> &Notify {
        &self.told
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut places = self.waiting.places();
        // One is the map's, and one this place's.
        if Arc::strong_count(&self.told) == 2 {
            places.remove(self.task);
        }
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_there_as_long_as_somebody_waits_at_it() {
        let (waiting, task) = (Waiting::default(), TaskId::random());
        let (one, other) = (waiting.at(&task), waiting.at(&task));
        drop(one);
        assert_eq!(waiting.places().len(), 1);
        drop(other);
        assert_eq!(waiting.places().len(), 0);
    }

    #[tokio::test]
    async fn who_waits_is_told_of_its_own_task() {
        let (waiting, task) = (Waiting::default(), TaskId::random());
        let place = waiting.at(&task);
        let mut told = tokio_test::task::spawn(place.told().notified());
        told.enter(|_, mut it| assert!(!it.as_mut().enable()));
        waiting.tell(&TaskId::random());
        assert!(told.poll().is_pending());
        waiting.tell(&task);
        assert!(told.poll().is_ready());
    }
}
