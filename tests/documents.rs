//! The documents keep up with the code.

use std::collections::BTreeSet;

#[test]
fn every_denial_code_has_a_section_and_every_section_a_code() {
    let source = include_str!("../src/policy/denial.rs");
    let codes = source.lines().filter_map(|line| {
        let (_, rest) = line.trim().strip_prefix("Self::")?.split_once("=> \"")?;
        rest.strip_suffix("\",")
    });
    let document = include_str!("../docs/DENIALS.md");
    let sections = document
        .lines()
        .filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`'));
    let (codes, sections) = (
        codes.collect::<BTreeSet<_>>(),
        sections.collect::<BTreeSet<_>>(),
    );
    assert!(codes.len() > 20, "{codes:?}");
    assert_eq!(codes, sections);
}

#[test]
fn every_quirk_that_has_a_test_is_in_the_list() {
    let tests = [
        include_str!("middleware/parity.rs"),
        include_str!("config_docs.rs"),
    ];
    let tests = tests.concat();
    let document = include_str!("../docs/PARITY.md");
    for quirk in 1..=30 {
        assert!(document.contains(&format!("\n| {quirk} | ")), "{quirk}");
        let named = [" q", "_and_q"].map(|before| format!("{before}{quirk}_"));
        assert!(named.iter().any(|name| tests.contains(name)), "{quirk}");
    }
}
