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
/// In `pre_approve` and `post_approve`: the name is free in the domain, the caller is an enabled user
/// of that domain and manages the parent, if one is named, and the default roles exist.
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
        let user = self.people.caller(ctx).await?;
        let mut domains = vec![user.domain_id.clone()];
        if ctx.inputs().contains_key("parent_id") {
            let parent = self.people.own_project(ctx, "parent_id").await?.project;
            domains.push(parent.domain_id);
            new = new.parent(parent.id);
        }
        if domains.iter().any(|it| *it != self.people.domain) {
            let note = "Domain id does not match keystone user domain.";
            return Err(invalid("domain_mismatch", note));
        }
        let description: Option<String> = ctx.input("description")?;
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
