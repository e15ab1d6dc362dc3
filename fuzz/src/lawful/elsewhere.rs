//! Requests that are no matter of these policies.

/// What does not touch a server's networks.
pub(super) const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("GET", "/servers", ""),
    ("GET", "/servers/detail", ""),
    ("GET", "/servers/{id}", ""),
    ("HEAD", "/servers/{id}", ""),
    ("PUT", "/servers/{id}", r#"{"server": {"name": "web"}}"#),
    ("DELETE", "/servers/{id}", ""),
    ("GET", "/servers/{id}/os-interface", ""),
    ("GET", "/servers/{id}/action", ""),
    ("PUT", "/servers/{id}/tags/servers", ""),
    (
        "PUT",
        "/servers/{id}/metadata/action",
        r#"{"meta": {"action": "x"}}"#,
    ),
    (
        "POST",
        "/servers/{id}/metadata",
        r#"{"metadata": {"a": "b"}}"#,
    ),
    (
        "POST",
        "/servers/{id}/os-volume_attachments",
        r#"{"volumeAttachment": {"volumeId": "1"}}"#,
    ),
    ("DELETE", "/servers/{id}/os-volume_attachments/{id}", ""),
    ("POST", "/os-keypairs", r#"{"keypair": {"name": "k"}}"#),
    ("DELETE", "/os-keypairs/a%20b", ""),
    (
        "POST",
        "/os-server-groups",
        r#"{"server_group": {"name": "g", "policies": ["affinity"]}}"#,
    ),
    (
        "POST",
        "/flavors/1/action",
        r#"{"addTenantAccess": {"tenant": "1"}}"#,
    ),
    (
        "POST",
        "/os-aggregates/1/action",
        r#"{"add_host": {"host": "h"}}"#,
    ),
    ("PUT", "/os-services/{id}", r#"{"status": "disabled"}"#),
    ("GET", "/limits", ""),
];
