//! A policy for the servers of some projects.

use std::{borrow::Cow, collections::BTreeSet};

use super::{Hold, Inspection, InvalidPolicy, Need, Policy};
use crate::{identity::ProjectId, nova::Operation};

/// Has a policy judge by the project that owns the server, whoever asks.
///
/// On a create that is the caller's project, which will own the server. On an attach or detach it
/// is the project of the server, as it is looked up: an administrator acts on servers of any
/// project, and the project of the token says nothing about those.
///
/// A request passes when:
///
/// 1. the server's project is known and is [exempt](Self::except), or is not among
///    [those that are policed](Self::only); or
/// 2. the policy inside passes it.
///
/// A request is refused when:
///
/// 3. the policy inside refuses it, under that policy's name. It judges also when nobody knows
///    such a server, or it is not known who asks: that exempts nobody;
/// 4. the project has to be looked up, and that fails: 503 `lookup_failed`.
///
/// What is exempt is not read, but for the name of an action, and not looked up further. External
/// events are of no project, and always judged. With no project to except, nothing is
/// looked up for this.
///
/// | setting | default | meaning |
/// |---|---|---|
/// | `policy` | required | what judges the servers of the others |
/// | `projects` | required | ids, compared as they are |
///
/// ```
/// use wafflehaus::identity::ProjectId;
/// use wafflehaus::nova::{NetworkId, Operation, Port, PortId, ServerId};
/// use wafflehaus::policy::{ByProject, DetachNetworkCheck, Facts, Inspection, Policy};
///
/// let (office, port, server) =
///     (NetworkId::from_u128(1), PortId::from_u128(7), ServerId::from_u128(9));
/// let (lab, web) = (ProjectId::new("1ab")?, ProjectId::new("3eb")?);
/// let policy = ByProject::except(DetachNetworkCheck::new([office]), [lab.clone()]);
///
/// let check = |owner: &ProjectId| {
///     let facts = Facts::new()
///         .with_ports(&[port], &[Port::new(port, office)])
///         .with_server_project(server, Some(owner.clone()));
///     let detach = Operation::DetachInterface { server, port };
///     policy.check(&Inspection::new(detach).facts(&facts)).is_ok()
/// };
/// assert!(check(&lab));
/// assert!(!check(&web));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ByProject<P> {
    policy: P,
    projects: BTreeSet<ProjectId>,
    /// Whether those are the ones that are judged.
    listed: bool,
}

impl<P> ByProject<P> {
    /// Judges all but the servers of these projects.
    #[must_use]
    pub fn except(policy: P, projects: impl IntoIterator<Item = ProjectId>) -> Self {
        Self {
            policy,
            projects: projects.into_iter().collect(),
            listed: false,
        }
    }

    /// Judges the servers of these projects, and of those that cannot be told.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::NoProjects`] for none: the policy would be switched off.
    pub fn only(
        policy: P,
        projects: impl IntoIterator<Item = ProjectId>,
    ) -> Result<Self, InvalidPolicy> {
        let projects: BTreeSet<_> = projects.into_iter().collect();
        if projects.is_empty() {
            return Err(InvalidPolicy::NoProjects);
        }
        Ok(Self {
            policy,
            projects,
            listed: true,
        })
    }

    fn judges(&self, request: &Inspection<'_>) -> Result<bool, Hold> {
        // Nothing to compare with, so the answer would not matter; or events, of servers of many
        // projects.
        if self.projects.is_empty() || request.operation() == Operation::ExternalEvents {
            return Ok(true);
        }
        let project = request.server_project()?;
        Ok(project.is_none_or(|project| self.projects.contains(project) == self.listed))
    }
}

impl<P: Policy> ByProject<P> {
    /// Most actions do not concern the policy, which the body tells: nothing to look up for them.
    fn passes_as_it_is(&self, request: &Inspection<'_>) -> Result<bool, Hold> {
        if !matches!(request.operation(), Operation::ServerAction { .. }) {
            return Ok(false);
        }
        match self.policy.check(request) {
            Ok(()) => Ok(true),
            Err(Hold::Need(Need::Body)) => Err(Hold::Need(Need::Body)),
            Err(_) => Ok(false),
        }
    }
}

impl<P: Policy> Policy for ByProject<P> {
    fn name(&self) -> Cow<'static, str> {
        self.policy.name()
    }

    fn concerns(&self, operation: &Operation) -> bool {
        self.policy.concerns(operation)
    }

    fn check(&self, request: &Inspection<'_>) -> Result<(), Hold> {
        if self.passes_as_it_is(request)? {
            return Ok(());
        }
        if self.judges(request)? {
            self.policy.check(request)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::{Identity, UserId},
        nova::{AttachApi, PortId, ServerId},
        policy::{Denial, Facts, Need},
    };

    const SERVER: ServerId = ServerId::from_u128(4);
    const DETACH: Operation = Operation::DetachInterface {
        server: SERVER,
        port: PortId::from_u128(1),
    };
    const ATTACH: Operation = Operation::AttachInterface {
        server: SERVER,
        api: AttachApi::OsInterface,
    };

    /// Refuses everything.
    #[derive(Clone)]
    struct No;

    impl Policy for No {
        fn name(&self) -> Cow<'static, str> {
            "No".into()
        }

        fn concerns(&self, operation: &Operation) -> bool {
            *operation != Operation::Other
        }

        fn check(&self, _: &Inspection<'_>) -> Result<(), Hold> {
            Err(Denial::forbidden("no", "no").into())
        }
    }

    fn project(id: &str) -> ProjectId {
        ProjectId::new(id).unwrap()
    }

    fn caller(id: &str) -> Identity {
        Identity::new(UserId::new("u").unwrap()).project(project(id))
    }

    fn both() -> [ByProject<No>; 2] {
        let only = ByProject::only(No, ["b", "c"].map(project)).unwrap();
        [ByProject::except(No, ["a", "d"].map(project)), only]
    }

    #[test]
    fn rules_1_to_3_the_servers_project_decides_and_not_the_callers() {
        for policy in both() {
            for (owner, passes) in [("a", true), ("b", false), ("c", false), ("d", true)] {
                let facts = Facts::new().with_server_project(SERVER, Some(project(owner)));
                for asks in ["a", "b"] {
                    let identity = caller(asks);
                    for operation in [ATTACH, DETACH] {
                        let request = Inspection::new(operation).identity(&identity);
                        let verdict = policy.check(&request.facts(&facts));
                        assert_eq!(verdict.is_ok(), passes, "{asks} on {owner}'s");
                    }
                }
            }
        }
    }

    #[test]
    fn rule_1_a_new_server_will_be_the_callers_projects() {
        for policy in both() {
            for (asks, passes) in [("a", true), ("b", false)] {
                let identity = caller(asks);
                let request = Inspection::new(Operation::CreateServer).identity(&identity);
                assert_eq!(policy.check(&request).is_ok(), passes, "{asks}");
            }
        }
    }

    #[test]
    fn rule_3_what_is_not_known_exempts_nobody() {
        let unknown = Facts::new().with_server_project(SERVER, None);
        for policy in both() {
            let identity = caller("a");
            let request = Inspection::new(DETACH).identity(&identity).facts(&unknown);
            assert!(matches!(policy.check(&request), Err(Hold::Deny(_))));
            // Nobody asks, or somebody without a project.
            let request = Inspection::new(Operation::CreateServer);
            assert!(matches!(policy.check(&request), Err(Hold::Deny(_))));
            let unscoped = Identity::new(UserId::new("u").unwrap());
            let request = request.identity(&unscoped);
            assert!(matches!(policy.check(&request), Err(Hold::Deny(_))));
        }
    }

    #[test]
    fn rule_3_the_policy_inside_refuses_under_its_own_name() {
        let [except, _] = both();
        let identity = caller("b");
        let request = Inspection::new(Operation::CreateServer).identity(&identity);
        let Err(Hold::Deny(denial)) = (except,).check(&request) else {
            panic!()
        };
        assert_eq!(denial.policy(), Some("No"));
    }

    #[test]
    fn rule_4_the_project_is_looked_up_only_where_it_matters() {
        for policy in both() {
            let need = Hold::Need(Need::ServerProject(SERVER));
            let identity = caller("a");
            assert_eq!(
                policy.check(&Inspection::new(DETACH).identity(&identity)),
                Err(need)
            );
            assert!(policy.concerns(&DETACH) && !policy.concerns(&Operation::Other));
        }
        let nobody = ByProject::except(No, []);
        let verdict = nobody.check(&Inspection::new(DETACH));
        assert!(matches!(verdict, Err(Hold::Deny(_))));
    }

    #[test]
    fn a_policy_for_no_project_is_refused() {
        let refused = ByProject::only(No, []).err();
        assert_eq!(refused, Some(InvalidPolicy::NoProjects));
    }
}
