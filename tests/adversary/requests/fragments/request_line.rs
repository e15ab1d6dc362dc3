//! Methods, targets and headers.

use proptest::{
    prelude::*,
    sample::{select, subsequence},
};

use super::{Aim, Ids};

pub(super) fn method_and_query(aim: Aim) -> impl Strategy<Value = (&'static str, String)> {
    let own = match aim {
        Aim::Act | Aim::Attach | Aim::Create | Aim::Plug | Aim::Tell => "POST",
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

pub(super) fn version() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => mostly("/v2.1", &[
            "", "//v2.1", "/v2%2E1", "/%76%32.1", "/./v2.1", "/../v2.1", "/x/../v2.1", "/V2.1",
            "/v2.10", "/compute/v2.1", "/v2.1/.", "/v2.1/x/..", "http://nova.example/v2.1",
            "http://other.example//v2.1", "/v2.1/", "/%2e/v2.1", "/v2.1%2F", "/v2.1;x", "/v2.1?",
        ]),
        1 => Just("/v2".to_owned()),
    ]
}

pub(super) fn target(
    ids: Ids,
    aim: Aim,
    version: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    let project = ids.project;
    let first = project.as_bytes()[0];
    let project = prop_oneof![
        10 => Just(String::new()),
        4 => Just(format!("/{project}")),
        1 => Just(format!("//{project}")),
        1 => Just(format!("/{}", ids.other_project)),
        1 => Just(format!("/{}", project.to_uppercase())),
        1 => Just(format!("/%{first:02x}{}", &project[1..])),
        1 => Just("/-".to_owned()),
    ];
    let usual = match aim {
        Aim::Tell => "/os-server-external-events",
        _ => "/servers",
    };
    let collection = mostly(
        usual,
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
        Aim::Create | Aim::Tell => Just(String::new()).boxed(),
        Aim::Act => server(ids, "action").boxed(),
        Aim::Attach => server(ids, "os-interface").boxed(),
        Aim::Plug => server(ids, "os-virtual-interfacesv2").boxed(),
        Aim::Detach => port(ids, "os-interface").boxed(),
        Aim::Unplug => port(ids, "os-virtual-interfacesv2").boxed(),
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

fn server(ids: Ids, extension: &'static str) -> impl Strategy<Value = String> {
    let extension = prop_oneof![
        20 => Just(extension),
        1 => select(vec![
            "os-interface", "os-virtual-interfacesv2", "%6Fs-interface", "os%2dinterface",
            "/os-interface", "OS-INTERFACE", "os-interface.json", "./os-interface", "metadata", "action", "%61ction", "action.json",
        ]),
    ];
    (in_path(ids.servers()), extension).prop_map(|(id, extension)| format!("/{id}/{extension}"))
}

fn port(ids: Ids, extension: &'static str) -> impl Strategy<Value = String> {
    (server(ids, extension), in_path(ids.all_ports()))
        .prop_map(|(server, port)| format!("{server}/{port}"))
}

/// An id as a segment of a path.
fn in_path(ids: Vec<&'static str>) -> impl Strategy<Value = String> {
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

pub(super) fn headers() -> impl Strategy<Value = Vec<String>> {
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
