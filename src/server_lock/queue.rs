//! Who waits for which server, in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::{Mutex as Line, OwnedMutexGuard},
    time::{Instant, timeout_at},
};

use super::{LockError, LockLimits};
use crate::nova::ServerId;

/// A line for each server at which somebody stands.
#[derive(Debug)]
pub(super) struct Queue {
    waiters: usize,
    servers: Mutex<HashMap<ServerId, Standing>>,
}

#[derive(Debug, Default)]
struct Standing {
    line: Arc<Line<()>>,
    /// Whose turn it is, and who waits.
    count: usize,
}

/// A place in a line, and in front of it once there is a turn.
#[derive(Debug)]
pub(super) struct Place {
    queue: Arc<Queue>,
    server: ServerId,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Queue {
    pub(super) fn new(limits: LockLimits) -> Arc<Self> {
        Arc::new(Self {
            waiters: limits.waiters,
            servers: Mutex::default(),
        })
    }

    /// Waits for the front of the line, until then at the latest.
    pub(super) async fn front(
        self: &Arc<Self>,
        server: ServerId,
        latest: Instant,
    ) -> Result<Place, LockError> {
        let (mut place, line) = self.join(server)?;
        let turn = timeout_at(latest, line.lock_owned()).await;
        place.turn = Some(turn.map_err(|_| LockError::Busy)?);
        Ok(place)
    }

    fn join(self: &Arc<Self>, server: ServerId) -> Result<(Place, Arc<Line<()>>), LockError> {
        let mut servers = self.servers();
        let standing = servers.entry(server).or_default();
        if standing.count > self.waiters {
            return Err(LockError::Busy);
        }
        standing.count += 1;
        let place = Place {
            queue: Arc::clone(self),
            server,
            turn: None,
        };
        Ok((place, Arc::clone(&standing.line)))
    }

    fn servers(&self) -> MutexGuard<'_, HashMap<ServerId, Standing>> {
        // Nothing that holds it can panic half-way through a change.
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut servers = self.queue.servers();
        // Before the next one is let in, so that the count is never short of who stands there.
        self.turn = None;
        if let Some(standing) = servers.get_mut(&self.server) {
            standing.count -= 1;
            if standing.count == 0 {
                servers.remove(&self.server);
            }
        }
    }
}
