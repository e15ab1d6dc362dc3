use std::borrow::Cow;

use super::*;

/// Reads an object of which nothing is looked at, and tells how many keys it has.
fn keys(document: impl AsRef<[u8]>) -> Result<usize, String> {
    let mut count = 0;
    let read = read(document.as_ref(), |json| {
        json.object("it", |_, _| {
            count += 1;
            Ok(())
        })
    });
    read.map(|()| count).map_err(|error| error.to_string())
}

/// Passes over a document.
fn skipped(document: impl AsRef<[u8]>) -> Result<(), String> {
    read(document.as_ref(), Reader::skip).map_err(|error| error.to_string())
}

fn text(document: &str) -> Result<Cow<'_, str>, String> {
    read(document.as_bytes(), |json| json.text("it")).map_err(|error| error.to_string())
}

#[test]
fn rule_1_what_the_grammar_has_is_passed_over() {
    for value in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "10",
        "-1.50",
        "0.0",
        "1e5",
        "1E+05",
        "2.5e-3",
        "1e999",
        "{}",
        "[]",
        "[ ]",
        "{ }",
        "[[],{}]",
        r#"{"a":{"b":[1,"x",null]},"c":""}"#,
        r#""""#,
        r#""\"\\\/\b\f\n\r\t\u00e9""#,
        "\"é😀\u{7f}\u{2028}\"",
    ] {
        assert_eq!(skipped(value), Ok(()), "{value}");
        assert_eq!(skipped(format!(" \t\r\n{value}\n\r\t ")), Ok(()), "{value}");
        assert_eq!(keys(format!(r#"{{"a": {value}, "b":[{value}]}}"#)), Ok(2));
    }
}

#[test]
fn rule_1_what_the_grammar_has_not_is_an_error() {
    for value in [
        "",
        " ",
        "nul",
        "nulll",
        "Null",
        "NaN",
        "-Infinity",
        "00",
        "01",
        "-01",
        "-",
        "+1",
        "1.",
        ".1",
        "1.e5",
        "1e",
        "1e+",
        "0x1",
        "1_0",
        "--1",
        "{",
        "}",
        "[",
        "]",
        "{]",
        "[}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1,,2]",
        "{,}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{"a" 1}"#,
        r#"{"a":1 "b":2}"#,
        "{a:1}",
        "{1:1}",
        "'a'",
        "\"",
        "\"a",
        "\"\\\"",
        r#""\x""#,
        r#""\u""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\u+123""#,
        "\"\\u123",
        "\"\\",
        "\"\n\"",
        "\"\0\"",
        "// x",
        "/**/",
        "\u{a0}1",
        "\u{feff}1",
        "1\0",
        "é",
    ] {
        assert!(skipped(value).is_err(), "{value}");
        assert!(keys(format!(r#"{{"a": {value}"#)).is_err(), "{value}");
    }
    for document in [
        "{} x",
        "{}{}",
        "{},",
        "{}]",
        "{}\0",
        "{}\u{b}",
        "\u{feff}{}",
        "[{}]",
    ] {
        assert!(keys(document).is_err(), "{document}");
    }
}

#[test]
fn rule_1_a_document_is_utf_8_wherever_it_is_looked_at() {
    for bytes in [
        &b"\xff"[..],
        b"\xc0\xaf",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ] {
        for length in [0, 7, 39, 40, 100] {
            let long = [&b"Q".repeat(length), bytes, b"Q"].concat();
            let value = [b"\"", &*long, b"\""].concat();
            assert!(skipped(&value).unwrap_err().contains("not UTF-8"));
            let key = [b"{", &*value, b": 1}"].concat();
            assert!(keys(&key).unwrap_err().contains("not UTF-8"));
            let inner = [b"{\"a\": ", &*key, b"}"].concat();
            assert!(keys(inner).unwrap_err().contains("not UTF-8"));
        }
        assert!(skipped([b"[", bytes, b"]"].concat()).is_err());
        assert!(skipped([b"\"\\", bytes, b"\""].concat()).is_err());
    }
}

#[test]
fn rule_1_a_control_character_is_found_wherever_it_is_in_a_text() {
    for length in [1, 8, 39, 40, 41, 100] {
        for at in 0..length {
            let mut value = "Q".repeat(length);
            value.replace_range(at..=at, "\u{1f}");
            let error = skipped(format!("\"{value}\"")).unwrap_err();
            let place = format!("control character in it at line 1 column {}", at + 2);
            assert!(error.ends_with(&place), "{error}");
        }
    }
}

#[test]
fn rule_2_only_an_object_is_an_object() {
    for document in ["[]", "null", "\"it\"", "7", r#"[["a", 1]]"#, ""] {
        let error = keys(document).unwrap_err();
        assert_eq!(error, "expected an object for `it` at line 1 column 1");
    }
}

#[test]
fn rule_3_a_key_that_comes_twice_is_an_error_however_it_is_spelled() {
    for twice in [
        r#"{"a": 1, "a": 1}"#,
        r#"{"a": 1, "\u0061": 1}"#,
        r#"{"\u0061": 1, "\u0061": 1}"#,
        r#"{"\ud83d\ude00": 1, "😀": 1}"#,
        r#"{"": 1, "": 1}"#,
        r#"{"\u0000": 1, "\u0000": 1}"#,
        r#"{"a/": 1, "a\/": 1}"#,
        r#"{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"10":1,"\u0038":1}"#,
        r#"{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"10":1,"10":1}"#,
    ] {
        assert!(
            keys(twice).unwrap_err().contains("`it` has a key twice"),
            "{twice}"
        );
    }
    assert_eq!(
        keys(r#"{"a": 1, "A": 1, "a ": 1, "a\u0000": 1, "á": 1}"#),
        Ok(5)
    );
}

#[test]
fn rule_3_keys_and_entries_are_bounded() {
    let many = |count| {
        let keys: Vec<_> = (0..count).map(|n| format!("\"k{n}\": 0")).collect();
        format!("{{{}}}", keys.join(","))
    };
    assert_eq!(keys(many(256)), Ok(256));
    assert!(keys(many(257)).unwrap_err().contains("too many keys"));

    let list = |count| {
        let list = format!("[{}]", vec!["0"; count].join(","));
        let read = read(list.as_bytes(), |json| json.list("it", Reader::skip));
        read.map(|entries| entries.len())
    };
    assert_eq!(list(0), Ok(0));
    assert_eq!(list(256), Ok(256));
    assert!(
        list(257)
            .unwrap_err()
            .to_string()
            .contains("too many entries")
    );
}

#[test]
fn rule_4_a_text_that_is_read_has_no_half_of_a_surrogate_pair() {
    assert_eq!(
        text(r#""\uD83d\uDe00\udbff\udfff""#).as_deref(),
        Ok("😀\u{10ffff}")
    );
    for half in [
        r"\ud83d",
        r"\ude00",
        r"\ud83dx",
        r"\ud83d\n",
        r"\ud83d\u0041",
        r"\ud83d\ud83d\ude00",
        r"\ude00\ud83d",
    ] {
        let document = format!("\"{half}\"");
        assert!(text(&document).is_err(), "{half}");
        assert!(keys(format!("{{{document}: 1}}")).is_err(), "{half}");
        assert_eq!(skipped(&document), Ok(()), "{half}");
        assert_eq!(skipped(format!("{{{document}: 1}}")), Ok(()), "{half}");
    }
}

#[test]
fn rule_5_what_is_passed_over_may_be_deep_and_repeat_keys() {
    for depth in [1, 63, 64, 65, 1000, 1_000_000] {
        let lists = [b"[".repeat(depth), b"]".repeat(depth)].concat();
        assert_eq!(skipped(&lists), Ok(()), "{depth}");
        assert!(skipped(&lists[1..]).is_err(), "{depth}");
        assert!(skipped(&lists[..lists.len() - 1]).is_err(), "{depth}");
        let objects = [&b"{\"a\":".repeat(depth)[..], b"1", &b"}".repeat(depth)].concat();
        assert_eq!(keys(objects), Ok(1), "{depth}");
    }
    assert_eq!(keys(r#"{"a": {"b": 1, "b": 1}}"#), Ok(1));
    assert_eq!(skipped(format!("[-{0}.{0}e{0}]", "9".repeat(5000))), Ok(()));
}

#[test]
fn rule_6_an_error_says_where_and_not_what_is_in_the_document() {
    for (document, expected) in [
        (
            "{\"a\": 1,\n \"b\": hunter2}",
            "expected a value at line 2 column 7",
        ),
        (
            "{\"é\": \"hunter2\" 1}",
            "expected `,` or `}` at line 1 column 17",
        ),
        (
            "{\"hunter2\": 1, \"hunter2\"}",
            "`it` has a key twice at line 1 column 25",
        ),
        ("{\"a\": \"hunter2", "a text has no end at line 1 column 8"),
        (
            "\"hunter2\"",
            "expected an object for `it` at line 1 column 1",
        ),
        (
            "{}\n\n hunter2",
            "expected the end of the body at line 3 column 2",
        ),
    ] {
        assert_eq!(keys(document), Err(expected.to_owned()), "{document}");
    }
    let id = read(b"\"hunter2\"", |json| {
        json.optional_id::<crate::nova::PortId>("port")
    });
    let id = id.unwrap_err();
    assert!(id.to_string().starts_with("`port` is not a UUID"), "{id}");
    assert!(!format!("{id:?}").contains("hunter2"), "{id:?}");
}

#[test]
fn texts_without_escapes_are_not_copied() {
    let long = format!("\"{}\"", "Q".repeat(100));
    for plain in [r#""""#, r#""name""#, "\"é\"", &long] {
        assert!(matches!(text(plain), Ok(Cow::Borrowed(_))), "{plain}");
    }
    let escaped = text(r#""\"a\\b\/\u0000\b\f\n\r\té""#);
    assert_eq!(escaped.as_deref(), Ok("\"a\\b/\0\u{8}\u{c}\n\r\té"));
}

#[test]
fn a_value_is_taken_or_passed_over_and_never_missing() {
    let second = |document: &[u8]| {
        let mut second = None;
        read(document, |json| {
            json.object("it", |key, json| {
                if key == "b" {
                    second = Some(json.text(key)?.into_owned());
                }
                Ok(())
            })
        })
        .map(|()| second)
    };
    let found = second(br#"{"a": {"b": "no"}, "b" : "yes" , "c": 1}"#);
    assert_eq!(found, Ok(Some("yes".to_owned())));
    for document in [&br#"{"a":}"#[..], br#"{"a":,"b":"yes"}"#, br#"{"b":}"#] {
        assert!(second(document).is_err(), "{}", document.escape_ascii());
    }
}
