use super::*;

fn object(members: &[(&str, Json)]) -> Json {
    let own = |(key, value): &(&str, Json)| ((*key).to_owned(), value.clone());
    Json::Object(members.iter().map(own).collect())
}

#[test]
fn it_is_read_as_python_does() {
    let number = |digits: &str| Json::Number(digits.to_owned());
    for (text, value) in [
        (
            r#" {"a": 1, "\u0061": [] } "#,
            object(&[("a", Json::List(vec![]))]),
        ),
        (
            r#"{"a": 1, "b": 2, "a": 3}"#,
            object(&[("b", number("2")), ("a", number("3"))]),
        ),
        ("NaN", number("NaN")),
        ("-Infinity", number("-Infinity")),
        ("-0.5e+10", number("-0.5e+10")),
        (r#""\ud83d\ude00\/""#, Json::Text("\u{1f600}/".to_owned())),
    ] {
        assert_eq!(read(text.as_bytes()), Ok(value), "{text}");
    }
    assert!(read(br#""\ud800\u0061""#).is_ok());
}

#[test]
fn and_refused_as_python_does() {
    for text in [
        "",
        "{",
        "01",
        "1.",
        ".1",
        "+1",
        "1e",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "'a'",
        "nan",
        "\u{feff}1",
        "1 1",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "{}\0",
        "// 1",
    ] {
        assert_eq!(read(text.as_bytes()), Err(NoJson::Grammar), "{text:?}");
    }
    assert_eq!(read(b"\"\xff\""), Err(NoJson::Encoding));
    assert_eq!(read("[".repeat(2000).as_bytes()), Err(NoJson::Depth));
}
