//! Failures on demand.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::CloudError;

/// What goes wrong with one call to a store in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is done, but the caller is told that it failed.
    AfterEffect,
    /// It is not done.
    BeforeEffect,
    /// It takes this long.
    Latency(Duration),
}

/// The failures that are still to come, and the calls so far. Clones are the same.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Default)]
struct Plan {
    calls: BTreeMap<&'static str, usize>,
    /// By method, and by how many calls come before.
    faults: BTreeMap<(String, usize), Fault>,
}

impl Faults {
    /// Has the next call of this method of the store go wrong.
    pub fn inject(&self, method: &str, fault: Fault) {
        self.inject_after(method, 0, fault);
    }

    /// Has a call of this method of the store go wrong, with so many good ones before it.
    pub fn inject_after(&self, method: &str, good: usize, fault: Fault) {
        let mut plan = self.plan();
        let calls = plan.calls.get(method).copied().unwrap_or_default();
        let call = calls.saturating_add(good);
        plan.faults.insert((method.to_owned(), call), fault);
    }

    /// How often this method of the store was called.
    #[must_use]
    pub fn calls(&self, method: &str) -> usize {
        self.plan().calls.get(method).copied().unwrap_or_default()
    }

    /// Counts a call, and tells what goes wrong with it.
    pub(super) fn next(&self, method: &'static str) -> Option<Fault> {
        let mut plan = self.plan();
        let calls = plan.calls.entry(method).or_default();
        let call = *calls;
        *calls += 1;
        plan.faults.remove(&(method.to_owned(), call))
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Faults").field(&self.plan().faults).finish()
    }
}

/// The failure that a caller is told of.
pub(super) fn injected() -> CloudError {
    CloudError::unavailable("simulation", "an injected fault")
}
