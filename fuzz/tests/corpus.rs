//! Every seed still holds.

use std::{
    fs,
    path::{Path, PathBuf},
};

use arbitrary::Unstructured;
use wafflehaus_fuzz::{
    oracle::{cloud::Measure, readings},
    stack::{Forwarded, Request, World, send, send_past},
    targets,
};

fn seeds(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let files = fs::read_dir(folder.join(name)).unwrap();
    let paths = files.map(|entry| entry.unwrap().path());
    paths
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

fn replay(name: &str, target: fn(&[u8])) {
    let seeds = seeds(name);
    assert!(seeds.len() > 100, "{} seeds", seeds.len());
    for (path, seed) in seeds {
        println!("{}", path.display());
        target(&seed);
    }
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

/// Whether some Nova takes it for something that breaks a rule, and whether for anything at all.
fn harm(world: &World, forwarded: &Forwarded) -> (bool, bool) {
    let (cloud, readings) = (world.cloud(), readings(&forwarded.head));
    let mut harms = readings
        .iter()
        .map(|asked| cloud.harm(asked, &forwarded.body, false, Measure::Broken));
    (harms.any(|harm| harm.is_some()), !readings.is_empty())
}

#[test]
fn the_same_requests_do_harm_past_the_guards_and_lawful_ones_come_through() {
    let (mut harmful, mut through) = (0, 0);
    for (_, seed) in seeds("stack") {
        let mut input = Unstructured::new(&seed);
        let world: World = input.arbitrary().unwrap();
        let request: Request = input.arbitrary().unwrap();
        let wire = request.wire(&world);
        let past = send_past(&wire);
        harmful += usize::from(past.is_some_and(|past| harm(&world, &past).0));
        let outcome = send(&world, &wire).map_or_else(Vec::new, |outcome| outcome.forwarded);
        let judged = outcome.iter().any(|forwarded| harm(&world, forwarded).1);
        through += usize::from(judged);
    }
    assert!(harmful >= 20, "{harmful} do harm");
    assert!(through >= 20, "{through} come through");
}
