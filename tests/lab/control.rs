//! Stopping the lab's Keystone, and starting it again.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The process group of the lab's Keystone. Whatever becomes of a test, it runs again when this is
/// dropped.
#[derive(Debug)]
pub(crate) struct Control {
    pid_file: PathBuf,
    up: OsString,
    disturbed: bool,
}

impl Control {
    pub(crate) fn new(openrc: &Path, up: OsString) -> Self {
        Self {
            pid_file: openrc.with_file_name("run").join("keystone.pid"),
            up,
            disturbed: false,
        }
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        self.signal("-TERM");
    }

    /// Lets it be silent: connections are taken, and nothing is said.
    pub(crate) fn freeze(&mut self) {
        self.signal("-STOP");
    }

    /// Lets it run, as it did or anew.
    pub(crate) fn start(&mut self) {
        if self.is_running() {
            self.signal("-CONT");
        } else {
            let mut up = Command::new(&self.up);
            let up = up.stdin(Stdio::null()).stdout(Stdio::null());
            assert!(up.stderr(Stdio::null()).status().unwrap().success());
        }
        self.disturbed = false;
    }

    pub(crate) fn is_running(&self) -> bool {
        self.leader().is_some()
    }

    /// The process of the pid file, if it is still the one that was meant.
    fn leader(&self) -> Option<String> {
        let text = fs::read_to_string(&self.pid_file).ok()?;
        let (pid, started) = text.trim().split_once(' ')?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // Behind the name, which is in brackets and may have anything in it.
        let (_, fields) = stat.rsplit_once(") ")?;
        (fields.split(' ').nth(19)? == started).then(|| pid.to_owned())
    }

    fn signal(&mut self, signal: &str) {
        let leader = self.leader().unwrap();
        self.disturbed = true;
        let sent = Command::new("kill")
            .args([signal, "--", &format!("-{leader}")])
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        if self.disturbed {
            self.start();
        }
    }
}
