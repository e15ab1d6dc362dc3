//! What a test's own thread logs.
//!
//! One subscriber serves the whole process and writes for each thread apart. With a subscriber
//! for each thread, `tracing` may remember of an event, from a moment at which nobody listened,
//! that nobody does.

use std::{
    cell::RefCell,
    io,
    sync::{Arc, Mutex, Once},
};

use serde_json::Value;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Mutex<Vec<u8>>>>> = const { RefCell::new(None) };
}

/// All that this thread logs, at every level, until this is dropped.
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn start() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            tracing_subscriber::fmt()
                .json()
                .with_max_level(tracing::Level::TRACE)
                .with_writer(|| Writer)
                .init();
        });
        // For what another thread was about to log for the first time just then.
        tracing::callsite::rebuild_interest_cache();
        let log = Self(Arc::default());
        CURRENT.set(Some(Arc::clone(&log.0)));
        log
    }

    /// The events of this target so far.
    pub(crate) fn events(&self, target: &str) -> Vec<Value> {
        let text = self.text();
        let events = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|event| event["target"] == target).collect()
    }

    /// Everything so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        CURRENT.with_borrow(|log| {
            if let Some(log) = log {
                log.lock().unwrap().extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
