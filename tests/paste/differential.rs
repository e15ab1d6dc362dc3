//! Generated files beside CPython's and PasteDeploy's reading of them.
//!
//! `WAFFLEHAUS_DIFFERENTIAL` says how many files (2,000), `WAFFLEHAUS_SEED` the number of the
//! first (0), and `WAFFLEHAUS_PYTHON` which Python (`python3`): with PasteDeploy in it, it is
//! compared too what the sections come to.

use std::{collections::BTreeMap, env};

use serde_json::{Value, json};
use wafflehaus::config::Mistake;

use crate::{
    generate::{File, samples},
    outcome::{grammar, meaning},
    python::Python,
};

#[test]
fn files_are_read_as_cpython_and_pastedeploy_read_them() {
    let Some(mut python) = Python::start() else {
        assert!(env::var_os("CI").is_none(), "there is no python3");
        eprintln!("SKIPPED: there is no python3 to compare with");
        return;
    };
    if !python.meaning {
        eprintln!("SKIPPED: there is no PasteDeploy to compare with, only configparser");
    }
    let number = |name, or| env::var(name).map_or(or, |text| text.parse().unwrap());
    let (files, first) = (
        number("WAFFLEHAUS_DIFFERENTIAL", 2000),
        number("WAFFLEHAUS_SEED", 0),
    );
    let samples = samples();
    let mut seen = BTreeMap::new();
    for batch in (first..first + files).collect::<Vec<u64>>().chunks(100) {
        let generated: Vec<_> = batch.iter().map(|seed| File::of(*seed, &samples)).collect();
        let answers = python.ask(&generated);
        assert_eq!(answers.len(), generated.len());
        for ((seed, file), answer) in batch.iter().zip(&generated).zip(answers) {
            let told = compare(file, &answer).unwrap_or_else(|difference| {
                panic!(
                    "WAFFLEHAUS_SEED={seed}: {difference}\n{}\n{:?}\n{:#?}",
                    file.text, file.text, file.others
                )
            });
            for what in told {
                *seen.entry(what).or_insert(0) += 1;
            }
        }
    }
    println!("{files} files from {first} on: {seen:?}");
    if files >= 2000 {
        let mut whats = vec![
            "read", "header", "section", "key", "lines", "missing", "syntax",
        ];
        if python.meaning {
            whats.extend([
                "section means",
                "section is wrong",
                "\"pipeline\":",
                "\"with\":",
            ]);
        }
        for what in whats {
            assert!(
                seen.get(what) >= Some(&(files / 100)),
                "hardly any {what}: {seen:?}"
            );
        }
    }
}

/// What was seen in the file, or how the two readings differ.
fn compare(file: &File, answer: &Value) -> Result<Vec<&'static str>, String> {
    let differ = |what: &str, ours: &Value, theirs: &Value| {
        if ours == theirs {
            Ok(())
        } else {
            Err(format!("{what}\n  ours:   {ours}\n  theirs: {theirs}"))
        }
    };
    let theirs = &answer["grammar"];
    differ("the grammar", &grammar(file), theirs)?;
    let mut seen = vec![match theirs["error"].as_str() {
        None => "read",
        Some("header") => "header",
        Some("section") => "section",
        Some("key") => "key",
        Some(_) => "lines",
    }];
    let text = theirs.to_string();
    for what in ["missing", "syntax", "depth"] {
        if text.contains(&json!({ "error": what }).to_string()) {
            seen.push(what);
        }
    }
    let Some(means) = answer["meaning"].as_array() else {
        return Ok(seen);
    };
    let ours = meaning(file);
    // A default that cannot be had spoils each section of theirs; ours are looked at further.
    if theirs["defaults"].to_string().contains("{\"error\":") {
        let spoilt = means.iter().all(|section| section[1]["tree"].is_null());
        return if spoilt && !ours.mistakes.is_empty() {
            Ok(seen)
        } else {
            Err("a default is taken that cannot be had".to_owned())
        };
    }
    let sections = ours.sections.unwrap_or_default();
    let mut wrong = false;
    for (index, theirs) in means.iter().enumerate() {
        let (header, tree) = sections.get(index).ok_or("fewer sections")?;
        differ("the header", &json!(header), &theirs[0])?;
        let what = format!(
            "[{header}], where they say {} and we {}",
            theirs[1]["error"],
            lines(&ours.mistakes)
        );
        differ(&what, &json!(tree), &theirs[1]["tree"])?;
        let Some(tree) = tree else {
            seen.push("section is wrong");
            wrong = true;
            continue;
        };
        seen.push("section means");
        let text = tree.to_string();
        let parts = [
            "\"pipeline\":",
            "\"next\":",
            "\"with\":",
            "\"handed\":[",
            "/etc/p q.ini",
        ];
        seen.extend(parts.into_iter().filter(|part| text.contains(part)));
    }
    // What goes round by way of a pipeline, and what a composite does not find, is for who
    // builds it to tell. We read the files that a composite names even so.
    let later = |section: &Value| {
        ["round", "composite"]
            .iter()
            .any(|later| section[1]["error"] == **later)
    };
    let missed = wrong && ours.mistakes.is_empty() && !means.iter().any(later);
    let composite = |text: &String| text.contains("composi");
    let composites = composite(&file.text) || file.others.values().any(composite);
    let invented = !wrong && !ours.mistakes.is_empty() && !composites;
    if missed || invented {
        let mistakes = lines(&ours.mistakes);
        return Err(format!(
            "a section is wrong: {wrong}, and we say {mistakes}"
        ));
    }
    Ok(seen)
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes
        .iter()
        .map(|mistake| format!("\n    {mistake}"))
        .collect()
}
