//! A time limit that is set anew for each of many requests.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// A deadline that can be put off for next to nothing.
///
/// Setting a timer for each request would cost more than the rest of waiting for it. Here one
/// timer stays as it was set, and only when it ends it is set for what is left.
#[derive(Debug)]
pub(super) struct Deadline {
    timer: Pin<Box<Sleep>>,
    due: Instant,
}

/// So long from now, or as good as never.
pub(super) fn due_in(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or(now + NEVER)
}

impl Deadline {
    pub(super) fn new(due: Instant) -> Self {
        Self {
            timer: Box::pin(sleep_until(due)),
            due,
        }
    }

    pub(super) fn set(&mut self, due: Instant) {
        self.due = due;
        if self.timer.deadline() > due {
            self.timer.as_mut().reset(due);
        }
    }

    /// Ready once it has passed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if self.timer.deadline() >= self.due {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.due);
        }
    }
}

/// Thirty years.
const NEVER: Duration = Duration::from_secs(30 * 365 * 86_400);

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn it_passes_when_it_was_set_last() {
        let begin = Instant::now();
        let mut deadline = Deadline::new(begin + 2 * SECOND);
        for (due, passes) in [(5, 5), (6, 6), (9, 9), (7, 9), (60, 60)] {
            deadline.set(begin + due * SECOND);
            poll_fn(|cx| deadline.poll(cx)).await;
            assert_eq!(begin.elapsed().as_secs(), passes, "{due}");
        }
        assert!(due_in(Duration::MAX) > begin + 1_000_000 * SECOND);
        // Sooner than the timer was set.
        deadline.set(begin + 90 * SECOND);
        assert!(
            poll_fn(|cx| Poll::Ready(deadline.poll(cx)))
                .await
                .is_pending()
        );
        deadline.set(begin + 70 * SECOND);
        poll_fn(|cx| deadline.poll(cx)).await;
        assert_eq!(begin.elapsed().as_secs(), 70);
    }
}
