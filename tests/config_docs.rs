//! docs/CONFIG.md keeps up with the code, and its samples load.

#![expect(
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use serde_json::Value;
use wafflehaus::{
    config::{Loader, Registry, Rejected},
    pipeline::Plan,
};

const PAGE: &str = include_str!("../docs/CONFIG.md");

/// The rows of the tables of keys, by the heading above them: the key, and its default.
fn tables() -> BTreeMap<&'static str, BTreeMap<&'static str, &'static str>> {
    let mut tables: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    let mut heading = "";
    for line in PAGE.lines() {
        if let Some(text) = line.trim_start_matches('#').strip_prefix(' ')
            && line.starts_with("##")
        {
            heading = text.trim_matches('`');
            tables.entry(heading).or_default();
        }
        let cells: Vec<_> = line.split(" | ").collect();
        if let [key, default, _, _] = cells.as_slice()
            && let Some(key) = key
                .strip_prefix("| `")
                .and_then(|key| key.strip_suffix('`'))
        {
            let default = default.trim_matches('`');
            let before = tables.get_mut(heading).unwrap().insert(key, default);
            assert_eq!(before, None, "{key} is twice below {heading}");
        }
    }
    tables
}

/// A default as the page has it.
fn shown(default: &Value) -> String {
    match default {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| item.as_str().unwrap()).collect();
            items.join(" ")
        }
        Value::Number(number) if number.is_f64() => format!("{number} s").replace(".0", ""),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => default.to_string(),
    }
}

#[test]
fn every_factory_and_every_key_is_on_the_page_with_its_default() {
    let tables = tables();
    let factories = Registry::standard().describe();
    let names: BTreeSet<_> = factories.iter().map(|it| it.name.as_str()).collect();
    assert!(names.len() > 15, "{names:?}");
    // What several have is in a table of its own.
    let shared = tables
        .iter()
        .filter(|(heading, _)| !names.contains(*heading));
    let shared: BTreeMap<_, _> = shared.flat_map(|(_, rows)| rows).collect();
    for factory in &factories {
        let name = factory.name.as_str();
        let own = tables
            .get(name)
            .unwrap_or_else(|| panic!("no heading for {name}"));
        for (key, default) in &factory.keys {
            let told = own.get(key).or(shared.get(key).copied());
            let expected = shown(default);
            assert_eq!(told.copied(), Some(expected.as_str()), "{key} of {name}");
        }
        for key in own.keys() {
            assert!(factory.keys.contains_key(key), "{name} has no {key}");
        }
    }
}

#[test]
fn every_name_of_a_factory_is_on_the_page() {
    for factory in Registry::standard().describe() {
        let start = PAGE.find(&format!("\n### `{}`\n", factory.name)).unwrap();
        let section = PAGE.get(start + 4..).unwrap();
        let section = section.split("\n### ").next().unwrap();
        for name in &factory.also {
            // `module:name`, or where many are alike, the module and `:name`, or `…name`.
            let (module, function) = name.split_once(':').unwrap();
            let class = function.split('.').next().unwrap();
            let told = section.contains(&format!("`{name}`"))
                || section.contains(&format!("`{module}`"))
                    && section.contains(&format!(":{function}`"))
                || section.contains(&format!("`…{class}.factory`"));
            assert!(told, "{name} of {}", factory.name);
        }
    }
}

#[test]
fn every_global_setting_is_on_the_page() {
    let source = include_str!("../src/config/compile/gateway.rs");
    let keys = source.split("settings.key(\"").skip(1);
    let keys = keys.chain(source.split("settings\n            .key(\"").skip(1));
    let keys = keys.map(|rest| rest.split('"').next().unwrap());
    let (_, elsewhere) = source.split_once("const ELSEWHERE").unwrap();
    let elsewhere = elsewhere.lines().filter_map(|line| {
        let name = line.trim().strip_prefix('"')?;
        name.strip_suffix("\",")
    });
    let global: BTreeSet<_> = keys.chain(elsewhere).collect();
    assert!(global.len() > 40, "{global:?}");
    let tables = tables();
    let rows = ["Global settings", "The account", "Forwarding", "Trust"]
        .into_iter()
        .flat_map(|heading| tables[heading].keys().copied());
    let told: BTreeSet<_> = rows.collect();
    // PasteDeploy's own, and one that is told of below its table.
    let missing: Vec<_> = global.difference(&told).copied().collect();
    assert_eq!(missing, ["auth_version", "here"]);
    assert!(PAGE.contains("\n`auth_version` is read and ignored"));
    let unknown: Vec<_> = told.difference(&global).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// The samples: the language and the text.
fn samples() -> Vec<(&'static str, &'static str)> {
    let mut samples = Vec::new();
    for (at, block) in PAGE.split("\n```").enumerate() {
        let (language, text) = block.split_once('\n').unwrap_or((block, ""));
        if at % 2 == 1 && ["ini", "toml"].contains(&language) {
            samples.push((language, text));
        }
    }
    samples
}

/// A sample of a filter is a part of a file: this is the rest of it.
fn completed(language: &str, text: &str) -> String {
    if text.contains("main]") || text.contains("osapi_compute]") {
        return text.to_owned();
    }
    let header = text.lines().next().unwrap();
    let filter = header
        .trim_matches(['[', ']'])
        .get("filter.".len()..)
        .unwrap();
    let rest = if language == "ini" {
        include_str!("config_docs/rest.ini")
    } else {
        include_str!("config_docs/rest.toml")
    };
    format!("{}\n{text}", rest.replace("FILTER", filter))
}

/// A folder with the files that the samples name.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("wafflehaus-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("password"), "secret\n").unwrap();
        Self(folder)
    }

    fn load(&self, language: &str, text: &str) -> Result<Plan, Rejected> {
        let file = self.0.join(format!("sample.{language}"));
        fs::write(&file, text).unwrap();
        Loader::new().load(&file).map(|loaded| loaded.plan)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn every_sample_loads_and_twins_mean_the_same() {
    let folder = Folder::new("samples");
    let load = |(language, text): (&str, &str)| {
        let text = completed(language, text);
        let plan = folder.load(language, &text);
        plan.unwrap_or_else(|rejected| panic!("{rejected}\n{text}"))
    };
    let samples = samples();
    let mut twins = 0;
    for pair in samples.windows(2) {
        if let [ini @ ("ini", _), toml] = *pair {
            assert_eq!(toml.0, "toml", "its twin follows: {}", ini.1);
            assert!(load(ini) == load(toml), "{}\n{}", ini.1, toml.1);
            twins += 1;
        }
    }
    assert_eq!(twins, 7);
    for sample in samples {
        load(sample);
    }
}

#[test]
fn q2_enabled_is_read_in_any_case_and_anything_else_is_a_mistake() {
    let folder = Folder::new("enabled");
    let load = |word: &str| {
        let filter = format!("[filter:nets]\nenabled = {word}\n{LATER}");
        folder.load("ini", &completed("ini", &filter))
    };
    for word in ["TRUE", "On", "YES", "T", "y", "1"] {
        let plan = load(word).unwrap();
        assert_eq!(plan.idle().count(), 0, "{word}");
    }
    for word in ["False", "OFF", "no", "0"] {
        let plan = load(word).unwrap();
        assert_eq!(
            plan.idle().collect::<Vec<_>>(),
            [("nets", "it is not enabled")]
        );
    }
    for word in ["enabled", "2", "tru", ""] {
        let rejected = load(word).unwrap_err().to_string();
        assert!(
            rejected.contains("enabled: expected true or false"),
            "{rejected}"
        );
    }
}

#[test]
fn q3_the_releases_without_enabled_were_on_and_the_later_ones_off() {
    let folder = Folder::new("generations");
    for (factory, on) in [
        ("wafflehaus.requestnetworks:RequestNetworks.factory", true),
        ("wafflehaus.requestnetworks:filter_factory", false),
        (
            "wafflehaus.nova.networking.requestnetworks:filter_factory",
            false,
        ),
        (
            "wafflehaus.nova.networking.requestnetworks:RequestNetworks.factory",
            false,
        ),
    ] {
        let filter =
            format!("[filter:nets]\npaste.filter_factory = {factory}\nbanned_nets = {NET}");
        let plan = folder.load("ini", &completed("ini", &filter)).unwrap();
        assert_eq!(plan.idle().next().is_none(), on, "{factory}");
    }
    let filter = format!("[filter.nets]\nuse = \"request_networks\"\nbanned_nets = [\"{NET}\"]");
    let plan = folder.load("toml", &completed("toml", &filter)).unwrap();
    assert_eq!(plan.idle().count(), 0);
}

#[test]
fn q28_every_module_path_that_the_original_ever_had_is_known_in_both_spellings() {
    let folder = Folder::new("modules");
    for (module, class) in [
        ("requestnetworks", "RequestNetworks"),
        ("detach_network_check", "DetachNetworkCheck"),
        ("network_count_check", "NetworkCountCheck"),
    ] {
        for package in ["wafflehaus", "wafflehaus.nova.networking"] {
            for function in [format!("{class}.factory"), "filter_factory".to_owned()] {
                let factory = format!("{package}.{module}:{function}");
                let filter =
                    format!("[filter:nets]\npaste.filter_factory = {factory}\nenabled = true");
                let plan = folder.load("ini", &completed("ini", &filter)).unwrap();
                assert_eq!(plan.idle().count(), 0, "{factory}");
            }
        }
    }
    let filter = "[filter:nets]\npaste.filter_factory = wafflehaus.requestnetwork:filter_factory";
    let rejected = folder
        .load("ini", &completed("ini", filter))
        .unwrap_err()
        .to_string();
    let meant = "did you mean `wafflehaus.requestnetworks:filter_factory`?";
    assert!(rejected.contains(meant), "{rejected}");
}

#[test]
fn q29_testing_is_a_mistake_that_names_what_does_it_now() {
    let folder = Folder::new("testing");
    let load = |key: &str| {
        let filter = format!("[filter:nets]\nenabled = true\n{key}\n{LATER}");
        folder.load("ini", &completed("ini", &filter))
    };
    let rejected = load("testing = true").unwrap_err().to_string();
    assert!(rejected.contains("`audit = true`"), "{rejected}");
    let told = |plan: Plan| {
        plan.tree()
            .to_string()
            .contains("nets (request_networks) — only tells")
    };
    assert!(told(load("audit = true").unwrap()));
    assert!(!told(load("testing = false").unwrap()));
}

#[test]
fn what_default_would_hide_or_what_is_not_read_there_is_a_mistake() {
    let folder = Folder::new("default");
    let load = |globals: &str, section: &str| {
        let filter = format!("[filter:nets]\n{section}\n{LATER}");
        let text =
            completed("ini", &filter).replacen("[DEFAULT]", &format!("[DEFAULT]\n{globals}"), 1);
        folder.load("ini", &text)
    };
    assert!(load("", "enabled = true").is_ok());
    // PasteDeploy would drop what the section says, and the filter would be off.
    let rejected = load("enabled = true", "enabled = true").unwrap_err();
    let lines: Vec<_> = rejected.mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 2, "{rejected}");
    assert!(
        lines[0].ends_with(
            "ini:2: [filter:nets] enabled: is read from the section only, and this is outside of it"
        ),
        "{rejected}"
    );
    assert!(
        lines[1].ends_with("`[DEFAULT]` has this key too, and goes first: leave one of them out"),
        "{rejected}"
    );
    let rejected = load("enabled = true", "").unwrap_err();
    assert_eq!(rejected.mistakes.len(), 1, "{rejected}");
    // A variable with a name of its own is none.
    assert!(load("on = true", "enabled = %(on)s").is_ok());
}

#[test]
fn a_pipeline_that_names_a_section_of_another_file_says_what_to_do() {
    let folder = Folder::new("elsewhere");
    let beside = "[filter:nets]\nuse = egg:oslo.middleware#sizelimit\n";
    let text = completed("ini", beside);
    assert!(folder.load("ini", &text).is_ok());
    for named in ["config:sample.ini#nets", "egg:oslo.middleware#sizelimit"] {
        let text = text.replace(" nets ", &format!(" {named} "));
        let rejected = folder.load("ini", &text).unwrap_err().to_string();
        let says = format!("a section that says `use = {named}`, and name that");
        assert!(rejected.contains(&says), "{rejected}");
    }
}

/// A filter of the later releases.
const LATER: &str =
    "paste.filter_factory = wafflehaus.nova.networking.requestnetworks:filter_factory
banned_nets = 22222222-2222-2222-2222-222222222222";

const NET: &str = "22222222-2222-2222-2222-222222222222";
