//! Headers that claim to be somebody else.

use super::*;

/// Headers do not make an operator.
pub(super) fn claims(_: Ids) -> Vec<Attack> {
    let claim = |header: &str| post_bad("/v2.1/servers").header(header);
    vec![
        attack("C60", 403, Harmed, claim("X_Roles: operator,admin")),
        attack("C60 mixed", 403, Harmed, claim("X-Roles_: operator")),
        attack("C60 project", 403, Harmed, claim("X_Project_Id: 0000")),
        attack("C60 twice", 401, Harmed, claim("X-Roles: operator")),
        attack("C60 user twice", 401, Harmed, claim("X-User-Id: root")),
        attack(
            "C60 scope",
            403,
            Harmed,
            claim("OpenStack-System-Scope: all"),
        ),
        attack(
            "C60 service",
            403,
            Harmed,
            claim("X-Service-Roles: operator"),
        ),
        attack("C60 old", 403, Harmed, claim("X-Role: operator")),
        attack(
            "C61",
            403,
            Harmed,
            claim("X-Wafflehaus-NetworkCountCheck-Enabled: 0"),
        ),
        attack(
            "C61 underscores",
            403,
            Harmed,
            claim("X_Wafflehaus_RequestNetworks_Enabled: 0"),
        ),
    ]
}
