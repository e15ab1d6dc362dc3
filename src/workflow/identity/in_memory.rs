//! People in memory, or in a file.

use std::{collections::BTreeMap, num::NonZeroU32};

use ring::pbkdf2;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    Assignment, AssignmentsOf, CreateProject, CreateUser, Domain, Group, IdentityStore, Member,
    Project, Role, Scope, UpdateUser, User, Via,
};
use crate::workflow::{
    CloudError, CloudFuture,
    cloud::{Shelf, on_a_shelf},
};

/// Users, projects, roles and domains that only this store knows. Ids are numbers in order, so
/// that equal histories give equal states.
#[derive(Debug)]
pub struct InMemoryIdentity {
    shelf: Shelf<State>,
}

#[derive(Clone, Default, Deserialize, Serialize)]
struct State {
    assignments: Vec<Assignment>,
    domains: Vec<Domain>,
    last_id: u64,
    passwords: BTreeMap<String, Vec<u8>>,
    projects: Vec<Project>,
    roles: Vec<Role>,
    users: Vec<User>,
}

on_a_shelf!(InMemoryIdentity);

impl InMemoryIdentity {
    /// Adds a domain with an id of the caller's choice.
    ///
    /// # Errors
    ///
    /// The id or name is taken, or the file cannot be changed; so for all that add.
    pub fn add_domain(&self, id: &str, name: &str) -> Result<(), CloudError> {
        self.shelf.edit(|state| {
            let taken = |it: &Domain| it.id == id || same(&it.name, name);
            free(!state.domains.iter().any(taken))?;
            state.domains.push(Domain::new(id, name));
            Ok(())
        })
    }

    /// Adds a role, and says its id.
    ///
    /// # Errors
    ///
    /// As [`add_domain`](Self::add_domain).
    pub fn add_role(&self, name: &str) -> Result<String, CloudError> {
        self.shelf.edit(|state| {
            free(!state.roles.iter().any(|it| same(&it.name, name)))?;
            let id = state.new_id();
            state.roles.push(Role::new(id.clone(), name));
            Ok(id)
        })
    }

    /// Adds a user as [`create_user`](IdentityStore::create_user) does, and says its id.
    ///
    /// # Errors
    ///
    /// As [`add_domain`](Self::add_domain).
    pub fn add_user(&self, user: &CreateUser) -> Result<String, CloudError> {
        self.shelf
            .edit(|state| state.create_user(user).map(|it| it.id))
    }

    /// Adds a project as [`create_project`](IdentityStore::create_project) does, and says its id.
    ///
    /// # Errors
    ///
    /// As [`add_domain`](Self::add_domain).
    pub fn add_project(&self, project: &CreateProject) -> Result<String, CloudError> {
        self.shelf
            .edit(|state| state.create_project(project).map(|it| it.id))
    }

    /// Gives a user a role, by the role's name, in whatever way.
    ///
    /// # Errors
    ///
    /// There is no such user or role, or the file cannot be changed.
    pub fn assign(&self, user: &str, role: &str, scope: Scope, via: Via) -> Result<(), CloudError> {
        self.assign_with(user, role, scope, |it| it.via(via))
    }

    /// The same by a group that the user is in.
    ///
    /// # Errors
    ///
    /// There is no such user or role, or the file cannot be written.
    pub fn assign_by(
        &self,
        user: &str,
        role: &str,
        scope: Scope,
        group: Group,
    ) -> Result<(), CloudError> {
        self.assign_with(user, role, scope, |it| it.by(group))
    }

    fn assign_with(
        &self,
        user: &str,
        role: &str,
        scope: Scope,
        how: impl FnOnce(Assignment) -> Assignment,
    ) -> Result<(), CloudError> {
        self.shelf.edit(|state| {
            state.user(user)?;
            let role = state.roles.iter().find(|it| same(&it.name, role));
            let role = role.ok_or(MISSING)?.clone();
            state.assign(how(Assignment::new(user, role, scope)));
            Ok(())
        })
    }

    /// Whether this is the password of the user with this id.
    ///
    /// # Errors
    ///
    /// There is no such user, or the file cannot be read.
    pub fn has_password(&self, user: &str, password: &str) -> Result<bool, CloudError> {
        self.shelf.edit(|state| {
            let known = state.passwords.get(user).ok_or(MISSING)?;
            let verified =
                pbkdf2::verify(DIGEST, ROUNDS, user.as_bytes(), password.as_bytes(), known);
            Ok(verified.is_ok())
        })
    }
}

impl Default for InMemoryIdentity {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    fn new_id(&mut self) -> String {
        self.last_id += 1;
        format!("{:032x}", self.last_id)
    }

    fn user(&self, id: &str) -> Result<&User, CloudError> {
        self.users.iter().find(|it| it.id == id).ok_or(MISSING)
    }

    fn user_by_name(&self, domain: &str, name: &str) -> Option<&User> {
        let mut users = self.users.iter();
        users.find(|it| it.domain_id == domain && same(&it.name, name))
    }

    fn project_by_name(&self, domain: &str, name: &str) -> Option<&Project> {
        let mut projects = self.projects.iter();
        projects.find(|it| it.domain_id == domain && same(&it.name, name))
    }

    fn needs_domain(&self, id: &str) -> Result<(), CloudError> {
        let known = self.domains.iter().any(|it| it.id == id);
        known.then_some(()).ok_or(MISSING)
    }

    fn create_user(&mut self, new: &CreateUser) -> Result<User, CloudError> {
        self.needs_domain(&new.domain_id)?;
        free(self.user_by_name(&new.domain_id, &new.name).is_none())?;
        let mut user = User::new(self.new_id(), &*new.name, &*new.domain_id);
        user.email.clone_from(&new.email);
        user.origin.clone_from(&new.origin);
        self.set_password(&user.id, &new.password);
        self.users.push(user.clone());
        Ok(user)
    }

    fn update_user(&mut self, id: &str, change: &UpdateUser) -> Result<User, CloudError> {
        let mut user = self.user(id)?.clone();
        if let Some(name) = &change.name {
            let other = self.user_by_name(&user.domain_id, name);
            free(other.is_none_or(|it| it.id == id))?;
            user.name.clone_from(name);
        }
        if let Some(email) = &change.email {
            user.email = Some(email.clone());
        }
        if let Some(enabled) = change.enabled {
            user.enabled = enabled;
        }
        if let Some(password) = &change.password {
            self.set_password(id, password);
        }
        for old in &mut self.users {
            if old.id == id {
                old.clone_from(&user);
            }
        }
        Ok(user)
    }

    fn set_password(&mut self, user: &str, password: &SecretString) {
        let mut digest = vec![0; 32];
        let secret = password.expose_secret().as_bytes();
        pbkdf2::derive(DIGEST, ROUNDS, user.as_bytes(), secret, &mut digest);
        self.passwords.insert(user.to_owned(), digest);
    }

    fn create_project(&mut self, new: &CreateProject) -> Result<Project, CloudError> {
        self.needs_domain(&new.domain_id)?;
        free(self.project_by_name(&new.domain_id, &new.name).is_none())?;
        if let Some(parent) = &new.parent_id {
            let known = self.projects.iter().any(|it| it.id == *parent);
            known.then_some(()).ok_or(MISSING)?;
        }
        let mut project = Project::new(self.new_id(), &*new.name, &*new.domain_id);
        project.parent_id.clone_from(&new.parent_id);
        project.origin.clone_from(&new.origin);
        self.projects.push(project.clone());
        Ok(project)
    }

    fn assign(&mut self, assignment: Assignment) {
        if !self.assignments.contains(&assignment) {
            self.assignments.push(assignment);
        }
    }

    fn direct(&self, project: &str, user: &str, role: &str) -> Result<Assignment, CloudError> {
        self.user(user)?;
        let known = self.projects.iter().any(|it| it.id == project);
        known.then_some(()).ok_or(MISSING)?;
        let role = self.roles.iter().find(|it| it.id == role).ok_or(MISSING)?;
        let scope = Scope::Project(project.to_owned());
        Ok(Assignment::new(user, role.clone(), scope))
    }

    fn assignments(&self, of: AssignmentsOf<'_>) -> Vec<Assignment> {
        let on = |it: &Assignment, id: &str| matches!(&it.scope, Scope::Project(it) if it == id);
        let asked = |it: &&Assignment| match of {
            AssignmentsOf::Project(project) => on(it, project),
            AssignmentsOf::User(user) => it.user_id == user,
            AssignmentsOf::UserOn { project, user } => it.user_id == user && on(it, project),
        };
        self.assignments.iter().filter(asked).cloned().collect()
    }

    fn members(&self, project: &str) -> Vec<Member> {
        let assignments = self.assignments(AssignmentsOf::Project(project));
        let mut members: Vec<Member> = self
            .users
            .iter()
            .map(|user| {
                let of = assignments.iter().filter(|it| it.user_id == user.id);
                Member::new(user.clone(), of.cloned().collect())
            })
            .filter(|member| !member.assignments.is_empty())
            .collect();
        members.sort_by(|a, b| a.user.name.cmp(&b.user.name));
        members
    }
}

impl IdentityStore for InMemoryIdentity {
    fn domain<'a>(&'a self, id: &'a str) -> CloudFuture<'a, Option<Domain>> {
        Box::pin(self.shelf.look("domain", move |state| {
            state.domains.iter().find(|it| it.id == id).cloned()
        }))
    }

    fn domain_by_name<'a>(&'a self, name: &'a str) -> CloudFuture<'a, Option<Domain>> {
        Box::pin(self.shelf.look("domain_by_name", move |state| {
            let mut domains = state.domains.iter();
            domains.find(|it| same(&it.name, name)).cloned()
        }))
    }

    fn user<'a>(&'a self, id: &'a str) -> CloudFuture<'a, Option<User>> {
        Box::pin(
            self.shelf
                .look("user", move |state| state.user(id).ok().cloned()),
        )
    }

    fn user_by_name<'a>(&'a self, domain: &'a str, name: &'a str) -> CloudFuture<'a, Option<User>> {
        Box::pin(self.shelf.look("user_by_name", move |state| {
            state.user_by_name(domain, name).cloned()
        }))
    }

    fn create_user<'a>(&'a self, user: &'a CreateUser) -> CloudFuture<'a, User> {
        Box::pin(
            self.shelf
                .change("create_user", |state| state.create_user(user)),
        )
    }

    fn update_user<'a>(&'a self, id: &'a str, change: &'a UpdateUser) -> CloudFuture<'a, User> {
        Box::pin(
            self.shelf
                .change("update_user", |state| state.update_user(id, change)),
        )
    }

    fn project<'a>(&'a self, id: &'a str) -> CloudFuture<'a, Option<Project>> {
        Box::pin(self.shelf.look("project", move |state| {
            state.projects.iter().find(|it| it.id == id).cloned()
        }))
    }

    fn project_by_name<'a>(
        &'a self,
        domain: &'a str,
        name: &'a str,
    ) -> CloudFuture<'a, Option<Project>> {
        Box::pin(self.shelf.look("project_by_name", move |state| {
            state.project_by_name(domain, name).cloned()
        }))
    }

    fn create_project<'a>(&'a self, project: &'a CreateProject) -> CloudFuture<'a, Project> {
        Box::pin(
            self.shelf
                .change("create_project", |state| state.create_project(project)),
        )
    }

    fn roles(&self) -> CloudFuture<'_, Vec<Role>> {
        Box::pin(self.shelf.look("roles", |state| state.roles.clone()))
    }

    fn assignments<'a>(&'a self, of: AssignmentsOf<'a>) -> CloudFuture<'a, Vec<Assignment>> {
        Box::pin(
            self.shelf
                .look("assignments", move |state| state.assignments(of)),
        )
    }

    fn members<'a>(&'a self, project: &'a str) -> CloudFuture<'a, Vec<Member>> {
        Box::pin(
            self.shelf
                .look("members", move |state| state.members(project)),
        )
    }

    fn grant<'a>(&'a self, project: &'a str, user: &'a str, role: &'a str) -> CloudFuture<'a, ()> {
        Box::pin(self.shelf.change("grant", move |state| {
            let assignment = state.direct(project, user, role)?;
            state.assign(assignment);
            Ok(())
        }))
    }

    fn revoke<'a>(&'a self, project: &'a str, user: &'a str, role: &'a str) -> CloudFuture<'a, ()> {
        Box::pin(self.shelf.change("revoke", move |state| {
            if let Ok(gone) = state.direct(project, user, role) {
                state.assignments.retain(|it| *it != gone);
            }
            Ok(())
        }))
    }
}

/// Names are compared as Keystone's usual database does.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn free(is_free: bool) -> Result<(), CloudError> {
    let taken = CloudError::Conflict {
        service: "identity",
    };
    is_free.then_some(()).ok_or(taken)
}

const MISSING: CloudError = CloudError::Missing {
    service: "identity",
};

static DIGEST: pbkdf2::Algorithm = pbkdf2::PBKDF2_HMAC_SHA256;

/// Few, because nobody's real password is in a store that is for tests and trials.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);
