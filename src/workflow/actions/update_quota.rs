//! Sets a project's quotas.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::{
    People,
    stop::{Stop, invalid, settle},
};
use crate::workflow::{
    Action, ActionFuture, Context, Field, FieldErrors, Kind,
    quota::{Limits, Quota, QuotaStore},
    read_fields,
};

/// What becomes of a limit that is below what the project uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Excess {
    /// The action is invalid.
    #[default]
    Refuse,
    /// A note says so.
    Warn,
}

/// Sets the quotas of the caller's project, to a size by name or to amounts of one's own.
///
/// In `pre_approve` and `post_approve`: the project is the caller's, each region is known and has
/// the resources, and no limit is below what is used ([`Excess`]). A size may name services that a
/// region does not have; amounts may not. `post_approve` sets the limits and sets the state to
/// `completed`.
///
/// It votes for approval by the engine when no limit gets any higher, or when a project goes to the
/// [next size up](Self::next_size_up); and for that of a person otherwise.
///
/// | Setting | Default | Means |
/// |---|---|---|
/// | `sizes` | none | limits by the names of sizes |
/// | `excess` | `Refuse` | what becomes of a limit below what is used |
/// | `next_size_up` | none, 0 s | the sizes in their order, and for how long after one task of this type the next one needs a person |
#[derive(Debug)]
pub struct UpdateQuota {
    people: People,
    regions: BTreeMap<String, Arc<dyn QuotaStore>>,
    sizes: BTreeMap<String, Limits>,
    excess: Excess,
    order: Vec<String>,
    pause: Duration,
    fields: [Field; 4],
}

/// What is to become of a region.
struct Change<'a> {
    region: &'a str,
    store: &'a dyn QuotaStore,
    limits: Limits,
}

impl UpdateQuota {
    /// Quotas in these regions.
    pub fn new<N: Into<String>>(
        people: People,
        regions: impl IntoIterator<Item = (N, Arc<dyn QuotaStore>)>,
    ) -> Self {
        let regions = regions.into_iter().map(|(name, it)| (name.into(), it));
        Self {
            people,
            regions: regions.collect(),
            sizes: BTreeMap::new(),
            excess: Excess::default(),
            order: Vec::new(),
            pause: Duration::ZERO,
            fields: [
                Field::new("project_id", Kind::Text { longest: 64 }),
                Field::new("size", Kind::Text { longest: 64 }).default(Value::Null),
                Field::new("limits", Kind::Json).default(Value::Null),
                Field::new("regions", Kind::Names { choices: None }).default(Value::Null),
            ],
        }
    }

    /// Adds a size.
    #[must_use]
    pub fn size(mut self, name: impl Into<String>, limits: Limits) -> Self {
        self.sizes.insert(name.into(), limits);
        self
    }

    /// Sets what becomes of a limit that is below what is used.
    #[must_use]
    pub const fn excess(mut self, excess: Excess) -> Self {
        self.excess = excess;
        self
    }

    /// Has the engine approve the step from one of these sizes to the one after it: if all regions
    /// that are asked for have that one size now, exactly, and no task of this type has been
    /// completed in the project for so long.
    #[must_use]
    pub fn next_size_up<N: Into<String>>(
        mut self,
        order: impl IntoIterator<Item = N>,
        pause: Duration,
    ) -> Self {
        self.order = order.into_iter().map(Into::into).collect();
        self.pause = pause;
        self
    }

    /// The size that these quotas of a region are, as far as it has the services that the size
    /// names; of several the highest.
    #[must_use]
    pub fn current_size(&self, quotas: &[Quota]) -> Option<&str> {
        let mut known = self.order.iter().rev();
        let is = |name: &&String| self.sizes.get(*name).is_some_and(|it| is_size(it, quotas));
        known.find(is).map(String::as_str)
    }

    /// Whether the asked size is the one after that of each region.
    async fn is_next(&self, ctx: &Context<'_>, now: &[Option<&str>]) -> Result<bool, Stop> {
        let asked: Option<String> = ctx.input("size")?;
        let mut steps = self.order.iter().zip(self.order.iter().skip(1));
        let step = steps.find(|(_, after)| Some(*after) == asked.as_ref());
        let is_below = |it: &Option<&str>| *it == step.map(|(below, _)| below.as_str());
        if step.is_none() || !now.iter().all(is_below) {
            return Ok(false);
        }
        let last = ctx.last_completed().await?;
        Ok(last.is_none_or(|it| it.after(self.pause) <= ctx.now()))
    }

    async fn act(&self, stage: &str, ctx: &mut Context<'_>) -> Result<(), Stop> {
        if !matches!(stage, "pre_approve" | "post_approve") {
            return Ok(());
        }
        let project = self.people.own_project(ctx, "project_id").await?.project.id;
        let mut changes = Vec::new();
        let (mut raises, mut now) = (false, Vec::new());
        for (region, store) in self.asked_regions(ctx)? {
            let quotas = store.quotas(&project).await?;
            let limits = self.limits(ctx, region, &quotas)?;
            self.weigh(ctx, region, &limits, &quotas)?;
            now.push(self.current_size(&quotas));
            raises |= quotas.iter().any(|quota| is_raised(quota, &limits));
            changes.push(Change {
                region,
                store,
                limits,
            });
        }
        if stage == "pre_approve" {
            let vote = !raises || self.is_next(ctx, &now).await?;
            ctx.vote(vote);
            return Ok(());
        }
        for change in changes {
            let step = format!("set quota in {}", change.region);
            // Setting the same again is no failure, so there is nothing to look for.
            let act = async { Ok(change.store.set(&project, &change.limits).await?) };
            ctx.step(&step, async { Ok(None) }, act).await?;
            ctx.note(format!("Quota set in region {}.", change.region));
        }
        ctx.set_state("completed");
        Ok(())
    }

    fn asked_regions(&self, ctx: &Context<'_>) -> Result<Vec<(&str, &dyn QuotaStore)>, Stop> {
        let all = self.regions.iter().map(|(name, it)| (&**name, &**it));
        let asked: Option<Vec<String>> = ctx.input("regions")?;
        let Some(asked) = asked.filter(|it| !it.is_empty()) else {
            return Ok(all.collect());
        };
        let known = |name: &String| self.regions.contains_key(name);
        if !asked.iter().all(known) {
            return Err(invalid("region_unknown", "Region does not exist."));
        }
        let all = all.filter(|(name, _)| asked.iter().any(|it| it == name));
        Ok(all.collect())
    }

    /// What is asked for, as far as the region has it.
    fn limits(&self, ctx: &Context<'_>, region: &str, quotas: &[Quota]) -> Result<Limits, Stop> {
        let size: Option<String> = ctx.input("size")?;
        let custom: Option<Limits> = ctx.input("limits")?;
        let (asked, is_size) = match size {
            Some(size) => (self.sizes.get(&size).cloned().unwrap_or_default(), true),
            None => (custom.unwrap_or_default(), false),
        };
        let mut limits = Limits::new();
        for (service, resource, limit) in asked.iter() {
            let mut of_service = quotas.iter().filter(|it| it.service == service).peekable();
            if is_size && of_service.peek().is_none() {
                continue;
            }
            if !of_service.any(|it| it.resource == resource) {
                let note = format!("Region {region} has no quota for {service} {resource}.");
                return Err(invalid("resource_unknown", note));
            }
            limits = limits.limit(service, resource, limit);
        }
        Ok(limits)
    }

    /// Refuses limits below what is used, or warns of them.
    fn weigh(
        &self,
        ctx: &mut Context<'_>,
        region: &str,
        limits: &Limits,
        quotas: &[Quota],
    ) -> Result<(), Stop> {
        let exceeded = quotas.iter().filter_map(|quota| {
            let limit = limits.get(quota.service, &quota.resource)?;
            let Quota {
                service,
                resource,
                used,
                ..
            } = quota;
            let above = limit >= 0 && *used > limit;
            above.then(|| format!("{service} {resource} {used} of {limit}"))
        });
        let exceeded: Vec<String> = exceeded.collect();
        if exceeded.is_empty() {
            return Ok(());
        }
        let exceeded = exceeded.join(", ");
        let note = format!("Usage in region {region} is above the new quota: {exceeded}.");
        match self.excess {
            Excess::Refuse => Err(invalid("usage_above_limit", note)),
            Excess::Warn => {
                ctx.note(note);
                Ok(())
            }
        }
    }
}

impl Action for UpdateQuota {
    fn name(&self) -> &str {
        "UpdateQuota"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn validate(&self, body: &Map<String, Value>) -> Result<Map<String, Value>, FieldErrors> {
        let data = read_fields(&self.fields, body)?;
        let mut errors = FieldErrors::none();
        match (data.get("size").and_then(Value::as_str), data.get("limits")) {
            (Some(size), None) if self.sizes.contains_key(size) => {}
            (Some(size), None) => {
                errors.add("size", format!("Quota size: {size} is not valid"));
            }
            (None, Some(limits)) => match Limits::deserialize(limits) {
                Ok(limits)
                    if limits.iter().all(|(.., limit)| limit >= -1) && !limits.is_empty() => {}
                _ => errors.add("limits", "Must be amounts by service and resource."),
            },
            _ => errors.add("size", "Exactly one of size and limits is required."),
        }
        errors.or(data)
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move { settle(self.act(stage, ctx).await) })
    }
}

/// Whether these quotas are those of a size, as far as there are the services that it names.
pub(crate) fn is_size(size: &Limits, quotas: &[Quota]) -> bool {
    let there = |service| quotas.iter().any(|it| it.service == service);
    let limits = size.iter().filter(|(service, ..)| there(*service));
    let mut limits = limits.peekable();
    limits.peek().is_some()
        && limits.all(|(service, resource, limit)| {
            let mut of = quotas.iter().filter(|it| it.service == service);
            of.any(|it| it.resource == resource && it.limit == limit)
        })
}

/// Whether there will be more of it than there may be now.
pub(crate) fn is_raised(quota: &Quota, limits: &Limits) -> bool {
    let Some(limit) = limits.get(quota.service, &quota.resource) else {
        return false;
    };
    quota.limit >= 0 && (limit < 0 || limit > quota.limit)
}
