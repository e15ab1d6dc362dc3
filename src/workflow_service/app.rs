//! What all endpoints share.

use std::{fmt, sync::Arc};

use super::{
    Access, Authentication, Challenge, Quotas, Settings, TaskView, access::Policy, error::ApiError,
    limits::Gate, view,
};
use crate::workflow::{
    Action, Caller, Engine, TaskType, actions::RolesMapping, identity::IdentityStore,
};

/// The service's state.
pub(super) struct App {
    pub(super) authentication: Authentication,
    pub(super) challenge: Option<Box<dyn Challenge>>,
    pub(super) engine: Engine,
    pub(super) gate: Gate,
    pub(super) identity: Arc<dyn IdentityStore>,
    pub(super) mapping: RolesMapping,
    pub(super) metrics: Option<Box<dyn Fn() -> String + Send + Sync>>,
    pub(super) policy: Policy,
    pub(super) quotas: Quotas,
    pub(super) settings: Settings,
    pub(super) views: Vec<TaskView>,
}

impl App {
    /// The view of this name, and the type of its tasks, if the engine has it.
    pub(super) fn view(&self, name: &str) -> Result<(&TaskView, &TaskType), ApiError> {
        let view = self.views.iter().find(|it| it.name == name);
        let with_type = |it: &'_ TaskView| self.engine.registry().find_type(&it.task_type);
        view.and_then(|it| Some((it, with_type(it)?)))
            .ok_or_else(|| ApiError::not_found("Not found."))
    }

    /// The type of the tasks of a built-in view.
    pub(super) fn task_type(&self, view: &str) -> &str {
        let view = self.views.iter().find(|it| it.name == view);
        view.map_or("", |it| &it.task_type)
    }

    /// Who may use a view.
    pub(super) fn access<'a>(&'a self, view: &'a TaskView) -> &'a Access {
        self.settings.access.get(&view.name).unwrap_or(&view.access)
    }

    /// The actions of a type.
    pub(super) fn actions(&self, task_type: &TaskType) -> Vec<&dyn Action> {
        let names = task_type.actions.iter();
        let known = names.filter_map(|name| self.engine.registry().find_action(name));
        known.collect()
    }

    /// Whether every project's tasks are open to the caller.
    pub(super) fn is_admin(&self, caller: &Caller) -> bool {
        let roles = &self.settings.admin_roles;
        roles.iter().any(|role| caller.has_role(role))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("authentication", &self.authentication)
            .field("engine", &self.engine)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The built-in views and these, of which those with the name of a built-in one replace it.
pub(super) fn views(own: &[TaskView]) -> Vec<TaskView> {
    let replaced = |it: &TaskView| own.iter().any(|one| one.name == it.name);
    let built_in = view::built_in().into_iter().filter(|it| !replaced(it));
    built_in.chain(own.iter().cloned()).collect()
}
