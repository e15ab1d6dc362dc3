//! Connections that rest, by thread.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use crate::http_client::Pool;

/// What can rest: a connection.
pub(super) trait Rest: Send + 'static {
    /// Whether it would take a request now.
    fn is_usable(&mut self) -> bool;

    /// Told when it begins to rest.
    fn begin(&mut self);
}

/// Lists of connections, one for each thread, as long as there are not more threads.
pub(super) struct Idle<C> {
    pool: Pool,
    lists: [Mutex<List<C>>; LISTS],
}

struct List<C> {
    /// The one used last comes last.
    resting: Vec<Resting<C>>,
    /// Whether a task looks after those that nobody takes.
    is_tended: bool,
}

struct Resting<C> {
    connection: C,
    since: Instant,
}

impl<C> Idle<C> {
    pub(super) fn new(pool: Pool) -> Self {
        Self {
            pool,
            lists: std::array::from_fn(|_| Mutex::default()),
        }
    }

    fn list(&self, place: usize) -> MutexGuard<'_, List<C>> {
        let [first, ..] = &self.lists;
        let list = self.lists.get(place).unwrap_or(first);
        // Nothing that holds it can panic half-way through a change.
        list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Rest> Idle<C> {
    /// The connection used last of those that would take a request.
    pub(super) fn take(&self) -> Option<C> {
        let mut list = self.list(here());
        while let Some(mut newest) = list.resting.pop() {
            if newest.since.elapsed() >= self.pool.idle_timeout {
                // So have all the others.
                list.resting.clear();
            } else if newest.connection.is_usable() {
                return Some(newest.connection);
            }
        }
        None
    }

    /// Keeps a connection, unless there are enough.
    pub(super) fn put(self: &Arc<Self>, mut connection: C) {
        let place = here();
        let mut list = self.list(place);
        if list.resting.len() >= self.pool.most_idle {
            list.resting.retain_mut(|it| it.connection.is_usable());
        }
        if list.resting.len() >= self.pool.most_idle {
            return;
        }
        connection.begin();
        list.resting.push(Resting {
            connection,
            since: Instant::now(),
        });
        if !std::mem::replace(&mut list.is_tended, true) {
            tokio::spawn(tend(Arc::downgrade(self), place));
        }
    }

    /// Closes what has rested too long, and tells when to look again.
    fn tend(&self, place: usize) -> Option<Instant> {
        let mut list = self.list(place);
        let limit = self.pool.idle_timeout;
        list.resting
            .retain_mut(|it| it.since.elapsed() < limit && it.connection.is_usable());
        let soon = Instant::now() + OFTEN;
        let next = list.resting.first();
        let next = next.map(|oldest| soon.min(oldest.since + limit));
        list.is_tended = next.is_some();
        next
    }
}

/// Looks after a list until it is empty.
async fn tend<C: Rest>(idle: Weak<Idle<C>>, place: usize) {
    while let Some(next) = idle.upgrade().and_then(|idle| idle.tend(place)) {
        sleep_until(next).await;
    }
}

/// The place of this thread's list.
fn here() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static PLACE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % LISTS;
    }
    PLACE.with(|place| *place)
}

impl<C> Default for List<C> {
    fn default() -> Self {
        Self {
            resting: Vec::new(),
            is_tended: false,
        }
    }
}

/// How long a connection that Nova has closed may stay open on this side.
const OFTEN: Duration = Duration::from_secs(5);

/// With more threads than this some of them share.
const LISTS: usize = 64;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Usable, unless it says otherwise.
    #[derive(Debug, PartialEq)]
    struct Line(u8, &'static str);

    impl Rest for Line {
        fn is_usable(&mut self) -> bool {
            self.1 == "open"
        }

        fn begin(&mut self) {}
    }

    fn idle(most_idle: usize) -> Arc<Idle<Line>> {
        let idle_timeout = Duration::from_secs(4);
        Arc::new(Idle::new(Pool {
            idle_timeout,
            most_idle,
            ..Pool::default()
        }))
    }

    fn resting(idle: &Idle<Line>) -> usize {
        idle.list(here()).resting.len()
    }

    #[tokio::test(start_paused = true)]
    async fn the_newest_that_is_open_is_taken() {
        let idle = idle(9);
        for line in [Line(1, "open"), Line(2, "open"), Line(3, "closed")] {
            idle.put(line);
        }
        assert_eq!(idle.take(), Some(Line(2, "open")));
        assert_eq!(idle.take(), Some(Line(1, "open")));
        assert_eq!(idle.take(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn none_is_used_or_kept_beyond_its_time() {
        let idle = idle(9);
        idle.put(Line(1, "open"));
        tokio::time::advance(Duration::from_secs(3)).await;
        idle.put(Line(2, "open"));
        tokio::time::sleep(Duration::from_millis(1001)).await;
        assert_eq!(resting(&idle), 1);
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(resting(&idle), 0);
        // A new one is looked after, too.
        idle.put(Line(3, "open"));
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(resting(&idle), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_not_more_than_enough() {
        let idle = idle(2);
        idle.put(Line(1, "closed"));
        idle.put(Line(2, "open"));
        idle.put(Line(3, "open"));
        idle.put(Line(4, "open"));
        assert_eq!(idle.take(), Some(Line(3, "open")));
        assert_eq!(idle.take(), Some(Line(2, "open")));
        assert_eq!(idle.take(), None);
    }
}
