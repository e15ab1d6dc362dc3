//! The turns at the servers that one request changes.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use http::{Request, Response};

use super::change::Change;
use crate::{
    guard::{Added, Turn},
    nova::ServerId,
    policy::Denial,
    server_lock::ServerLock,
};

/// Some turns; none if nobody gives them out.
#[derive(Default)]
pub(super) struct Turns(Vec<Turn>);

/// Turns on their way to a guard further in, which would otherwise wait for this one.
#[derive(Clone)]
pub(super) struct Lent(Arc<Mutex<Vec<Turn>>>);

impl Turns {
    /// Those that a guard further out has taken for this request.
    pub(super) fn borrow<B>(request: &mut Request<B>) -> Self {
        let lent: Option<Lent> = request.extensions_mut().remove();
        lent.map(Lent::back).unwrap_or_default()
    }

    /// Gives them to the guards further in. What none of them takes can be had back.
    pub(super) fn lend<B>(self, request: &mut Request<B>) -> Lent {
        let any = !self.is_empty();
        let lent = Lent(Arc::new(Mutex::new(self.0)));
        if any {
            request.extensions_mut().insert(lent.clone());
        }
        lent
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is one at the server of each change.
    pub(super) fn cover(&self, changes: &[Change]) -> bool {
        changes.iter().all(|change| self.is_at(change.server()))
    }

    fn is_at(&self, server: ServerId) -> bool {
        self.0.iter().any(|turn| turn.server() == server)
    }

    /// Takes those that are missing, in the order of the servers, so that two requests about the
    /// same ones do not wait for each other.
    pub(super) async fn take(
        &mut self,
        lock: &dyn ServerLock,
        changes: &[Change],
    ) -> Result<(), Denial> {
        let servers: BTreeSet<_> = changes.iter().map(|change| change.server()).collect();
        for server in servers {
            if !self.is_at(server) {
                self.0.push(Turn::take(lock, server).await?);
            }
        }
        Ok(())
    }

    /// The turn at a server.
    pub(super) fn at(&mut self, server: ServerId) -> Option<&mut Turn> {
        self.0.iter_mut().find(|turn| turn.server() == server)
    }

    /// Says what the request adds to which servers.
    pub(super) fn adding(&mut self, adds: &[(ServerId, Added)]) {
        for turn in &mut self.0 {
            let server = turn.server();
            let adds = adds.iter().filter(|(to, _)| *to == server);
            turn.adding(adds.map(|(_, added)| added.clone()).collect());
        }
    }

    /// Leaves word of what the request adds, before it goes on.
    pub(super) async fn begin(&mut self) -> Result<(), Denial> {
        for turn in &mut self.0 {
            turn.begin().await?;
        }
        Ok(())
    }

    /// Ends them with the answer.
    pub(super) fn end<R, E>(self, answer: &Result<Response<R>, E>) {
        for turn in self.0 {
            turn.end(answer);
        }
    }
}

impl Lent {
    /// Those that nobody has borrowed.
    pub(super) fn back(self) -> Turns {
        // Nothing that holds it can panic half-way through a change.
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Turns(std::mem::take(&mut *turns))
    }
}
