//! A project that has the servers and ports which the requests of the catalogue are about, and
//! gets them back after each of them.

mod restore;
mod state;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde_json::json;

pub(crate) use state::{Port, State};

use crate::{
    cloud::Caller,
    requests::{BANNED, FREE, Ids, REQUIRED, SPARE, Sender, Shot, ask, status},
    support::{Lab, text},
};

pub(crate) struct Tenant {
    lab: Arc<Lab>,
    caller: Caller,
    pub(crate) ids: Ids,
    base: State,
}

/// What came of a request.
pub(crate) struct Outcome {
    /// 0 if there is no answer.
    pub(crate) status: u16,
    pub(crate) answer: String,
    pub(crate) state: State,
}

impl Tenant {
    pub(crate) async fn new(lab: &Arc<Lab>, number: u64) -> Self {
        for (name, id) in [
            ("net1", REQUIRED),
            ("net2", BANNED),
            ("net3", FREE),
            ("net4", SPARE),
        ] {
            assert_eq!(lab.network(name), id, "the lab's networks have other ids");
        }
        let name = format!("{}-{number}", lab.mark);
        let body = json!({ "project": { "name": name, "domain_id": "default" } });
        let made = lab.keystone("POST /v3/projects", &body).await;
        let project = text(&made["project"]["id"]);
        let person = lab.person(&format!("tenant-{number}")).await;
        for role in ["member", "role1"] {
            lab.grant(&person, role, &format!("projects/{project}"))
                .await;
        }
        let caller = lab.cloud.caller(&person.name, &name).await;
        let ids = Ids {
            project: project.leak(),
            other_project: lab.admin.project.clone().leak(),
            ..Ids::default()
        };
        let mut tenant = Self {
            lab: Arc::clone(lab),
            caller,
            ids,
            base: State::default(),
        };
        tenant.restore(&State::default()).await;
        tenant
    }

    fn sender(&self) -> Sender<'_> {
        Sender {
            token: &self.caller.token,
            user: &self.caller.user,
            project: &self.caller.project,
            roles: &self.caller.roles,
        }
    }

    /// The bytes of a request as they are sent, but for the token.
    pub(crate) fn bytes(&self, shot: &Shot) -> String {
        let sender = Sender {
            token: "TOKEN",
            ..self.sender()
        };
        shot.bytes(sender).escape_ascii().to_string()
    }

    /// Sends a request through the gateway, and waits until `enough` is true of what there is,
    /// if it was accepted: then it is not done when it is answered.
    pub(crate) async fn send(&self, shot: &Shot, enough: impl Fn(&State) -> bool) -> Outcome {
        self.send_to(self.lab.gateway.address, shot, enough).await
    }

    /// The same past the gateway.
    pub(crate) async fn send_past(&self, shot: &Shot, enough: impl Fn(&State) -> bool) -> Outcome {
        self.send_to(self.lab.cloud.nova, shot, enough).await
    }

    async fn send_to(
        &self,
        address: SocketAddr,
        shot: &Shot,
        enough: impl Fn(&State) -> bool,
    ) -> Outcome {
        let bytes = shot.bytes(self.sender());
        let answer = ask(PATIENCE, address, &bytes).await;
        let answer = answer.unwrap_or_default();
        let status = status(&answer);
        let state = if status == 202 {
            self.settled(enough, request_id(&answer)).await
        } else {
            self.state().await
        };
        Outcome {
            status,
            answer,
            state,
        }
    }

    pub(crate) fn harm(&self, state: &State) -> Option<String> {
        state.harm(self.ids)
    }

    /// Whether all is as it was before the request.
    pub(crate) fn is_unharmed(&self, state: &State) -> bool {
        *state == self.base
    }
}

/// By which Nova tells what becomes of a request.
fn request_id(answer: &str) -> Option<&str> {
    let head = answer.split("\r\n\r\n").next()?;
    let mut headers = head.lines().filter_map(|line| line.split_once(": "));
    let (_, id) = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-openstack-request-id"))?;
    Some(id)
}

/// A busy machine needs seconds for each server, and Nova's services wait a minute for each other.
const PATIENCE: Duration = Duration::from_secs(150);
