//! Attaching and detaching.

use super::*;

/// An attach cannot hide a network.
pub(super) fn attaches(ids: Ids) -> Vec<Attack> {
    let Ids {
        full,
        on_banned,
        on_spare,
        small,
        ..
    } = ids;
    let on_small = |wish: String| attach(small, &wish);
    let twice = format!(
        r#"{{"interfaceAttachment": {{"net_id": "{FREE}"}}, "interfaceAttachment": {{"net_id": "{BANNED}"}}}}"#
    );
    let both = format!(r#""net_id": "{FREE}", "port_id": "{on_banned}""#);
    let other = format!(r#"{{"interfaceAttachmentEx": {{"net_id": "{BANNED}"}}}}"#);
    let interfaces = format!("/v2.1/servers/{small}/os-interface");
    let vifs = format!("/v2.1/servers/{small}/os-virtual-interfacesv2");
    let admin = format!("/v2.1/servers/{small}/admin-virtual-interfaces/{on_banned}");
    let made =
        format!(r#"{{"virtual_interface": {{"action": "create", "network_id": "{BANNED}"}}}}"#);
    let vif = |more: &str| {
        let body = format!(r#"{{"virtual_interface": {{"network_id": "{BANNED}"{more}}}}}"#);
        post(&vifs, body)
    };
    vec![
        attack(
            "C36 attach",
            400,
            Harmed,
            on_small(format!(r#""port_id": "{}""#, upper(on_banned))),
        ),
        attack(
            "C40",
            403,
            Harmed,
            on_small(format!(r#""net_id": "{BANNED}""#)),
        ),
        attack(
            "C40 port",
            403,
            Harmed,
            on_small(format!(r#""port_id": "{on_banned}""#)),
        ),
        attack("C40 both", 400, Safe, on_small(both)),
        attack(
            "C40 count",
            403,
            Harmed,
            attach(full, &format!(r#""net_id": "{SPARE}""#)),
        ),
        attack(
            "C40 count port",
            403,
            Harmed,
            attach(full, &format!(r#""port_id": "{on_spare}""#)),
        ),
        attack("C40 vendor", 403, Harmed, vif("")),
        attack(
            "C40 vendor key",
            400,
            Harmed,
            vif(&format!(r#", "id": "{FREE}""#)),
        ),
        attack(
            "C40 admin",
            400,
            Safe,
            Shot::json(format!("PUT {admin}"), made),
        ),
        attack("C40 other key", 400, Safe, post(&interfaces, other)),
        attack(
            "C43",
            400,
            Harmed,
            on_small(format!(r#""net_id": "{FREE}", "net_id": "{BANNED}""#)),
        ),
        attack("C43 outer", 400, Harmed, post(&interfaces, twice)),
        attack(
            "C44",
            403,
            Harmed,
            on_small(format!(r#""\u006eet_id": "{BANNED}""#)),
        ),
        attack(
            "C44 value",
            403,
            Harmed,
            on_small(format!(r#""net_id": "\u0061{}""#, &BANNED[1..])),
        ),
    ]
}

/// A port on the required network is not detached.
pub(super) fn detaches(ids: Ids) -> Vec<Attack> {
    let Ids {
        full,
        full_stays,
        small,
        ..
    } = ids;
    let vif = format!("DELETE /v2.1/servers/{full}/os-virtual-interfacesv2/{full_stays}");
    // Escaped, the port is the same; under another server's path, so it is.
    let escaped = format!("%{:02x}{}", full_stays.as_bytes()[0], &full_stays[1..]);
    vec![
        attack("C40 detach", 403, Harmed, detach(full, full_stays)),
        attack("C40 vendor detach", 403, Harmed, Shot::bare(vif)),
        attack("C40 escaped", 403, Harmed, detach(full, &escaped)),
        attack("C40 elsewhere", 403, Safe, detach(small, full_stays)),
        attack("C40 upper", 400, Safe, detach(full, &upper(full_stays))),
        attack(
            "C40 slash",
            403,
            Safe,
            detach(full, &format!("{full_stays}/")),
        ),
    ]
}
