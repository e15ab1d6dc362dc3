//! Rule 11.

use std::fmt::Debug;

use wafflehaus::{
    guard::PortLookup as _,
    openstack::{AuthMethod, Client, Endpoint, Fallback, NeutronLookup, NovaLookup},
};

use crate::{
    authority::TestAuthority,
    cloud::{Cloud, PASSWORD, Reply, SERVER, TOKEN, client, neutron_list, password, port},
    log::Log,
    tls,
};

#[track_caller]
fn clean(text: &str) {
    for secret in [PASSWORD, TOKEN, "hunter2"] {
        assert!(!text.contains(secret), "`{secret}` is in: {text}");
        let bytes = format!("{:?}", secret.as_bytes());
        let bytes = bytes.trim_matches(['[', ']']);
        assert!(!text.contains(bytes), "`{secret}` as bytes is in: {text}");
    }
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

#[tokio::test]
async fn rule_11_no_type_or_error_shows_a_secret() {
    // Everything quotes what it was sent, as a careless proxy might.
    let echo = Cloud::start(|seen| {
        let token = seen.token.clone().unwrap_or_default();
        let body = String::from_utf8(seen.body.to_vec()).unwrap();
        let quote = serde_json::json!({ "ports": format!("{token}{body}") });
        match seen.service.as_str() {
            "keystone" if seen.target.starts_with("/v3") => Reply::Usual,
            _ => Reply::Json(200, quote),
        }
    })
    .await;
    let credential = echo.credential(client());
    let neutron = NeutronLookup::new(echo.endpoint("neutron"), credential.clone());
    let nova = NovaLookup::new(echo.endpoint("nova"), credential.clone());
    let error = neutron.server_ports(SERVER).await.unwrap_err();
    clean(&format!("{error} {}", shown(&error)));
    let both = Fallback::new(neutron.clone(), nova.clone());
    let error = both.server_ports(SERVER).await.unwrap_err();
    clean(&format!("{error} {}", shown(&error)));
    assert!(
        echo.seen("neutron")[0]
            .token
            .as_deref()
            .unwrap()
            .starts_with(TOKEN)
    );

    // Keystone itself quotes the password.
    let echo = Cloud::start(|seen| {
        Reply::Raw({
            let body = std::str::from_utf8(&seen.body).unwrap();
            let body = serde_json::json!({ "token": { "issued_at": body } });
            crate::cloud::token_response(1, &body)
        })
    })
    .await;
    let error = echo.neutron().server_ports(SERVER).await.unwrap_err();
    clean(&format!("{error} {}", shown(&error)));

    // By now there is a token in the credential.
    for text in [
        shown(&credential),
        shown(&neutron),
        shown(&nova),
        shown(&both),
        shown(&password()),
        shown(&client()),
        shown(&Client::builder()),
        shown(&AuthMethod::ApplicationCredential {
            id: "a".into(),
            secret: "hunter2".into(),
        }),
    ] {
        clean(&text);
    }
    let error = "https://user:hunter2@cloud.example"
        .parse::<Endpoint>()
        .unwrap_err();
    clean(&format!("{error} {}", shown(&error)));
}

#[tokio::test]
async fn rule_11_no_event_shows_a_secret() {
    let log = Log::start();
    let answer = |seen: &crate::cloud::Seen| match seen.service.as_str() {
        "keystone" => Reply::Usual,
        "nova" => Reply::text(401, "hunter2"),
        _ if seen.target.contains("&id=") => Reply::text(500, "hunter2"),
        _ => Reply::Json(200, neutron_list([])),
    };
    let plain = Cloud::start(answer).await;
    let authority = TestAuthority::new();
    let over_tls = Cloud::start_tls(authority.acceptor(&tls::BOTH), answer).await;
    for (cloud, client) in [(&plain, client()), (&over_tls, tls::trusting(&authority))] {
        let credential = cloud.credential(client);
        let lookup = Fallback::new(
            NeutronLookup::new(cloud.endpoint("neutron"), credential.clone()),
            NovaLookup::new(cloud.endpoint("nova"), credential),
        );
        lookup.server_ports(SERVER).await.unwrap();
        lookup.ports(&[port(1).id], None).await.unwrap_err();
        let Err(error) = lookup.ports(&[port(1).id], None).await else {
            panic!("it cannot be told")
        };
        clean(&error.to_string());
    }
    // Lower layers were heard too.
    assert!(log.text().contains(r#""target":"h2::"#));
    assert!(!log.events("wafflehaus::openstack::client").is_empty());
    clean(&log.text());
}
