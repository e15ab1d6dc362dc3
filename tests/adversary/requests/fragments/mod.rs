//! Requests put together from pieces that have fooled somebody.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{select, subsequence},
};

use crate::{
    shot::{Framing, Shot},
    world::*,
};

const NETWORKS: &[&str] = &[REQUIRED, BANNED, FREE, SPARE];
const SERVERS: &[&str] = &[FULL, SMALL];
const FREE_PORTS: &[&str] = &[ON_REQUIRED, ON_BANNED, ON_FREE, ON_SPARE];
const ALL_PORTS: &[&str] = &[
    FULL_STAYS,
    FULL_GOES,
    SMALL_STAYS,
    ON_REQUIRED,
    ON_BANNED,
    ON_FREE,
    ON_SPARE,
];

/// What a request is after, before it is bent.
#[derive(Clone, Copy, Debug)]
enum Aim {
    Attach,
    Create,
    Detach,
    Plug,
    Unplug,
}

/// A few requests, one after the other.
pub(crate) fn shots() -> impl Strategy<Value = Vec<Shot>> {
    vec(shot(), 1..4)
}

fn shot() -> impl Strategy<Value = Shot> {
    let aim = prop_oneof![
        4 => Just(Aim::Create),
        4 => Just(Aim::Attach),
        3 => Just(Aim::Detach),
        1 => Just(Aim::Plug),
        1 => Just(Aim::Unplug),
    ];
    aim.prop_flat_map(|aim| {
        let body = match aim {
            Aim::Create => create_body().boxed(),
            Aim::Attach => attach_body().boxed(),
            Aim::Plug => plug_body().boxed(),
            Aim::Detach | Aim::Unplug => Just(Vec::new()).boxed(),
        };
        // Now and then the body of another request.
        let body = prop_oneof![
            30 => body,
            1 => create_body(),
            1 => attach_body(),
            1 => Just(Vec::new()),
        ];
        // Now and then a header says which API it is, instead of the path.
        let by_header = select(vec![
            "Accept: application/json;version=2.1/x",
            "Accept: */*;version=\"2/x\"",
            "Accept: text/html, */*;q=0.1;version=2.1/x",
        ]);
        let by_header = (target(aim, Just(String::new())), headers(), by_header).prop_map(
            |(target, mut headers, header)| {
                headers.push(header.to_owned());
                (target, headers)
            },
        );
        let target_and_headers = prop_oneof![
            12 => (target(aim, version()), headers()),
            1 => by_header,
        ];
        (method_and_query(aim), target_and_headers, body)
    })
    .prop_map(|((method, query), (target, headers), body)| {
        let (path, fragment) = match target.split_once('#') {
            Some((path, fragment)) => (path, format!("#{fragment}")),
            None => (target.as_str(), String::new()),
        };
        let question = if query.is_empty() { "" } else { "?" };
        Shot {
            line: format!("{method} {path}{question}{query}{fragment}"),
            headers,
            framing: if body.is_empty() {
                Framing::Raw
            } else {
                Framing::Length
            },
            body: body.into(),
        }
    })
}

fn method_and_query(aim: Aim) -> impl Strategy<Value = (&'static str, String)> {
    let own = match aim {
        Aim::Attach | Aim::Create | Aim::Plug => "POST",
        Aim::Detach | Aim::Unplug => "DELETE",
    };
    let methods = [
        "POST", "PUT", "GET", "HEAD", "PATCH", "OPTIONS", "DELETE", "TRACE", "FOO", "post",
    ];
    let overrides = [
        format!("_method={own}"),
        format!("_method={}", own.to_lowercase()),
        format!("a=b&_method={own}"),
        format!("a=b;_method={own}"),
        format!("_method=GET&_method={own}"),
        format!("_method={own}&_method="),
        format!("%5Fmethod={own}"),
        format!("_method={own}&%5fmethod={own}"),
        format!("x_method={own}"),
        format!("a=_method&_%6dethod={own}"),
        "limit=1".to_owned(),
        "a=%zz&b=%".to_owned(),
    ];
    prop_oneof![
        10 => Just((own, String::new())),
        1 => (Just(own), select(overrides.to_vec())),
        2 => (select(methods.to_vec()), select(overrides.to_vec())),
        1 => (select(methods.to_vec()), Just(String::new())),
    ]
}

/// Usually the first, else one of the others.
fn mostly(usual: &'static str, odd: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        24 => Just(usual),
        1 => select(odd),
    ]
    .prop_map(str::to_owned)
}

fn version() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => mostly("/v2.1", &[
            "", "//v2.1", "/v2%2E1", "/%76%32.1", "/./v2.1", "/../v2.1", "/x/../v2.1", "/V2.1",
            "/v2.10", "/compute/v2.1", "/v2.1/.", "/v2.1/x/..", "http://nova.example/v2.1",
            "http://other.example//v2.1", "/v2.1/", "/%2e/v2.1", "/v2.1%2F", "/v2.1;x", "/v2.1?",
        ]),
        1 => Just("/v2".to_owned()),
    ]
}

fn target(aim: Aim, version: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let project = prop_oneof![
        10 => Just(String::new()),
        4 => Just(format!("/{PROJECT}")),
        1 => Just(format!("//{PROJECT}")),
        1 => Just(format!("/{OTHER_PROJECT}")),
        1 => Just(format!("/{}", PROJECT.to_uppercase())),
        1 => Just("/%36f70656e737461636b".to_owned()),
        1 => Just("/-".to_owned()),
    ];
    let collection = mostly(
        "/servers",
        &[
            "/os-volumes_boot",
            "/os-create-server-ext",
            "/%73ervers",
            "//servers",
            "/servers/",
            "/servers/.",
            "/images/../servers",
            "/servers/x/..",
            "/Servers",
            "/servers%2f",
            "/servers%0A",
            "/servers%00",
            "/servers/servers",
            "%2Fservers",
            "/servers;a=b",
        ],
    );
    let rest = match aim {
        Aim::Create => Just(String::new()).boxed(),
        Aim::Attach => server("os-interface").boxed(),
        Aim::Plug => server("os-virtual-interfacesv2").boxed(),
        Aim::Detach => port("os-interface").boxed(),
        Aim::Unplug => port("os-virtual-interfacesv2").boxed(),
    };
    let suffix = mostly(
        "",
        &[
            "/",
            "//",
            ".json",
            ".xml",
            "%0A",
            "%0a%0a",
            "%0d",
            "%20",
            ";x",
            "%00",
            "#x",
            "#?x",
            "/.",
            "/..",
            "/x/..",
            "/%2e",
            "%23x",
            "%3Fx",
            "\u{e9}",
            "%E2%80%A8",
            "%",
            "%2",
        ],
    );
    (version, project, collection, rest, suffix).prop_map(
        |(version, project, collection, rest, suffix)| {
            [version, project, collection, rest, suffix].concat()
        },
    )
}

fn server(extension: &'static str) -> impl Strategy<Value = String> {
    let extension = prop_oneof![
        20 => Just(extension),
        1 => select(vec![
            "os-interface", "os-virtual-interfacesv2", "%6Fs-interface", "os%2dinterface",
            "/os-interface", "OS-INTERFACE", "os-interface.json", "./os-interface", "metadata",
        ]),
    ];
    (in_path(SERVERS), extension).prop_map(|(id, extension)| format!("/{id}/{extension}"))
}

fn port(extension: &'static str) -> impl Strategy<Value = String> {
    (server(extension), in_path(ALL_PORTS)).prop_map(|(server, port)| format!("{server}/{port}"))
}

/// An id as a segment of a path.
fn in_path(ids: &'static [&'static str]) -> impl Strategy<Value = String> {
    (select(ids), prop_oneof![20 => Just(0), 1 => 1..9]).prop_map(|(id, spelling)| match spelling {
        1 => id.to_uppercase(),
        2 => id.replace('-', ""),
        3 => format!("%7B{id}%7D"),
        4 => format!("urn:uuid:{id}"),
        5 => format!("{id}%0A"),
        6 => format!("%{:02x}{}", id.as_bytes()[0], &id[1..]),
        7 => format!("{id}%20"),
        8 => id.replace('-', "%2D"),
        _ => id.to_owned(),
    })
}

fn headers() -> impl Strategy<Value = Vec<String>> {
    let content_type = prop_oneof![
        20 => Just(vec!["Content-Type: application/json".to_owned()]),
        1 => select(vec![
            "", "Content-Type:", "Content-Type: text/plain", "Content-Type: application/xml",
            "Content-Type: application/json; charset=utf-16",
            "Content-Type: application/json;version=2.1/x",
            "Content-Type: application/json; version=\"2/x\"",
            "Content-Type: application/vnd.openstack.compute+json",
            "Content-Type: application/x-www-form-urlencoded", "Content-Type: APPLICATION/JSON",
        ])
        .prop_map(|header| match header {
            "" => Vec::new(),
            header => vec![header.to_owned()],
        }),
    ];
    let versions = prop_oneof![
        6 => Just(None),
        1 => select(vec![
            "OpenStack-API-Version: compute 2.37", "OpenStack-API-Version: compute latest",
            "OpenStack-API-Version: compute 2.1, Compute 2.90",
            "X-OpenStack-Nova-API-Version: 2.60", "OpenStack-API-Version: compute 2.100",
        ])
        .prop_map(|header| Some(header.to_owned())),
    ];
    let odd = prop_oneof![
        8 => Just(Vec::new()),
        1 => subsequence(vec![
            "Accept: application/json;version=2/x", "Accept: */*;version=2.1/x",
            "Content-Type: text/plain", "Content-Encoding: gzip", "Content-Encoding: identity",
            "X_Roles: operator", "X-Roles: operator", "X_Project_Id: 0000",
            "X-Wafflehaus-RequestNetworks-Enabled: 0", "X-HTTP-Method-Override: DELETE",
            "X-Storage-Token: root-token", "OpenStack-System-Scope: all", "X-Role: operator",
            "X-Tenant-Id: 0000", "Expect: 100-continue", "X-Original-URL: /v2.1/servers",
            "X-Service-Roles: operator", "X-Forwarded-Prefix: /v2.1", "X_Auth_Token: root-token",
        ], 1..3),
    ];
    (content_type, versions, odd).prop_map(|(mut headers, version, odd)| {
        headers.extend(version);
        headers.extend(odd.into_iter().map(str::to_owned));
        headers
    })
}

/// An id as JSON.
fn in_json(ids: &'static [&'static str]) -> impl Strategy<Value = String> {
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
fn entry() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "\"uuid\": null",
        "\"port\": null",
        "\"port\": \"\"",
        "\"fixed_ip\": \"10.1.0.9\"",
        "\"tag\": \"t\"",
        "\"x\": {\"uuid\": 1}",
    ]);
    let any = prop_oneof![
        3 => member("uuid", in_json(NETWORKS)),
        3 => member("port", in_json(FREE_PORTS)),
        1 => member("port", in_json(NETWORKS)),
        1 => odd.prop_map(str::to_owned),
    ];
    prop_oneof![
        8 => member("uuid", in_json(NETWORKS)).prop_map(|one| object(&[one])),
        4 => member("port", in_json(FREE_PORTS)).prop_map(|one| object(&[one])),
        2 => (member("uuid", in_json(NETWORKS)), member("port", in_json(FREE_PORTS)))
            .prop_map(|(uuid, port)| object(&[uuid, port])),
        3 => vec(any, 0..4).prop_map(|members| object(&members)),
    ]
}

/// The value of `networks`.
fn networks() -> impl Strategy<Value = String> {
    let lawful = Just(format!("{{\"uuid\": \"{REQUIRED}\"}}"));
    let list = |entries: Vec<String>| format!("[{}]", entries.join(", "));
    prop_oneof![
        8 => (lawful, vec(entry(), 0..3)).prop_map(move |(first, mut entries)| {
            entries.push(first);
            list(entries)
        }),
        6 => vec(entry(), 0..4).prop_map(list),
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

fn create_body() -> impl Strategy<Value = Vec<u8>> {
    let wanted = prop_oneof![
        12 => vec(member("networks", networks()), 1),
        2 => vec(member("networks", networks()), 2..4),
        1 => Just(Vec::new()),
    ];
    let server = (wanted, junk(), any::<bool>()).prop_map(|(wanted, junk, first)| {
        let plain = vec!["\"name\": \"n\", \"flavorRef\": \"1\"".to_owned()];
        let (before, after) = if first {
            (wanted, junk)
        } else {
            (junk, wanted)
        };
        object(&[before, plain, after].concat())
    });
    document("server", server)
}

fn attach_body() -> impl Strategy<Value = Vec<u8>> {
    let any = prop_oneof![
        3 => member("net_id", in_json(NETWORKS)),
        3 => member("port_id", in_json(FREE_PORTS)),
        1 => member("port_id", in_json(ALL_PORTS)),
        1 => member("uuid", in_json(NETWORKS)),
        1 => select(vec![
            "\"fixed_ips\": [{\"ip_address\": \"10.1.0.9\"}]", "\"fixed_ips\": 7",
            "\"tag\": \"t\"", "\"networkId\": 7", "\"net_id\": null",
        ])
        .prop_map(str::to_owned),
    ];
    let wish = prop_oneof![
        8 => member("net_id", in_json(NETWORKS)).prop_map(|one| object(&[one])),
        8 => member("port_id", in_json(FREE_PORTS)).prop_map(|one| object(&[one])),
        6 => vec(any, 0..4).prop_map(|members| object(&members)),
        1 => select(vec!["null", "[]", "7", "\"\""]).prop_map(str::to_owned),
    ];
    document("interfaceAttachment", wish)
}

fn plug_body() -> impl Strategy<Value = Vec<u8>> {
    let any = prop_oneof![
        3 => member("network_id", in_json(NETWORKS)),
        1 => member("id", in_json(NETWORKS)),
    ];
    let wish = prop_oneof![
        8 => member("network_id", in_json(NETWORKS)).prop_map(|one| object(&[one])),
        3 => vec(any, 0..3).prop_map(|members| object(&members)),
    ];
    document("virtual_interface", wish)
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
