//! What can only be seen when everything is in its place.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Compiler, Mistake};
use crate::{
    config::document::{Body, Kind},
    pipeline::{FilterKind, NodeId, NodeKind, Plan, PlannedFilter},
};

impl Compiler<'_> {
    pub(super) fn check_plan(&mut self, plan: &Plan) {
        self.check_callers(plan, plan.root(), false, &mut HashSet::new());
        let mut seen = HashSet::new();
        self.check_together(plan, plan.root(), &Together::default(), &mut seen);
        self.check_prefixes(plan);
        self.check_apis(plan);
        self.check_unused(plan);
    }

    fn about(&self, node: NodeId, message: String) -> Option<Mistake> {
        let (header, place) = self.places.get(node)?;
        Some(Mistake::new(place.clone(), message).in_section(header))
    }

    /// Whatever goes by the caller's identity has something in front that finds it out.
    fn check_callers(
        &mut self,
        plan: &Plan,
        id: NodeId,
        mut known: bool,
        seen: &mut HashSet<(NodeId, bool)>,
    ) {
        let Some(node) = plan.nodes.get(id).filter(|_| seen.insert((id, known))) else {
            return;
        };
        // Once on each way is enough.
        let mut nobody = |name: &str, known: &mut bool| {
            *known = true;
            let message = format!(
                "`{name}` goes by who is calling, and nothing in front of it finds that out: put \
                 `authtoken` there, or say `trust_identity_headers = true` and put \
                 `keystonecontext` there, if only an authenticator can connect"
            );
            let mistake = self.about(id, message);
            self.findings.mistakes.extend(mistake);
        };
        match &node.kind {
            NodeKind::App(_) => {}
            NodeKind::Pipeline { filters, app } => {
                for filter in filters {
                    match filter.filter.kind {
                        FilterKind::Keystone(_) => known = true,
                        FilterKind::Identity { trusted } if trusted || known => known = true,
                        FilterKind::Identity { .. } => nobody(&filter.made.name, &mut known),
                        _ if filter.filter.needs_caller && !known => {
                            nobody(&filter.made.name, &mut known);
                        }
                        _ => {}
                    }
                }
                self.check_callers(plan, *app, known, seen);
            }
            NodeKind::Router { routes, default } => {
                if !known {
                    nobody(&node.name, &mut known);
                }
                for to in routes.iter().map(|route| route.to).chain([*default]) {
                    self.check_callers(plan, to, known, seen);
                }
            }
            NodeKind::UrlMap(prefixes) => {
                for (_, to) in prefixes {
                    self.check_callers(plan, *to, known, seen);
                }
            }
        }
    }

    /// Policies one behind the other that no create could pass together.
    fn check_together(
        &mut self,
        plan: &Plan,
        id: NodeId,
        before: &Together,
        seen: &mut HashSet<(NodeId, Together)>,
    ) {
        let Some(node) = plan.nodes.get(id) else {
            return;
        };
        let mut together = before.clone();
        let mut to: Vec<NodeId> = Vec::new();
        match &node.kind {
            NodeKind::App(_) => {}
            NodeKind::Pipeline { filters, app } => {
                for filter in filters {
                    together.add(filter);
                }
                if together != *before
                    && let Some(message) = together.contradiction()
                {
                    let message = format!("no create could pass `{}`: {message}", node.name);
                    let mistake = self.about(id, message);
                    self.findings.mistakes.extend(mistake);
                    return;
                }
                to.push(*app);
            }
            NodeKind::Router { routes, default } => {
                to.extend(routes.iter().map(|route| route.to).chain([*default]));
            }
            NodeKind::UrlMap(prefixes) => to.extend(prefixes.iter().map(|(_, to)| *to)),
        }
        for id in to {
            // Ways multiply where routers stand behind each other.
            if seen.len() < MOST_WAYS && seen.insert((id, together.clone())) {
                self.check_together(plan, id, &together, seen);
            }
        }
    }

    /// A path to Nova without policies beside one that has some.
    fn check_prefixes(&mut self, plan: &Plan) {
        let policed = Policed::of(plan);
        for (id, node) in plan.nodes.iter().enumerate() {
            let NodeKind::UrlMap(prefixes) = &node.kind else {
                continue;
            };
            let mut all = prefixes.iter();
            let Some((with, _)) = all.find(|(_, to)| policed.policed.contains(to)) else {
                continue;
            };
            for (prefix, to) in prefixes {
                if policed.reached.contains(to) && !policed.policed.contains(to) {
                    let message = format!(
                        "on `{}` {} is reached past all policies; there are some on `{}`",
                        prefix.as_str(),
                        if plan.reach(*to).neutron {
                            "Neutron"
                        } else {
                            "Nova"
                        },
                        with.as_str()
                    );
                    let warning = self.about(id, message);
                    self.findings.warnings.extend(warning);
                }
            }
        }
    }

    /// A policy reads requests to Nova or to Neutron, by what is behind it.
    fn check_apis(&mut self, plan: &Plan) {
        for (id, node) in plan.nodes.iter().enumerate() {
            let NodeKind::Pipeline { filters, app } = &node.kind else {
                continue;
            };
            let reach = plan.reach(*app);
            if !(reach.neutron && reach.others) {
                continue;
            }
            let policy = filters
                .iter()
                .find(|it| matches!(it.filter.kind, FilterKind::Policy { .. }));
            let mistake = policy.and_then(|policy| {
                let message = format!(
                    "`{}` stands in front of Neutron and of something else, and cannot tell which \
                     a request is for: put it behind what tells them apart",
                    policy.made.name
                );
                self.about(id, message)
            });
            self.findings.mistakes.extend(mistake);
        }
    }

    /// Policies and routers that stand in the file and police nothing.
    fn check_unused(&mut self, plan: &Plan) {
        let mut used = BTreeSet::new();
        for node in &plan.nodes {
            match &node.kind {
                NodeKind::Pipeline { filters, .. } => {
                    // A filter-app is an app by its section.
                    for kind in [Kind::App, Kind::Filter] {
                        used.extend(filters.iter().map(|it| (kind, it.made.name.clone())));
                    }
                }
                NodeKind::Router { .. } => {
                    used.insert((Kind::App, node.name.to_string()));
                }
                NodeKind::App(_) | NodeKind::UrlMap(_) => {}
            }
        }
        for section in &self.document.sections {
            let Body::Made { factory, .. } = &section.body else {
                continue;
            };
            let polices = factory.text.starts_with("wafflehaus.")
                || POLICING.contains(&factory.text.as_str());
            if polices && !used.contains(&(section.kind, section.name.clone())) {
                let warning = "not used by the chosen app: it polices nothing";
                let warning = Mistake::new(section.place.clone(), warning);
                self.findings
                    .warnings
                    .push(warning.in_section(&section.header));
            }
        }
    }
}

/// What a create has to satisfy, on the way to a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Together {
    required: BTreeMap<String, String>,
    banned: BTreeMap<String, String>,
    /// The filter, its maximum, and the networks it does not count.
    most: Vec<(String, u64, BTreeSet<String>)>,
}

impl Together {
    fn add(&mut self, filter: &PlannedFilter) {
        let FilterKind::Policy { audit: false, .. } = filter.filter.kind else {
            return;
        };
        let name = &filter.made.name;
        let outline = &filter.made.outline.settings;
        let networks = |key: &str| -> BTreeSet<String> {
            let list = outline.get(key).and_then(|value| value.as_array());
            let list = list.into_iter().flatten();
            list.filter_map(|id| id.as_str().map(str::to_owned))
                .collect()
        };
        // What must stay attached need not be asked for.
        if filter.made.factory != "detach_network_check" {
            let required = networks("required_nets").into_iter();
            self.required.extend(required.map(|id| (id, name.clone())));
        }
        let banned = networks("banned_nets").into_iter();
        self.banned.extend(banned.map(|id| (id, name.clone())));
        if let Some(most) = outline.get("networks_max").and_then(|value| value.as_u64()) {
            let counts_all = outline.get("count_optional_nets") == Some(&true.into());
            let uncounted = if counts_all {
                BTreeSet::new()
            } else {
                networks("optional_nets")
            };
            self.most.push((name.clone(), most, uncounted));
        }
    }

    fn contradiction(&self) -> Option<String> {
        for (id, by) in &self.required {
            if let Some(other) = self.banned.get(id) {
                return Some(format!(
                    "network {id} is required by `{by}` and banned by \
                     `{other}`"
                ));
            }
        }
        self.most.iter().find_map(|(by, most, uncounted)| {
            let counted = self
                .required
                .keys()
                .filter(|id| !uncounted.contains(*id))
                .count();
            (counted as u64 > *most).then(|| {
                format!(
                    "{counted} counted networks are required, and `{by}` \
                     allows {most}"
                )
            })
        })
    }
}

/// Which nodes lead to the API of Nova or Neutron, and which past a policy.
#[derive(Default)]
struct Policed {
    reached: BTreeSet<NodeId>,
    policed: BTreeSet<NodeId>,
}

impl Policed {
    fn of(plan: &Plan) -> Self {
        let mut this = Self::default();
        // What a node leads to comes before it.
        for (id, node) in plan.nodes.iter().enumerate() {
            let (to, polices): (Vec<NodeId>, bool) = match &node.kind {
                NodeKind::App(app) => {
                    if matches!(app.made.factory.as_str(), "neutron" | "nova") {
                        this.reached.insert(id);
                    }
                    continue;
                }
                NodeKind::Pipeline { filters, app } => {
                    let is_policy = |it: &std::sync::Arc<PlannedFilter>| {
                        matches!(it.filter.kind, FilterKind::Policy { .. })
                    };
                    (vec![*app], filters.iter().any(is_policy))
                }
                NodeKind::Router { routes, default } => (
                    routes.iter().map(|it| it.to).chain([*default]).collect(),
                    false,
                ),
                NodeKind::UrlMap(prefixes) => (prefixes.iter().map(|it| it.1).collect(), false),
            };
            if to.iter().any(|to| this.reached.contains(to)) {
                this.reached.insert(id);
            }
            if polices || to.iter().any(|to| this.policed.contains(to)) {
                this.policed.insert(id);
            }
        }
        this
    }
}

/// How many ways through the routers are looked at for policies that contradict each other.
const MOST_WAYS: usize = 10_000;

/// The factories whose sections are in a file to be used.
const POLICING: [&str; 4] = [
    "detach_network_check",
    "network_count_check",
    "request_networks",
    "role_router",
];
