//! The known ways round a check that reads requests naively, each by its number.
//!
//! Every attack is sent twice: to the gateway, after which the cloud must be as it was; and past
//! it, to a cloud of its own, so that an attack that is said to work does work without a gateway.

use bytes::Bytes;
use wafflehaus::sim::Cloud;

use crate::{
    gateway::{Remote, client},
    shot::{Framing, Shot},
    world::*,
};

/// What an attack does to a cloud without a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bare {
    /// The simulated cloud is not taken in, but other releases or servers are.
    Safe,
    /// It works.
    Harmed,
}

use Bare::{Harmed, Safe};

/// An attack, and the status with which it has to be refused.
struct Attack {
    case: &'static str,
    sight: Sight,
    shot: Shot,
    status: u16,
    bare: Bare,
}

fn attack(case: &'static str, status: u16, bare: Bare, shot: Shot) -> Attack {
    Attack {
        case,
        sight: Sight::All,
        shot,
        status,
        bare,
    }
}

/// An attack that leaves the choice to Nova, which sees but one network.
fn lonely(case: &'static str, status: u16, bare: Bare, shot: Shot) -> Attack {
    Attack {
        sight: Sight::OnlyBanned,
        ..attack(case, status, bare, shot)
    }
}

/// A create with this JSON for `networks`.
fn body(networks: &str) -> String {
    format!(
        r#"{{"server": {{"name": "web", "imageRef": "", "flavorRef": "1", "networks": {networks}}}}}"#
    )
}

fn by_id(ids: &[&str]) -> String {
    let entries: Vec<_> = ids
        .iter()
        .map(|id| format!(r#"{{"uuid": "{id}"}}"#))
        .collect();
    body(&format!("[{}]", entries.join(", ")))
}

/// A create on the required network and the banned one.
fn bad() -> String {
    by_id(&[REQUIRED, BANNED])
}

fn create(networks: &str) -> Shot {
    Shot::json("POST /v2.1/servers", body(networks))
}

/// The same with the microversion from which `networks` must be there.
fn newer(networks: &str) -> Shot {
    create(networks).header("OpenStack-API-Version: compute 2.37")
}

fn attach(server: &str, wish: &str) -> Shot {
    let body = format!(r#"{{"interfaceAttachment": {{{wish}}}}}"#);
    Shot::json(format!("POST /v2.1/servers/{server}/os-interface"), body)
}

fn attach_banned() -> String {
    format!(r#"{{"interfaceAttachment": {{"net_id": "{BANNED}"}}}}"#)
}

fn detach(port: &str) -> Shot {
    Shot::bare(format!("DELETE /v2.1/servers/{FULL}/os-interface/{port}"))
}

fn upper(id: &str) -> String {
    id.to_uppercase()
}

fn undashed(id: &str) -> String {
    id.replace('-', "")
}

async fn run(attacks: Vec<Attack>) {
    let client = client();
    let mut failures = Vec::new();
    for attack in attacks {
        let case = attack.case;
        let cloud = cloud(attack.sight);
        let gateway = Remote::before(&cloud, &client).await;
        let before = state(&cloud);
        let outcome = gateway.send(&attack.shot).await;
        if outcome.status != attack.status || outcome.cloud.is_some() {
            failures.push(format!("{case}: {outcome:?}, not {}", attack.status));
        }
        if state(&cloud) != before {
            failures.push(format!("{case}: changed the cloud: {:?}", harm(&cloud)));
        }
        let status = gateway.send_past(&attack.shot).await;
        let bare = harm(&cloud).map_or(Safe, |_| Harmed);
        if bare != attack.bare {
            failures.push(format!("{case}: {bare:?} without a gateway ({status})"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test]
async fn paths_do_not_hide_what_is_asked() {
    let post = |target: &str| Shot::json(format!("POST {target}"), bad());
    let upper_server = format!("POST /v2.1/servers/{}/os-interface", upper(SMALL));
    run(vec![
        attack("C1", 403, Harmed, post("/v2.1/servers")),
        attack("C2", 403, Harmed, post(&format!("/v2/{PROJECT}/servers"))),
        attack("C2 v2", 403, Harmed, post("/v2/servers")),
        attack("C3", 403, Harmed, post(&format!("//v2.1//{PROJECT}//servers"))),
        attack("C4", 403, Harmed, post("/v2.1/%73ervers")),
        attack("C4 dot", 403, Harmed, post("/v2%2E1/servers")),
        attack("C4 project", 403, Harmed, post(&format!("/v2.1/%36{}/servers", &PROJECT[1..]))),
        attack(
            "C5",
            400,
            Harmed,
            Shot::json(
                format!("POST /v2.1/servers%2F{SMALL}%2Fos-interface"),
                attach_banned(),
            ),
        ),
        attack("C5 backslash", 400, Safe, post("/v2.1%5Cservers")),
        attack("C6", 400, Harmed, post("/v2.1/servers%0A")),
        attack("C6 detach", 400, Harmed, detach(&format!("{FULL_STAYS}%0A"))),
        attack(
            "C6 attach",
            400,
            Harmed,
            Shot::json(
                format!("POST /v2.1/servers/{SMALL}/os-interface%0a"),
                attach_banned(),
            ),
        ),
        attack("C6 return", 400, Safe, post("/v2.1/servers%0D")),
        attack("C7", 400, Harmed, post("/v2.1/images/../servers")),
        attack("C7 root", 400, Harmed, post("/../v2.1/servers")),
        attack("C7 dot", 400, Harmed, post("/v2.1/./servers")),
        attack("C7 encoded", 400, Safe, post("/v2.1/images/%2e%2e/servers")),
        attack(
            "C8",
            403,
            Harmed,
            post("http://other.example/v2.1/servers").header("Host: other.example"),
        ),
        attack(
            "C8 two hosts",
            403,
            Harmed,
            post("http://other.example/v2.1/servers"),
        ),
        attack("C9", 400, Safe, post("/compute/v2.1/servers")),
        attack("C9 deep", 400, Safe, post("/a/b/c/v2.1/servers")),
        attack("C10", 403, Harmed, post("/v2.1/servers#x")),
        attack("C11", 403, Safe, post("/v2.1/servers/")),
        attack("C11 two", 403, Safe, post("/v2.1/servers//")),
        attack("C12", 400, Safe, post(&format!("/v2/{PROJECT}/servers.json"))),
        attack("C12 xml", 400, Safe, post("/v2.1/servers.xml")),
        attack("C13", 403, Safe, post(&format!("/v2.1/{OTHER_PROJECT}/servers"))),
        attack("C14", 400, Harmed, Shot::json(upper_server, attach_banned())),
        attack(
            "C15",
            400,
            Safe,
            Shot::bare(format!("DELETE /v2.1/servers/web/os-interface/{FULL_STAYS}")),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_query_cannot_change_the_method() {
    let put = |query: &str| Shot::json(format!("PUT /v2.1/servers?{query}"), bad());
    let interfaces = format!("/v2.1/servers/{SMALL}/os-interface");
    let port = format!("/v2.1/servers/{FULL}/os-interface/{FULL_STAYS}");
    let vif = format!("/v2.1/servers/{FULL}/os-virtual-interfacesv2/{FULL_STAYS}");
    let overridden = |method: &str, query: &str| Shot::bare(format!("{method} {port}?{query}"));
    run(vec![
        attack("C16", 400, Harmed, put("_method=POST")),
        attack("C16 encoded", 400, Safe, put("%5Fmethod=POST")),
        attack("C16 semicolon", 400, Harmed, put("a=b;_method=post")),
        attack(
            "C17",
            400,
            Harmed,
            Shot::json(format!("PUT {interfaces}?_method=post"), attach_banned()),
        ),
        attack("C19", 400, Harmed, overridden("GET", "_method=DELETE")),
        attack(
            "C19 vif",
            400,
            Harmed,
            Shot::bare(format!("GET {vif}?_method=DELETE")),
        ),
        attack("C20 head", 400, Harmed, overridden("HEAD", "_method=delete")),
        attack("C20 patch", 400, Harmed, overridden("PATCH", "_method=delete")),
        attack("C20 options", 400, Harmed, overridden("OPTIONS", "_method=delete")),
        attack("C20 made up", 400, Harmed, overridden("FOO", "_method=delete")),
        attack("C20 trace", 400, Harmed, overridden("TRACE", "_method=delete")),
        attack("C20 alone", 400, Safe, Shot::bare(format!("FOO {port}"))),
        attack("C21", 400, Harmed, put("_method=GET&_method=POST")),
        // What an application credential's rule for GET would let through.
        attack("C62", 400, Harmed, overridden("GET", "x=1&_method=DELETE")),
    ])
    .await;
}

#[tokio::test]
async fn a_header_cannot_choose_the_api() {
    let post = |target: &str| Shot::json(format!("POST {target}"), bad()).without("content-type");
    let by_accept = post(&format!("/{PROJECT}/servers"))
        .header("Content-Type: application/json")
        .header("Accept: application/json;version=2/x");
    let attach = Shot::json(format!("POST /servers/{SMALL}/os-interface"), attach_banned());
    let detach = Shot::bare(format!("DELETE /servers/{FULL}/os-interface/{FULL_STAYS}"));
    run(vec![
        attack(
            "C22",
            400,
            Harmed,
            post("/servers").header("Content-Type: application/json;version=2.1/x"),
        ),
        attack(
            "C22 attach",
            400,
            Harmed,
            attach.header("Accept: */*;version=\"2.1/x\""),
        ),
        attack(
            "C22 detach",
            400,
            Harmed,
            detach.header("Accept: */*;version=2.1/x"),
        ),
        attack("C23", 400, Harmed, by_accept),
        attack(
            "C24",
            400,
            Safe,
            post("/servers").header("Content-Type: application/json; version=2.1"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_body_cannot_hide_a_network() {
    let port = |port: &str| format!(r#"[{{"uuid": "{REQUIRED}"}}, {{"port": "{port}"}}]"#);
    let beside = |uuid: &str| format!(r#"[{{"port": "{ON_BANNED}", "uuid": "{uuid}"}}]"#);
    let odd = |id: &str| newer(&format!(r#"[{{"uuid": "{REQUIRED}"}}, {{"uuid": "{id}"}}]"#));
    let only_odd = |id: &str| newer(&format!(r#"[{{"uuid": "{id}"}}]"#));
    let volumes = |body| Shot::json("POST /v2.1/os-volumes_boot", body);
    let extended = |body| Shot::json(format!("POST /v2/{PROJECT}/os-create-server-ext"), body);
    let many = r#"{"server": {"name": "n", "flavorRef": "1", "max_count": 50, "networks": [{"uuid": "$"}]}}"#;
    run(vec![
        attack("C25", 403, Harmed, create(&port(ON_BANNED))),
        attack("C26", 400, Harmed, create(&beside(REQUIRED))),
        attack("C27", 400, Harmed, create(&beside("x"))),
        attack("C34", 403, Harmed, volumes(bad())),
        attack("C34 extended", 403, Safe, extended(bad())),
        attack("C35 urn", 400, Safe, odd(&format!("urn:uuid:{BANNED}"))),
        attack("C35 braces", 400, Safe, odd(&format!("{{{BANNED}}}"))),
        attack("C35 undashed", 400, Safe, odd(&undashed(BANNED))),
        attack("C35 upper", 400, Safe, odd(&upper(BANNED))),
        attack("C35 required", 400, Safe, only_odd(&undashed(REQUIRED))),
        attack("C36", 400, Harmed, create(&port(&upper(ON_BANNED)))),
        attack("C38", 403, Harmed, Shot::json("POST /v2.1/servers", many.replace('$', BANNED))),
    ])
    .await;
}

#[tokio::test]
async fn nova_does_not_choose_the_network() {
    let absent = r#"{"server": {"name": "web", "flavorRef": "1"}}"#;
    let other_key = format!(
        r#"{{"server": {{"name": "web", "flavorRef": "1", "Networks": [{{"uuid": "{REQUIRED}"}}]}}}}"#
    );
    let post = |target: &str, body: &str| Shot::json(format!("POST {target}"), body.to_owned());
    let interfaces = format!("/v2.1/servers/{SMALL}/os-interface");
    let wrong_key = format!(r#"{{"interfaceAttachment": {{"uuid": "{FREE}"}}}}"#);
    run(vec![
        lonely("C28", 403, Harmed, post("/v2.1/servers", absent)),
        lonely("C28 v2", 403, Harmed, post("/v2/servers", absent)),
        lonely("C29", 403, Harmed, newer("[]")),
        lonely("C30", 403, Harmed, newer("\"auto\"")),
        lonely("C30 latest", 403, Harmed, create("\"auto\"").header("OpenStack-API-Version: compute latest")),
        attack("C31", 403, Harmed, newer("\"none\"")),
        attack("C32 null", 400, Safe, newer("null")),
        attack("C32 object", 400, Safe, newer("{}")),
        attack("C32 case", 400, Safe, newer("\"AUTO\"")),
        attack("C32 nulls", 400, Safe, newer("[null]")),
        attack("C32 texts", 400, Safe, newer(&format!("[\"{REQUIRED}\"]"))),
        attack("C32 nothing", 400, Safe, newer("[{}]")),
        lonely("C33", 403, Harmed, post("/v2/servers", &other_key)),
        // Judged as what it is, not as what Nova would have found a moment later.
        lonely("C39", 403, Harmed, post("/v2.1/servers", absent)),
        lonely("C41", 400, Harmed, post(&interfaces, r#"{"interfaceAttachment": {}}"#)),
        lonely("C41 empty", 400, Harmed, post(&interfaces, "{}")),
        lonely(
            "C42",
            400,
            Harmed,
            post(&format!("/v2/servers/{SMALL}/os-interface"), &wrong_key),
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_attach_cannot_hide_a_network() {
    let small = |wish: String| attach(SMALL, &wish);
    let twice = format!(
        r#"{{"interfaceAttachment": {{"net_id": "{FREE}"}}, "interfaceAttachment": {{"net_id": "{BANNED}"}}}}"#
    );
    let vifs = format!("POST /v2.1/servers/{SMALL}/os-virtual-interfacesv2");
    let vif = |body: String| Shot::json(vifs.clone(), body);
    run(vec![
        attack("C36", 400, Harmed, small(format!(r#""port_id": "{}""#, upper(ON_BANNED)))),
        attack("C40", 403, Harmed, small(format!(r#""net_id": "{BANNED}""#))),
        attack("C40 port", 403, Harmed, small(format!(r#""port_id": "{ON_BANNED}""#))),
        attack("C40 count", 403, Harmed, attach(FULL, &format!(r#""net_id": "{SPARE}""#))),
        attack("C40 count port", 403, Harmed, attach(FULL, &format!(r#""port_id": "{ON_SPARE}""#))),
        attack(
            "C40 vendor",
            403,
            Harmed,
            vif(format!(r#"{{"virtual_interface": {{"network_id": "{BANNED}"}}}}"#)),
        ),
        attack(
            "C40 vendor key",
            400,
            Harmed,
            vif(format!(
                r#"{{"virtual_interface": {{"network_id": "{BANNED}", "id": "{FREE}"}}}}"#
            )),
        ),
        attack(
            "C43",
            400,
            Harmed,
            small(format!(r#""net_id": "{FREE}", "net_id": "{BANNED}""#)),
        ),
        attack("C43 outer", 400, Harmed, Shot::json(format!("POST /v2.1/servers/{SMALL}/os-interface"), twice)),
        attack("C44", 403, Harmed, small(format!(r#""\u006eet_id": "{BANNED}""#))),
        attack(
            "C44 value",
            403,
            Harmed,
            small(format!(r#""net_id": "\u0061{}""#, &BANNED[1..])),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_required_port_is_not_detached() {
    let vifs = format!("/v2.1/servers/{FULL}/os-virtual-interfacesv2");
    // Escaped, the port is the same; under another server's path, so it is.
    let escaped = format!("%39{}", &FULL_STAYS[1..]);
    let elsewhere = format!("DELETE /v2.1/servers/{SMALL}/os-interface/{FULL_STAYS}");
    run(vec![
        attack("C40", 403, Harmed, detach(FULL_STAYS)),
        attack("C40 vendor", 403, Harmed, Shot::bare(format!("DELETE {vifs}/{FULL_STAYS}"))),
        attack("C40 escaped", 403, Harmed, detach(&escaped)),
        attack("C40 elsewhere", 403, Safe, Shot::bare(elsewhere)),
        attack("C40 upper", 400, Safe, detach(&upper(FULL_STAYS))),
        attack("C40 slash", 403, Safe, detach(&format!("{FULL_STAYS}/"))),
    ])
    .await;
}

#[tokio::test]
async fn c47_a_port_without_an_address_is_still_on_its_network() {
    let cloud = cloud(Sight::All);
    let gateway = Remote::before(&cloud, &client()).await;
    let list = Shot::bare(format!("GET /v2.1/servers/{FULL}/os-interface"));
    let answer = crate::gateway::ask(gateway.address, &list.bytes()).await;
    let address = answer.split("\"ip_address\":\"").nth(1).unwrap();
    let address = address.split('"').next().unwrap();
    take_address(&cloud, FULL, address).await;
    let outcome = gateway.send(&detach(FULL_STAYS)).await;
    assert_eq!((outcome.status, outcome.cloud), (403, None));
    assert_eq!(harm(&cloud), None);
}

/// An administrator takes an address away, past the gateway.
async fn take_address(cloud: &Cloud, server: &str, address: &str) {
    use tower::ServiceExt as _;
    let request = http::Request::post(format!("/v2.1/servers/{server}/action"))
        .header("x-auth-token", ADMIN_TOKEN)
        .body(http_body_util::Full::new(Bytes::from(format!(
            r#"{{"removeFixedIp": {{"address": "{address}"}}}}"#
        ))))
        .unwrap();
    let service = cloud.service(wafflehaus::sim::Api::Nova);
    assert_eq!(service.oneshot(request).await.unwrap().status(), 202);
}

#[tokio::test]
async fn types_encodings_and_framing_do_not_hide_a_body() {
    let typed = |header: &str| {
        let shot = Shot::json("POST /v2.1/servers", bad()).without("content-type");
        if header.is_empty() { shot } else { shot.header(header) }
    };
    let xml = format!(
        r#"<server name="web" flavorRef="1"><networks><network uuid="{BANNED}"/></networks></server>"#
    );
    let mut bom = vec![0xef, 0xbb, 0xbf];
    bom.extend_from_slice(bad().as_bytes());
    let utf16: Vec<u8> = bad().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let beside = |junk: &str| {
        Shot::json(
            "POST /v2/servers",
            bad().replacen("\"name\"", &format!("\"x\": {junk}, \"name\""), 1),
        )
    };
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    run(vec![
        attack("C48 plain", 403, Harmed, typed("Content-Type: text/plain")),
        attack("C48 none", 403, Harmed, typed("")),
        attack("C48 empty", 403, Harmed, typed("Content-Type:")),
        attack(
            "C48 vendor",
            403,
            Harmed,
            typed("Content-Type: application/vnd.openstack.compute+json"),
        ),
        attack("C48 case", 415, Safe, typed("Content-Type: APPLICATION/JSON")),
        attack("C48 form", 415, Safe, typed("Content-Type: application/x-www-form-urlencoded")),
        attack(
            "C48 two",
            400,
            Safe,
            typed("Content-Type: application/json").header("Content-Type: text/plain"),
        ),
        attack(
            "C49",
            403,
            Harmed,
            typed("Content-Type: application/json; charset=utf-16"),
        ),
        attack("C50", 415, Harmed, typed("Content-Encoding: gzip")),
        attack(
            "C51",
            403,
            Harmed,
            Shot::json("POST /v2.1/servers", bad()).framing(Framing::Chunked),
        ),
        attack("C58 nan", 400, Safe, beside("NaN")),
        attack("C58 infinity", 400, Safe, beside("-Infinity")),
        // Read as what it is, or refused; never passed for not being understood.
        attack("C58 large", 403, Safe, beside("1e999")),
        attack("C58 surrogate", 403, Safe, beside("\"\\ud800\"")),
        attack("C58 surrogate key", 400, Safe, beside("{}, \"\\ud800\": 1")),
        attack("C58 deep", 403, Safe, beside(&deep)),
        attack("C58 long", 403, Safe, beside(&"9".repeat(5000))),
        attack("C58 bom", 400, Safe, Shot::json("POST /v2.1/servers", bom)),
        attack("C58 utf-16", 400, Safe, Shot::json("POST /v2.1/servers", utf16)),
        attack(
            "C58 trailing",
            400,
            Safe,
            Shot::json("POST /v2.1/servers", bad() + "{}"),
        ),
        attack(
            "C59",
            415,
            Safe,
            Shot::json("POST /v2/servers", xml.clone())
                .without("content-type")
                .header("Content-Type: application/xml"),
        ),
        attack("C59 as json", 400, Safe, Shot::json("POST /v2/servers", xml)),
    ])
    .await;
}

#[tokio::test]
async fn headers_do_not_make_an_operator() {
    let shot = || Shot::json("POST /v2.1/servers", bad());
    run(vec![
        attack("C60", 403, Harmed, shot().header("X_Roles: operator,admin")),
        attack("C60 mixed", 403, Harmed, shot().header("X-Roles_: operator")),
        attack("C60 project", 403, Harmed, shot().header("X_Project_Id: 0000")),
        attack("C60 twice", 401, Harmed, shot().header("X-Roles: operator")),
        attack("C60 user twice", 401, Harmed, shot().header("X-User-Id: root")),
        attack("C60 scope", 403, Harmed, shot().header("OpenStack-System-Scope: all")),
        attack("C60 service", 403, Harmed, shot().header("X-Service-Roles: operator")),
        attack("C60 old", 403, Harmed, shot().header("X-Role: operator")),
        attack(
            "C61",
            403,
            Harmed,
            shot().header("X-Wafflehaus-NetworkCountCheck-Enabled: 0"),
        ),
        attack(
            "C61 underscores",
            403,
            Harmed,
            shot().header("X_Wafflehaus_RequestNetworks_Enabled: 0"),
        ),
    ])
    .await;
}

/// What is not an attack, spelled as one.
struct Lawful {
    case: &'static str,
    shot: Shot,
    /// The networks of the servers it makes.
    made: &'static [&'static [&'static str]],
}

const ONE: &[&[&str]] = &[&[REQUIRED, FREE]];

#[tokio::test]
async fn the_same_spellings_pass_when_what_they_ask_is_allowed() {
    let good = || by_id(&[REQUIRED, FREE]);
    let at = |case, target: &str| Lawful {
        case,
        shot: Shot::json(format!("POST {target}"), good()),
        made: ONE,
    };
    let create = |case, networks: &str, made| Lawful {
        case,
        shot: create(networks),
        made,
    };
    let port = format!(r#"[{{"uuid": "{REQUIRED}"}}, {{"port": "{ON_FREE}"}}]"#);
    let escaped = format!(
        r#"[{{"\u0075uid": "\u0061{}"}}, {{"port": null, "uuid": "{FREE}"}}]"#,
        &REQUIRED[1..]
    );
    let twice = format!(
        r#"[{{"uuid": "{REQUIRED}"}}, {{"uuid": "{FREE}"}}, {{"uuid": "{FREE}"}}]"#
    );
    let several = by_id(&[REQUIRED]).replacen("\"name\"", "\"max_count\": 3, \"name\"", 1);
    let post = |case, shot, made| Lawful { case, shot, made };
    let cases = vec![
        at("C1", "/v2.1/servers"),
        at("C2", &format!("/v2/{PROJECT}/servers")),
        at("C3", &format!("//v2.1//{PROJECT}//servers")),
        at("C4", "/v2%2E1/%73ervers"),
        at("C10", "/v2.1/servers#x"),
        at("C34", "/v2.1/os-volumes_boot"),
        create("C25", &port, ONE),
        create("C44", &escaped, ONE),
        create("C37", &twice, &[&[REQUIRED, FREE, FREE]]),
        post(
            "C8",
            Shot::json("POST http://other.example/v2.1/servers", good())
                .header("Host: other.example"),
            ONE,
        ),
        post(
            "C38",
            Shot::json("POST /v2.1/servers", several),
            &[&[REQUIRED], &[REQUIRED], &[REQUIRED]],
        ),
        post(
            "C49",
            Shot::json("POST /v2.1/servers", good())
                .without("content-type")
                .header("Content-Type: application/json; charset=utf-16"),
            ONE,
        ),
        post(
            "C51",
            Shot::json("POST /v2.1/servers", good()).framing(Framing::Chunked),
            ONE,
        ),
        post(
            "C60",
            Shot::json("POST /v2.1/servers", good()).header("X_Auth_Token: other"),
            ONE,
        ),
    ];
    let client = client();
    let mut failures = Vec::new();
    for Lawful {
        case,
        shot,
        made: wanted,
    } in cases
    {
        let cloud = cloud(Sight::All);
        let gateway = Remote::before(&cloud, &client).await;
        let outcome = gateway.send(&shot).await;
        let made = made(&cloud);
        if outcome.status != 202 || made != wanted || harm(&cloud).is_some() {
            failures.push(format!("{case}: {outcome:?}, {made:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
