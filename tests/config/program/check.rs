//! `wafflehaus check`

use serde_json::Value;

use super::{bad, program, run, said, sample};

#[test]
fn check_ends_with_0_or_1_and_says_everything() {
    let (code, out, err) = said(&run(program().arg("check").arg(sample("check.ini")), ""));
    assert_eq!((code, out.as_str()), (0, "no mistakes\n"), "{err}");
    assert!(err.contains("note: `faultwrap` does nothing here"), "{err}");
    let (code, out, err) = said(&run(program().arg("check").arg(bad("several.ini")), ""));
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    let lines: Vec<_> = err.lines().collect();
    let (last, told) = lines.split_last().unwrap();
    let mistakes = told
        .iter()
        .filter(|line| line.starts_with("mistake: "))
        .count();
    assert_eq!(
        *last,
        format!("{mistakes} mistakes; nothing starts with that")
    );
    assert!(
        told.iter().all(|line| line.contains("several.ini:")),
        "{err}"
    );
    let (code, _, err) = said(&run(program().args(["check", "there-is-none.ini"]), ""));
    assert_eq!(code, 1);
    assert!(err.contains("there-is-none.ini: No such file"), "{err}");
    let (code, _, err) = said(&run(program().args(["check"]), ""));
    assert_eq!(code, 2, "{err}");
}

#[test]
fn check_as_json_is_one_object() {
    let (code, out, err) = said(&run(
        program().args(["check", "--json"]).arg(bad("several.ini")),
        "",
    ));
    assert_eq!((code, err.as_str()), (1, ""));
    let all: Value = serde_json::from_str(&out).unwrap();
    let mistakes = all["mistakes"].as_array().unwrap();
    assert!(mistakes.len() > 3, "{out}");
    for mistake in mistakes {
        assert!(
            mistake["file"].as_str().unwrap().ends_with("/several.ini"),
            "{mistake}"
        );
        assert!(mistake["line"].as_u64().unwrap() > 0, "{mistake}");
        assert!(!mistake["message"].as_str().unwrap().is_empty());
    }
    assert_eq!(all["warnings"].as_array().unwrap().len(), 1);
    let (code, out, _) = said(&run(
        program().args(["check", "--json"]).arg(sample("json.ini")),
        "",
    ));
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &all["mistakes"]), (0, &Value::Array(Vec::new())));
}
