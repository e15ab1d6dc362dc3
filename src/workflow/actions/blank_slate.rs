//! Deletes what is in the caller's project.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    People,
    people::has_email,
    stop::{Stop, settle},
};
use crate::workflow::{
    Action, ActionError, ActionFuture, CloudError, Context, Field, Kind,
    resources::{Resource, ResourceStore},
};

/// Deletes what is in the caller's project: servers, volumes and their snapshots, networks and
/// what belongs to them, security groups. Images, key pairs, stacks and objects stay.
///
/// 1. In every stage: the caller is an enabled user with this address, to which the token goes, and
///    manages the project.
/// 2. `pre_approve` lists what there is, in notes and in its memory, and asks for `confirm`. With
///    nothing there the state is `complete`, and it asks for nothing.
/// 3. `submit` deletes what was listed, in the order of the [kinds](crate::workflow::resources::Kind),
///    each in a step, and what has come since then is left alone.
/// 4. A thing that is still in use, because a server takes a while to go, has the stage tried
///    again; it goes on where it was. The stage ends when nothing is there that was listed. Another
///    token after a failure deletes anew what is left.
///
/// It votes for approval by the engine: the confirmation is the caller's own.
#[derive(Debug)]
pub struct BlankSlate {
    people: People,
    regions: BTreeMap<String, Arc<dyn ResourceStore>>,
    fields: [Field; 2],
    token_fields: [Field; 1],
}

/// A thing, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Found {
    region: String,
    resource: Resource,
}

impl BlankSlate {
    /// Clears projects in these regions.
    pub fn new<N: Into<String>>(
        people: People,
        regions: impl IntoIterator<Item = (N, Arc<dyn ResourceStore>)>,
    ) -> Self {
        let regions = regions.into_iter().map(|(name, it)| (name.into(), it));
        Self {
            people,
            regions: regions.collect(),
            fields: [
                Field::new("project_id", Kind::Text { longest: 64 }),
                Field::new("email", Kind::Email),
            ],
            token_fields: [Field::new("confirm", Kind::Accepted)],
        }
    }

    /// The id of the caller's project.
    async fn check(&self, ctx: &Context<'_>) -> Result<String, Stop> {
        let own = self.people.own_project(ctx, "project_id").await?;
        has_email(&own.user, &ctx.input::<String>("email")?)?;
        Ok(own.project.id)
    }

    async fn list(&self, project: &str) -> Result<Vec<Found>, CloudError> {
        let mut found = Vec::new();
        for (region, store) in &self.regions {
            let resources = store.list(project).await?.into_iter();
            found.extend(resources.map(|resource| Found {
                region: region.clone(),
                resource,
            }));
        }
        Ok(found)
    }

    async fn pre_approve(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        ctx.vote(true);
        ctx.ask::<[&str; 0]>([]);
        let project = self.check(ctx).await?;
        let listed = self.list(&project).await?;
        if listed.is_empty() {
            ctx.set_state("complete");
            ctx.note("There is nothing to delete.");
        } else {
            ctx.set_state("default");
            ctx.ask(["confirm"]);
            ctx.note(format!("To be deleted: {} things.", listed.len()));
        }
        for Found { region, resource } in &listed {
            ctx.note(format!("{region}: {resource}"));
        }
        let listed = serde_json::to_value(listed).map_err(|_| unreadable())?;
        ctx.remember(LISTED, listed);
        Ok(())
    }

    async fn submit(&self, ctx: &mut Context<'_>) -> Result<(), Stop> {
        let project = self.check(ctx).await?;
        let listed = ctx.cache().get(LISTED).cloned().unwrap_or_default();
        let listed: Vec<Found> = serde_json::from_value(listed).map_err(|_| unreadable())?;
        for Found { region, resource } in &listed {
            // What was accepted and then failed is deleted anew with another token. Deleting again
            // is no failure, so there is nothing to look for.
            let run = ctx.run_number();
            let step = format!(
                "delete {} {} in {region}, run {run}",
                resource.kind, resource.id
            );
            let act = self.delete(region, resource);
            ctx.step(&step, async { Ok(None) }, act).await?;
        }
        let left = self.list(&project).await?;
        if left.iter().any(|it| listed.contains(it)) {
            return Err(ActionError::retry("not everything is gone yet").into());
        }
        ctx.note(format!("Deleted {} things.", listed.len()));
        if !left.is_empty() {
            ctx.note(format!(
                "{} things have come meanwhile, and are left alone.",
                left.len()
            ));
        }
        ctx.set_state("completed");
        Ok(())
    }

    async fn delete(&self, region: &str, resource: &Resource) -> Result<(), ActionError> {
        let store = self.regions.get(region);
        let store = store.ok_or_else(|| ActionError::fatal("the region is gone"))?;
        match store.delete(resource).await {
            // What uses it may be on its way out.
            Err(error @ CloudError::Conflict { .. }) => Err(ActionError::retry(error)),
            outcome => Ok(outcome?),
        }
    }
}

impl Action for BlankSlate {
    fn name(&self) -> &str {
        "BlankSlate"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn token_fields(&self) -> &[Field] {
        &self.token_fields
    }

    fn email(&self, data: &Map<String, Value>) -> Option<String> {
        data.get("email")?.as_str().map(str::to_owned)
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            settle(match stage {
                "pre_approve" => self.pre_approve(ctx).await,
                "post_approve" => self.check(ctx).await.map(drop),
                "submit" if ctx.state() == "complete" => Ok(()),
                "submit" => self.submit(ctx).await,
                _ => Ok(()),
            })
        })
    }
}

fn unreadable() -> ActionError {
    ActionError::fatal("the list of what is to be deleted is unreadable")
}

/// Under which the list is remembered.
const LISTED: &str = "listed";
