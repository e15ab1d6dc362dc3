//! Each trap that real Nova has for a gateway.

use serde_json::json;

use super::super::testing::{A, Answer, B, PORT, SERVER, cloud, head, neutron, nova, send};
use super::super::{Api, Cloud, User};

fn create(networks: &str) -> String {
    format!(r#"{{"server": {{"name": "s", "flavorRef": "1"{networks}}}}}"#)
}

fn on(networks: &str) -> String {
    create(&format!(r#", "networks": {networks}"#))
}

/// The networks of the newest server.
fn newest(cloud: &Cloud) -> Vec<String> {
    cloud.server_networks(cloud.servers().last().unwrap())
}

async fn at(cloud: &Cloud, version: &str, line: &str, body: &str) -> Answer {
    let head = head(line).header("openstack-api-version", format!("compute {version}"));
    send(cloud, Api::Nova, head, body).await
}

#[tokio::test]
async fn odd_spellings_of_the_path_make_servers() {
    for path in [
        "/v2.1/servers",
        "/v2/servers",
        "/v2.1/0a0a/servers",
        "//v2.1//servers",
        "/v2.1/%73ervers",
        "/v2%2E1/servers",
        "/v2.1%2Fservers",
        "/v2.1/servers%0A",
        "/v2.1/x/../servers",
        "/v2.1/servers?",
        "http://other.example/v2.1/servers",
        "/v2.1/os-volumes_boot",
    ] {
        let cloud = cloud();
        let answer = nova(
            &cloud,
            &format!("POST {path}"),
            &on(&format!(r#"[{{"uuid": "{B}"}}]"#)),
        )
        .await;
        assert_eq!(answer.status, 202, "{path}");
        assert_eq!(newest(&cloud), [B], "{path}");
    }
}

#[tokio::test]
async fn other_spellings_make_none() {
    for (path, status) in [
        ("/v2.1/servers/", 404),
        ("/v2.1/servers%0A%0A", 404),
        ("/v2.1/servers%0D", 404),
        ("/v2.1/servers.json", 404),
        ("/v2.1/SERVERS", 404),
        ("/v2.1/%2573ervers", 404),
        ("/v2.1/%2e/servers", 404),
        ("/v2.1/0A0A/servers", 404),
        ("/v2.1/0b0b/servers", 400),
        ("/v2.1/0a0a/0a0a/servers", 404),
        ("/v2.10/servers", 300),
        ("/V2.1/servers", 300),
        ("/servers", 300),
        ("/compute/v2.1/servers", 300),
    ] {
        let cloud = cloud();
        let answer = nova(
            &cloud,
            &format!("POST {path}"),
            &on(&format!(r#"[{{"uuid": "{B}"}}]"#)),
        )
        .await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(cloud.server_count(), 1, "{path}");
    }
}

#[tokio::test]
async fn a_header_can_choose_the_version() {
    let body = on(&format!(r#"[{{"uuid": "{B}"}}]"#));
    for (name, value, status) in [
        ("content-type", "application/json;version=2.1/x", 202),
        ("accept", "application/json; version=\"2/x\"", 202),
        ("content-type", "application/json;version=2.1", 200),
    ] {
        let cloud = cloud();
        let answer = send(
            &cloud,
            Api::Nova,
            head("POST /servers").header(name, value),
            &body,
        )
        .await;
        assert_eq!(answer.status, status, "{value}");
        assert_eq!(cloud.server_count(), if status == 202 { 2 } else { 1 });
    }
}

#[tokio::test]
async fn the_query_can_change_the_method() {
    let cloud = cloud();
    let body = on(&format!(r#"[{{"uuid": "{B}"}}]"#));
    for query in [
        "_method=POST",
        "_method=get&%5Fmethod=post",
        "x=1;_method=Post",
    ] {
        let before = cloud.server_count();
        let answer = nova(&cloud, &format!("PUT /v2.1/servers?{query}"), &body).await;
        assert_eq!(answer.status, 202, "{query}");
        assert_eq!(cloud.server_count(), before + 1);
    }
    // Only PUT and POST have a body, whatever they are routed as.
    let bodiless = nova(&cloud, "GET /v2.1/servers?_method=POST", &body).await;
    assert_eq!(bodiless.status, 500);
    let path = format!("/v2.1/servers/{SERVER}/os-interface/{PORT}?_method=delete");
    assert_eq!(
        nova(&cloud, &format!("POST {path}"), "{}").await.status,
        500
    );
    assert_eq!(cloud.server_networks(SERVER), [A]);
    assert_eq!(nova(&cloud, &format!("HEAD {path}"), "").await.status, 202);
    assert!(cloud.server_networks(SERVER).is_empty());
}

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
        let answer = at(&cloud, version, "POST /v2.1/servers", &body).await;
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
        let answer = at(&single, version, "POST /v2.1/servers", &create(networks)).await;
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
    let answer = at(&cloud, "2.99", "POST /v2/servers", &body).await;
    assert_eq!(answer.status, 202);
    assert!(!answer.headers.contains_key("openstack-api-version"));
    assert_eq!(newest(&cloud), [A]);
    let server = cloud.servers().remove(0);
    let path = format!("POST /v2/servers/{server}/os-interface");
    let body = format!(r#"{{"interfaceAttachment": {{"uuid": "{B}"}}}}"#);
    assert_eq!(nova(&cloud, &path, &body).await.status, 200);
    assert_eq!(cloud.server_networks(&server), [A, A]);
}

#[tokio::test]
async fn a_server_id_in_upper_case_attaches_and_says_404() {
    let cloud = cloud();
    let upper = SERVER.to_uppercase();
    let body = format!(r#"{{"interfaceAttachment": {{"net_id": "{B}"}}}}"#);
    let path = format!("POST /v2.1/servers/{upper}/os-interface");
    assert_eq!(nova(&cloud, &path, &body).await.status, 404);
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
    let shown = nova(&cloud, &format!("GET /v2.1/servers/{upper}"), "").await;
    assert_eq!(shown.body["server"]["id"], SERVER);
}

#[tokio::test]
async fn a_port_id_in_upper_case_attaches_and_says_500() {
    let cloud = cloud();
    let port = cloud.add_port(B, "0a0a").unwrap();
    let path = format!("/v2.1/servers/{SERVER}/os-interface");
    let body = format!(
        r#"{{"interfaceAttachment": {{"port_id": "{}"}}}}"#,
        port.to_uppercase()
    );
    assert_eq!(
        nova(&cloud, &format!("POST {path}"), &body).await.status,
        500
    );
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
    // And Nova cannot take it away again.
    assert_eq!(
        nova(&cloud, &format!("DELETE {path}/{port}"), "")
            .await
            .status,
        202
    );
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
    let created = format!(
        r#"[{{"port": "{}"}}]"#,
        cloud.add_port(B, "0a0a").unwrap().to_uppercase()
    );
    assert_eq!(
        nova(&cloud, "POST /v2.1/servers", &on(&created))
            .await
            .status,
        202
    );
    assert_eq!(newest(&cloud), [B]);
}

#[tokio::test]
async fn attaching_answers_as_nova_does() {
    let cloud = cloud();
    let own = cloud.add_port(B, "0a0a").unwrap();
    let foreign = cloud.add_port(B, "0b0b").unwrap();
    let path = format!("POST /v2.1/servers/{SERVER}/os-interface");
    for (wish, status) in [
        (json!({"net_id": A, "port_id": own}), 400),
        (json!({}), 400),
        (json!({"net_id": A, "junk": 1}), 400),
        (json!({"net_id": SERVER}), 500),
        (json!({"net_id": A.to_uppercase()}), 500),
        (json!({"net_id": "net1"}), 400),
        (json!({"port_id": foreign}), 404),
        (json!({"port_id": PORT}), 409),
        (json!({"port_id": own.replace('-', "")}), 404),
        (json!({"fixed_ips": [{"ip_address": "10.0.0.1"}]}), 400),
        (json!(null), 400),
    ] {
        let body = json!({"interfaceAttachment": wish}).to_string();
        assert_eq!(nova(&cloud, &path, &body).await.status, status, "{body}");
        assert_eq!(cloud.server_networks(SERVER), [A], "{body}");
    }
    let body = json!({"interfaceAttachment": {"port_id": own}}).to_string();
    let answer = nova(&cloud, &path, &body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["interfaceAttachment"]["net_id"], B);
}

#[tokio::test]
async fn detaching_always_says_202() {
    let cloud = cloud();
    let path = format!("/v2.1/servers/{SERVER}/os-interface");
    for text in [
        PORT.to_uppercase(),
        PORT.replace('-', ""),
        SERVER.to_owned(),
    ] {
        let answer = nova(&cloud, &format!("DELETE {path}/{text}"), "").await;
        assert_eq!(answer.status, 202);
        assert_eq!(cloud.server_networks(SERVER), [A]);
    }
    let answer = nova(&cloud, &format!("DELETE {path}/{PORT}%0A"), "").await;
    assert_eq!(answer.status, 202);
    assert!(cloud.server_networks(SERVER).is_empty());
}

#[tokio::test]
async fn a_port_that_was_there_before_is_given_back() {
    let cloud = cloud();
    let port = cloud.add_port(B, "0a0a").unwrap();
    let path = format!("/v2.1/servers/{SERVER}/os-interface");
    let body = json!({"interfaceAttachment": {"port_id": port}}).to_string();
    assert_eq!(
        nova(&cloud, &format!("POST {path}"), &body).await.status,
        200
    );
    assert_eq!(
        nova(&cloud, &format!("DELETE /v2.1/servers/{SERVER}"), "")
            .await
            .status,
        204
    );
    assert_eq!(cloud.port_device(&port).as_deref(), Some(""));
    assert_eq!(cloud.port_device(PORT), None);
    assert_eq!(cloud.server_count(), 0);
}

#[tokio::test]
async fn adding_an_address_never_adds_a_network() {
    let cloud = cloud();
    let own = "abcdef07-c0de-4aaa-8bbb-fedcba987607";
    cloud.add_project_network(own, "own", "0a0a").unwrap();
    let server = cloud.add_server("0a0a", &[own]).unwrap();
    let path = format!("POST /v2.1/servers/{server}/action");
    for (network, addresses) in [(json!(B), 1), (json!(7), 1), (json!(own), 2)] {
        let body = json!({"addFixedIp": {"networkId": network}}).to_string();
        assert_eq!(nova(&cloud, &path, &body).await.status, 202);
        let shown = nova(&cloud, &format!("GET /v2.1/servers/{server}"), "").await;
        let list = &shown.body["server"]["addresses"]["own"];
        assert_eq!(list.as_array().unwrap().len(), addresses, "{body}");
        assert_eq!(cloud.server_networks(&server), [own]);
    }
    let body = json!({"addFixedIp": {"networkId": own}}).to_string();
    assert_eq!(at(&cloud, "2.43", &path, &body).await.status, 202);
    assert_eq!(at(&cloud, "2.44", &path, &body).await.status, 404);
}

#[tokio::test]
async fn removing_addresses_can_leave_a_port_with_none() {
    let cloud = cloud();
    let own = "abcdef07-c0de-4aaa-8bbb-fedcba987607";
    cloud.add_project_network(own, "own", "0a0a").unwrap();
    let server = cloud.add_server("0a0a", &[own]).unwrap();
    let list = format!("GET /v2.1/servers/{server}/os-interface");
    let before = nova(&cloud, &list, "").await.body;
    let address = &before["interfaceAttachments"][0]["fixed_ips"][0]["ip_address"];
    let body = json!({"removeFixedIp": {"address": address}}).to_string();
    let path = format!("POST /v2.1/servers/{server}/action");
    assert_eq!(nova(&cloud, &path, &body).await.status, 202);
    let after = nova(&cloud, &list, "").await.body;
    assert_eq!(after["interfaceAttachments"][0]["fixed_ips"], json!([]));
    assert_eq!(cloud.server_networks(&server), [own]);
}

#[tokio::test]
async fn actions_are_one_known_name() {
    let cloud = cloud();
    let path = format!("POST /v2.1/servers/{SERVER}/action");
    for (body, status) in [
        (r#"{"os-stop": null}"#, 202),
        (r#"{"os-stop": null}"#, 409),
        (r#"{"os-start": null, "os-start": null}"#, 202),
        (r#"{"reboot": {"type": "HARD"}}"#, 202),
        (r#"{"addNetwork": {}}"#, 400),
        (r#"{"os-stop": null, "lock": null}"#, 400),
        ("{}", 400),
        ("", 400),
        ("[1]", 404),
        (r#"{"rebuild": {"networks": []}}"#, 400),
        (r#"{"resetNetwork": null}"#, 410),
    ] {
        assert_eq!(nova(&cloud, &path, body).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn a_port_taken_through_neutron_is_known_after_unshelving() {
    let cloud = cloud();
    let body = json!({"port": {"network_id": B, "device_id": SERVER}}).to_string();
    assert_eq!(neutron(&cloud, "POST /v2.0/ports", &body).await.status, 201);
    assert_eq!(cloud.server_networks(SERVER), [A, B]);
    let shown = format!("GET /v2.1/servers/{SERVER}");
    let addresses = nova(&cloud, &shown, "").await.body["server"]["addresses"].take();
    assert!(addresses.get("net2").is_none(), "{addresses}");
    let path = format!("POST /v2.1/servers/{SERVER}/action");
    assert_eq!(nova(&cloud, &path, r#"{"shelve": null}"#).await.status, 202);
    let attach = format!("POST /v2.1/servers/{SERVER}/os-interface");
    let wish = json!({"interfaceAttachment": {"net_id": B}}).to_string();
    assert_eq!(nova(&cloud, &attach, &wish).await.status, 409);
    assert_eq!(
        nova(&cloud, &path, r#"{"unshelve": null}"#).await.status,
        202
    );
    let addresses = nova(&cloud, &shown, "").await.body["server"]["addresses"].take();
    assert!(addresses.get("net2").is_some(), "{addresses}");
}

#[tokio::test]
async fn the_vendors_interfaces_come_and_go() {
    let cloud = cloud();
    let path = format!("/v2/0a0a/servers/{SERVER}/os-virtual-interfacesv2");
    let body = json!({"virtual_interface": {"network_id": B}}).to_string();
    let answer = nova(&cloud, &format!("POST {path}"), &body).await;
    assert_eq!(answer.status, 200);
    let vif = &answer.body["virtual_interfaces"][0];
    assert_eq!(vif["ip_addresses"][0]["network_id"], B);
    assert_eq!(vif["ip_addresses"][0]["network_label"], "net2");
    let gone = format!("DELETE {path}/{}", vif["id"].as_str().unwrap());
    assert_eq!(nova(&cloud, &gone, "").await.status, 200);
    assert_eq!(nova(&cloud, &gone, "").await.status, 404);
    assert_eq!(cloud.server_networks(SERVER), [A]);
    for body in [
        "{}",
        r#"{"virtual_interface": null}"#,
        r#"{"virtual_interface": {}}"#,
    ] {
        assert_eq!(
            nova(&cloud, &format!("POST {path}"), body).await.status,
            400
        );
    }
}

#[tokio::test]
async fn only_the_token_says_who_asks() {
    let cloud = cloud();
    let show = format!("GET /v2.1/servers/{SERVER}");
    for (headers, status) in [
        (vec![("x-auth-token", "ann")], 200),
        (vec![("x-auth-token", " ann ")], 200),
        (
            vec![("x_auth_token", "ann"), ("x-storage-token", "bob")],
            200,
        ),
        (vec![("x-storage-token", "ann")], 200),
        (vec![("x-storage-token", "ann"), ("x-auth-token", "")], 401),
        (vec![("x-auth-token", "ann"), ("x-auth-token", "ann")], 401),
        (
            vec![("x-auth-token", "ann"), ("x-service-token", "bob")],
            401,
        ),
        (vec![("x-auth-token", "no")], 401),
        (vec![("x-auth-token", "bob")], 404),
        (
            vec![
                ("x-auth-token", "bob"),
                ("x-project-id", "0a0a"),
                ("x-roles", "admin"),
                ("x_roles", "admin"),
            ],
            404,
        ),
        // Role names match in any case.
        (vec![("x-auth-token", "root")], 200),
    ] {
        let mut head = head(&show);
        for (name, value) in &headers {
            head = head.header(*name, *value);
        }
        let answer = send(&cloud, Api::Nova, head, "").await;
        assert_eq!(answer.status, status, "{headers:?}");
        assert_eq!(
            answer.headers.contains_key("www-authenticate"),
            status == 401
        );
    }
}

#[tokio::test]
async fn roles_decide_what_a_caller_may_do() {
    let cloud = cloud();
    for (name, roles) in [
        ("reader", vec!["reader"]),
        ("comma", vec!["reader,admin"]),
        ("nobody", vec!["other"]),
    ] {
        cloud
            .add_user(User::new(name, "0a0a").roles(roles))
            .unwrap();
        cloud.add_token(name, name).unwrap();
    }
    let list = format!("GET /v2.1/servers/{SERVER}/os-interface");
    let attach = format!("POST /v2.1/servers/{SERVER}/os-interface");
    let body = json!({"interfaceAttachment": {"net_id": B}}).to_string();
    for (name, listed, attached) in [
        ("reader", 200, 403),
        ("comma", 200, 200),
        ("nobody", 403, 403),
        ("bob", 404, 404),
    ] {
        let as_user = |line| head(line).header("x-auth-token", name);
        let answer = send(&cloud, Api::Nova, as_user(&list), "").await;
        assert_eq!(answer.status, listed, "{name}");
        let answer = send(&cloud, Api::Nova, as_user(&attach), &body).await;
        assert_eq!(answer.status, attached, "{name}");
    }
}

#[tokio::test]
async fn lists_hold_the_servers_of_the_project() {
    let cloud = cloud();
    let bobs = cloud.add_server("0b0b", &[A]).unwrap();
    let ids = |answer: &Answer| -> Vec<String> {
        let servers = answer.body["servers"].as_array().unwrap();
        let ids = servers.iter().map(|s| s["id"].as_str().unwrap().to_owned());
        ids.collect()
    };
    let answer = nova(&cloud, "GET /v2.1/servers/detail", "").await;
    assert_eq!(ids(&answer), [SERVER]);
    assert_eq!(answer.body["servers"][0]["status"], "ACTIVE");
    let all = head("GET /v2.1/servers?all_tenants=1").header("x-auth-token", "root");
    assert_eq!(
        ids(&send(&cloud, Api::Nova, all, "").await),
        [bobs.as_str(), SERVER]
    );
    let all = nova(&cloud, "GET /v2.1/servers?all_tenants=1", "").await;
    assert_eq!(all.status, 403);
}

#[tokio::test]
async fn microversions_are_read_from_the_end() {
    let cloud = cloud();
    for (common, old, status, reported) in [
        ("", "", 200, "2.1"),
        ("compute 2.42", "", 200, "2.42"),
        ("compute 2.3, COMPUTE  2.44", "2.9", 200, "2.44"),
        ("compute 2.3, volume 3.0", "", 200, "2.3"),
        ("nova 2.42", "2.8, 2.9", 200, "2.9"),
        ("compute latest", "", 200, "2.100"),
        ("compute LATEST", "", 400, ""),
        ("compute 2.042", "", 400, ""),
        ("compute 2.999", "", 406, ""),
        ("compute 3.0", "", 406, ""),
    ] {
        let head = head("GET /v2.1/servers")
            .header("openstack-api-version", common)
            .header("x-openstack-nova-api-version", old);
        let answer = if old.is_empty() {
            at_plain(&cloud, common).await
        } else {
            send(&cloud, Api::Nova, head, "").await
        };
        assert_eq!(answer.status, status, "{common}");
        if status == 200 {
            assert_eq!(answer.headers["x-openstack-nova-api-version"], reported);
            assert_eq!(
                answer.headers["openstack-api-version"],
                format!("compute {reported}")
            );
        }
        assert!(
            answer.headers["x-compute-request-id"]
                .to_str()
                .unwrap()
                .starts_with("req-")
        );
    }
}

async fn at_plain(cloud: &Cloud, common: &str) -> Answer {
    let head = head("GET /v2.1/servers").header("openstack-api-version", common);
    send(cloud, Api::Nova, head, "").await
}

#[tokio::test]
async fn versions_are_told_without_a_token() {
    let cloud = cloud();
    let ask = |line| head(line).header("x-auth-token", "");
    let root = send(&cloud, Api::Nova, ask("GET /"), "").await;
    assert_eq!(
        (root.status.as_u16(), &root.body["versions"][1]["id"]),
        (200, &json!("v2.1"))
    );
    let one = send(&cloud, Api::Nova, ask("GET /v2.1/"), "").await;
    assert_eq!(
        (one.status.as_u16(), &one.body["version"]["id"]),
        (200, &json!("v2.1"))
    );
}
