//! Rules 7 to 10, and servers as they are.

use super::*;

fn act(check: &NetworkCountCheck, json: &str, facts: &Facts) -> Result<(), Hold> {
    let action = Operation::ServerAction { server: SERVER };
    assert!(check.concerns(&action));
    let body = RequestBody::read(action, json.as_bytes()).unwrap().unwrap();
    check.check(&Inspection::new(action).body(&body).facts(facts))
}

#[test]
fn rule_7_an_address_on_another_network_is_an_attach() {
    let check = between(1, 2)
        .banned_nets([BANNED])
        .interfaces_max(2)
        .build()
        .unwrap();
    let add = |network, has: &[NetworkId]| {
        let json = format!(r#"{{"addFixedIp": {{"networkId": "{network}"}}}}"#);
        act(&check, &json, &server_with(has))
    };
    assert_eq!(add(net(1), &[net(1), net(2)]), Ok(()));
    assert_eq!(add(net(2), &[net(1)]), Ok(()));
    assert_eq!(
        kind(add(net(3), &[net(1), net(2)])),
        DenialKind::TooManyNetworks
    );
    assert_eq!(
        kind(add(net(2), &[net(1), net(1)])),
        DenialKind::TooManyInterfaces
    );
    assert_eq!(kind(add(BANNED, &[BANNED])), DenialKind::NetworkBanned);
}

#[test]
fn rule_8_adopted_ports_are_judged_when_an_action_makes_them_real() {
    let build = |check: NetworkCountCheckBuilder| {
        let check = check.required_nets([REQUIRED]).banned_nets([BANNED]);
        check.interfaces_max(3).build().unwrap()
    };
    let check = build(between(1, 2));
    let unshelve = |has: &[NetworkId]| act(&check, r#"{"unshelve": null}"#, &server_with(has));
    assert_eq!(unshelve(&[net(1), net(2)]), Ok(()));
    assert_eq!(unshelve(&[]), Ok(()));
    assert_eq!(kind(unshelve(&[net(1), BANNED])), DenialKind::NetworkBanned);
    assert_eq!(
        kind(unshelve(&[net(1), net(2), net(3)])),
        DenialKind::TooManyNetworks
    );
    assert_eq!(kind(unshelve(&[net(1); 4])), DenialKind::TooManyInterfaces);

    let relaxed = build(between(1, 2).judge_adopted_ports(false));
    let banned = server_with(&[BANNED]);
    assert_eq!(act(&relaxed, r#"{"unshelve": null}"#, &banned), Ok(()));
    let add = format!(r#"{{"addFixedIp": {{"networkId": "{BANNED}"}}}}"#);
    assert_eq!(
        kind(act(&relaxed, &add, &banned)),
        DenialKind::NetworkBanned
    );
}

#[test]
fn rule_9_other_actions_need_nothing_looked_up() {
    let check = between(1, 2).build().unwrap();
    for json in [
        r#"{"lock": null}"#,
        r#"{"removeFixedIp": {"address": "192.0.2.1"}}"#,
    ] {
        assert_eq!(act(&check, json, &Facts::new()), Ok(()), "{json}");
    }
    let need = Err(Hold::Need(Need::ServerPorts(SERVER)));
    assert_eq!(act(&check, r#"{"resize": {}}"#, &Facts::new()), need);
}

#[test]
fn rule_14_events_are_for_services() {
    let check = between(1, 2).build().unwrap();
    let events = Inspection::new(Operation::ExternalEvents);
    assert!(check.concerns(&Operation::ExternalEvents));
    assert_eq!(kind(check.check(&events)), DenialKind::ServiceOnly);
}

#[test]
fn the_networks_of_a_trunk_are_reached_but_meet_no_requirement() {
    let port = |number, network, trunk: &[NetworkId]| {
        Port::new(PortId::from_u128(number), network).with_trunk_networks(trunk.iter().copied())
    };
    let asked = |check: &NetworkCountCheck, trunk: &[NetworkId]| {
        let parent = port(9, net(1), trunk);
        let facts = server_with(&[net(1)]).with_ports(&[PORT], &[parent]);
        attach_json(check, &format!(r#""port_id": "{PORT}""#), &facts)
    };
    let check = between(1, 2).banned_nets([BANNED]).build().unwrap();
    assert_eq!(asked(&check, &[net(2)]), Ok(()));
    assert_eq!(kind(asked(&check, &[BANNED])), DenialKind::NetworkBanned);
    assert_eq!(
        kind(asked(&check, &[net(2), net(3)])),
        DenialKind::TooManyNetworks
    );

    let check = between(2, 9).required_nets([REQUIRED]).build().unwrap();
    let existing = |ports: Vec<Port>| {
        let operation = Operation::ExistingServer { server: SERVER };
        assert!(check.concerns(&operation));
        let facts = Facts::new().with_server_ports(SERVER, ports);
        check.check(&Inspection::new(operation).facts(&facts))
    };
    let behind = vec![port(1, net(1), &[REQUIRED]), port(2, net(2), &[])];
    assert_eq!(kind(existing(behind)), DenialKind::NetworkRequired);
    let one = vec![port(1, REQUIRED, &[net(1)])];
    assert_eq!(kind(existing(one)), DenialKind::TooFewNetworks);
    let two = vec![port(1, REQUIRED, &[]), port(2, net(1), &[])];
    assert_eq!(existing(two), Ok(()));
}

#[test]
fn an_existing_server_is_judged_as_a_create_of_what_it_has() {
    let check = between(1, 1)
        .required_nets([REQUIRED])
        .banned_nets([BANNED])
        .build()
        .unwrap();
    let existing = |networks: &[NetworkId]| {
        let operation = Operation::ExistingServer { server: SERVER };
        check.check(&Inspection::new(operation).facts(&server_with(networks)))
    };
    assert_eq!(existing(&[REQUIRED]), Ok(()));
    assert_eq!(kind(existing(&[])), DenialKind::NetworkRequired);
    assert_eq!(
        kind(existing(&[REQUIRED, BANNED])),
        DenialKind::NetworkBanned
    );
    assert_eq!(
        kind(existing(&[REQUIRED, net(1)])),
        DenialKind::TooManyNetworks
    );
}
