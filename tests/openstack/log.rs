//! Rule 12, and the log of a run for whoever else wants to look at it.

use std::{
    cell::RefCell,
    io,
    sync::{Arc, Mutex, Once},
};

use tracing::Level;
use wafflehaus::guard::PortLookup as _;

use crate::cloud::{Cloud, Reply, SERVER, neutron_list, port};

/// What the thread that started it logs while it lives, at any level.
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

thread_local! {
    static CURRENT: RefCell<Option<Arc<Mutex<Vec<u8>>>>> = const { RefCell::new(None) };
}

impl Log {
    pub(crate) fn start() -> Self {
        // One subscriber for the process: with one for each thread, `tracing` may remember that
        // nobody listens to an event because the thread that came by first did not.
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            tracing_subscriber::fmt()
                .with_max_level(Level::TRACE)
                .with_ansi(false)
                .without_time()
                .with_writer(|| Writer)
                .init();
        });
        let log = Self(Arc::default());
        CURRENT.set(Some(Arc::clone(&log.0)));
        log
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of this crate.
    fn ours(&self) -> Vec<String> {
        let text = self.text();
        let ours = text.lines().filter(|line| line.contains(" wafflehaus::"));
        ours.map(|line| line.trim().to_owned()).collect()
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

#[tokio::test]
async fn rule_12_calls_are_told_at_debug_and_failed_lookups_at_warn() {
    let log = Log::start();
    let cloud = Cloud::start(|seen| match seen.service.as_str() {
        "neutron" if seen.target.contains("&id=") => Reply::text(500, "hidden"),
        "neutron" => Reply::Json(200, neutron_list([])),
        _ => Reply::Usual,
    })
    .await;
    let lookup = cloud.neutron();
    lookup.server_ports(SERVER).await.unwrap();
    let lines = log.ours();
    let starts = [
        r#"DEBUG wafflehaus::openstack::client: call service="keystone" method=POST path="/keystone/v3/auth/tokens" status=201 duration_ms="#,
        r#"DEBUG wafflehaus::openstack::client: call service="neutron" method=GET path="/neutron/v2.0/ports" status=200 duration_ms="#,
    ];
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }

    lookup.ports(&[port(1).id], None).await.unwrap_err();
    let lines = log.ours();
    assert_eq!(
        lines[3],
        r#"WARN wafflehaus::openstack::service: lookup failed service="neutron" error=status 500 Internal Server Error"#
    );
    assert!(!log.text().contains("hidden"));
}
