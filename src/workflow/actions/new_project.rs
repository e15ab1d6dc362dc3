//! Makes a project for the caller.

use serde_json::Value;

use super::{
    People,
    people::origin,
    stop::{Stop, invalid, settle},
};
use crate::workflow::{
    Action, ActionFuture, Context, Field, Kind,
    identity::{CreateProject, Project, User},
};

/// Makes a project for the caller, right below the domain or below the caller's own project.
///
/// In `pre_approve` and `post_approve`: the name is free in the domain, the parent is the caller's
/// project if one is named, the caller is an enabled user, and the default roles exist.
/// `post_approve` makes the project, gives the caller the default roles on it, and shares its
/// `project_id`.
#[derive(Debug)]
pub struct NewProject {
    people: People,
    default_roles: Vec<String>,
    fields: [Field; 3],
}

impl NewProject {
    /// New projects on which the caller gets these roles.
    pub fn new<R: Into<String>>(people: People, roles: impl IntoIterator<Item = R>) -> Self {
        Self {
            people,
            default_roles: roles.into_iter().map(Into::into).collect(),
            fields: [
                Field::new("project_name", Kind::Text { longest: 64 }),
                Field::new("description", Kind::Text { longest: 255 }).default(Value::Null),
                Field::new("parent_id", Kind::Text { longest: 64 }).default(Value::Null),
            ],
        }
    }

    async fn check(&self, ctx: &Context<'_>) -> Result<(CreateProject, User), Stop> {
        let mut new = self.people.project_to_create(ctx).await?;
        let parent: Option<String> = ctx.input("parent_id")?;
        if let Some(parent) = parent {
            if ctx.requester().project_id() != Some(&*parent) {
                return Err(invalid(
                    "project_mismatch",
                    "Parent id does not match keystone user project.",
                ));
            }
            new = new.parent(parent);
        }
        let description: Option<String> = ctx.input("description")?;
        let caller = ctx.requester().keystone_user().map(|it| &*it.user_id);
        let user = match caller {
            Some(id) => self.people.store.user(id).await?,
            None => None,
        };
        let user = user.filter(|it| it.enabled);
        let user = user.ok_or_else(|| invalid("user_missing", "There is no user to own it."))?;
        self.people.roles(&self.default_roles).await?;
        Ok((new.description(description.unwrap_or_default()), user))
    }

    async fn post_approve(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let (new, user) = self.check(ctx).await?;
        let project = self.people.create_project(ctx, &new).await?;
        let roles = self.people.roles(&self.default_roles).await?;
        self.people.grant(ctx, &project.id, &user, &roles).await
    }
}

impl Action for NewProject {
    fn name(&self) -> &str {
        "NewProject"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            settle(match stage {
                "pre_approve" => self.check(ctx).await.map(drop),
                "post_approve" => self.post_approve(ctx).await,
                _ => Ok(()),
            })
        })
    }
}

impl People {
    /// The project that is asked for by `project_name`, if nobody else has that name.
    pub(super) async fn project_to_create(&self, ctx: &Context<'_>) -> Result<CreateProject, Stop> {
        let name: String = ctx.input("project_name")?;
        let origin = origin(ctx);
        let found = self.store.project_by_name(&self.domain, &name).await?;
        if found.is_some_and(|it| it.origin.as_ref() != Some(&origin)) {
            let note = format!("Existing project with name '{name}'.");
            return Err(invalid("name_taken", note));
        }
        Ok(CreateProject::new(name, &*self.domain).origin(origin))
    }

    /// Makes a project, and tells the actions after this one.
    pub(super) async fn create_project(
        &self,
        ctx: &mut Context<'_>,
        new: &CreateProject,
    ) -> Result<Project, Stop> {
        let look = async {
            let found = self
                .store
                .project_by_name(&new.domain_id, &new.name)
                .await?;
            Ok(found.filter(|it| it.origin == new.origin))
        };
        let act = async { Ok(self.store.create_project(new).await?) };
        let project: Project = ctx.step("create project", look, act).await?;
        ctx.remember("project_id", &*project.id);
        ctx.share("project_id", &*project.id);
        ctx.note(format!("New project '{}' created.", project.name));
        Ok(project)
    }
}
