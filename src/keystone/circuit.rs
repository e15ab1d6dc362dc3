//! Leaves a Keystone alone that keeps failing, and finds out when it is back.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Opens when a check fails that some failures in a row have called for. Then nothing is asked for
/// a while, and after that one check at a time decides whether it closes.
///
/// No failure opens it by itself: what was asked then was about a caller's token, and the token may
/// be what Keystone fails on.
#[derive(Clone)]
pub(super) struct Circuit {
    failures_to_check: u32,
    open_for: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// When the next check may be made, if the circuit is open.
    retry_at: Option<Instant>,
    checking: bool,
}

/// Leave to ask about a token.
pub(super) enum Leave {
    Now,
    /// If this check succeeds.
    After(Check),
}

/// The only check that is under way. Dropped without an outcome it has failed.
#[must_use]
pub(super) struct Check {
    circuit: Circuit,
    settled: bool,
}

impl Circuit {
    pub(super) fn new(failures_to_check: u32, open_for: Duration) -> Self {
        Self {
            failures_to_check: failures_to_check.max(1),
            open_for,
            state: Arc::default(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.state().retry_at.is_some()
    }

    /// Leave to ask, unless the circuit is open.
    pub(super) fn leave(&self) -> Option<Leave> {
        let mut state = self.state();
        match state.retry_at {
            None => Some(Leave::Now),
            Some(at) if Instant::now() < at || state.checking => None,
            Some(_) => Some(Leave::After(self.begin_check(&mut state))),
        }
    }

    /// There was an answer, whatever it said.
    pub(super) fn answered(&self) {
        Self::close(self.state());
    }

    /// There was none. Perhaps it is time for a check.
    pub(super) fn failed(&self) -> Option<Check> {
        let mut state = self.state();
        // What was asked before the circuit opened does not keep it open for longer.
        if state.retry_at.is_some() {
            return None;
        }
        state.failures = state.failures.saturating_add(1);
        let due = state.failures >= self.failures_to_check && !state.checking;
        due.then(|| self.begin_check(&mut state))
    }

    fn begin_check(&self, state: &mut State) -> Check {
        state.checking = true;
        Check {
            circuit: self.clone(),
            settled: false,
        }
    }

    fn close(mut state: MutexGuard<'_, State>) {
        state.failures = 0;
        let was_open = state.retry_at.take().is_some();
        drop(state);
        if was_open {
            tracing::info!(target: "wafflehaus::keystone", "keystone answers again");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Check {
    /// What came of it.
    pub(super) fn settle(mut self, answers: bool) {
        self.conclude(answers);
    }

    fn conclude(&mut self, answers: bool) {
        self.settled = true;
        let circuit = &self.circuit;
        let mut state = circuit.state();
        state.checking = false;
        if answers {
            return Circuit::close(state);
        }
        let was_open = state.retry_at.is_some();
        // An answer that came meanwhile counts for more.
        if !was_open && state.failures < circuit.failures_to_check {
            return;
        }
        state.retry_at = Instant::now().checked_add(circuit.open_for);
        drop(state);
        if !was_open {
            tracing::warn!(
                target: "wafflehaus::keystone",
                seconds = circuit.open_for.as_secs_f64(),
                "keystone keeps failing and is left alone"
            );
        }
    }
}

impl Drop for Check {
    fn drop(&mut self) {
        if !self.settled {
            self.conclude(false);
        }
    }
}

impl fmt::Debug for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Circuit")
            .field("failures_to_check", &self.failures_to_check)
            .field("open_for", &self.open_for)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(5);

    fn open(circuit: &Circuit) {
        circuit.failed().unwrap().settle(false);
        assert!(circuit.is_open());
    }

    fn check(circuit: &Circuit) -> Check {
        match circuit.leave() {
            Some(Leave::After(check)) => check,
            Some(Leave::Now) => panic!("it is closed"),
            None => panic!("it is too soon"),
        }
    }

    #[test]
    fn rule_18_failures_in_a_row_call_for_a_check_and_only_then() {
        let circuit = Circuit::new(3, PAUSE);
        for _ in 0..4 {
            assert!(circuit.failed().is_none());
            assert!(circuit.failed().is_none());
            circuit.answered();
        }
        assert!(circuit.failed().is_none() && circuit.failed().is_none());
        let check = circuit.failed().unwrap();
        // One at a time, and it alone decides.
        assert!(circuit.failed().is_none() && circuit.failed().is_none());
        assert!(matches!(circuit.leave(), Some(Leave::Now)));
        check.settle(true);
        assert!(!circuit.is_open());
        assert!(circuit.failed().is_none() && circuit.failed().is_none());
        circuit.failed().unwrap().settle(false);
        assert!(circuit.is_open() && circuit.leave().is_none());
    }

    #[test]
    fn rule_18_an_answer_during_a_check_counts_for_more() {
        let circuit = Circuit::new(1, PAUSE);
        let check = circuit.failed().unwrap();
        circuit.answered();
        check.settle(false);
        assert!(!circuit.is_open());
        open(&circuit);
        circuit.answered();
        assert!(!circuit.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn rule_18_one_check_at_a_time_finds_out_whether_it_is_back() {
        let circuit = Circuit::new(1, PAUSE);
        open(&circuit);
        advance(PAUSE - Duration::from_millis(1)).await;
        assert!(circuit.leave().is_none());
        // A straggler changes nothing.
        assert!(circuit.failed().is_none());
        advance(Duration::from_millis(1)).await;
        let first = check(&circuit);
        assert!(circuit.leave().is_none());
        first.settle(false);
        assert!(circuit.leave().is_none());
        advance(PAUSE).await;
        // One that is lost has failed.
        drop(check(&circuit));
        assert!(circuit.leave().is_none());
        advance(PAUSE).await;
        check(&circuit).settle(true);
        assert!(!circuit.is_open());
        let both = (circuit.leave(), circuit.leave());
        assert!(matches!(both, (Some(Leave::Now), Some(Leave::Now))));
    }
}
