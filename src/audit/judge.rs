//! One server before all policies.

use std::sync::Arc;

use super::{AuditError, Violation};
use crate::{
    identity::ProjectId,
    nova::{Operation, Port, ServerId},
    openstack::ListedServer,
    policy::{Facts, Hold, Inspection, Policy},
};

pub(super) struct Judge<'a> {
    pub(super) policies: Vec<&'a Arc<dyn Policy>>,
}

/// The policies that judge servers as they are.
pub(super) fn concerned(policies: &[Arc<dyn Policy>]) -> Result<Vec<&Arc<dyn Policy>>, AuditError> {
    // Which server does not matter.
    let operation = existing(ServerId::from_u128(0));
    let concerned: Vec<_> = policies
        .iter()
        .filter(|it| it.concerns(&operation))
        .collect();
    if concerned.is_empty() {
        return Err(AuditError::NothingToJudge);
    }
    Ok(concerned)
}

const fn existing(server: ServerId) -> Operation {
    Operation::ExistingServer { server }
}

impl Judge<'_> {
    /// What a server with these ports breaks.
    pub(super) fn violations(
        &self,
        server: &ListedServer,
        project: &ProjectId,
        ports: Vec<Port>,
    ) -> Result<Vec<Violation>, AuditError> {
        let facts = Facts::new()
            .with_server_ports(server.id, ports)
            .with_server_project(server.id, Some(project.clone()));
        let asked = Inspection::new(existing(server.id)).facts(&facts);
        let mut violations = Vec::new();
        for &policy in &self.policies {
            // Each under its own name.
            match (policy,).check(&asked) {
                Ok(()) => {}
                Err(Hold::Deny(denial)) => violations.push(Violation {
                    server: server.id.to_string(),
                    name: server.name.clone(),
                    project: project.to_string(),
                    policy: denial.policy().unwrap_or_default().to_owned(),
                    code: denial.kind().code().to_owned(),
                    message: denial.message().to_owned(),
                }),
                Err(Hold::Need(_)) => {
                    return Err(AuditError::Undecided {
                        policy: policy.name().into_owned(),
                        server: server.id,
                    });
                }
            }
        }
        Ok(violations)
    }
}
