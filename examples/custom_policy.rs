//! A policy of one's own, beside the ones of the crate.
//!
//! ```text
//! cargo run --example custom_policy
//! ```
//!
//! prints what it decides about a few requests. No server is needed to decide, and none to
//! test a policy.

use std::{borrow::Cow, error::Error};

use wafflehaus::{
    identity::{Identity, ProjectId, Role, UserId},
    nova::{NetworkId, Operation, RequestBody, RequestedNetwork, RequestedNetworks},
    policy::{Denial, Hold, Inspection, NetworkSet, Policy, RequestNetworks},
};

/// Only callers with a role may name ports of their own; everybody else names networks, so that
/// Nova makes the ports.
struct PortsByRole {
    role: Role,
}

impl Policy for PortsByRole {
    fn name(&self) -> Cow<'static, str> {
        "PortsByRole".into()
    }

    fn concerns(&self, operation: &Operation) -> bool {
        matches!(operation, Operation::CreateServer)
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        if request
            .caller()
            .is_some_and(|caller| caller.has_role(&self.role))
        {
            return Ok(());
        }
        // Not read yet? Then this returns, and the guard reads the body and asks again.
        let RequestedNetworks::Listed(networks) = &request.server_create()?.networks else {
            return Ok(());
        };
        if networks
            .iter()
            .any(|network| matches!(network, RequestedNetwork::Port { .. }))
        {
            let message = format!("only the role `{}` may name ports", self.role);
            return Err(Denial::forbidden("port_by_name", message).into());
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let office: NetworkId = "11111111-1111-4111-8111-111111111111".parse()?;
    let banned: NetworkSet = "22222222-2222-4222-8222-222222222222".parse()?;
    // Several policies are one; in a gateway, this goes into `GuardLayer::new`.
    let policy = (
        PortsByRole {
            role: Role::new("network-admin")?,
        },
        RequestNetworks::new([office], banned.iter())?,
    );

    let caller = |role| -> Result<Identity, Box<dyn Error>> {
        Ok(Identity::new(UserId::new("alice")?)
            .project(ProjectId::new("6f70656e737461636b")?)
            .role(Role::new(role)?))
    };
    let by_network = format!(r#"{{"server": {{"networks": [{{"uuid": "{office}"}}]}}}}"#);
    let by_port = r#"{"server": {"networks": [{"port": "9a9a9a9a-9a9a-4a9a-8a9a-9a9a9a9a9a9a"}]}}"#;
    for (role, json) in [
        ("member", by_network.as_str()),
        ("member", by_port),
        ("network-admin", by_port),
    ] {
        let operation = Operation::CreateServer;
        let body = RequestBody::read(operation, json.as_bytes())?.ok_or("no body")?;
        let caller = caller(role)?;
        let request = Inspection::new(operation).identity(&caller).body(&body);
        let verdict = match policy.check(&request) {
            Ok(()) => "passes".to_owned(),
            Err(Hold::Deny(denial)) => {
                format!(
                    "is refused: {} ({})",
                    denial.message(),
                    denial.kind().code()
                )
            }
            // A guard would look it up; a test puts it into `Inspection::facts`.
            Err(hold) => format!("cannot be told yet: {hold:?}"),
        };
        println!("{role}: {json}\n  {verdict}");
    }
    Ok(())
}
