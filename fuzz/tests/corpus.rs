//! Every seed still holds.

use std::{fs, path::Path};

use wafflehaus_fuzz::targets;

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(name);
    let mut seeds = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        target(&fs::read(path).unwrap());
        seeds += 1;
    }
    assert!(seeds >= 20, "{seeds} seeds");
}

#[test]
fn path_query() {
    replay("path_query", targets::path_query);
}

#[test]
fn create_body() {
    replay("create_body", targets::create_body);
}

#[test]
fn attach_body() {
    replay("attach_body", targets::attach_body);
}

#[test]
fn action_body() {
    replay("action_body", targets::action_body);
}

#[test]
fn stack() {
    replay("stack", targets::stack);
}
