//! Requests that are allowed by how they are made.

use proptest::{
    prelude::*,
    sample::{select, subsequence},
};

use super::super::{FREE, Framing, IMAGE, Ids, REQUIRED, SPARE, Shot};

/// What a request that is allowed is to bring about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A server on these networks besides its others.
    Attached(&'static str, &'static str),
    /// A server without this port.
    Detached(&'static str, &'static str),
    /// A new server on these networks.
    Made(Vec<&'static str>),
    /// An answer, and no change that policies are about.
    Nothing,
}

/// A request that is allowed, and what comes of it.
pub(crate) fn lawful(ids: Ids) -> impl Strategy<Value = (Shot, Wanted)> {
    let request = prop_oneof![
        2 => create(ids),
        2 => attach(ids),
        1 => detach(ids),
        5 => action(ids),
        2 => read(ids),
    ];
    (request, prefix(ids), client()).prop_map(|((shot, wanted), prefix, headers)| {
        let (method, rest) = shot.line.split_once(' ').unwrap();
        let line = format!("{method} {prefix}{rest}");
        let shot = Shot { line, ..shot };
        (headers.into_iter().fold(shot, Shot::header), wanted)
    })
}

/// What stands before `/servers`.
fn prefix(ids: Ids) -> impl Strategy<Value = String> {
    let version = prop_oneof![
        6 => Just("/v2.1"),
        1 => select(vec!["/v2", "//v2.1", "/v2%2E1", "/v2.1/"]),
    ];
    let project = prop_oneof![
        3 => Just(String::new()),
        1 => Just(format!("/{}", ids.project)),
    ];
    (version, project).prop_map(|(version, project)| format!("{version}{project}"))
}

/// The headers of some client.
fn client() -> impl Strategy<Value = Vec<String>> {
    let version = prop_oneof![
        2 => Just(None),
        1 => select(vec![
            "OpenStack-API-Version: compute 2.37", "OpenStack-API-Version: compute 2.90",
            "OpenStack-API-Version: compute latest", "X-OpenStack-Nova-API-Version: 2.60",
        ])
        .prop_map(Some),
    ];
    let others = subsequence(
        vec![
            "Accept: application/json",
            "Accept-Encoding: gzip, deflate",
            "User-Agent: python-openstackclient keystoneauth1/5.6.0",
            "X-OpenStack-Request-ID: req-5abcde01-c0de-4aaa-8bbb-fedcba987601",
        ],
        0..=4,
    );
    (version, others).prop_map(|(version, others)| {
        let headers = version.into_iter().chain(others);
        headers.map(str::to_owned).collect()
    })
}

fn json(line: String, body: String) -> Shot {
    Shot::json(line, body)
}

fn create(ids: Ids) -> BoxedStrategy<(Shot, Wanted)> {
    let ports = [
        (REQUIRED, ids.on_required),
        (FREE, ids.on_free),
        (SPARE, ids.on_spare),
    ];
    let entry = move |network: &'static str| {
        let (_, port) = ports.into_iter().find(|(it, _)| *it == network).unwrap();
        select(vec![
            format!("{{\"uuid\": \"{network}\"}}"),
            format!("{{\"uuid\": \"{network}\", \"port\": null}}"),
            format!("{{\"port\": \"{port}\"}}"),
            format!("{{\"uuid\": \"{network}\", \"port\": \"{port}\"}}"),
        ])
    };
    let second = prop_oneof![
        1 => Just(None),
        2 => select(vec![FREE, SPARE]).prop_map(Some),
    ];
    let members = select(vec![
        "",
        ", \"max_count\": 1",
        ", \"metadata\": {\"networks\": \"none\"}",
        ", \"security_groups\": [{\"name\": \"default\"}]",
        ", \"user_data\": \"QUJD\"",
    ]);
    let framing = prop_oneof![5 => Just(Framing::Length), 1 => Just(Framing::Chunked)];
    let networks = second.prop_flat_map(move |second| match second {
        None => entry(REQUIRED)
            .prop_map(|one| (one, vec![REQUIRED]))
            .boxed(),
        Some(second) => (entry(REQUIRED), entry(second), any::<bool>())
            .prop_map(move |(one, other, swapped)| {
                let list = if swapped {
                    format!("{other}, {one}")
                } else {
                    format!("{one}, {other}")
                };
                (list, vec![REQUIRED, second])
            })
            .boxed(),
    });
    (networks, members, framing)
        .prop_map(|((list, networks), members, framing)| {
            let server = format!(
                r#""name": "n", "imageRef": "{IMAGE}", "flavorRef": "1"{members}, "networks": [{list}]"#
            );
            let shot = json("POST /servers".into(), format!(r#"{{"server": {{{server}}}}}"#));
            (shot.framing(framing), Wanted::Made(networks))
        })
        .boxed()
}

fn attach(ids: Ids) -> BoxedStrategy<(Shot, Wanted)> {
    let wishes = [(FREE, ids.on_free), (SPARE, ids.on_spare)].map(|(network, port)| {
        [
            (network, format!(r#""net_id": "{network}""#)),
            (network, format!(r#""port_id": "{port}""#)),
        ]
    });
    select(wishes.concat())
        .prop_map(move |(network, wish)| {
            let line = format!("POST /servers/{}/os-interface", ids.small);
            let body = format!(r#"{{"interfaceAttachment": {{{wish}}}}}"#);
            (json(line, body), Wanted::Attached(ids.small, network))
        })
        .boxed()
}

fn detach(ids: Ids) -> BoxedStrategy<(Shot, Wanted)> {
    let line = format!(
        "DELETE /servers/{}/os-interface/{}",
        ids.full, ids.full_goes
    );
    Just((Shot::bare(line), Wanted::Detached(ids.full, ids.full_goes))).boxed()
}

/// Actions that leave a server as it was, when they are over.
fn action(ids: Ids) -> BoxedStrategy<(Shot, Wanted)> {
    let bodies = select(vec![
        r#"{"reboot": {"type": "SOFT"}}"#,
        r#"{"reboot": {"type": "HARD"}}"#,
        r#"{"unlock": null}"#,
        r#"{"os-getConsoleOutput": {"length": 10}}"#,
    ]);
    (select(ids.servers()), bodies)
        .prop_map(|(server, body)| {
            let line = format!("POST /servers/{server}/action");
            (json(line, body.to_owned()), Wanted::Nothing)
        })
        .boxed()
}

fn read(ids: Ids) -> BoxedStrategy<(Shot, Wanted)> {
    let server = format!("/servers/{}", ids.full);
    let lines = select(vec![
        "GET /servers".to_owned(),
        "GET /servers/detail?limit=5".to_owned(),
        format!("GET {server}"),
        format!("GET {server}/os-interface"),
        format!("GET {server}/os-interface/{}", ids.full_stays),
        "GET /flavors/detail".to_owned(),
        "GET /limits".to_owned(),
    ]);
    lines
        .prop_map(|line| (Shot::bare(line), Wanted::Nothing))
        .boxed()
}
