//! From a document to a plan: the only way to one. All mistakes are found in one go.

mod apps;
mod checks;
mod gateway;
mod lock;
mod names;
mod router;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    Files, Mistake, Place, Registry, Settings,
    document::{Document, Kind, Section, Setting, Word},
    nearest::none_such,
    settings::Findings,
};
use crate::{
    openstack::Inventory,
    pipeline::{Node, NodeId, NodeKind, Plan, PlannedFilter},
};

/// What a document comes to.
pub(super) struct Compiled {
    /// Unless there are mistakes.
    pub(super) plan: Option<Plan>,
    pub(super) inventory: Option<Inventory>,
    pub(super) findings: Findings,
}

/// Makes a plan.
pub(super) fn compile(
    document: &Document,
    app: Option<&str>,
    registry: &Registry,
    files: &Files,
) -> Compiled {
    let mut compiler = Compiler::new(document, registry, files);
    compiler.check_names();
    let root = compiler.root(app);
    let node = root.and_then(|root| compiler.app(&root, &[]));
    let (settings, outline, inventory) = compiler.gateway();
    let plan = node.map(|_| Plan {
        nodes: std::mem::take(&mut compiler.nodes),
        settings,
        outline,
    });
    if let Some(plan) = &plan {
        compiler.check_plan(plan);
    }
    let mut findings = compiler.findings;
    for list in [&mut findings.mistakes, &mut findings.warnings] {
        list.sort();
        list.dedup();
    }
    Compiled {
        plan: plan.filter(|_| findings.mistakes.is_empty()),
        inventory,
        findings,
    }
}

struct Compiler<'a> {
    document: &'a Document,
    registry: &'a Registry,
    files: &'a Files,
    sections: HashMap<(Kind, &'a str), &'a Section>,
    findings: Findings,
    nodes: Vec<Node>,
    /// Where each node is written.
    places: Vec<(String, Place)>,
    apps: HashMap<Use<'a>, Option<NodeId>>,
    filters: HashMap<Use<'a>, Option<Vec<Arc<PlannedFilter>>>>,
    /// The apps that are being compiled, to notice a circle.
    path: Vec<&'a str>,
    /// The filters that are being put around each other, likewise.
    around: Vec<&'a str>,
    /// The first filter that asks Keystone, whose account looks things up too.
    keystone: Option<(&'a Section, Vec<Setting>)>,
}

/// A section, and what those that lead to it have set.
type Use<'a> = (&'a str, Vec<(String, String)>);

impl<'a> Compiler<'a> {
    fn new(document: &'a Document, registry: &'a Registry, files: &'a Files) -> Self {
        let mut sections = HashMap::new();
        for section in &document.sections {
            // The first, if there are several; the reader has told of it.
            sections
                .entry((section.kind, section.name.as_str()))
                .or_insert(section);
        }
        Self {
            document,
            registry,
            files,
            sections,
            findings: Findings::default(),
            nodes: Vec::new(),
            places: Vec::new(),
            apps: HashMap::new(),
            filters: HashMap::new(),
            path: Vec::new(),
            around: Vec::new(),
            keystone: None,
        }
    }

    fn section(&self, kind: Kind, name: &str) -> Option<&'a Section> {
        self.sections.get(&(kind, name)).copied()
    }

    /// The app that is asked for, or else `main`, or `osapi_compute` as Nova calls its own.
    fn root(&mut self, app: Option<&str>) -> Option<Word> {
        let names = app.map_or_else(|| vec!["main", "osapi_compute"], |app| vec![app]);
        let found = names.iter().find_map(|name| self.section(Kind::App, name));
        if let Some(section) = found {
            return Some(Word::new(&section.name, &section.place));
        }
        let apps = self.sections.keys().filter(|(kind, _)| *kind == Kind::App);
        let mut apps: Vec<_> = apps.map(|(_, name)| *name).collect();
        apps.sort_unstable();
        let message = match app {
            Some(app) => none_such("app", app, apps.iter().copied()),
            None if apps.is_empty() => "there is no app in this file".to_owned(),
            None => format!(
                "no app `main` or `osapi_compute`; name the one to serve with `--app`: {}",
                apps.join(", ")
            ),
        };
        self.mistake(Mistake::new(self.document.place.clone(), message));
        None
    }

    fn mistake(&mut self, mistake: Mistake) {
        self.findings.mistakes.push(mistake);
    }

    fn warning(&mut self, warning: Mistake) {
        self.findings.warnings.push(warning);
    }

    /// The globals as a section sees them: what is set nearer to it goes first.
    fn globals(&self, section: &Section, handed: &[Setting]) -> Vec<Setting> {
        let all = section
            .set
            .iter()
            .chain(handed)
            .chain(&self.document.globals);
        let mut seen = BTreeMap::new();
        for setting in all {
            seen.entry(&setting.key).or_insert(setting);
        }
        seen.into_values().cloned().collect()
    }

    /// What a section hands on to those it leads to.
    fn handed(section: &Section, handed: &[Setting]) -> Vec<Setting> {
        section.set.iter().chain(handed).cloned().collect()
    }

    fn used<'u>(section: &'u Section, handed: &[Setting]) -> Use<'u> {
        let handed = handed.iter();
        let handed = handed.map(|setting| (setting.key.clone(), setting.text()));
        (&section.name, handed.collect())
    }

    /// Reads a section's settings with its factory.
    fn settings<T>(
        &mut self,
        section: &Section,
        (factory, local): (&str, &[Setting]),
        handed: &[Setting],
        make: impl FnOnce(&mut Settings<'_>) -> Option<T>,
    ) -> (Option<T>, crate::pipeline::Outline) {
        let globals = self.globals(section, handed);
        let header = (Some(section.header.as_str()), &section.place);
        let mut settings = Settings::new(header, factory, local, &globals, self.files);
        let made = make(&mut settings);
        let (outline, findings) = settings.finish();
        self.findings.extend(findings);
        (made, outline)
    }

    fn add(&mut self, name: &str, kind: NodeKind, (header, place): (&str, &Place)) -> NodeId {
        self.nodes.push(Node {
            name: name.into(),
            kind,
        });
        self.places.push((header.to_owned(), place.clone()));
        self.nodes.len() - 1
    }
}

/// More composites in each other than anybody writes, and fewer than a stack holds.
const DEEPEST: usize = 64;
