//! The policies of a plan, apart from requests.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    FilterKind, Plan,
    plan::{NodeId, NodeKind},
};
use crate::policy::Policy;

/// Why it cannot be told which policies are meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChooseError {
    /// There are none.
    #[error("there are no policies on the way")]
    NoPolicies,
    /// There is no such pipeline.
    #[error("there is no pipeline `{asked}` with policies, only: {}", pipelines.join(", "))]
    NoSuchPipeline {
        /// The name.
        asked: String,
        /// Those that there are.
        pipelines: Vec<String>,
    },
    /// They differ from way to way.
    #[error("the policies differ from way to way; choose one of: {}", pipelines.join(", "))]
    SeveralWays {
        /// The pipelines to choose from.
        pipelines: Vec<String>,
    },
}

/// The policies on a way, by their sections, and where the last of them stands.
type Way = (Vec<(String, Arc<dyn Policy>)>, String);

impl Plan {
    /// The policies that judge what comes through a pipeline, those in front of it too; or those
    /// of all pipelines, if these have the same. Pipelines have the names that
    /// [`tree`](Self::tree) shows, a route that of its router and its own: `router/managed`.
    ///
    /// # Errors
    ///
    /// [`ChooseError`] when there are no policies, or others on other ways.
    pub fn policies(&self, pipeline: Option<&str>) -> Result<Vec<Arc<dyn Policy>>, ChooseError> {
        let mut ways = Vec::new();
        self.ways(self.root(), &(Vec::new(), String::new()), &mut ways);
        if ways.is_empty() {
            return Err(ChooseError::NoPolicies);
        }
        let mut by_sections = BTreeMap::new();
        let mut pipelines = Vec::new();
        for (policies, name) in ways {
            let chosen = pipeline.is_none_or(|asked| asked == name);
            pipelines.push(name);
            if chosen {
                let sections: Vec<_> = policies.iter().map(|(name, _)| name.clone()).collect();
                by_sections.insert(sections, policies);
            }
        }
        pipelines.sort_unstable();
        pipelines.dedup();
        let mut found = by_sections.into_values();
        match (found.next(), found.next(), pipeline) {
            (Some(policies), None, _) => Ok(policies.into_iter().map(|it| it.1).collect()),
            (None, _, Some(asked)) => Err(ChooseError::NoSuchPipeline {
                asked: asked.to_owned(),
                pipelines,
            }),
            _ => Err(ChooseError::SeveralWays { pipelines }),
        }
    }

    /// Adds the ways from a node on that have policies, after what is before it.
    fn ways(&self, id: NodeId, before: &Way, ways: &mut Vec<Way>) {
        let Some(node) = self.nodes.get(id).filter(|_| ways.len() < MOST_WAYS) else {
            return;
        };
        match &node.kind {
            NodeKind::App(_) if before.0.is_empty() => {}
            NodeKind::App(_) => ways.push(before.clone()),
            NodeKind::Pipeline { filters, app } => {
                let mut way = before.clone();
                for filter in filters {
                    if let FilterKind::Policy { policy, .. } = &filter.filter.kind {
                        way.0.push((filter.made.name.clone(), Arc::clone(policy)));
                        way.1 = node.name.to_string();
                    }
                }
                self.ways(*app, &way, ways);
            }
            NodeKind::Router { routes, default } => {
                for to in routes.iter().map(|route| route.to).chain([*default]) {
                    self.ways(to, before, ways);
                }
            }
            NodeKind::UrlMap(prefixes) => {
                for (_, to) in prefixes {
                    self.ways(*to, before, ways);
                }
            }
        }
    }
}

/// As many as anybody writes; routers behind routers multiply.
const MOST_WAYS: usize = 10_000;
