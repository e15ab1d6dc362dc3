//! Turns within one process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    Held, LockError, LockFuture, LockLimits, ServerLock, Uncertain,
    queue::{Place, Queue},
};
use crate::nova::ServerId;

/// A lock for one process. Clones are the same lock.
///
/// Doubts are kept in memory. A process that ends forgets them, and so does not see what Nova
/// was still at.
#[derive(Clone, Debug)]
pub struct LocalLock {
    limits: LockLimits,
    queue: Arc<Queue>,
    ledger: Arc<Ledger>,
}

/// The doubts about each server, with the time at which they lapse.
#[derive(Debug, Default)]
struct Ledger(Mutex<HashMap<ServerId, Vec<(Uncertain, Instant)>>>);

impl LocalLock {
    /// A lock with these limits.
    #[must_use]
    pub fn new(limits: LockLimits) -> Self {
        Self {
            limits,
            queue: Queue::new(limits),
            ledger: Arc::default(),
        }
    }

    async fn turn(&self, server: ServerId) -> Result<Box<dyn Held>, LockError> {
        let latest = Instant::now() + self.limits.wait;
        let place = self.queue.front(server, latest).await?;
        Ok(Box::new(Turn {
            uncertain: self.ledger.of(server),
            begun: Vec::new(),
            server,
            ledger: Arc::clone(&self.ledger),
            uncertain_for: self.limits.uncertain_for,
            _place: place,
        }))
    }
}

impl Default for LocalLock {
    fn default() -> Self {
        Self::new(LockLimits::default())
    }
}

impl ServerLock for LocalLock {
    fn acquire(&self, server: ServerId) -> LockFuture<'_, Box<dyn Held>> {
        Box::pin(self.turn(server))
    }
}

struct Turn {
    uncertain: Vec<Uncertain>,
    begun: Vec<Uncertain>,
    server: ServerId,
    ledger: Arc<Ledger>,
    uncertain_for: Duration,
    // Dropped after the doubt is in the ledger: the next turn has to see it.
    _place: Place,
}

impl Held for Turn {
    fn uncertain(&self) -> &[Uncertain] {
        &self.uncertain
    }

    fn begin(&mut self, uncertain: Uncertain) -> LockFuture<'_, ()> {
        self.begun.push(uncertain);
        Box::pin(async { Ok(()) })
    }

    fn settle(&mut self) {
        self.begun.clear();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let lapses = Instant::now() + self.uncertain_for;
        for uncertain in self.begun.drain(..) {
            self.ledger.add(self.server, uncertain, lapses);
        }
    }
}

impl Ledger {
    fn of(&self, server: ServerId) -> Vec<Uncertain> {
        let now = Instant::now();
        let doubts = self.doubts();
        let doubts = doubts.get(&server).into_iter().flatten();
        let counting = doubts.filter(|(_, lapses)| now < *lapses);
        counting.map(|(uncertain, _)| uncertain.clone()).collect()
    }

    /// Adds one, in place of an older one on the same network and port: it was judged with that,
    /// and so says more. Forgets all that have lapsed.
    fn add(&self, server: ServerId, uncertain: Uncertain, lapses: Instant) {
        let now = Instant::now();
        let mut doubts = self.doubts();
        let of_server = doubts.entry(server).or_default();
        of_server.retain(|(older, _)| !uncertain.replaces(older));
        of_server.push((uncertain, lapses));
        doubts.retain(|_, of_server| {
            of_server.retain(|(_, lapses)| now < *lapses);
            !of_server.is_empty()
        });
    }

    fn doubts(&self) -> MutexGuard<'_, HashMap<ServerId, Vec<(Uncertain, Instant)>>> {
        // Nothing that holds it can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
