//! How long, and how many.

use std::time::Duration;

/// The limits of a lock, with the defaults of the [module](super).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockLimits {
    pub(super) uncertain_for: Duration,
    pub(super) wait: Duration,
    pub(super) waiters: usize,
}

impl LockLimits {
    /// How long a doubt counts after the answer, or the lack of one. Default 60 s.
    #[must_use]
    pub const fn uncertain_for(mut self, time: Duration) -> Self {
        self.uncertain_for = time;
        self
    }

    /// The longest wait for a turn. Default 10 s.
    #[must_use]
    pub const fn wait(mut self, time: Duration) -> Self {
        self.wait = time;
        self
    }

    /// The most that wait for one server, in this process. Default 4.
    #[must_use]
    pub const fn waiters(mut self, most: usize) -> Self {
        self.waiters = most;
        self
    }
}

impl Default for LockLimits {
    fn default() -> Self {
        Self {
            uncertain_for: Duration::from_secs(60),
            wait: Duration::from_secs(10),
            waiters: 4,
        }
    }
}
