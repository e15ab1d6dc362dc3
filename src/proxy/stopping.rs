//! Tells the connections of a server that it is to stop.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Context,
};

use tokio::sync::Notify;

/// Whether a server stops, as one of its connections sees it. It is asked at each step of the
/// connection, so the answer is one look at a flag.
#[derive(Default)]
pub(super) struct Stopping {
    shared: Arc<Shared>,
    /// What wakes the task, once it has asked.
    wake: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    is_told: bool,
}

#[derive(Default)]
struct Shared {
    begun: AtomicBool,
    all: Notify,
}

impl Stopping {
    /// Tells all of them.
    pub(super) fn begin(&self) {
        self.shared.begun.store(true, Ordering::Release);
        self.shared.all.notify_waiters();
    }

    /// Says once that it is to stop. Always to be asked by the same task, which is woken then.
    pub(super) fn begins(&mut self, cx: &mut Context<'_>) -> bool {
        if self.is_told {
            return false;
        }
        if self.wake.is_none() {
            let shared = Arc::clone(&self.shared);
            let mut wake = Box::pin(async move { shared.all.notified().await });
            // The task is in the list before the flag is looked at, so it cannot be missed.
            let _waits = wake.as_mut().poll(cx);
            self.wake = Some(wake);
        }
        self.is_told = self.shared.begun.load(Ordering::Acquire);
        self.is_told
    }
}

/// For another connection.
impl Clone for Stopping {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn each_connection_is_woken_and_told_once() {
        let stopping = Stopping::default();
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let mut stop = stopping.clone();
            waiting.spawn(async move {
                let told = |cx: &mut Context<'_>| match stop.begins(cx) {
                    true => std::task::Poll::Ready(()),
                    false => std::task::Poll::Pending,
                };
                poll_fn(told).await;
                poll_fn(|cx| std::task::Poll::Ready(stop.begins(cx))).await
            });
        }
        tokio::task::yield_now().await;
        stopping.begin();
        // One that asks only now is told at once.
        let mut late = stopping.clone();
        assert!(poll_fn(|cx| std::task::Poll::Ready(late.begins(cx))).await);
        assert_eq!(waiting.join_all().await, [false; 3]);
    }
}
