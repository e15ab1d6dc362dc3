//! Servers that break a policy as they are.
//!
//! A guard judges what is asked of it. What was there before it, what came past it, and what a
//! new policy makes wrong is found by looking at all servers: an audit.
//!
//! 1. Nova tells of all servers of all projects, those without any port too, and Neutron of all
//!    ports. A port with a server's `device_id` is the server's, whoever made it and whatever its
//!    owner is called, as for Nova.
//! 2. Each policy that [concerns](crate::policy::Policy::concerns) an
//!    [`ExistingServer`](crate::nova::Operation::ExistingServer) is asked about each server, with
//!    its ports and its project; so projects that a policy exempts are exempt.
//! 3. A server that is still being built (`BUILD`) has not got its ports yet, and is not judged.
//! 4. The two lists are of different moments. So a server that was found to break a policy is
//!    looked up once more by itself, and counts if it still does. One that is gone does not.
//! 5. It changes nothing.
//!
//! It fails, and then says nothing of any server, when:
//!
//! 6. Nova or Neutron fails, at any page: [`AuditError::Lookup`];
//! 7. no policy concerns servers as they are: [`AuditError::NothingToJudge`];
//! 8. a policy needs to know what there is not without a request: [`AuditError::Undecided`].

mod error;
mod judge;
mod report;

use std::sync::Arc;

pub use error::AuditError;
pub use report::{Progress, Report, Violation};

use self::judge::{Judge, concerned};
use crate::{openstack::Inventory, policy::Policy};

/// Judges all servers by each of the policies. `progress` is told how far it is.
///
/// # Errors
///
/// By rules 6 to 8 of the [module](self).
pub async fn audit(
    policies: &[Arc<dyn Policy>],
    inventory: &Inventory,
    progress: impl Fn(Progress),
) -> Result<Report, AuditError> {
    let judge = Judge {
        policies: concerned(policies)?,
    };
    let servers = inventory.servers(|seen| progress(Progress::Servers(seen)));
    let servers = servers.await?;
    let ports = inventory.ports(|seen| progress(Progress::Ports(seen)));
    let mut ports = ports.await?;
    let mut report = Report::default();
    let all = servers.len();
    for (at, server) in servers.into_iter().enumerate() {
        progress(Progress::Judged { servers: at, all });
        if server.status == "BUILD" {
            report.unfinished += 1;
            continue;
        }
        report.servers += 1;
        let has = ports.remove(&server.id).unwrap_or_default();
        if judge.violations(&server, &server.project, has)?.is_empty() {
            continue;
        }
        if let Some((project, has)) = inventory.server(server.id).await? {
            report
                .violations
                .extend(judge.violations(&server, &project, has)?);
        }
    }
    progress(Progress::Judged { servers: all, all });
    Ok(report)
}
