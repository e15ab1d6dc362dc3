//! What is written to the disk, and the program.

use std::{fs, process::Command};

use wafflehaus::workflow_import::{ImportOptions, WriteError, import};

use crate::{
    database::Database,
    settings::{ADJUTANT, Folder, STACKTASK, mode},
    world,
};

#[test]
fn rule_12_secrets_are_for_their_owner_only() {
    let folder = Folder::new();
    let imported = import(ADJUTANT, &ImportOptions::default()).unwrap();
    let file = imported.write(&folder.0, false).unwrap();
    assert_eq!(mode(&folder.0), 0o700);
    for it in &imported.files {
        let expected = if it.secret { 0o600 } else { 0o644 };
        assert_eq!(
            mode(&folder.0.join(&it.name)) | 0o044,
            expected | 0o044,
            "{}",
            it.name
        );
        if it.secret {
            assert_eq!(mode(&folder.0.join(&it.name)), 0o600, "{}", it.name);
        }
    }
    assert!(file.ends_with("workflow.toml"));
}

#[test]
fn rule_13_nothing_is_overwritten_unless_asked_and_the_key_never() {
    let folder = Folder::new();
    let import = || import(STACKTASK, &ImportOptions::default()).unwrap();
    let file = import().write(&folder.0, false).unwrap();
    let key = fs::read(folder.0.join("key")).unwrap();
    fs::write(&file, "mine").unwrap();
    let WriteError::Exists(there) = import().write(&folder.0, false).unwrap_err() else {
        panic!("it has to be told what there is");
    };
    assert!(there.contains(&file) && there.contains(&folder.0.join("keystone-password")));
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    import().write(&folder.0, true).unwrap();
    assert_ne!(fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(fs::read(folder.0.join("key")).unwrap(), key);
}

#[test]
fn rule_13_a_link_in_the_way_is_replaced_and_not_followed() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    fs::create_dir(&folder.0).unwrap();
    fs::create_dir(&elsewhere.0).unwrap();
    let target = elsewhere.0.join("target");
    std::os::unix::fs::symlink(&target, folder.0.join("keystone-password")).unwrap();
    let imported = import(STACKTASK, &ImportOptions::default()).unwrap();
    imported.write(&folder.0, false).unwrap_err();
    imported.write(&folder.0, true).unwrap();
    assert!(!target.exists());
    assert_eq!(mode(&folder.0.join("keystone-password")), 0o600);
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wafflehaus"));
    let output = command
        .args(["workflow", "import"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test]
async fn the_program_makes_a_configuration_and_copies_tasks_by_it() {
    let folder = Folder::new();
    fs::create_dir(&folder.0).unwrap();
    let (old, new) = (folder.0.join("conf.yaml"), folder.0.join("new"));
    fs::write(&old, STACKTASK).unwrap();
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    let service = "RegionOne:neutron=https://neutron.example.org";
    let config = ["config", old, "--output", new, "--service", service];
    let (code, told, error) = run(&config);
    assert_eq!((code, error.as_str()), (0, ""), "{told}");
    assert!(
        told.contains("workflow.toml of StackTask\nFor you to decide\n"),
        "{told}"
    );
    assert!(
        !told.contains("secret\n") && !told.contains("keystone-secret"),
        "{told}"
    );
    let (code, _, error) = run(&config);
    assert_eq!(code, 2);
    assert!(error.starts_with("there is something already: "), "{error}");
    let (code, told, _) = run(&[config.as_slice(), &["--overwrite", "--json"]].concat());
    assert_eq!(code, 0);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert!(told["report"].as_array().unwrap().len() > 40);

    let database = Database::sqlite();
    world::World::new().fill(&database, world::STACKTASK).await;
    let file = folder.0.join("old-database");
    fs::write(&file, format!("{}\n", database.name())).unwrap();
    let config = format!("{new}/workflow.toml");
    let from = file.to_str().unwrap();
    let tasks = ["tasks", "--config", &config, "--from-file", from];
    let (code, told, error) = run(&[tasks.as_slice(), &["--dry-run"]].concat());
    assert_eq!((code, error.as_str()), (1, ""), "{told}");
    assert!(
        told.contains("4 would be copied, 0 copied before, 1 left, 1 ended"),
        "{told}"
    );
    let (code, told, _) = run(&tasks);
    assert_eq!(code, 1, "one is left: {told}");
    let (code, told, _) = run(&[tasks.as_slice(), &["--json"]].concat());
    assert_eq!(code, 1);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["tasks"][0]["outcome"], "there");
    assert_eq!(told["tasks"][2]["outcome"], "left");
}

#[test]
fn the_program_says_what_it_cannot_do() {
    let folder = Folder::new();
    fs::create_dir(&folder.0).unwrap();
    let output = folder.0.join("new");
    let output = output.to_str().unwrap();
    let (code, _, error) = run(&["config", "/no/such.yaml", "--output", output]);
    assert_eq!(code, 2);
    assert!(error.starts_with("/no/such.yaml: "), "{error}");
    let old = folder.0.join("old.yaml");
    fs::write(&old, "a: 1").unwrap();
    let (code, _, error) = run(&["config", old.to_str().unwrap(), "--output", output]);
    assert_eq!(code, 2);
    assert!(error.contains("neither StackTask"), "{error}");
    for service in ["RegionOne", "RegionOne:glance=https://g.example"] {
        let (code, ..) = run(&["config", "x", "--output", output, "--service", service]);
        assert_eq!(code, 2);
    }
    let (code, ..) = run(&["tasks", "--config", "/no/such.toml", "--from", "x.db"]);
    assert_eq!(code, 2);
}
