//! Every operation of Nova's that has to do with a server's networks, by its number: O of those
//! that change them, M of those that make real what they have become. `docs/THREATS.md` has the
//! same table.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower::ServiceExt as _;
use wafflehaus::sim::{Api, Cloud};

use crate::{
    gateway::Local,
    requests::{Shot, table::Sight},
    world::*,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Becomes {
    /// It goes on to Nova, and Nova's answer back.
    Passed,
    /// It is answered with this status, and Nova hears nothing of it.
    Refused(u16),
}
use Becomes::{Passed, Refused};

type Row = (&'static str, Shot, Becomes);

fn act(server: &str, body: &str) -> Shot {
    Shot::json(
        format!("POST /v2.1/servers/{server}/action"),
        body.to_owned(),
    )
}

fn post(path: &str, body: impl Into<Bytes>) -> Shot {
    Shot::json(format!("POST /v2.1/{path}"), body)
}

fn create(more: &str) -> String {
    format!(r#"{{"server": {{"name": "n", "imageRef": "i", "flavorRef": "1"{more}}}}}"#)
}

fn on(network: &str) -> String {
    create(&format!(r#", "networks": [{{"uuid": "{network}"}}]"#))
}

fn creates() -> Vec<Row> {
    let networks = |value: &str| post("servers", create(&format!(r#", "networks": {value}"#)));
    let many = r#", "max_count": 9, "networks": [{"port": "$P"}]"#.replace("$P", ON_BANNED);
    let boot = format!("os-volumes_boot/{SMALL}");
    let add = format!(r#"{{"addFixedIp": {{"networkId": "{BANNED}"}}}}"#);
    vec![
        ("O1", post("servers", on(BANNED)), Refused(403)),
        ("O1", post("servers", on(FREE)), Refused(403)),
        ("O1", post("servers", on(REQUIRED)), Passed),
        ("O1a", post("servers", create("")), Refused(403)),
        ("O1b", networks("[]"), Refused(403)),
        ("O1c", networks("\"auto\""), Refused(403)),
        ("O1d", networks("\"none\""), Refused(403)),
        ("O2", post("servers", create(&many)), Refused(403)),
        ("O3", post("os-volumes_boot", on(BANNED)), Refused(403)),
        ("O3", post("os-volumes_boot", on(REQUIRED)), Passed),
        ("O3a", post(&format!("{boot}/action"), add), Refused(403)),
        (
            "O3a",
            Shot::json(format!("PUT /v2.1/{boot}"), r#"{"server": {"name": "m"}}"#),
            Passed,
        ),
        ("O3a", Shot::bare(format!("DELETE /v2.1/{boot}")), Passed),
        ("O4", post("os-create-server-ext", on(BANNED)), Refused(403)),
        // Gone from Nova long ago, and an administrator's before.
        ("O5", post("os-cloudpipe", "{}"), Passed),
    ]
}

fn interfaces() -> Vec<Row> {
    let attach = |body: String| post(&format!("servers/{SMALL}/os-interface"), body);
    let named =
        |key: &str, id: &str| attach(format!(r#"{{"interfaceAttachment": {{"{key}": "{id}"}}}}"#));
    let detach =
        |port: &str, by: &str| Shot::bare(format!("DELETE /v2.1/servers/{FULL}/{by}/{port}"));
    let vif = format!(r#"{{"virtual_interface": {{"network_id": "{BANNED}"}}}}"#);
    let vendor = format!("servers/{SMALL}/os-virtual-interfacesv2");
    let admin = format!("servers/{SMALL}/admin-virtual-interfaces/{ON_BANNED}");
    let last = IDS.full_stays_address;
    let other = format!(r#"{{"interfaceAttachmentEx": {{"net_id": "{FREE}"}}}}"#);
    vec![
        ("O6", named("net_id", BANNED), Refused(403)),
        ("O6", named("port_id", ON_BANNED), Refused(403)),
        ("O6", named("net_id", FREE), Passed),
        ("O6", named("port_id", ON_FREE), Passed),
        ("O6", attach("{}".into()), Refused(400)),
        ("O7", detach(FULL_STAYS, "os-interface"), Refused(403)),
        ("O7", detach(FULL_GOES, "os-interface"), Passed),
        (
            "O8",
            Shot::json(
                format!("PUT /v2.1/servers/{SMALL}/os-interface"),
                format!(r#"{{"interfaceAttachment": {{"net_id": "{FREE}"}}}}"#),
            ),
            Refused(400),
        ),
        (
            "O9",
            act(
                SMALL,
                &format!(r#"{{"addFixedIp": {{"networkId": "{BANNED}"}}}}"#),
            ),
            Refused(403),
        ),
        (
            "O9",
            act(
                FULL,
                &format!(r#"{{"addFixedIp": {{"networkId": "{FREE}"}}}}"#),
            ),
            Passed,
        ),
        (
            "O10",
            act(
                FULL,
                &format!(r#"{{"removeFixedIp": {{"address": "{last}"}}}}"#),
            ),
            Refused(403),
        ),
        ("O11", post(&vendor, vif.clone()), Refused(403)),
        ("O11", post(&vendor, vif.replace(BANNED, FREE)), Passed),
        (
            "O12",
            detach(FULL_STAYS, "os-virtual-interfacesv2"),
            Refused(403),
        ),
        ("O12", detach(FULL_GOES, "os-virtual-interfacesv2"), Passed),
        (
            "O13",
            Shot::json(format!("PUT /v2.1/{admin}"), vif),
            Refused(400),
        ),
        ("O21", attach(other), Refused(400)),
    ]
}

/// They choose none of a server's networks.
fn others() -> Vec<Row> {
    let floating = r#"{"$A": {"address": "192.0.2.7"}}"#;
    let group = r#"{"$A": {"name": "default"}}"#;
    let network = format!("os-networks/{FREE}");
    let event = format!(
        r#"{{"events": [{{"name": "network-changed", "server_uuid": "{SMALL}", "tag": "{ON_BANNED}"}}]}}"#
    );
    vec![
        (
            "O14",
            post("os-networksv2", r#"{"network": {"label": "n"}}"#),
            Passed,
        ),
        (
            "O14",
            Shot::bare(format!("DELETE /v2.1/os-networksv2/{FREE}")),
            Passed,
        ),
        (
            "O15",
            Shot::bare(format!("GET /v2.1/servers/{SMALL}/os-virtual-interfaces")),
            Passed,
        ),
        (
            "O16",
            act(SMALL, &floating.replace("$A", "addFloatingIp")),
            Passed,
        ),
        (
            "O16",
            act(SMALL, &floating.replace("$A", "removeFloatingIp")),
            Passed,
        ),
        ("O16", post("os-floating-ips", "{}"), Passed),
        (
            "O17",
            act(SMALL, &group.replace("$A", "addSecurityGroup")),
            Passed,
        ),
        (
            "O17",
            act(SMALL, &group.replace("$A", "removeSecurityGroup")),
            Passed,
        ),
        ("O18", post("os-networks", "{}"), Passed),
        ("O18", post("os-networks/add", "{}"), Passed),
        (
            "O18",
            post(&format!("{network}/action"), r#"{"disassociate": null}"#),
            Passed,
        ),
        ("O18", Shot::bare(format!("DELETE /v2.1/{network}")), Passed),
        ("O18", post("os-tenant-networks", "{}"), Passed),
        (
            "O18",
            post("os-fixed-ips/10.1.0.2/action", r#"{"reserve": null}"#),
            Passed,
        ),
        ("O18", act(SMALL, r#"{"resetNetwork": null}"#), Passed),
        ("O19", act(SMALL, r#"{"injectNetworkInfo": null}"#), Passed),
        (
            "O20",
            post("os-server-external-events", event),
            Refused(403),
        ),
        ("M7", act(SMALL, r#"{"forceDelete": null}"#), Passed),
        (
            "M7",
            Shot::bare(format!("DELETE /v2.1/servers/{SMALL}")),
            Passed,
        ),
        (
            "M8",
            Shot::json(
                format!("PUT /v2.1/servers/{SMALL}"),
                format!(r#"{{"server": {{"networks": [{{"uuid": "{BANNED}"}}]}}}}"#),
            ),
            Passed,
        ),
        ("M1", act(SMALL, r#"{"shelve": null}"#), Passed),
        ("M1", act(SMALL, r#"{"shelveOffload": null}"#), Passed),
        ("M4", act(SMALL, r#"{"os-stop": null}"#), Passed),
        ("M4", act(SMALL, r#"{"suspend": null}"#), Passed),
    ]
}

/// What becomes real by them is judged first, with whatever arguments they have had.
const MAKES_REAL: &[(&str, &str)] = &[
    ("M1", r#"{"unshelve": null}"#),
    (
        "M1",
        r#"{"unshelve": {"availability_zone": null, "host": "compute2"}}"#,
    ),
    (
        "M2",
        r#"{"resize": {"flavorRef": "2", "OS-DCF:diskConfig": "AUTO"}}"#,
    ),
    ("M2", r#"{"confirmResize": null}"#),
    ("M2", r#"{"revertResize": null}"#),
    (
        "M3",
        r#"{"rebuild": {"imageRef": "i", "hostname": "h", "user_data": null}}"#,
    ),
    ("M4", r#"{"reboot": {"type": "HARD"}}"#),
    ("M4", r#"{"reboot": {"type": "SOFT"}}"#),
    ("M4", r#"{"os-start": null}"#),
    ("M4", r#"{"rescue": {"rescue_image_ref": "i"}}"#),
    ("M4", r#"{"unrescue": null}"#),
    ("M4", r#"{"resume": null}"#),
    ("M5", r#"{"migrate": {"host": "compute2"}}"#),
    (
        "M5",
        r#"{"os-migrateLive": {"host": null, "block_migration": "auto", "force": true}}"#,
    ),
    (
        "M6",
        r#"{"evacuate": {"host": "compute2", "targetState": "stopped"}}"#,
    ),
    ("M7", r#"{"restore": null}"#),
];

/// What becomes of a request, and of the cloud.
async fn sent(cloud: &Cloud, shot: &Shot) -> Becomes {
    let outcome = Local::before(cloud)
        .send(shot.request(ALICE).unwrap())
        .await;
    match outcome.cloud {
        Some(answer) => {
            assert_eq!(answer, outcome.status);
            Passed
        }
        None => Refused(outcome.status),
    }
}

#[tokio::test]
async fn every_operation_is_judged_refused_or_passed() {
    let mut failures = Vec::new();
    for (name, shot, wanted) in [creates(), interfaces(), others()].concat() {
        let becomes = sent(&cloud(Sight::All), &shot).await;
        if becomes != wanted {
            failures.push(format!("{name} {}: {becomes:?}, not {wanted:?}", shot.line));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test]
async fn an_adopted_port_does_not_become_real() {
    for (name, action) in MAKES_REAL {
        let cloud = cloud(Sight::All);
        assert_eq!(
            sent(&cloud, &act(SMALL, action)).await,
            Passed,
            "{name} {action}"
        );
        let adopt = format!(r#"{{"port": {{"device_id": "{SMALL}"}}}}"#);
        let adopt = Request::put(format!("/v2.0/ports/{ON_BANNED}"))
            .header("x-auth-token", TOKEN)
            .body(Full::new(Bytes::from(adopt)));
        let neutron = cloud.service(Api::Neutron);
        assert_eq!(neutron.oneshot(adopt.unwrap()).await.unwrap().status(), 200);
        let judged = sent(&cloud, &act(SMALL, action)).await;
        assert_eq!(judged, Refused(403), "{name} {action}");
    }
}

#[test]
fn no_operation_is_forgotten_here_or_in_the_manual() {
    let rows = [creates(), interfaces(), others()].concat();
    let names = rows.iter().map(|(name, ..)| *name);
    let names: BTreeSet<_> = names
        .chain(MAKES_REAL.iter().map(|(name, _)| *name))
        .collect();
    let manual = include_str!("../../docs/THREATS.md");
    let all = (1..=21).map(|number| format!("O{number}"));
    for name in all.chain((1..=8).map(|number| format!("M{number}"))) {
        assert!(names.contains(name.as_str()), "{name}");
    }
    for name in names {
        assert!(manual.contains(&format!("\n| {name} | ")), "{name}");
    }
}
