//! Making servers: which networks they get.

use super::super::super::testing::{A, B, PORT, SERVER, cloud, head, nova, send};
use super::super::super::{Api, Cloud, User};
use super::{at, create, newest, on};

#[tokio::test]
async fn types_and_sizes_of_bodies_are_those_of_nova() {
    let cloud = cloud();
    for (kind, status) in [
        ("", 202),
        ("text/plain", 202),
        ("application/vnd.openstack.compute+json", 202),
        ("application/json; charset=utf-16", 202),
        ("APPLICATION/JSON", 415),
        ("application/xml", 415),
        ("application/json ;x=1", 415),
    ] {
        let head = head("POST /v2.1/servers").header("content-type", kind);
        let answer = send(
            &cloud,
            Api::Nova,
            head,
            &on(&format!(r#"[{{"uuid": "{B}"}}]"#)),
        )
        .await;
        assert_eq!(answer.status, status, "{kind}");
    }
    let get = head("GET /v2.1/servers").header("content-type", "a/b");
    assert_eq!(send(&cloud, Api::Nova, get, "").await.status, 415);
    let body = on(&format!(r#"[{{"uuid": "{B}"}}]"#));
    let full = body.clone() + &" ".repeat(114_688 - body.len());
    assert_eq!(nova(&cloud, "POST /v2.1/servers", &full).await.status, 202);
    let answer = nova(&cloud, "POST /v2.1/servers", &(full + " ")).await;
    assert_eq!(answer.status, 413);
    for body in ["", "null", "[]", "{", "{} x", "\u{feff}{}"] {
        assert_eq!(
            nova(&cloud, "POST /v2.1/servers", body).await.status,
            400,
            "{body:?}"
        );
    }
}

#[tokio::test]
async fn the_last_of_equal_keys_wins_and_escapes_are_undone() {
    let cloud = cloud();
    let body = create(&format!(
        r#", "networks": [{{"uuid": "{A}"}}], "n\u0065tworks": [{{"uuid": "{A}", "uuid": "{B}"}}]"#
    ));
    assert_eq!(nova(&cloud, "POST /v2.1/servers", &body).await.status, 202);
    assert_eq!(newest(&cloud), [B]);
}

#[tokio::test]
async fn the_port_wins_over_the_network() {
    let cloud = cloud();
    for (version, uuid) in [("2.1", A), ("2.1", "no-uuid"), ("2.42", A), ("latest", A)] {
        let port = cloud.add_port(B, "0a0a").unwrap();
        let body = on(&format!(r#"[{{"uuid": "{uuid}", "port": "{port}"}}]"#));
        let answer = at(
            &cloud,
            &format!("compute {version}"),
            "POST /v2.1/servers",
            &body,
        )
        .await;
        assert_eq!(answer.status, 202, "{version} {uuid}");
        assert_eq!(newest(&cloud), [B]);
    }
}

#[tokio::test]
async fn without_a_named_network_the_only_one_is_attached() {
    let single = Cloud::new();
    single.add_network(A, "net1").unwrap();
    single.add_project_network(B, "net2", "0b0b").unwrap();
    single.add_user(User::new("ann", "0a0a")).unwrap();
    single.add_token("ann", "ann").unwrap();
    for (version, networks, status, expected) in [
        ("2.1", "", 202, vec![A]),
        ("2.1", r#", "networks": []"#, 202, vec![A]),
        ("2.1", r#", "networks": "auto""#, 400, vec![]),
        ("2.37", "", 400, vec![]),
        ("2.37", r#", "networks": []"#, 202, vec![A]),
        ("2.37", r#", "networks": "auto""#, 202, vec![A]),
        ("2.37", r#", "networks": "none""#, 202, vec![]),
        ("2.37", r#", "networks": null"#, 400, vec![]),
    ] {
        let before = single.server_count();
        let answer = at(
            &single,
            &format!("compute {version}"),
            "POST /v2.1/servers",
            &create(networks),
        )
        .await;
        assert_eq!(answer.status, status, "{version} {networks}");
        if status == 202 {
            assert_eq!(newest(&single), expected, "{version} {networks}");
        } else {
            assert_eq!(single.server_count(), before);
        }
    }
    let several = nova(&cloud(), "POST /v2.1/servers", &create("")).await;
    assert_eq!(several.status, 409);
    assert_eq!(several.body["conflictingRequest"]["code"], 409);
}

#[tokio::test]
async fn networks_that_cannot_be_are_refused() {
    let cloud = cloud();
    let foreign = cloud.add_port(B, "0b0b").unwrap();
    let (upper, bare) = (A.to_uppercase(), A.replace('-', ""));
    for (networks, status) in [
        ("{}".to_owned(), 400),
        ("[null]".to_owned(), 400),
        ("[{}]".to_owned(), 400),
        (r#"["a"]"#.to_owned(), 400),
        (format!(r#"[{{"UUID": "{A}"}}]"#), 400),
        (format!(r#"[{{"uuid": "{bare}"}}]"#), 400),
        (format!(r#"[{{"uuid": "urn:uuid:{A}"}}]"#), 400),
        (format!(r#"[{{"uuid": " {A}"}}]"#), 400),
        (format!(r#"[{{"uuid": "{SERVER}"}}]"#), 400),
        (format!(r#"[{{"uuid": "{upper}"}}]"#), 500),
        (
            format!(r#"[{{"uuid": "{A}"}}, {{"uuid": "{upper}"}}]"#),
            400,
        ),
        (
            format!(r#"[{{"uuid": "{upper}"}}, {{"uuid": "{B}"}}]"#),
            500,
        ),
        (format!(r#"[{{"port": "{PORT}"}}]"#), 409),
        (format!(r#"[{{"port": "{SERVER}"}}]"#), 400),
        (format!(r#"[{{"port": "{foreign}"}}]"#), 400),
        (
            format!(r#"[{{"port": "{foreign}", "fixed_ip": "10.0.0.9"}}]"#),
            400,
        ),
    ] {
        let answer = nova(&cloud, "POST /v2.1/servers", &on(&networks)).await;
        assert_eq!(answer.status, status, "{networks}");
        assert_eq!(cloud.server_count(), 1, "{networks}");
    }
}

#[tokio::test]
async fn a_network_twice_is_two_nics_and_counts_make_servers() {
    let cloud = cloud();
    let twice = format!(r#"[{{"uuid": "{A}"}}, {{"uuid": "{A}"}}]"#);
    assert_eq!(
        nova(&cloud, "POST /v2.1/servers", &on(&twice)).await.status,
        202
    );
    assert_eq!(newest(&cloud), [A, A]);
    let three = create(&format!(
        r#", "max_count": "3", "networks": [{{"uuid": "{B}"}}]"#
    ));
    assert_eq!(nova(&cloud, "POST /v2.1/servers", &three).await.status, 202);
    assert_eq!(cloud.server_count(), 5);
    let port = cloud.add_port(B, "0a0a").unwrap();
    let shared = create(&format!(
        r#", "min_count": 2, "networks": [{{"port": "{port}"}}]"#
    ));
    assert_eq!(
        nova(&cloud, "POST /v2.1/servers", &shared).await.status,
        400
    );
}

#[tokio::test]
async fn the_old_version_drops_what_it_does_not_know() {
    let cloud = Cloud::new();
    cloud.add_network(A, "net1").unwrap();
    cloud.add_user(User::new("ann", "0a0a")).unwrap();
    cloud.add_token("ann", "ann").unwrap();
    let body = create(r#", "Networks": "none""#);
    assert_eq!(nova(&cloud, "POST /v2.1/servers", &body).await.status, 400);
    let answer = at(&cloud, "compute 2.99", "POST /v2/servers", &body).await;
    assert_eq!(answer.status, 202);
    assert!(!answer.headers.contains_key("openstack-api-version"));
    assert_eq!(newest(&cloud), [A]);
    let server = cloud.servers().remove(0);
    let path = format!("POST /v2/servers/{server}/os-interface");
    let body = format!(r#"{{"interfaceAttachment": {{"uuid": "{B}"}}}}"#);
    assert_eq!(nova(&cloud, &path, &body).await.status, 200);
    assert_eq!(cloud.server_networks(&server), [A, A]);
}
