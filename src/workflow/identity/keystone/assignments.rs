//! Who has which roles, as Keystone tells it.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{Assignment, AssignmentsOf, Domain, Group, Member, Role, Scope, User, Via},
    KeystoneIdentity,
};
use crate::workflow::{CloudError, cloud::encoded};

impl KeystoneIdentity {
    pub(super) async fn assigned(
        &self,
        of: AssignmentsOf<'_>,
    ) -> Result<Vec<Assignment>, CloudError> {
        let found = self.found(&filter(of)).await?;
        let found: Option<Vec<Assignment>> = found.into_iter().map(Found::assignment).collect();
        let mut found = found.ok_or_else(|| self.not_asked())?;
        if let AssignmentsOf::User(user) = of {
            found.extend(self.on_system(user).await?);
        }
        let on = |it: &Assignment, id: &str| matches!(&it.scope, Scope::Project(it) if it == id);
        self.asked(found, |found| {
            found.iter().all(|it| match of {
                AssignmentsOf::Project(project) => on(it, project),
                AssignmentsOf::User(user) => it.user_id == user,
                AssignmentsOf::UserOn { project, user } => it.user_id == user && on(it, project),
            })
        })
    }

    /// The user's roles on the system, which Keystone leaves out of the effective ones. What they
    /// imply there is not told.
    async fn on_system(&self, user: &str) -> Result<Vec<Assignment>, CloudError> {
        let path = format!("/users/{}/groups", encoded(user));
        let groups: Vec<Id> = self.keystone.list(&path, "groups").await?;
        let path = "/role_assignments?scope.system=all&include_names=true";
        let all: Vec<OnSystem> = self.keystone.list(path, "role_assignments").await?;
        let own = all.into_iter().filter_map(|it| {
            let via = match (it.user, it.group) {
                (Some(holder), None) if holder.id == user => Via::Direct,
                (None, Some(holder)) if groups.iter().any(|it| it.id == holder.id) => Via::Group,
                _ => return None,
            };
            Some(Assignment::new(user, it.role, Scope::System).via(via))
        });
        Ok(own.collect())
    }

    pub(super) async fn joined(&self, project: &str) -> Result<Vec<Member>, CloudError> {
        let found = self.found(&filter(AssignmentsOf::Project(project))).await?;
        let domains = found.iter().filter_map(|it| it.user.domain.as_ref());
        let domains: BTreeSet<String> = domains.map(|it| it.id.clone()).collect();
        let mut groups = BTreeMap::new();
        for id in found.iter().filter_map(Found::group) {
            if !groups.contains_key(id) {
                let known: Option<Group> = self.by_id(id).await?;
                groups.insert(id.to_owned(), known);
            }
        }
        let mut held: BTreeMap<String, Vec<Assignment>> = BTreeMap::new();
        for it in found {
            let group = it.group().and_then(|id| groups.get(id)).cloned().flatten();
            let mut it = it.assignment().ok_or_else(|| self.not_asked())?;
            it.group = group.filter(|_| it.via == Via::Group);
            held.entry(it.user_id.clone()).or_default().push(it);
        }
        let mut members = Vec::new();
        for domain in domains {
            let path = format!("/users?domain_id={}", encoded(&domain));
            let users: Vec<User> = self.keystone.list(&path, "users").await?;
            // A user who has gone since then is no member.
            members.extend(users.into_iter().filter_map(|user| {
                let assignments = held.remove(&user.id)?;
                Some(Member::new(user, assignments))
            }));
        }
        members.sort_by(|a, b| a.user.name.cmp(&b.user.name));
        Ok(members)
    }

    /// Grants with `PUT` and revokes with `DELETE`.
    pub(super) async fn assign(
        &self,
        method: Method,
        project: &str,
        user: &str,
        role: &str,
    ) -> Result<(), CloudError> {
        let [project, user, role] = [project, user, role].map(encoded);
        let path = format!("/projects/{project}/users/{user}/roles/{role}");
        self.keystone.change(method, &path, None).await.map(drop)
    }

    async fn found(&self, filter: &str) -> Result<Vec<Found>, CloudError> {
        let path = format!("/role_assignments?effective&include_names=true&{filter}");
        self.keystone.list(&path, "role_assignments").await
    }
}

fn filter(of: AssignmentsOf<'_>) -> String {
    match of {
        AssignmentsOf::Project(project) => format!("scope.project.id={}", encoded(project)),
        AssignmentsOf::User(user) => format!("user.id={}", encoded(user)),
        AssignmentsOf::UserOn { project, user } => {
            let [project, user] = [project, user].map(encoded);
            format!("scope.project.id={project}&user.id={user}")
        }
    }
}

/// An effective assignment, as Keystone shows it.
#[derive(Deserialize)]
struct Found {
    user: FoundUser,
    role: Role,
    scope: FoundScope,
    #[serde(default)]
    links: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct FoundUser {
    id: String,
    #[serde(default)]
    domain: Option<Domain>,
}

#[derive(Deserialize)]
struct FoundScope {
    #[serde(default)]
    project: Option<Id>,
    #[serde(default)]
    domain: Option<Id>,
    #[serde(default, rename = "OS-INHERIT:inherited_to")]
    inherited_to: Option<String>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// A role on the system that a user or a group was given.
#[derive(Deserialize)]
struct OnSystem {
    #[serde(default)]
    user: Option<Id>,
    #[serde(default)]
    group: Option<Id>,
    role: Role,
}

impl Found {
    /// The id of the group that it comes by: `…/groups/<id>/users/<id>`.
    fn group(&self) -> Option<&str> {
        let membership = self.links.get("membership")?.as_str()?;
        let (_, path) = membership.rsplit_once("/groups/")?;
        path.split('/').next()
    }

    /// What it says, if it says where.
    fn assignment(self) -> Option<Assignment> {
        let scope = match (self.scope.project, self.scope.domain) {
            (Some(project), None) => Scope::Project(project.id),
            (None, Some(domain)) => Scope::Domain(domain.id),
            _ => return None,
        };
        let via = if self.links.contains_key("prior_role") {
            Via::Implied
        } else if self.links.contains_key("membership") {
            Via::Group
        } else if self.scope.inherited_to.is_some() {
            Via::Inherited
        } else {
            Via::Direct
        };
        Some(Assignment::new(self.user.id, self.role, scope).via(via))
    }
}
