//! The `openstack` command itself, whose compute endpoint is the gateway.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};
use wafflehaus::{keystone::KeystoneLayer, nova::Mount};

use crate::{
    cloud::{full, line, send},
    judging::Judging,
    support::{Lab, with_lab},
};

/// The command as user1 would run it, with these words.
pub(crate) fn openstack(lab: &Lab, gateway: &Judging, words: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command
        .args(["-c", ". \"$0\" && exec openstack \"$@\""])
        .arg(&lab.openrc)
        .args(words)
        .env("OSLAB_USER", "user1")
        .env("OSLAB_PROJECT", "project1")
        .env(
            "OS_COMPUTE_ENDPOINT_OVERRIDE",
            format!("http://{}/v2.1", gateway.address),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Whether a command succeeded, and all that it said.
pub(crate) async fn said(mut command: Command) -> (bool, String) {
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

async fn works(change: fn(KeystoneLayer) -> KeystoneLayer) {
    with_lab(async move |lab| {
        let gateway = Judging::start(&lab, change).await;
        let create = |networks: &[&str]| {
            let mut words = vec!["server", "create", "--image", "lab", "--flavor", "tiny"];
            words.extend(networks.iter().flat_map(|name| ["--network", name]));
            words.extend(["-f", "value", "-c", "id", &lab.mark]);
            openstack(&lab, &gateway, &words)
        };
        let (done, text) = said(create(&["net1", "net2"])).await;
        assert!(!done && text.contains("not allowed"), "{text}");
        assert!(text.contains("403"), "{text}");
        assert!(lab.made().await.is_empty());

        let (done, text) = said(create(&["net1", "net3"])).await;
        assert!(done, "{text}");
        let server = &lab.made().await[0];
        assert!(text.contains(server), "{text}");
        lab.active(server).await;
        assert_eq!(lab.networks_of(server).await, ["net1", "net3"]);

        let list = ["server", "list", "-f", "value", "-c", "ID"];
        let (done, text) = said(openstack(&lab, &gateway, &list)).await;
        assert!(done && text.contains(server), "{text}");
        let (done, text) = said(openstack(
            &lab,
            &gateway,
            &["server", "delete", "--wait", server],
        ))
        .await;
        assert!(done, "{text}");
        assert!(lab.made().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn its_commands_work_and_are_judged() {
    works(|layer| layer).await;
}

#[tokio::test]
async fn its_commands_work_where_versions_need_no_token() {
    works(|layer| layer.anonymous_versions(Mount::root())).await;
}

/// One session of several commands, which keeps its token from one to the next.
async fn enter(session: &mut Child, command: &str) {
    let stdin = session.stdin.as_mut().unwrap();
    stdin.write_all(command.as_bytes()).await.unwrap();
    stdin.write_all(b"\n").await.unwrap();
    stdin.flush().await.unwrap();
}

#[tokio::test]
async fn a_session_whose_token_is_revoked_gets_another_and_goes_on() {
    with_lab(async |lab| {
        // So that a 401 is about a token and nothing else.
        let gateway = Judging::start(&lab, |layer| {
            let layer = layer.anonymous_versions(Mount::root());
            layer.fresh_for(Duration::ZERO)
        })
        .await;
        let server = lab.server(&["net1"]).await;
        let tokens = || -> Vec<String> {
            let forwarded = gateway.forwarded().into_iter();
            let tokens = forwarded.filter_map(|it| it.get("x-auth-token").cloned());
            tokens.map(|it| it.to_str().unwrap().to_owned()).collect()
        };
        let mut session = openstack(&lab, &gateway, &[]).spawn().unwrap();
        enter(&mut session, &format!("server show {server}")).await;
        lab.until("the server is shown", async || !tokens().is_empty())
            .await;
        let first = tokens()[0].clone();
        let revoke = line("DELETE /v3/auth/tokens")
            .header("x-auth-token", &lab.admin.token)
            .header("x-subject-token", &first);
        let answer = send(lab.cloud.keystone, revoke.body(full("")).unwrap()).await;
        assert_eq!(answer.status, 204, "{answer:?}");

        assert_eq!(gateway.refused(401), 0);
        enter(&mut session, &format!("server delete {server}")).await;
        enter(&mut session, "quit").await;
        let output = session.wait_with_output().await.unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.contains(&server), "{text}");
        lab.until("the server is gone", async || lab.made().await.is_empty())
            .await;
        // The gateway said 401 to the revoked token, and the change came with another.
        assert_eq!(gateway.refused(401), 1, "{text}");
        assert_ne!(tokens().last(), Some(&first), "{text}");
    })
    .await;
}
