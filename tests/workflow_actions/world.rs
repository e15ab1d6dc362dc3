//! A cloud in memory: one project with people in it.

use std::sync::Arc;

use serde_json::Value;
use wafflehaus::workflow::{
    Caller, KeystoneUser,
    actions::People,
    identity::{
        AssignmentsOf, CreateProject, CreateUser, IdentityStore as _, InMemoryIdentity, Scope, Via,
    },
};

/// The roles that the people here can have.
pub(crate) const ROLES: [&str; 4] = ["project_admin", "project_mod", "member", "heat_stack_owner"];

pub(crate) struct World {
    pub(crate) identity: Arc<InMemoryIdentity>,
    /// The id of the project `acme`.
    pub(crate) acme: String,
    /// The id of another project.
    pub(crate) other: String,
    /// The id of `boss@acme.example`, who is `project_admin` of `acme`.
    pub(crate) boss: String,
    /// The id of `ann@acme.example`, who is a `member` of `acme`.
    pub(crate) ann: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let identity = InMemoryIdentity::new();
        identity.add_domain("default", "Default").unwrap();
        for role in ROLES.iter().chain(&["admin"]) {
            identity.add_role(role).unwrap();
        }
        let project = |name: &str| {
            let new = CreateProject::new(name, "default");
            identity.add_project(&new).unwrap()
        };
        let (acme, other) = (project("acme"), project("other"));
        let user = |name: &str, role: &str| {
            let new = CreateUser::new(name, "default", "old password".into()).email(name);
            let id = identity.add_user(&new).unwrap();
            let scope = Scope::Project(acme.clone());
            identity.assign(&id, role, scope, Via::Direct).unwrap();
            id
        };
        let boss = user("boss@acme.example", "project_admin");
        let ann = user("ann@acme.example", "member");
        Self {
            identity: Arc::new(identity),
            acme,
            other,
            boss,
            ann,
        }
    }

    pub(crate) fn people(&self) -> People {
        People::new(self.identity.clone())
    }

    /// A body that names `acme`, and has these fields.
    pub(crate) fn body(&self, mut fields: Value) -> Value {
        let body = fields.as_object_mut().unwrap();
        body.entry("project_id")
            .or_insert_with(|| self.acme.clone().into());
        fields
    }

    /// `boss`, with these roles on `acme`.
    pub(crate) fn caller(&self, roles: &[&str]) -> Caller {
        let mut user = KeystoneUser::default();
        user.user_id.clone_from(&self.boss);
        user.project_id = Some(self.acme.clone());
        user.roles = roles.iter().map(|it| (*it).to_owned()).collect();
        Caller::user(user)
    }

    pub(crate) fn boss(&self) -> Caller {
        self.caller(&["project_admin"])
    }

    /// Somebody new, who is `project_mod` of `acme`.
    pub(crate) fn moderator(&self) -> Caller {
        let new = CreateUser::new("mod@acme.example", "default", "pw".into());
        let id = self.identity.add_user(&new).unwrap();
        let scope = Scope::Project(self.acme.clone());
        let given = self.identity.assign(&id, "project_mod", scope, Via::Direct);
        given.unwrap();
        let mut user = KeystoneUser::default();
        user.user_id = id;
        user.project_id = Some(self.acme.clone());
        user.roles = vec!["Project_Mod".into()];
        Caller::user(user)
    }

    /// Takes a role on `acme` from somebody.
    pub(crate) async fn revoke(&self, user: &str, role: &str) {
        let roles = self.identity.roles().await.unwrap();
        let role = roles.iter().find(|it| it.name == role).unwrap();
        let taken = self.identity.revoke(&self.acme, user, &role.id).await;
        taken.unwrap();
    }

    pub(crate) async fn user_id(&self, name: &str) -> Option<String> {
        let user = self.identity.user_by_name("default", name);
        user.await.unwrap().map(|it| it.id)
    }

    /// The roles that a user has on a project, sorted.
    pub(crate) async fn roles(&self, user: &str, project: &str) -> Vec<String> {
        let of = AssignmentsOf::UserOn { project, user };
        let all = self.identity.assignments(of).await.unwrap();
        let mut names: Vec<_> = all.into_iter().map(|it| it.role.name).collect();
        names.sort();
        names
    }

    /// How many users there are.
    pub(crate) fn users(&self) -> usize {
        let state = self.identity.snapshot().unwrap();
        state["users"].as_array().unwrap().len()
    }

    /// How many projects there are.
    pub(crate) fn projects(&self) -> usize {
        let state = self.identity.snapshot().unwrap();
        state["projects"].as_array().unwrap().len()
    }
}
