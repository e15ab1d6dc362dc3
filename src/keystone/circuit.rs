//! Leaves a Keystone alone that keeps failing, and finds out when it is back.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Opens after some failures in a row. Then nothing is asked for a while, and after that one
/// attempt at a time decides whether it closes.
#[derive(Clone)]
pub(super) struct Circuit {
    failures_to_open: u32,
    open_for: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// When the next attempt may be made, if the circuit is open.
    retry_at: Option<Instant>,
    probing: bool,
}

/// Leave to ask once. Dropped without an outcome it counts as a failure.
#[must_use]
pub(super) struct Attempt {
    circuit: Circuit,
    probe: bool,
    settled: bool,
}

impl Circuit {
    pub(super) fn new(failures_to_open: u32, open_for: Duration) -> Self {
        Self {
            failures_to_open: failures_to_open.max(1),
            open_for,
            state: Arc::default(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.state().retry_at.is_some()
    }

    /// Leave to ask, unless the circuit is open.
    pub(super) fn attempt(&self) -> Option<Attempt> {
        let mut state = self.state();
        let probe = match state.retry_at {
            None => false,
            Some(at) if Instant::now() < at || state.probing => return None,
            Some(_) => true,
        };
        state.probing = probe;
        drop(state);
        Some(Attempt {
            circuit: self.clone(),
            probe,
            settled: false,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    /// There was an answer, whatever it said.
    pub(super) fn succeeded(mut self) {
        self.settled = true;
        let mut state = self.circuit.state();
        let was_open = state.retry_at.is_some();
        *state = State::default();
        drop(state);
        if was_open {
            tracing::info!(target: "wafflehaus::keystone", "keystone answers again");
        }
    }

    /// There was none.
    pub(super) fn failed(mut self) {
        self.fail();
    }

    fn fail(&mut self) {
        self.settled = true;
        let mut state = self.circuit.state();
        state.failures = state.failures.saturating_add(1);
        // What was asked before the circuit opened does not keep it open for longer.
        let opens = match state.retry_at {
            Some(_) => self.probe,
            None => state.failures >= self.circuit.failures_to_open,
        };
        if self.probe {
            state.probing = false;
        }
        if opens {
            state.retry_at = Instant::now().checked_add(self.circuit.open_for);
        }
        drop(state);
        if opens && !self.probe {
            tracing::warn!(
                target: "wafflehaus::keystone",
                seconds = self.circuit.open_for.as_secs_f64(),
                "keystone keeps failing and is left alone"
            );
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.settled {
            self.fail();
        }
    }
}

impl fmt::Debug for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Circuit")
            .field("failures_to_open", &self.failures_to_open)
            .field("open_for", &self.open_for)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(5);

    fn fail(circuit: &Circuit) {
        circuit.attempt().unwrap().failed();
    }

    #[tokio::test(start_paused = true)]
    async fn rule_18_it_opens_after_failures_in_a_row_and_only_then() {
        let circuit = Circuit::new(3, PAUSE);
        for _ in 0..4 {
            fail(&circuit);
            fail(&circuit);
            circuit.attempt().unwrap().succeeded();
        }
        for _ in 0..3 {
            assert!(!circuit.is_open());
            fail(&circuit);
        }
        assert!(circuit.is_open() && circuit.attempt().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn rule_18_one_probe_at_a_time_decides() {
        let circuit = Circuit::new(1, PAUSE);
        let before = circuit.attempt().unwrap();
        fail(&circuit);
        advance(PAUSE - Duration::from_millis(1)).await;
        assert!(circuit.attempt().is_none());
        // A straggler changes nothing.
        before.failed();
        advance(Duration::from_millis(1)).await;
        let probe = circuit.attempt().unwrap();
        assert!(circuit.attempt().is_none());
        probe.failed();
        assert!(circuit.attempt().is_none());
        advance(PAUSE).await;
        // One that is lost is a failure.
        drop(circuit.attempt().unwrap());
        assert!(circuit.attempt().is_none());
        advance(PAUSE).await;
        circuit.attempt().unwrap().succeeded();
        assert!(!circuit.is_open());
        let both = (circuit.attempt(), circuit.attempt());
        assert!(both.0.is_some() && both.1.is_some());
    }
}
