use super::*;
use crate::{
    nova::{Port, PortId, RequestBody},
    policy::{DenialKind, Facts, Need},
};

const REQUIRED: NetworkId = NetworkId::from_u128(0x1);
const ALSO_REQUIRED: NetworkId = NetworkId::from_u128(0x2);
const BANNED: NetworkId = NetworkId::from_u128(0xb);
const OTHER: NetworkId = NetworkId::from_u128(0xf);
const PORT: PortId = PortId::from_u128(0x9);

fn policy() -> RequestNetworks {
    RequestNetworks::new([REQUIRED, ALSO_REQUIRED], [BANNED]).unwrap()
}

fn judge(policy: &RequestNetworks, networks: &str, facts: &Facts) -> Result<(), Hold> {
    let json = format!(r#"{{"server": {{{networks}}}}}"#);
    let body = RequestBody::read(Operation::CreateServer, json.as_bytes())
        .unwrap()
        .unwrap();
    let request = Inspection::new(Operation::CreateServer)
        .body(&body)
        .facts(facts);
    policy.check(&request)
}

fn listing(networks: &[NetworkId]) -> String {
    let entries: Vec<_> = networks
        .iter()
        .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
        .collect();
    format!(r#""networks": [{}]"#, entries.join(","))
}

fn denied(verdict: Result<(), Hold>) -> (DenialKind, String) {
    let Err(Hold::Deny(denial)) = verdict else {
        panic!("not denied: {verdict:?}")
    };
    (denial.kind(), denial.message().to_owned())
}

#[test]
fn rules_1_and_2_all_required_and_none_banned_passes() {
    let verdict = |networks: &[_]| judge(&policy(), &listing(networks), &Facts::new());
    assert_eq!(verdict(&[ALSO_REQUIRED, OTHER, REQUIRED]), Ok(()));
    assert_eq!(verdict(&[REQUIRED, REQUIRED, ALSO_REQUIRED]), Ok(()));
}

#[test]
fn rule_3_a_banned_network_is_refused_before_a_missing_one_and_named_alone() {
    let (kind, message) = denied(judge(&policy(), &listing(&[OTHER, BANNED]), &Facts::new()));
    assert_eq!(kind, DenialKind::NetworkBanned);
    assert_eq!(
        message,
        format!("not allowed to use these networks: {BANNED}")
    );
}

#[test]
fn rule_4_the_missing_networks_are_named_in_order() {
    for networks in [r#""networks": "none""#, &listing(&[OTHER])] {
        let (kind, message) = denied(judge(&policy(), networks, &Facts::new()));
        assert_eq!(kind, DenialKind::NetworkRequired);
        let missing = format!("{REQUIRED}, {ALSO_REQUIRED}");
        assert_eq!(
            message,
            format!("these networks are required but missing: {missing}")
        );
    }
    let (_, message) = denied(judge(&policy(), &listing(&[REQUIRED]), &Facts::new()));
    assert!(message.ends_with(&format!("missing: {ALSO_REQUIRED}")));
}

#[test]
fn rule_5_a_choice_left_to_nova_is_refused_even_if_networks_are_only_banned() {
    let only_banned = RequestNetworks::new([], [BANNED]).unwrap();
    for networks in [
        "",
        r#""networks": []"#,
        r#""networks": "auto""#,
        r#""Networks": "none""#,
    ] {
        for policy in [&policy(), &only_banned] {
            let (kind, _) = denied(judge(policy, networks, &Facts::new()));
            assert_eq!(kind, DenialKind::NetworksUnnamed, "{networks}");
        }
    }
    assert_eq!(
        judge(&only_banned, r#""networks": "none""#, &Facts::new()),
        Ok(())
    );
}

#[test]
fn rule_5_the_opt_out_assumes_what_the_operator_says_but_never_for_auto() {
    let policy = policy()
        .assume_when_absent([REQUIRED, ALSO_REQUIRED])
        .unwrap();
    assert_eq!(judge(&policy, "", &Facts::new()), Ok(()));
    assert_eq!(judge(&policy, r#""networks": []"#, &Facts::new()), Ok(()));
    denied(judge(&policy, r#""networks": "auto""#, &Facts::new()));
    denied(judge(&policy, r#""networks": "none""#, &Facts::new()));
    for wrong in [
        vec![],
        vec![REQUIRED],
        vec![REQUIRED, ALSO_REQUIRED, BANNED],
    ] {
        let made = RequestNetworks::new([REQUIRED, ALSO_REQUIRED], [BANNED]).unwrap();
        let error = made.assume_when_absent(wrong).unwrap_err();
        assert!(matches!(error, InvalidPolicy::AssumedRefused { .. }));
    }
}

#[test]
fn rule_6_a_port_counts_as_its_network_and_an_unknown_one_is_refused() {
    let networks = format!(
        r#""networks": [{{"port": "{PORT}"}}, {{"uuid": "{REQUIRED}"}}, {{"uuid": "{ALSO_REQUIRED}"}}]"#
    );
    let judge = |facts: &Facts| judge(&policy(), &networks, facts);
    let on = |network| Facts::new().with_ports(&[PORT], &[Port::new(PORT, network)]);
    assert_eq!(judge(&Facts::new()), Err(Hold::Need(Need::Ports)));
    assert_eq!(judge(&on(OTHER)), Ok(()));
    assert_eq!(denied(judge(&on(BANNED))).0, DenialKind::NetworkBanned);
    let unknown = Facts::new().with_ports(&[PORT], &[]);
    assert_eq!(denied(judge(&unknown)).0, DenialKind::PortUnknown);
}

#[test]
fn the_body_is_asked_for_and_another_bodys_meaning_is_not_taken_for_it() {
    let request = Inspection::new(Operation::CreateServer);
    assert_eq!(policy().check(&request), Err(Hold::Need(Need::Body)));
    let json = format!(r#"{{"interfaceAttachment": {{"net_id": "{OTHER}"}}}}"#);
    let attach = crate::nova::InterfaceAttach::from_json(
        json.as_bytes(),
        crate::nova::AttachApi::OsInterface,
    );
    let body = RequestBody::InterfaceAttach(attach.unwrap());
    assert_eq!(
        policy().check(&request.body(&body)),
        Err(Hold::Need(Need::Body))
    );
}

#[test]
fn no_other_request_concerns_it_and_with_neither_list_none_does() {
    assert!(policy().concerns(&Operation::CreateServer));
    assert!(!policy().concerns(&Operation::Other));
    assert!(
        !RequestNetworks::new([], [])
            .unwrap()
            .concerns(&Operation::CreateServer)
    );
}

#[test]
fn a_network_on_both_lists_is_an_error_at_once() {
    let error = RequestNetworks::new([REQUIRED, BANNED], [BANNED, OTHER]).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("both required and banned: {BANNED}")
    );
}
