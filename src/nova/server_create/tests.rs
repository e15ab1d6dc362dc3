use super::*;
use crate::nova::{NetworkId, PortId};

const A: &str = "abcdef01-c0de-4aaa-8bbb-fedcba987601";
const P: &str = "9abcde01-c0de-4aaa-8bbb-fedcba987601";

fn networks(json: &str) -> Result<RequestedNetworks, String> {
    read_body(&format!(
        r#"{{"server": {{"name": "x", "networks": {json}}}}}"#
    ))
}

fn read_body(json: &str) -> Result<RequestedNetworks, String> {
    ServerCreate::from_json(json.as_bytes())
        .map(|create| create.networks)
        .map_err(|error| error.to_string())
}

#[test]
fn every_form_of_networks_is_told_apart() {
    let network = |text: &str| RequestedNetwork::Network(text.parse::<NetworkId>().unwrap());
    let port = |text: &str| RequestedNetwork::Port {
        port: text.parse::<PortId>().unwrap(),
        beside: None,
    };
    let listed = |entries: &[RequestedNetwork]| Ok(RequestedNetworks::Listed(entries.to_vec()));

    assert_eq!(
        read_body(r#"{"server": {}}"#),
        Ok(RequestedNetworks::Absent)
    );
    assert_eq!(networks("[]"), Ok(RequestedNetworks::Absent));
    assert_eq!(networks("\"auto\""), Ok(RequestedNetworks::Auto));
    assert_eq!(networks("\"none\""), Ok(RequestedNetworks::None));
    assert_eq!(
        networks(&format!(r#"[{{"uuid": "{A}"}}]"#)),
        listed(&[network(A)])
    );
    assert_eq!(
        networks(&format!(
            r#"[{{"port": "{P}"}}, {{"uuid": "{A}", "port": null, "tag": "t"}}]"#
        )),
        listed(&[port(P), network(A)])
    );
    // The same network twice is two interfaces.
    assert_eq!(
        networks(&format!(r#"[{{"uuid": "{A}"}}, {{"uuid": "{A}"}}]"#)),
        listed(&[network(A), network(A)])
    );
}

#[test]
fn other_types_are_errors() {
    for json in [
        "null", "{}", "\"AUTO\"", "\"\"", "[null]", "[\"a\"]", "[{}]", "1", "true", "[[]]",
    ] {
        assert!(networks(json).is_err(), "{json}");
    }
    for body in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"server": null}"#,
        r#"{"server": []}"#,
        "\"server\"",
    ] {
        assert!(read_body(body).is_err(), "{body}");
    }
    // A derived struct would take this for a server with these networks.
    assert!(read_body(r#"{"server": ["auto"]}"#).is_err());
}

#[test]
fn a_port_wins_over_the_uuid_beside_it_which_is_kept_and_read_strictly() {
    let read = |uuid: &str| networks(&format!(r#"[{{"uuid": "{uuid}", "port": "{P}"}}]"#));
    let Ok(RequestedNetworks::Listed(listed)) = read(A) else {
        panic!()
    };
    let (port, beside) = (P.parse().unwrap(), Some(A.parse().unwrap()));
    assert_eq!(listed, [RequestedNetwork::Port { port, beside }]);
    assert!(read("x").is_err());
}

#[test]
fn the_number_of_networks_is_bounded() {
    let list = |count| {
        format!(
            "[{}]",
            vec![format!(r#"{{"uuid": "{A}"}}"#); count].join(",")
        )
    };
    assert!(networks(&list(256)).is_ok());
    assert!(networks(&list(257)).is_err());
}

#[test]
fn ids_in_other_spellings_are_errors() {
    for text in [
        A.to_uppercase(),
        A.replace('-', ""),
        format!("urn:uuid:{A}"),
        String::new(),
    ] {
        for key in ["uuid", "port"] {
            let error = networks(&format!(r#"[{{"{key}": "{text}"}}]"#)).unwrap_err();
            assert!(error.contains("canonical"), "{error}");
        }
    }
    assert!(networks(r#"[{"uuid": 7}]"#).is_err());
}

#[test]
fn a_key_twice_is_an_error_at_every_level_and_however_it_is_escaped() {
    for body in [
        r#"{"server": {}, "server": {}}"#,
        r#"{"server": {"networks": "none", "networks": "none"}}"#,
        r#"{"server": {"networks": "none", "netw\u006frks": "auto"}}"#,
        r#"{"server": {"name": "a", "name": "b"}}"#,
        r#"{"server": {"networks": [{"uuid": null, "uuid": null}]}}"#,
        r#"{"os:scheduler_hints": {}, "os:scheduler_hints": {}, "server": {}}"#,
    ] {
        let error = read_body(body).unwrap_err();
        assert!(error.contains("key twice"), "{error}");
    }
}

#[test]
fn an_escaped_key_is_the_key_it_spells() {
    assert_eq!(
        read_body(r#"{"s\u0065rver": {"n\u0065tworks": "none"}}"#),
        Ok(RequestedNetworks::None)
    );
    // Another key is not, however like: it satisfies nothing.
    assert_eq!(
        read_body(r#"{"server": {"Networks": "none"}}"#),
        Ok(RequestedNetworks::Absent)
    );
}

#[test]
fn what_python_reads_and_this_does_not_is_an_error() {
    for body in [
        "\u{feff}{\"server\": {}}".as_bytes(),
        b"{\"server\": {\"x\": NaN}}",
        b"{\"server\": {\"networks\": \"\\ud800\"}}",
        b"{\"server\": {}} trailing",
        b"{\"server\": {},}",
        b"{\"server\": {\"networks\": \"a\nuto\"}}",
        b"\xff\xfe{\0}\0",
        b"{\"server\": {\"networks\": [{\"uuid\": \"\xc0\xaf\"}]}}",
    ] {
        assert!(ServerCreate::from_json(body).is_err(), "{body:?}");
    }
    assert!(ServerCreate::from_json(b"\r\n\t {\"server\": {}} \n").is_ok());
}

#[test]
fn the_number_of_keys_is_bounded() {
    let keys: Vec<_> = (0..300).map(|n| format!("\"k{n}\": 0")).collect();
    assert!(read_body(&format!("{{\"server\": {{{}}}}}", keys.join(","))).is_err());
}

#[test]
fn deep_nesting_in_what_is_skipped_neither_fails_nor_overflows() {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(
        read_body(&format!(
            r#"{{"server": {{"x": {deep}, "networks": "none"}}}}"#
        )),
        Ok(RequestedNetworks::None)
    );
}

/// What Python would make of `networks`: the last of equal keys, `port` before `uuid`.
fn as_nova_reads(body: &str) -> Option<serde_json::Value> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    Some(
        body.get("server")?
            .get("networks")
            .cloned()
            .unwrap_or_default(),
    )
}

fn entry(network: &RequestedNetwork) -> serde_json::Value {
    match network {
        RequestedNetwork::Network(id) => serde_json::json!({"uuid": id.to_string()}),
        RequestedNetwork::Port { port, .. } => serde_json::json!({"port": port.to_string()}),
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_an_error_where_nothing_reads_them_too() {
    for name in [&b"\xff"[..], b"\xc1\xae", b"\xed\xa0\x80"] {
        let json = [
            br#"{"server": {"networks": "none", "name": ""#,
            name,
            br#""}}"#,
        ]
        .concat();
        assert!(ServerCreate::from_json(&json).is_err(), "{name:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
        drop(ServerCreate::from_json(&bytes));
    }

    #[test]
    fn what_is_read_is_what_nova_reads(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            r#"{"server": {"#, r#""server": "#, r#""networks": "#, r#""netw\u006frks": "#, "{", "}",
            "[", "]", ",", r#""auto""#, r#""none""#, "null", r#""x": "#, "7", "[]", "{}",
            r#"{"uuid": "abcdef01-c0de-4aaa-8bbb-fedcba987601"}"#,
            r#"{"port": "9abcde01-c0de-4aaa-8bbb-fedcba987601"}"#,
            r#""uuid": "abcdef01-c0de-4aaa-8bbb-fedcba987601""#,
            r#"[{"uuid": "abcdef01-c0de-4aaa-8bbb-fedcba987601"}]"#,
        ]), 0..12),
        wrapped: bool,
    ) {
        let text = pieces.concat();
        let body = if wrapped { format!(r#"{{"server": {{"networks": {text}}}}}"#) } else { text };
        if let Ok(read) = read_body(&body) {
            let nova = as_nova_reads(&body).expect("Nova reads what we read");
            let same = match &read {
                RequestedNetworks::Absent => nova.is_null() || nova == serde_json::json!([]),
                RequestedNetworks::Auto => nova == "auto",
                RequestedNetworks::None => nova == "none",
                RequestedNetworks::Listed(listed) => {
                    nova == listed.iter().map(entry).collect::<serde_json::Value>()
                }
            };
            proptest::prop_assert!(same, "{body}: {read:?} but {nova}");
        }
    }
}
