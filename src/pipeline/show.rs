//! A plan for people to look at.

use std::fmt::{self, Display, Write as _};

use super::{
    FilterKind, Plan, PlannedFilter,
    plan::{NodeId, NodeKind},
};

impl Plan {
    /// The pipelines as a tree of lines, from the outside in.
    #[must_use]
    pub fn tree(&self) -> impl Display + '_ {
        Tree(self)
    }

    /// The pipelines as a graph in the language of Graphviz.
    #[must_use]
    pub fn dot(&self) -> impl Display + '_ {
        Dot(self)
    }
}

struct Tree<'a>(&'a Plan);

impl Display for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        node(self.0, self.0.root(), "", f)
    }
}

fn node(plan: &Plan, id: NodeId, indent: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(node) = plan.nodes.get(id) else {
        return Ok(());
    };
    match &node.kind {
        NodeKind::App(app) => {
            writeln!(f, "{indent}{} ({})", node.name, app.made.factory)
        }
        NodeKind::Pipeline { filters, app } => {
            for filter in filters {
                writeln!(f, "{indent}{}", label(filter))?;
            }
            self::node(plan, *app, indent, f)
        }
        NodeKind::Router { routes, default } => {
            writeln!(f, "{indent}{} (role_router)", node.name)?;
            let deeper = format!("{indent}    ");
            for route in routes {
                let roles: Vec<_> = route.roles.iter().map(ToString::to_string).collect();
                writeln!(f, "{indent}  {}: {}", route.name, roles.join(", "))?;
                self::node(plan, route.to, &deeper, f)?;
            }
            writeln!(f, "{indent}  default")?;
            self::node(plan, *default, &deeper, f)
        }
        NodeKind::UrlMap(prefixes) => {
            writeln!(f, "{indent}{} (url_map)", node.name)?;
            let deeper = format!("{indent}    ");
            for (prefix, to) in prefixes {
                writeln!(f, "{indent}  {}", prefix.as_str())?;
                self::node(plan, *to, &deeper, f)?;
            }
            Ok(())
        }
    }
}

fn label(filter: &PlannedFilter) -> String {
    let mut label = format!("{} ({})", filter.made.name, filter.made.factory);
    match &filter.filter.kind {
        FilterKind::Nothing(reason) => label.extend([" — does nothing: ", reason]),
        FilterKind::Policy { audit: true, .. } => label.push_str(" — only tells"),
        _ => {}
    }
    label
}

struct Dot<'a>(&'a Plan);

impl Display for Dot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "digraph pipelines {{\n    rankdir=LR;\n    node [shape=box];"
        )?;
        for (id, node) in self.0.nodes.iter().enumerate() {
            let (mut text, to): (String, Vec<(String, NodeId)>) = match &node.kind {
                NodeKind::App(app) => (format!("{} ({})", node.name, app.made.factory), Vec::new()),
                NodeKind::Pipeline { filters, app } => {
                    let labels: Vec<_> = filters.iter().map(|filter| label(filter)).collect();
                    (labels.join("\n"), vec![(String::new(), *app)])
                }
                NodeKind::Router { routes, default } => {
                    let to = routes.iter().map(|route| {
                        let roles: Vec<_> = route.roles.iter().map(ToString::to_string).collect();
                        (roles.join(", "), route.to)
                    });
                    let to = to.chain([("default".to_owned(), *default)]);
                    (node.name.to_string(), to.collect())
                }
                NodeKind::UrlMap(prefixes) => {
                    let to = prefixes.iter();
                    let to = to.map(|(prefix, to)| (prefix.as_str().to_owned(), *to));
                    (node.name.to_string(), to.collect())
                }
            };
            if text.is_empty() {
                write!(text, "{}", node.name)?;
            }
            writeln!(f, "    n{id} [label={}];", quoted(&text))?;
            for (label, to) in to {
                writeln!(f, "    n{id} -> n{to} [label={}];", quoted(&label))?;
            }
        }
        f.write_str("}\n")
    }
}

fn quoted(text: &str) -> String {
    let text = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{text}\"")
}
