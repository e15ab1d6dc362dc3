//! docs/WORKFLOW.md names tests that there are, for each of the 43 weaknesses.

use std::{fs, path::Path};

#[test]
fn each_weakness_is_in_the_list_with_tests_that_there_are() {
    let document = include_str!("../../docs/WORKFLOW.md");
    for weakness in 1..=43 {
        let begin = format!("| W{weakness} | ");
        assert!(document.lines().any(|it| it.starts_with(&begin)), "{begin}");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    for folder in ["src/workflow", "tests/workflow", "tests/workflow_actions"] {
        read(&root.join(folder), &mut tests);
    }
    let named = document.split('`').skip(1).step_by(2);
    let named: Vec<_> = named
        .filter(|it| it.contains('_') && !it.contains([':', '.', '/']))
        .collect();
    assert!(named.len() > 50, "{}", named.len());
    for name in named {
        assert!(tests.contains(&format!("fn {name}(")), "{name}");
    }
}

/// Adds every file of Rust in a folder.
fn read(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, all);
        } else if path.extension().is_some_and(|it| it == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}
