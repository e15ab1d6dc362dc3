//! What the environment and the arguments say instead of a file.

use super::{KEYSTONE, NOVA, bad, program, run, said};
use crate::{
    samples::{COUNT_CHECK, globals, nova},
    support::file,
};

#[test]
fn the_environment_goes_before_the_file_and_arguments_before_both() {
    let file_of_nova = file("environment.ini", &nova(""));
    let check = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = program();
        command.envs(variables.iter().copied());
        said(&run(
            command.arg("check").arg(&file_of_nova).args(arguments),
            "",
        ))
    };
    let (code, _, err) = check(&[], &[]);
    assert_eq!(code, 1, "{err}");
    let (code, _, err) = check(&[("WAFFLEHAUS__UPSTREAM", NOVA)], &[]);
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = check(&[("WAFFLEHAUS__UPSTREAM", "nowhere")], &[]);
    assert_eq!(code, 1);
    assert!(
        err.contains("mistake: WAFFLEHAUS__UPSTREAM: upstream: the URL must begin"),
        "{err}"
    );
    let (code, _, err) = check(
        &[("WAFFLEHAUS__UPSTREAM", "nowhere")],
        &["--upstream", NOVA],
    );
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = check(&[], &["--set", "upstream=nowhere"]);
    assert_eq!(code, 1);
    assert!(
        err.contains("mistake: the command line: upstream: "),
        "{err}"
    );
}

#[test]
fn the_environment_reaches_into_the_sections_of_toml() {
    let toml = COUNT_CHECK.toml(&globals(NOVA, KEYSTONE));
    let toml = file("environment.toml", &toml);
    let check = |variable: &str, value: &str| {
        let mut command = program();
        said(&run(
            command.env(variable, value).arg("check").arg(&toml),
            "",
        ))
    };
    let maximum = "WAFFLEHAUS__FILTER__NETWORK_COUNT_CHECK__NETWORKS_MAX";
    let (code, _, err) = check(maximum, "7");
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = check(maximum, "1");
    assert_eq!(code, 1);
    assert!(
        err.contains("2 counted networks are required but `networks_max` is 1"),
        "{err}"
    );
    let (code, _, err) = check(maximum, "many");
    assert_eq!(code, 1);
    assert!(
        err.contains("the environment: [filter.network_count_check] networks_max: "),
        "{err}"
    );
}

#[test]
fn no_secret_of_the_environment_is_told() {
    let mut command = program();
    command
        .env("WAFFLEHAUS__PASSWORD", "s3cr3t")
        .env("WAFFLEHAUS__AUTH_URL", "https://u:s3cr3t@keystone");
    let (code, out, err) = said(&run(
        command.arg("check").arg(bad("password-twice.ini")),
        "",
    ));
    assert_eq!(code, 1);
    assert!(err.contains("user name or password"), "{err}");
    assert!(
        !out.contains("s3cr3t") && !err.contains("s3cr3t"),
        "{out}{err}"
    );
}
