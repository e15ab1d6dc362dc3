//! The sample and `docs/WORKFLOW_CONFIG.md`, held against the code.

use std::{collections::BTreeSet, fs, path::Path};

use wafflehaus::workflow::{Duplicates, Gate};

use crate::folder::{Folder, LEAST, told};

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The cells of each row below a heading, up to the next heading.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let page = file("docs/WORKFLOW_CONFIG.md");
    let (_, rest) = page.split_once(&format!("\n## {heading}")).unwrap();
    let part = rest.split("\n## ").next().unwrap();
    let rows = part.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|line| {
        let cells = line.trim_matches('|').split(" | ");
        cells.map(|it| it.trim().to_owned()).collect()
    });
    cells.collect()
}

/// What stands in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The keys in a column; of those of a table within, with its prefix, what is behind it.
fn documented(heading: &str, column: usize, prefix: &str) -> BTreeSet<String> {
    let rows = rows(heading);
    let cells = rows.iter().filter_map(|row| row.get(column));
    let keys = cells.flat_map(|cell| quoted(cell));
    let keys = keys.filter_map(|key| key.strip_prefix(prefix));
    keys.map(|key| key.split('.').next().unwrap().to_owned())
        .collect()
}

/// The keys that the program knows where an unknown one is put in.
fn known(text: &str) -> BTreeSet<String> {
    let told = told(&Folder::new().load(text).unwrap_err());
    let all = told
        .iter()
        .find_map(|it| it.split_once("zzzzzzzzzzzz: there is no such key; there are: "));
    let Some((_, all)) = all else {
        panic!("{told:#?}");
    };
    all.split(", ").map(str::to_owned).collect()
}

#[test]
fn every_key_is_documented_and_every_documented_key_is_known() {
    let unknown = "zzzzzzzzzzzz = 1";
    let within = |table: &str| {
        let region = if table == "regions.x" {
            "nova = 'http://127.0.0.1:9'"
        } else {
            ""
        };
        known(&format!("{LEAST}\n[{table}]\n{unknown}\n{region}"))
    };
    let top = known(&format!("{unknown}\n{LEAST}"));
    let mut documented_top = documented("At the top", 0, "");
    for section in [
        "keystone",
        "identity",
        "regions",
        "quota",
        "actions",
        "task_types",
        "service",
        "messages",
        "pages",
        "retention",
        "pace",
    ] {
        documented_top.insert(section.to_owned());
    }
    documented_top.remove("Key");
    assert_eq!(top, documented_top);
    for (table, heading, prefix) in [
        ("identity", "People", ""),
        ("regions.x", "Regions", ""),
        ("regions.x.network", "Regions", "network."),
        ("quota", "Quotas", ""),
        ("quota.sizes.x", "Quotas", "sizes.<name>."),
        ("service", "The service", ""),
        ("service.limits", "The service", "limits."),
        ("pages", "Pages", ""),
        ("retention", "What is removed", ""),
        ("pace", "How patient", ""),
    ] {
        if table == "service.limits" {
            // A table within one that is read as a whole; its own words say what there is.
            let told = told(
                &Folder::new()
                    .load(&format!("{LEAST}\n[{table}]\n{unknown}"))
                    .unwrap_err(),
            );
            for key in documented(heading, 0, prefix) {
                assert!(told[0].contains(&format!("`{key}`")), "{told:#?}");
            }
            continue;
        }
        let text = format!("[{table}]");
        assert_eq!(within(table), documented(heading, 0, prefix), "{text}");
    }
    let keystone = LEAST.replace("[keystone]", &format!("[keystone]\n{unknown}"));
    assert_eq!(known(&keystone), documented("Keystone", 0, ""));
}

#[test]
fn every_action_has_the_keys_that_are_documented() {
    let rows = rows("Actions");
    let mut action = String::new();
    let mut keys: Vec<(String, BTreeSet<String>)> = Vec::new();
    for row in rows.iter().skip(1) {
        if let Some(name) = quoted(&row[0]).next() {
            action = name.to_owned();
            // Each of them knows this one.
            keys.push((action.clone(), BTreeSet::from(["use".to_owned()])));
        }
        let (name, of) = keys.last_mut().unwrap();
        assert_eq!(*name, action);
        let first = quoted(&row[1]).map(|key| key.split('.').next().unwrap().to_owned());
        of.extend(first);
    }
    assert_eq!(keys.len(), 14);
    let region = "[regions.x]\nneutron = 'http://127.0.0.1:9'\nnetwork.public_network = 'p'";
    for (name, documented) in keys {
        let text = format!("{LEAST}\n{region}\n[actions.{name}]\nzzzzzzzzzzzz = 1");
        assert_eq!(known(&text), documented, "{name}");
    }
}

#[test]
fn task_types_are_built_in_as_documented() {
    let known = known(&format!("{LEAST}\n[task_types.x]\nzzzzzzzzzzzz = 1"));
    let rows = rows("Task types");
    let (own, keys): (Vec<_>, Vec<_>) = rows.iter().partition(|row| {
        row.len() == 4
            && quoted(&row[1])
                .next()
                .is_some_and(|it| it.starts_with(char::is_uppercase))
    });
    let keys = keys.iter().filter_map(|row| quoted(&row[0]).next());
    assert_eq!(known, keys.map(str::to_owned).collect());
    let text = format!("{LEAST}\n[regions.x]\nnova = 'http://127.0.0.1:9'");
    let read = Folder::new().load(&text).unwrap();
    let names = read.registry().types().map(|it| it.name.clone());
    let documented = own
        .iter()
        .map(|row| quoted(&row[0]).next().unwrap().to_owned());
    assert_eq!(names.collect::<BTreeSet<_>>(), documented.collect());
    for row in own {
        let [name, action, approval, duplicates] =
            [0, 1, 2, 3].map(|it| quoted(&row[it]).next().unwrap());
        let it = read.registry().find_type(name).unwrap();
        assert_eq!(it.actions, [action]);
        let gate = match approval {
            "vote" => Gate::Vote,
            _ => Gate::Approval,
        };
        assert_eq!(it.stages.at(1).unwrap().gate, gate, "{name}");
        let cancel = it.duplicates == Duplicates::Cancel;
        assert_eq!(cancel, duplicates == "cancel", "{name}");
    }
}

#[test]
fn the_least_of_the_page_can_be_loaded() {
    let page = file("docs/WORKFLOW_CONFIG.md");
    let toml = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let read = Folder::new().load(toml).unwrap();
    assert!(read.messages().is_some());
}

#[test]
fn the_sample_can_be_loaded_as_it_stands_and_with_all_its_examples() {
    let sample = file("packaging/workflow.toml");
    Folder::new().load(&sample).unwrap();
    let example = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line != "#";
    let two_ways =
        |line: &str| line.contains("application_credential") || line.contains("database_file");
    let all: Vec<&str> = sample
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(said) if example(line) && !two_ways(line) => said,
            _ => line,
        })
        .filter(|line| !line.contains("cafile"))
        .collect();
    let read = Folder::new().load(&all.join("\n"));
    let read = read.unwrap_or_else(|rejected| panic!("{rejected}"));
    for action in [
        "MakeClient",
        "NewDefaultNetwork",
        "UpdateQuota",
        "DefaultProjectResources",
    ] {
        assert!(read.registry().find_action(action).is_some(), "{action}");
    }
    assert!(read.messages().is_some());
    assert!(read.registry().find_type("update_email").is_none());
    let only_notes: Vec<String> = read.warnings();
    assert_eq!(only_notes, [""; 0]);
}
