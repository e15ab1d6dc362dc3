//! Bad files, and all that is said of each. The reports stand beside the files.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use wafflehaus::config::{Loaded, Loader, Mistake, Rejected};

/// All files that have it, have it as a secret.
const SECRET: &str = "s3cr3t";

#[test]
fn all_that_is_wrong_is_told_at_its_line() {
    for path in files() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let (mistakes, warnings) = told(&path);
        let mut report = String::new();
        for (kind, all) in [("mistake", &mistakes), ("warning", &warnings)] {
            for one in all {
                writeln!(report, "{kind}: {}", shown(one)).unwrap();
            }
        }
        insta::with_settings!({
            snapshot_path => "bad",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, report);
        });
    }
}

#[test]
fn each_bad_file_has_a_report_that_is_not_empty() {
    let files = files();
    assert!(files.len() >= 30, "{}", files.len());
    for path in &files {
        let (mistakes, warnings) = told(path);
        assert!(mistakes.len() + warnings.len() > 0, "{path:?}");
    }
    let reports = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let reports = reports.filter(|path| path.extension().unwrap() == "snap");
    for report in reports {
        let of = report.with_extension("");
        assert!(files.contains(&of), "{report:?} is of no file");
    }
}

#[test]
fn nothing_is_told_twice() {
    for path in files() {
        let (mistakes, warnings) = told(&path);
        let all: Vec<_> = mistakes.iter().chain(&warnings).collect();
        for (at, one) in all.iter().enumerate() {
            let again = all.iter().skip(at + 1).find(|other| {
                (&other.place, &other.key, &other.message) == (&one.place, &one.key, &one.message)
            });
            assert!(again.is_none(), "{path:?}: {one} and {again:?}");
        }
    }
}

#[test]
fn no_secret_is_told() {
    let mut secrets = 0;
    for path in files() {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        secrets += text.matches(SECRET).count();
        let said = match Loader::new().load(&path) {
            Ok(loaded) => format!("{loaded:?}\n{:?}", loaded.plan),
            Err(rejected) => format!("{rejected:?}\n{rejected}"),
        };
        let (mistakes, warnings) = told(&path);
        let json = serde_json::to_string(&(mistakes, warnings)).unwrap();
        assert!(!said.contains(SECRET), "{path:?}: {said}");
        assert!(!json.contains(SECRET), "{path:?}: {json}");
    }
    assert!(secrets > 30, "{secrets}");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/bad")
}

fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_file = |path: &PathBuf| {
        let extension = path.extension().unwrap();
        extension == "ini" || extension == "toml"
    };
    let mut files: Vec<_> = paths.filter(is_file).collect();
    files.sort();
    files
}

fn told(path: &Path) -> (Vec<Mistake>, Vec<Mistake>) {
    match Loader::new().load(path) {
        Ok(Loaded { warnings, .. }) => (Vec::new(), warnings),
        Err(Rejected {
            mistakes, warnings, ..
        }) => {
            assert!(
                !mistakes.is_empty(),
                "{path:?} is rejected without a mistake"
            );
            (mistakes, warnings)
        }
    }
}

/// As the program prints it, with the name alone for the path, and with the line it points to.
fn shown(mistake: &Mistake) -> String {
    let folder = format!("{}/", folder().display());
    let line = mistake.place.line as usize;
    let text = fs::read(&mistake.place.file).unwrap();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = line.checked_sub(1).and_then(|at| text.lines().nth(at));
    let line = line.unwrap_or_default();
    let quoted = if line.is_empty() {
        String::new()
    } else {
        format!("\n    | {line}")
    };
    format!("{}{quoted}", mistake.to_string().replace(&folder, ""))
}
