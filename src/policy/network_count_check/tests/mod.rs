mod actions;

use super::*;
use crate::{
    nova::{AttachApi, NetworkId, Port, PortId, RequestBody},
    policy::{Facts, InvalidPolicy, Need},
};

const SERVER: ServerId = ServerId::from_u128(0x5);
const PORT: PortId = PortId::from_u128(0x9);
const OPTIONAL: NetworkId = NetworkId::from_u128(0x0a);
const BANNED: NetworkId = NetworkId::from_u128(0x0b);
const REQUIRED: NetworkId = NetworkId::from_u128(0x0c);

fn net(number: u128) -> NetworkId {
    NetworkId::from_u128(0xf0 + number)
}

fn create(check: &NetworkCountCheck, networks: &[NetworkId]) -> Result<(), Hold> {
    let entries: Vec<_> = networks
        .iter()
        .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
        .collect();
    create_json(check, &format!(r#""networks": [{}]"#, entries.join(",")))
}

fn create_json(check: &NetworkCountCheck, networks: &str) -> Result<(), Hold> {
    let json = format!(r#"{{"server": {{{networks}}}}}"#);
    let body = RequestBody::read(Operation::CreateServer, json.as_bytes())
        .unwrap()
        .unwrap();
    check.check(&Inspection::new(Operation::CreateServer).body(&body))
}

fn attach(check: &NetworkCountCheck, network: NetworkId, has: &[NetworkId]) -> Result<(), Hold> {
    attach_json(
        check,
        &format!(r#""net_id": "{network}""#),
        &server_with(has),
    )
}

fn attach_json(check: &NetworkCountCheck, named: &str, facts: &Facts) -> Result<(), Hold> {
    let operation = Operation::AttachInterface {
        server: SERVER,
        api: AttachApi::OsInterface,
    };
    assert!(check.concerns(&operation));
    let json = format!(r#"{{"interfaceAttachment": {{{named}}}}}"#);
    let body = RequestBody::read(operation, json.as_bytes())
        .unwrap()
        .unwrap();
    check.check(&Inspection::new(operation).body(&body).facts(facts))
}

fn server_with(networks: &[NetworkId]) -> Facts {
    let ports = networks
        .iter()
        .zip(0..)
        .map(|(&network, n)| Port::new(PortId::from_u128(n), network));
    Facts::new().with_server_ports(SERVER, ports.collect())
}

fn kind(verdict: Result<(), Hold>) -> DenialKind {
    let Err(Hold::Deny(denial)) = verdict else {
        panic!("not denied: {verdict:?}")
    };
    denial.kind()
}

fn between(min: usize, max: usize) -> NetworkCountCheckBuilder {
    NetworkCountCheck::builder()
        .networks_min(min)
        .networks_max(max)
}

#[test]
fn the_defaults_are_exactly_one_network() {
    let check = NetworkCountCheck::builder().build().unwrap();
    assert_eq!(create(&check, &[net(1)]), Ok(()));
    assert_eq!(
        kind(create(&check, &[net(1), net(2)])),
        DenialKind::TooManyNetworks
    );
    assert_eq!(
        kind(create_json(&check, r#""networks": "none""#)),
        DenialKind::TooFewNetworks
    );
}

#[test]
fn rules_1_11_and_12_lists_are_judged_before_the_count() {
    let check = between(1, 2)
        .required_nets([REQUIRED])
        .banned_nets([BANNED])
        .build()
        .unwrap();
    assert_eq!(create(&check, &[REQUIRED]), Ok(()));
    assert_eq!(
        kind(create(&check, &[REQUIRED, BANNED, net(1)])),
        DenialKind::NetworkBanned
    );
    assert_eq!(
        kind(create(&check, &[net(1), net(2), net(3)])),
        DenialKind::NetworkRequired
    );
}

#[test]
fn rules_2_and_13_the_count_is_of_distinct_networks_within_limits() {
    let check = between(2, 3).build().unwrap();
    assert_eq!(kind(create(&check, &[net(1)])), DenialKind::TooFewNetworks);
    assert_eq!(
        kind(create(&check, &[net(1), net(1)])),
        DenialKind::TooFewNetworks
    );
    assert_eq!(create(&check, &[net(1), net(2)]), Ok(()));
    assert_eq!(create(&check, &[net(1), net(2), net(3), net(3)]), Ok(()));
    assert_eq!(
        kind(create(&check, &[net(1), net(2), net(3), net(4)])),
        DenialKind::TooManyNetworks
    );
    let none = between(0, 0).build().unwrap();
    assert_eq!(create_json(&none, r#""networks": "none""#), Ok(()));
}

#[test]
fn optional_networks_count_only_if_told_to() {
    let out = between(1, 1).optional_nets([OPTIONAL]).build().unwrap();
    assert_eq!(create(&out, &[net(1), OPTIONAL]), Ok(()));
    assert_eq!(kind(create(&out, &[OPTIONAL])), DenialKind::TooFewNetworks);
    let explicit = between(1, 1)
        .optional_nets([OPTIONAL])
        .count_optional_nets(false)
        .build();
    assert_eq!(create(&explicit.unwrap(), &[net(1), OPTIONAL]), Ok(()));
    let counted = between(1, 1)
        .optional_nets([OPTIONAL])
        .count_optional_nets(true)
        .build()
        .unwrap();
    assert_eq!(
        kind(create(&counted, &[net(1), OPTIONAL])),
        DenialKind::TooManyNetworks
    );
    assert_eq!(create(&counted, &[OPTIONAL]), Ok(()));
}

#[test]
fn rules_3_and_6_interfaces_are_limited_apart_from_networks() {
    let check = between(1, 1).interfaces_max(2).build().unwrap();
    assert_eq!(create(&check, &[net(1), net(1)]), Ok(()));
    assert_eq!(
        kind(create(&check, &[net(1), net(1), net(1)])),
        DenialKind::TooManyInterfaces
    );
    assert_eq!(attach(&check, net(1), &[net(1)]), Ok(()));
    assert_eq!(
        kind(attach(&check, net(1), &[net(1), net(1)])),
        DenialKind::TooManyInterfaces
    );
}

#[test]
fn rules_4_and_11_a_banned_network_is_not_attached_even_if_it_does_not_count() {
    let check = between(1, 5)
        .banned_nets([BANNED])
        .optional_nets([BANNED])
        .build()
        .unwrap();
    assert_eq!(kind(attach(&check, BANNED, &[])), DenialKind::NetworkBanned);
    assert_eq!(kind(create(&check, &[BANNED])), DenialKind::NetworkBanned);
}

#[test]
fn rule_5_an_attach_counts_what_is_there_together_with_what_is_asked() {
    let check = between(1, 2).optional_nets([OPTIONAL]).build().unwrap();
    assert_eq!(attach(&check, net(1), &[]), Ok(()));
    assert_eq!(attach(&check, net(2), &[net(1), OPTIONAL]), Ok(()));
    assert_eq!(
        kind(attach(&check, net(3), &[net(1), net(2)])),
        DenialKind::TooManyNetworks
    );
    // What the server is on already adds nothing, and neither does what is not counted.
    assert_eq!(attach(&check, net(1), &[net(1), net(2)]), Ok(()));
    assert_eq!(attach(&check, OPTIONAL, &[net(1), net(2), net(3)]), Ok(()));
    assert_eq!(
        kind(attach(&check, net(1), &[net(1), net(2), net(3)])),
        DenialKind::TooManyNetworks
    );
}

#[test]
fn an_attach_is_asked_neither_for_the_minimum_nor_for_required_networks() {
    let check = between(3, 5).required_nets([REQUIRED]).build().unwrap();
    assert_eq!(attach(&check, net(1), &[]), Ok(()));
}

#[test]
fn rule_15_a_create_that_leaves_the_choice_to_nova_is_refused_unless_assumed() {
    let check = between(0, 5).build().unwrap();
    for networks in ["", r#""networks": []"#, r#""networks": "auto""#] {
        assert_eq!(
            kind(create_json(&check, networks)),
            DenialKind::NetworksUnnamed
        );
    }
    let assumed = between(1, 5).assume_when_absent([net(1)]).build().unwrap();
    assert_eq!(create_json(&assumed, ""), Ok(()));
    assert_eq!(
        kind(create_json(&assumed, r#""networks": "auto""#)),
        DenialKind::NetworksUnnamed
    );
    let error = between(1, 1)
        .assume_when_absent([net(1), net(2)])
        .build()
        .unwrap_err();
    assert!(matches!(error, InvalidPolicy::AssumedRefused { .. }));
}

#[test]
fn rule_15_a_port_is_judged_by_its_network() {
    let check = between(1, 1).banned_nets([BANNED]).build().unwrap();
    let named = format!(r#""port_id": "{PORT}""#);
    let judge = |facts: Facts| attach_json(&check, &named, &facts);
    let on = |network| server_with(&[net(1)]).with_ports(&[PORT], &[Port::new(PORT, network)]);
    assert_eq!(judge(Facts::new()), Err(Hold::Need(Need::Ports)));
    assert_eq!(kind(judge(on(BANNED))), DenialKind::NetworkBanned);
    assert_eq!(kind(judge(on(net(2)))), DenialKind::TooManyNetworks);
    assert_eq!(judge(on(net(1))), Ok(()));
    let unknown = Facts::new().with_ports(&[PORT], &[]);
    assert_eq!(kind(judge(unknown)), DenialKind::PortUnknown);
}

#[test]
fn a_server_is_looked_up_only_if_the_answer_depends_on_it() {
    let check = between(1, 1)
        .optional_nets([OPTIONAL])
        .banned_nets([BANNED])
        .build()
        .unwrap();
    let judge = |network| attach_json(&check, &format!(r#""net_id": "{network}""#), &Facts::new());
    assert_eq!(judge(OPTIONAL), Ok(()));
    assert_eq!(kind(judge(BANNED)), DenialKind::NetworkBanned);
    assert_eq!(judge(net(1)), Err(Hold::Need(Need::ServerPorts(SERVER))));
}

#[test]
fn nothing_else_concerns_it() {
    let check = between(1, 1).build().unwrap();
    assert!(!check.concerns(&Operation::DetachInterface {
        server: SERVER,
        port: PORT
    }));
    assert!(!check.concerns(&Operation::Other));
}

#[test]
fn settings_that_contradict_each_other_are_an_error() {
    let error = |builder: NetworkCountCheckBuilder| builder.build().unwrap_err();
    assert_eq!(
        error(between(2, 1)),
        InvalidPolicy::MinimumAboveMaximum { min: 2, max: 1 }
    );
    assert_eq!(
        error(between(1, 1).required_nets([net(1), net(2)])),
        InvalidPolicy::RequiredAboveMaximum {
            required: 2,
            max: 1
        }
    );
    assert!(matches!(
        error(between(1, 1).required_nets([net(1)]).banned_nets([net(1)])),
        InvalidPolicy::BannedAndRequired { .. }
    ));
    assert_eq!(
        error(between(3, 5).interfaces_max(2)),
        InvalidPolicy::InterfacesBelowNetworks { least: 3, max: 2 }
    );
    // An uncounted required network needs an interface beside the minimum.
    let uncounted = between(1, 1)
        .required_nets([OPTIONAL])
        .optional_nets([OPTIONAL]);
    assert_eq!(
        error(uncounted.clone().interfaces_max(1)),
        InvalidPolicy::InterfacesBelowNetworks { least: 2, max: 1 }
    );
    assert!(uncounted.interfaces_max(2).build().is_ok());
}
