//! Headers that claim to be somebody else.

use super::*;

#[tokio::test]
async fn headers_do_not_make_an_operator() {
    let shot = || Shot::json("POST /v2.1/servers", bad());
    run(vec![
        attack("C60", 403, Harmed, shot().header("X_Roles: operator,admin")),
        attack(
            "C60 mixed",
            403,
            Harmed,
            shot().header("X-Roles_: operator"),
        ),
        attack(
            "C60 project",
            403,
            Harmed,
            shot().header("X_Project_Id: 0000"),
        ),
        attack("C60 twice", 401, Harmed, shot().header("X-Roles: operator")),
        attack(
            "C60 user twice",
            401,
            Harmed,
            shot().header("X-User-Id: root"),
        ),
        attack(
            "C60 scope",
            403,
            Harmed,
            shot().header("OpenStack-System-Scope: all"),
        ),
        attack(
            "C60 service",
            403,
            Harmed,
            shot().header("X-Service-Roles: operator"),
        ),
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
