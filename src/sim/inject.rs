//! Trouble on demand, and a record of what arrived.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tokio::sync::watch;

use super::call::Call;
use super::{Api, Cloud, Shared};

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The connection ends with no answer, and nothing was done.
    Cut,
    /// What was asked is done, then the connection ends with no answer.
    CutAfterwards,
    /// The answer has this status, and nothing was done.
    Status(StatusCode),
}

/// A request as it reached one of the APIs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Received {
    /// The method that was sent.
    pub method: Method,
    /// The path, neither decoded nor tidied.
    pub path: String,
    /// What stands after `?`, or nothing.
    pub query: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, cut off one byte past the 114688 that the APIs read.
    pub body: Bytes,
    /// Whether the body came to its end. If not, the request was not acted on.
    pub complete: bool,
}

/// What one API does beside its work. Requests are remembered up to [`REMEMBERED`].
#[derive(Debug)]
pub(super) struct Desk {
    in_flight: watch::Sender<usize>,
    held: watch::Sender<bool>,
    plan: Mutex<Plan>,
    record: Mutex<VecDeque<Received>>,
}

#[derive(Debug, Default)]
struct Plan {
    delay: Duration,
    /// Each with how often it still applies; `None` is until cleared.
    failures: VecDeque<(Failure, Option<usize>)>,
}

/// How many requests each API remembers; older ones are forgotten.
const REMEMBERED: usize = 1024;

impl Cloud {
    /// Makes an API wait before it acts on a request. The wait is tokio's, so a paused clock
    /// holds it. Once a request has arrived it is acted on even if the caller has gone by then.
    pub fn delay(&self, api: Api, by: Duration) {
        self.shared.desk(api).plan().delay = by;
    }

    /// Makes an API keep requests waiting, after they are recorded and before they are acted on,
    /// until [`release`](Self::release).
    pub fn hold(&self, api: Api) {
        self.shared.desk(api).held.send_replace(true);
    }

    /// Lets waiting requests go on.
    pub fn release(&self, api: Api) {
        self.shared.desk(api).held.send_replace(false);
    }

    /// Makes the next `times` requests to an API fail, after those that were to fail already.
    pub fn fail_next(&self, api: Api, times: usize, failure: Failure) {
        if times > 0 {
            let plan = &mut self.shared.desk(api).plan();
            plan.failures.push_back((failure, Some(times)));
        }
    }

    /// Makes requests to an API fail until [`clear_failures`](Self::clear_failures).
    pub fn fail_always(&self, api: Api, failure: Failure) {
        let plan = &mut self.shared.desk(api).plan();
        plan.failures.push_back((failure, None));
    }

    /// Lets requests to an API succeed again.
    pub fn clear_failures(&self, api: Api) {
        self.shared.desk(api).plan().failures.clear();
    }

    /// How many requests an API has begun to receive and not yet answered.
    #[must_use]
    pub fn in_flight(&self, api: Api) -> usize {
        *self.shared.desk(api).in_flight.borrow()
    }

    /// Waits until an API has exactly this many requests in flight.
    pub async fn until_in_flight(&self, api: Api, count: usize) {
        let mut watched = self.shared.desk(api).in_flight.subscribe();
        // The sender is in `self`, so the wait can only end by being right.
        drop(watched.wait_for(|now| *now == count).await);
    }

    /// The last requests an API received, oldest first: 1024 at most.
    #[must_use]
    pub fn received(&self, api: Api) -> Vec<Received> {
        self.shared.desk(api).record().iter().cloned().collect()
    }

    /// Empties the record of an API.
    pub fn forget_received(&self, api: Api) {
        self.shared.desk(api).record().clear();
    }
}

impl Desk {
    pub(super) fn new() -> Self {
        Self {
            in_flight: watch::Sender::new(0),
            held: watch::Sender::new(false),
            plan: Mutex::default(),
            record: Mutex::default(),
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self) -> MutexGuard<'_, VecDeque<Received>> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn remember(&self, call: &Call, complete: bool) {
        let received = Received {
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            headers: call.headers.clone(),
            body: call.body.clone(),
            complete,
        };
        let mut record = self.record();
        if record.len() == REMEMBERED {
            record.pop_front();
        }
        record.push_back(received);
    }

    /// Whether a request is acted on as soon as it is here.
    pub(super) fn prompt(&self) -> bool {
        self.plan().delay.is_zero() && !*self.held.borrow()
    }

    pub(super) async fn wait(&self) {
        let delay = self.plan().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let mut watched = self.held.subscribe();
        // The sender is in `self`, so the wait can only end by being released.
        drop(watched.wait_for(|held| !held).await);
    }

    /// The failure that the next request meets.
    pub(super) fn failure(&self) -> Option<Failure> {
        let failures = &mut self.plan().failures;
        let (failure, left) = failures.front_mut()?;
        let failure = *failure;
        if let Some(left) = left {
            *left -= 1;
            if *left == 0 {
                failures.pop_front();
            }
        }
        Some(failure)
    }
}

/// Counts a request from its head to its answer.
#[derive(Debug)]
pub(super) struct InFlight {
    shared: Arc<Shared>,
    api: Api,
}

impl InFlight {
    pub(super) fn enter(shared: Arc<Shared>, api: Api) -> Self {
        shared.desk(api).in_flight.send_modify(|count| *count += 1);
        Self { shared, api }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let desk = self.shared.desk(self.api);
        desk.in_flight.send_modify(|count| *count -= 1);
    }
}
