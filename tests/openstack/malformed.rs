//! Rule 5.

use http::HeaderValue;
use serde_json::{Value, json};
use wafflehaus::{
    guard::PortLookup as _,
    nova::Port,
    openstack::{Client, NeutronLookup},
};

use crate::cloud::{Cloud, Reply, SERVER, neutron_list, neutron_port, port, token_response};

const ID: &str = "00000000-0000-0000-0000-000000000001";
/// A whole port without more.
const IDS: &str = r#""id": "00000000-0000-0000-0000-000000000001",
    "network_id": "00000000-0000-0000-0000-000000000001""#;

async fn neutron_says(status: u16, text: String) -> Cloud {
    Cloud::start(move |seen| match seen.service.as_str() {
        "neutron" => Reply::text(status, &text),
        _ => Reply::Usual,
    })
    .await
}

async fn why(status: u16, text: &str) -> String {
    let cloud = neutron_says(status, text.to_owned()).await;
    let by_id = cloud
        .neutron()
        .ports(&[port(1).id], None)
        .await
        .unwrap_err();
    by_id.to_string()
}

#[tokio::test]
async fn rule_5_an_answer_that_is_not_what_it_should_be_is_a_failure() {
    let good = format!(r#"{{ "id": "{ID}", "network_id": "{ID}" }}"#);
    for text in [
        String::new(),
        "null".to_owned(),
        "<html>".to_owned(),
        "{}".to_owned(),
        "[[]]".to_owned(),
        r#"{ "ports": null }"#.to_owned(),
        r#"{ "ports": {} }"#.to_owned(),
        r#"{ "ports": [null] }"#.to_owned(),
        format!(r#"{{ "ports": [{good}]"#),
        format!(r#"{{ "ports": [{good}] }} {{}}"#),
        format!(r#"{{ "ports": [{good}], "ports": [] }}"#),
        format!(r#"{{ "ports": [{good}], "ports_links": null }}"#),
        format!(r#"{{ "ports": [{good}], "ports_links": [{{ "rel": "next" }}] }}"#),
        format!(r#"{{ "ports": [["{ID}", "{ID}"]] }}"#),
        format!(r#"{{ "ports": [{{ "id": "{ID}" }}] }}"#),
        format!(r#"{{ "ports": [{{ "network_id": "{ID}" }}] }}"#),
        format!(r#"{{ "ports": [{{ "id": "{ID}", "network_id": null }}] }}"#),
        format!(r#"{{ "ports": [{{ "id": 1, "network_id": "{ID}" }}] }}"#),
        format!(r#"{{ "ports": [{{ "id": "{ID}", "network_id": "net" }}] }}"#),
        format!(r#"{{ "ports": [{{ "id": "{{{ID}}}", "network_id": "{ID}" }}] }}"#),
        format!(r#"{{ "ports": [{{ "id": "{ID}", "id": "{ID}", "network_id": "{ID}" }}] }}"#),
        format!(r#"{{ "ports": [{{ {IDS}, "fixed_ips": [{{ "ip_address": "x" }}] }}] }}"#),
        format!(r#"{{ "ports": [{{ {IDS}, "fixed_ips": null }}] }}"#),
        format!(r#"{{ "ports": [{{ {IDS}, "trunk_details": {{}} }}] }}"#),
        format!(r#"{{ "ports": [{{ {IDS}, "trunk_details": {{ "sub_ports": [{{}}] }} }}] }}"#),
        format!(r#"{{ "ports": [{{ {IDS}, "trunk_details": [[]] }}] }}"#),
    ] {
        let error = why(200, &text).await;
        let start = "neutron lookup failed: the answer is not what it should be, at line";
        assert!(error.starts_with(start), "{text}: {error}");
    }
    let cloud = neutron_says(200, format!(r#"{{ "ports": [{good}] }}"#)).await;
    let ports = cloud.neutron().ports(&[port(1).id], None).await.unwrap();
    assert_eq!(ports, [Port::new(port(1).id, port(1).network)]);
}

#[tokio::test]
async fn rule_5_another_status_is_a_failure() {
    let good = neutron_list([1]).to_string();
    for status in [201, 204, 301, 302, 307, 400, 403, 404, 409, 429, 500, 503] {
        let error = why(status, &good).await;
        assert!(error.contains(&format!("status {status}")), "{error}");
    }
}

#[tokio::test]
async fn rule_5_what_was_not_asked_for_is_ignored_in_a_port_but_not_as_a_port() {
    let mut fields = neutron_port(&port(1));
    fields["device_owner"] = json!("compute:nova");
    fields["binding:profile"] = json!([{}, 1, "x"]);
    let text = json!({ "ports": [fields], "more": { "a": [1] } }).to_string();
    let cloud = neutron_says(200, text).await;
    let ports = cloud.neutron().ports(&[port(1).id], None).await.unwrap();
    assert_eq!(ports, [port(1)]);

    let error = why(200, &neutron_list([1, 2]).to_string()).await;
    assert!(error.contains("which was not asked for"), "{error}");
}

#[tokio::test]
async fn rule_5_a_port_is_on_one_network() {
    let (one, mut other) = (neutron_port(&port(1)), neutron_port(&port(1)));
    let twice = json!({ "ports": [one, one] }).to_string();
    let cloud = neutron_says(200, twice).await;
    assert_eq!(
        cloud.neutron().server_ports(SERVER).await.unwrap(),
        [port(1)]
    );

    other["network_id"] = neutron_port(&port(2))["network_id"].clone();
    let error = why(200, &json!({ "ports": [one, other] }).to_string()).await;
    assert!(error.contains("is told to be on network"), "{error}");
}

#[tokio::test]
async fn rule_5_a_link_without_a_marker_is_a_failure() {
    let marker = format!("marker={ID}");
    for hrefs in [
        vec![String::new()],
        vec!["http://x/v2.0/ports".to_owned()],
        vec!["http://x/?limit=1".to_owned()],
        vec!["http://x/?marker=".to_owned()],
        vec![format!("http://x/?marker={ID}%20")],
        vec![format!("http://x/?{marker}&{marker}")],
        vec![format!("http://x/?{marker}#a")],
        vec![format!("http://x/?{marker}"), format!("http://x/?{marker}")],
    ] {
        let links: Vec<Value> = hrefs
            .iter()
            .map(|it| json!({ "rel": "next", "href": it }))
            .collect();
        let text = json!({ "ports": [], "ports_links": links }).to_string();
        let error = why(200, &text).await;
        assert!(
            error.contains("the link to the next page"),
            "{hrefs:?}: {error}"
        );
    }
}

#[tokio::test]
async fn rule_5_pages_without_end_are_a_failure() {
    let href = format!("http://x/?marker={ID}");
    let text = json!({ "ports": [], "ports_links": [{ "rel": "next", "href": href }] });
    let cloud = neutron_says(200, text.to_string()).await;
    let error = cloud.neutron().server_ports(SERVER).await.unwrap_err();
    assert!(error.to_string().contains("more than 64 pages"), "{error}");
    assert_eq!(cloud.seen("neutron").len(), 64);
}

#[tokio::test]
async fn rule_5_an_answer_is_bounded() {
    // Keystone's answer must fit as well.
    let text = neutron_list([1]).to_string() + &" ".repeat(400);
    let size = text.len();
    for chunked in [false, true] {
        let text = text.clone();
        let cloud = Cloud::start(move |seen| {
            let Reply::Raw(mut response) = Reply::text(200, &text) else {
                panic!("a text is raw");
            };
            if chunked {
                let chunked = HeaderValue::from_static("chunked");
                response.headers_mut().insert("transfer-encoding", chunked);
            }
            match seen.service.as_str() {
                "neutron" => Reply::Raw(response),
                _ => Reply::Usual,
            }
        })
        .await;
        for (limit, fits) in [(size, true), (size - 1, false)] {
            let client = Client::builder().answer_limit(limit).build().unwrap();
            let lookup = NeutronLookup::new(cloud.endpoint("neutron"), cloud.credential(client));
            let outcome = lookup.server_ports(SERVER).await;
            let error = format!("neutron lookup failed: the answer has more than {limit} bytes");
            let expected = if fits { Ok(vec![port(1)]) } else { Err(error) };
            assert_eq!(outcome.map_err(|error| error.to_string()), expected);
        }
    }
}

#[tokio::test]
async fn rule_5_novas_list_is_read_as_strictly() {
    for text in [
        r#"[]"#.to_owned(),
        r#"{}"#.to_owned(),
        r#"{ "interfaceAttachments": null }"#.to_owned(),
        format!(r#"{{ "interfaceAttachments": [{{ "port_id": "{ID}" }}] }}"#),
        format!(r#"{{ "interfaceAttachments": [{{ "port_id": "{ID}", "net_id": "A" }}] }}"#),
        format!(r#"{{ "interfaceAttachments": [["{ID}", "{ID}"]] }}"#),
    ] {
        let answer = text.clone();
        let cloud = Cloud::start(move |seen| match seen.service.as_str() {
            "nova" => Reply::text(200, &answer),
            _ => Reply::Usual,
        })
        .await;
        let error = cloud.nova().server_ports(SERVER).await.unwrap_err();
        assert!(
            error.to_string().contains("not what it should be"),
            "{text}: {error}"
        );
    }
}

#[tokio::test]
async fn rule_5_keystones_answer_is_read_as_strictly() {
    let good = crate::cloud::issued();
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body["token"][key] = value;
        body
    };
    for (body, reason) in [
        (json!({}), "not what it should be"),
        (json!({ "token": [] }), "not what it should be"),
        (with("roles", Value::Null), "not what it should be"),
        (
            with("issued_at", json!("yesterday")),
            "not what it should be",
        ),
        (
            with("expires_at", json!(946684800)),
            "not what it should be",
        ),
        (
            with("expires_at", json!("1999-12-31T23:00:00Z")),
            "the token's life",
        ),
        (
            with("expires_at", json!("1999-12-31T22:00:00Z")),
            "the token's life",
        ),
    ] {
        let answer = body.clone();
        let cloud = Cloud::start(move |_| Reply::Raw(token_response(1, &answer))).await;
        let error = cloud.neutron().server_ports(SERVER).await.unwrap_err();
        assert!(error.to_string().contains(reason), "{body}: {error}");
        assert!(cloud.seen("neutron").is_empty());
    }
    for tokens in [vec![], vec![""], vec!["a b"], vec!["a", "b"]] {
        let answer = good.clone();
        let values = tokens.clone();
        let cloud = Cloud::start(move |_| {
            let mut response = token_response(1, &answer);
            response.headers_mut().remove("x-subject-token");
            for value in &values {
                let value = value.parse().unwrap();
                response.headers_mut().append("x-subject-token", value);
            }
            Reply::Raw(response)
        })
        .await;
        let error = cloud.neutron().server_ports(SERVER).await.unwrap_err();
        assert!(
            error.to_string().contains("plain token header"),
            "{tokens:?}: {error}"
        );
    }
}
