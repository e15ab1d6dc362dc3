//! The program, as a process of its own.

mod check;
mod environment;
mod explain;
mod serve;
mod show;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::{
    samples::{REQUEST_NETWORKS, globals},
    support::file,
};

pub(super) const NOVA: &str = "http://nova:8774";

pub(super) const KEYSTONE: &str = "https://keystone:5000";

pub(super) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wafflehaus"));
    command.env_clear();
    command
}

/// What it says to these arguments, with this on its standard input.
pub(super) fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Who reads no input may be gone already.
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// The exit code, standard output and standard error.
pub(super) fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap();
    (code, text(&output.stdout), text(&output.stderr))
}

pub(super) fn sample(name: &str) -> PathBuf {
    file(name, &REQUEST_NETWORKS.ini(&globals(NOVA, KEYSTONE)))
}

pub(super) fn bad(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/config/bad")
        .join(name)
}
