//! Bodies.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{select, subsequence},
};

use super::{
    super::{BANNED, FREE, IMAGE, REQUIRED, SPARE},
    Ids,
};

const NETWORKS: &[&str] = &[REQUIRED, BANNED, FREE, SPARE];

/// An id as JSON.
fn in_json(ids: Vec<&'static str>) -> impl Strategy<Value = String> {
    (select(ids), prop_oneof![16 => Just(0), 1 => 1..14]).prop_map(|(id, spelling)| {
        match spelling {
            1 => format!("\"{}\"", id.to_uppercase()),
            2 => format!("\"{}\"", id.replace('-', "")),
            3 => format!("\"{{{id}}}\""),
            4 => format!("\"urn:uuid:{id}\""),
            5 => format!("\"{}\"", id.replace('-', "--")),
            6 => format!("\" {id}\""),
            7 => format!("\"{id}\\n\""),
            // The same text, otherwise written.
            8 => format!("\"\\u00{:02x}{}\"", id.as_bytes()[0], &id[1..]),
            9 => format!("\"{}\"", id.replace('-', "\\u002D")),
            10 => "null".to_owned(),
            11 => "\"\"".to_owned(),
            12 => format!("[\"{id}\"]"),
            13 => "7".to_owned(),
            _ => format!("\"{id}\""),
        }
    })
}

/// A key in one of its spellings; the last of them is another key.
fn key(name: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![20 => Just(0), 1 => 1..5].prop_map(move |spelling| {
        let (first, rest) = name.split_at(1);
        match spelling {
            1 => format!("\"\\u00{:02x}{rest}\"", first.as_bytes()[0]),
            2 => format!(
                "\"{}\\u00{:02X}\"",
                &name[..name.len() - 1],
                name.as_bytes()[name.len() - 1]
            ),
            3 => format!("\"{name} \""),
            4 => format!("\"{}{rest}\"", first.to_uppercase()),
            _ => format!("\"{name}\""),
        }
    })
}

fn member(
    name: &'static str,
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    (key(name), value).prop_map(|(key, value)| format!("{key}: {value}"))
}

fn object(members: &[String]) -> String {
    format!("{{{}}}", members.join(", "))
}

/// An entry of `networks`.
fn entry(ids: Ids) -> impl Strategy<Value = String> {
    let odd = select(vec![
        "\"uuid\": null",
        "\"port\": null",
        "\"port\": \"\"",
        "\"fixed_ip\": \"10.1.0.9\"",
        "\"tag\": \"t\"",
        "\"x\": {\"uuid\": 1}",
    ]);
    let any = prop_oneof![
        3 => member("uuid", in_json(NETWORKS.to_vec())),
        3 => member("port", in_json(ids.free_ports())),
        1 => member("port", in_json(NETWORKS.to_vec())),
        1 => odd.prop_map(str::to_owned),
    ];
    prop_oneof![
        8 => member("uuid", in_json(NETWORKS.to_vec())).prop_map(|one| object(&[one])),
        4 => member("port", in_json(ids.free_ports())).prop_map(|one| object(&[one])),
        2 => (member("uuid", in_json(NETWORKS.to_vec())), member("port", in_json(ids.free_ports())))
            .prop_map(|(uuid, port)| object(&[uuid, port])),
        3 => vec(any, 0..4).prop_map(|members| object(&members)),
    ]
}

/// The value of `networks`.
fn networks(ids: Ids) -> impl Strategy<Value = String> {
    let lawful = Just(format!("{{\"uuid\": \"{REQUIRED}\"}}"));
    let list = |entries: Vec<String>| format!("[{}]", entries.join(", "));
    prop_oneof![
        8 => (lawful, vec(entry(ids), 0..3)).prop_map(move |(first, mut entries)| {
            entries.push(first);
            list(entries)
        }),
        6 => vec(entry(ids), 0..4).prop_map(list),
        1 => select(vec![
            "\"auto\"", "\"none\"", "\"AUTO\"", "\"\\u0061uto\"", "null", "{}", "[null]", "[[]]",
            "7", "true", "\"\"", "[\"abcdef02-c0de-4aaa-8bbb-fedcba987602\"]",
        ])
        .prop_map(str::to_owned),
    ]
}

/// Members of a server that should not matter.
fn junk() -> impl Strategy<Value = Vec<String>> {
    let deep = format!("\"x\": {}{}", "[".repeat(200), "]".repeat(200));
    let decoy = format!("\"metadata\": {{\"networks\": [{{\"uuid\": \"{REQUIRED}\"}}]}}");
    let other = format!("\"Networks\": [{{\"uuid\": \"{REQUIRED}\"}}]");
    let junk = [
        "\"max_count\": 3",
        "\"min_count\": \"2\"",
        "\"x\": 1",
        "\"x\": NaN",
        "\"x\": -Infinity",
        "\"x\": 1e999",
        "\"x\": \"\\ud800\"",
        "\"\\ud800\": 1",
        "\"x\": 123456789012345678901234567890",
        "\"metadata\": {\"a\": \"b\", \"a\": \"c\"}",
        "\"name\": \"twice\"",
        "\"x\": \"\u{1}\"",
        &deep,
        &decoy,
        &other,
    ];
    let junk: Vec<String> = junk.into_iter().map(str::to_owned).collect();
    prop_oneof![
        4 => Just(Vec::new()),
        1 => subsequence(junk, 1..3),
    ]
}

pub(super) fn create_body(ids: Ids) -> impl Strategy<Value = Vec<u8>> {
    let wanted = prop_oneof![
        12 => vec(member("networks", networks(ids)), 1),
        2 => vec(member("networks", networks(ids)), 2..4),
        1 => Just(Vec::new()),
    ];
    let server = (wanted, junk(), any::<bool>()).prop_map(|(wanted, junk, first)| {
        let plain = format!("\"name\": \"n\", \"imageRef\": \"{IMAGE}\", \"flavorRef\": \"1\"");
        let plain = vec![plain];
        let (before, after) = if first {
            (wanted, junk)
        } else {
            (junk, wanted)
        };
        object(&[before, plain, after].concat())
    });
    document("server", server)
}

pub(super) fn attach_body(ids: Ids) -> impl Strategy<Value = Vec<u8>> {
    let any = prop_oneof![
        3 => member("net_id", in_json(NETWORKS.to_vec())),
        3 => member("port_id", in_json(ids.free_ports())),
        1 => member("port_id", in_json(ids.all_ports())),
        1 => member("uuid", in_json(NETWORKS.to_vec())),
        1 => select(vec![
            "\"fixed_ips\": [{\"ip_address\": \"10.1.0.9\"}]", "\"fixed_ips\": 7",
            "\"tag\": \"t\"", "\"networkId\": 7", "\"net_id\": null",
        ])
        .prop_map(str::to_owned),
    ];
    let wish = prop_oneof![
        8 => member("net_id", in_json(NETWORKS.to_vec())).prop_map(|one| object(&[one])),
        8 => member("port_id", in_json(ids.free_ports())).prop_map(|one| object(&[one])),
        6 => vec(any, 0..4).prop_map(|members| object(&members)),
        1 => select(vec!["null", "[]", "7", "\"\""]).prop_map(str::to_owned),
    ];
    document("interfaceAttachment", wish)
}

pub(super) fn plug_body() -> impl Strategy<Value = Vec<u8>> {
    let any = prop_oneof![
        3 => member("network_id", in_json(NETWORKS.to_vec())),
        1 => member("id", in_json(NETWORKS.to_vec())),
    ];
    let wish = prop_oneof![
        8 => member("network_id", in_json(NETWORKS.to_vec())).prop_map(|one| object(&[one])),
        3 => vec(any, 0..3).prop_map(|members| object(&members)),
    ];
    document("virtual_interface", wish)
}

pub(super) fn action_body(ids: Ids) -> impl Strategy<Value = Vec<u8>> {
    let addresses = select(vec![
        ids.full_stays_address,
        ids.full_goes_address,
        "192.0.2.7",
    ]);
    let address =
        (addresses, prop_oneof![16 => Just(0), 1 => 1..3]).prop_map(|(address, spelling)| {
            match spelling {
                1 => format!("\" {address}\""),
                2 => "null".to_owned(),
                _ => format!("\"{address}\""),
            }
        });
    let add = member("networkId", in_json(NETWORKS.to_vec())).prop_map(|one| object(&[one]));
    let remove = member("address", address).prop_map(|one| object(&[one]));
    let plain = select(vec![
        ("reboot", "{\"type\": \"HARD\"}"),
        ("rebuild", "{}"),
        ("resize", "{}"),
        ("unshelve", "null"),
        ("os-start", "null"),
        ("unlock", "null"),
        ("os-getConsoleOutput", "{}"),
        (
            "addNetwork",
            "{\"networkId\": \"abcdef02-c0de-4aaa-8bbb-fedcba987602\"}",
        ),
    ]);
    prop_oneof![
        3 => document("addFixedIp", add),
        3 => document("removeFixedIp", remove),
        3 => plain.prop_flat_map(|(name, argument)| document(name, Just(argument.to_owned()))),
    ]
}

pub(super) fn events_body(ids: Ids) -> impl Strategy<Value = Vec<u8>> {
    let names = select(vec![
        "network-vif-deleted",
        "network-changed",
        "network-vif-plugged",
    ]);
    let event =
        (names, select(ids.servers()), select(ids.all_ports())).prop_map(|(name, server, port)| {
            format!(
                "[{{\"name\": \"{name}\", \"server_uuid\": \"{server}\", \"tag\": \"{port}\"}}]"
            )
        });
    document("events", event)
}

/// A whole body with this member.
fn document(
    name: &'static str,
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = Vec<u8>> {
    (member(name, value), prop_oneof![20 => Just(0), 1 => 1..13]).prop_map(
        move |(member, shape)| {
            let plain = format!("{{{member}}}");
            match shape {
                1 => format!("{{\"{name}\": {{}}, {member}}}").into_bytes(),
                2 => format!("{{{member}, \"{name}\": {{}}}}").into_bytes(),
                3 => format!("{{\"x\": 1, {member}}}").into_bytes(),
                4 => format!("[{plain}]").into_bytes(),
                5 => format!("\u{feff}{plain}").into_bytes(),
                6 => format!("{plain}{{}}").into_bytes(),
                7 => format!(" \t\r\n{plain}\n ").into_bytes(),
                8 => plain.as_bytes()[..plain.len() - 1].to_vec(),
                9 => plain.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                10 => [plain.as_bytes(), b"\0"].concat(),
                11 => [b"{\"\xff\": 1, ".as_slice(), &plain.as_bytes()[1..]].concat(),
                12 => format!("{{{member}, \"os:scheduler_hints\": {{}}}}").into_bytes(),
                _ => plain.into_bytes(),
            }
        },
    )
}
