//! The crate's reader of bodies beside `serde_json`, on bodies of every kind.
//!
//! `WAFFLEHAUS_DIFFERENTIAL` says how many are made up (20,000), and `WAFFLEHAUS_SEED` the number
//! of the first (0).

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

#[path = "../common/dice.rs"]
mod dice;
mod generate;
mod mutate;
mod oracle;
mod write;

use std::{env, fmt::Debug};

use wafflehaus::nova::{AttachApi, InterfaceAttach, ServerAction, ServerCreate};

/// Which readers take a body: as a create, an attach by either extension, and an action.
type Taken = [bool; 4];

/// Holds the crate against the oracle, whatever the body may be meant for.
fn compared(body: &[u8]) -> Taken {
    let attach = |api, vendor| {
        let ours = InterfaceAttach::from_json(body, api).map(|attach| attach.network);
        same(body, &ours, &oracle::attach(body, vendor))
    };
    let create = ServerCreate::from_json(body).map(|create| create.networks);
    [
        same(body, &create, &oracle::create(body)),
        attach(AttachApi::OsInterface, false),
        attach(AttachApi::OsVirtualInterfacesV2, true),
        same(body, &ServerAction::from_json(body), &oracle::action(body)),
    ]
}

fn same<T: Debug + PartialEq, E: Debug>(
    body: &[u8],
    ours: &Result<T, E>,
    theirs: &Option<T>,
) -> bool {
    let read = ours.as_ref().ok();
    assert_eq!(read, theirs.as_ref(), "{ours:?}: {}", body.escape_ascii());
    theirs.is_some()
}

#[test]
fn made_up_bodies_are_read_as_serde_json_reads_them_or_refused_with_it() {
    let number = |name, or| env::var(name).map_or(or, |text| text.parse().unwrap());
    let (bodies, first): (u64, u64) = (
        number("WAFFLEHAUS_DIFFERENTIAL", 20_000),
        number("WAFFLEHAUS_SEED", 0),
    );
    let mut taken = [0_u64; 4];
    for seed in first..first + bodies {
        let body = generate::body(seed);
        for (count, is_taken) in taken.iter_mut().zip(compared(&body)) {
            *count += u64::from(is_taken);
        }
    }
    println!("{bodies} bodies from {first} on, taken: {taken:?}");
    // Neither side refuses all.
    for (count, of) in taken.iter().zip([8, 25, 40, 25]) {
        assert!(*count > bodies / of, "{taken:?} of {bodies}");
    }
}

const SMALL: [&str; 4] = [
    r#"{"server": {"x": [1.5e+7, "\u00e9\n", {}], "networks": [{"port": null, "uuid": "abcdef01-c0de-4aaa-8bbb-fedcba987601"}]}}"#,
    r#"{"\u0073erver":{"\ud83d\ude00":"é","networks":"n\u006fne","a":-0,"b":[true,false,null]}}"#,
    r#"{"interfaceAttachment": {"tag": "\ud800", "net_id": "abcdef01-c0de-4aaa-8bbb-fedcba987601"}}"#,
    r#"{"removeFixedIp": {"address": "192.0.2.7"}}"#,
];

#[test]
fn each_byte_of_a_body_may_be_any_other_or_missing_or_the_last() {
    let mut taken = 0;
    for small in SMALL.map(str::as_bytes) {
        assert!(compared(small).contains(&true), "{}", small.escape_ascii());
        for at in 0..small.len() {
            compared(&small[..at]);
            compared(&[&small[..at], &small[at + 1..]].concat());
            let mut body = small.to_vec();
            for byte in 0..=u8::MAX {
                body[at] = byte;
                taken += usize::from(compared(&body).contains(&true));
            }
        }
    }
    assert!(taken > 1000, "{taken} are taken");
}

#[test]
fn every_value_and_every_text_is_passed_over_or_refused_as_before() {
    for value in mutate::VALUES {
        for body in [
            (*value).to_owned(),
            format!(r#"{{"server": {{"x": {value}, "networks": "none"}}}}"#),
            format!(r#"{{"server": {{"x": [{{"y": {value}}}], "networks": "none"}}}}"#),
            format!(r#"{{"server": {{"networks": {value}}}}}"#),
            format!(r#"{{"server": {{"networks": [{{"uuid": {value}}}]}}}}"#),
            format!(r#"{{"server": {{{value}: 1}}}}"#),
            format!(r#"{{"server": {{"x": {{{value}: 1}}}}}}"#),
            format!(r#"{{"server": {{}}}}{value}"#),
            format!(r#"{value}{{"server": {{}}}}"#),
            format!(r#"{{"reboot": {value}}}"#),
        ] {
            compared(body.as_bytes());
        }
    }
}
