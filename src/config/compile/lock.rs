//! How requests on one server are kept apart.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret as _;

use super::{Compiler, Settings};
use crate::{
    pipeline::PlannedLock,
    server_lock::{LocalLock, LockLimits, ServerLock},
};

impl Compiler<'_> {
    pub(super) fn server_lock(&mut self) -> PlannedLock {
        let document = self.document;
        let here = (None, &document.place);
        let mut settings = Settings::new(here, "", &[], &document.globals, self.files);
        let limits = limits(&mut settings);
        let url = settings.secret("server_lock", "server_lock_file");
        let lock = match url.as_ref().map(|url| url.expose_secret()) {
            None | Some("process") => Arc::new(LocalLock::new(limits)),
            Some(url) => database(&mut settings, url, limits),
        };
        let (outline, findings) = settings.finish();
        self.findings.extend(findings);
        PlannedLock { lock, outline }
    }
}

fn limits(settings: &mut Settings<'_>) -> LockLimits {
    let uncertain: Duration = settings
        .inherited("uncertain_for")
        .or(Duration::from_secs(60));
    let wait: Duration = settings
        .inherited("server_lock_wait")
        .or(Duration::from_secs(10));
    let waiters: usize = settings.inherited("server_lock_waiters").or(4);
    LockLimits::default()
        .uncertain_for(uncertain)
        .wait(wait)
        .waiters(waiters)
}

#[cfg(feature = "postgres-lock")]
fn database(settings: &mut Settings<'_>, url: &str, limits: LockLimits) -> Arc<dyn ServerLock> {
    match crate::server_lock::PostgresLock::new(url, limits) {
        Ok(lock) => Arc::new(lock),
        Err(_) => {
            let message = "expected `process`, or the URL of a PostgreSQL database";
            settings.mistake("server_lock", message);
            Arc::new(LocalLock::new(limits))
        }
    }
}

#[cfg(not(feature = "postgres-lock"))]
fn database(settings: &mut Settings<'_>, _: &str, limits: LockLimits) -> Arc<dyn ServerLock> {
    let message = "expected `process`: this program was built without the feature `postgres-lock`";
    settings.mistake("server_lock", message);
    Arc::new(LocalLock::new(limits))
}
