use super::*;

const A: &str = "abcdef01-c0de-4aaa-8bbb-fedcba987601";

fn action(json: &str) -> Result<ServerAction, String> {
    ServerAction::from_json(json.replace("$A", A).as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn the_one_action_is_read() {
    let network = A.parse().unwrap();
    let added = Ok(ServerAction::AddFixedIp { network });
    assert_eq!(action(r#"{"addFixedIp": {"networkId": "$A"}}"#), added);
    assert_eq!(action(r#"{"add\u0046ixedIp": {"networkId": "$A"}}"#), added);

    for address in ["192.0.2.7", "2001:db8::7"] {
        let json = format!(r#"{{"removeFixedIp": {{"address": "{address}"}}}}"#);
        let address = address.parse().unwrap();
        assert_eq!(action(&json), Ok(ServerAction::RemoveFixedIp { address }));
    }
    for json in [
        r#"{"resize": {"flavorRef": "2", "x": [{"y": 1e999}]}}"#,
        r#"{"reboot": {"type": "HARD"}}"#,
        r#"{"os-start": null}"#,
    ] {
        assert_eq!(action(json), Ok(ServerAction::BindPorts), "{json}");
    }
    for json in [
        r#"{"os-getConsoleOutput": {"length": 50}}"#,
        r#"{"addFloatingIp": {"address": "192.0.2.7"}}"#,
        r#"{"os-stop": null}"#,
    ] {
        assert_eq!(action(json), Ok(ServerAction::Other), "{json}");
    }
}

#[test]
fn a_body_that_is_not_one_known_action_is_an_error() {
    for json in [
        "",
        "null",
        "[]",
        r#""reboot""#,
        "{}",
        r#"{"lock": null, "reboot": null}"#,
        r#"{"lock": null, "lock": null}"#,
        r#"{"lock": null, "l\u006fck": null}"#,
        r#"{"addNetwork": {"networkId": "$A"}}"#,
        r#"{"Reboot": {}}"#,
        r#"{"unshelve": null} x"#,
    ] {
        assert!(action(json).is_err(), "{json}");
    }
}

#[test]
fn an_address_action_that_is_not_canonical_is_an_error() {
    for json in [
        r#"{"addFixedIp": null}"#,
        r#"{"addFixedIp": ["$A"]}"#,
        r#"{"addFixedIp": {}}"#,
        r#"{"addFixedIp": {"networkId": null}}"#,
        r#"{"addFixedIp": {"networkId": 7}}"#,
        r#"{"addFixedIp": {"networkId": "ABCDEF01-C0DE-4AAA-8BBB-FEDCBA987601"}}"#,
        r#"{"addFixedIp": {"networkId": "$A", "networkId": "$A"}}"#,
        r#"{"addFixedIp": {"networkId": "$A", "x": 1}}"#,
        r#"{"removeFixedIp": {}}"#,
        r#"{"removeFixedIp": {"address": null}}"#,
        r#"{"removeFixedIp": {"address": "192.0.2.007"}}"#,
        r#"{"removeFixedIp": {"address": " 192.0.2.7"}}"#,
        r#"{"removeFixedIp": {"address": "2001:DB8::7"}}"#,
        r#"{"removeFixedIp": {"address": "2001:db8:0::7"}}"#,
        r#"{"removeFixedIp": {"address": "192.0.2.7", "x": 1}}"#,
    ] {
        assert!(action(json).is_err(), "{json}");
    }
}
