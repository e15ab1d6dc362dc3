//! What a name comes to.

use std::{collections::BTreeMap, io, path::Path, sync::Arc};

use super::{
    factory::{Protocol, Target},
    file::{File, Source},
    section::{Body, Kind, Reference, Role, Section},
};
use crate::config::{
    Mistake, Place,
    nearest::none_such,
    paste::{Block, Ini, Setting, path},
};

/// Looks names up, and collects what is wrong.
pub(super) struct Resolver<'a> {
    /// The files so far, by their paths; none for one that cannot be used.
    pub(super) sources: BTreeMap<String, Option<Source>>,
    pub(super) load: &'a dyn Fn(&Path) -> io::Result<String>,
    pub(super) mistakes: Vec<Mistake>,
    /// What the sections so far refer to, to be looked up too.
    pub(super) references: Vec<Reference>,
    /// The sections that `use` each other, down to the one being read.
    chain: Vec<(Place, String)>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        sources: BTreeMap<String, Option<Source>>,
        load: &'a dyn Fn(&Path) -> io::Result<String>,
    ) -> Self {
        Self {
            sources,
            load,
            mistakes: Vec::new(),
            references: Vec::new(),
            chain: Vec::new(),
        }
    }

    /// What is referred to. None when it, or what it uses, has a mistake.
    pub(super) fn named(&mut self, to: &Reference) -> Option<Section> {
        match Target::of(&to.word) {
            Target::Section(name) => self.find(to, &to.file, name),
            Target::Config { path, name } => {
                let file = self.open(to, path)?;
                self.find(to, &file, name)
            }
            Target::Egg {
                distribution,
                entry,
            } => match to.egg(distribution, entry) {
                Some(section) => Some(section),
                None => self.wrong(to, "an egg is named as `egg:distribution#entry`"),
            },
            Target::Call(_) => self.wrong(to, "`call:` can only stand behind `use =`"),
            Target::Unknown => {
                self.wrong(to, "the scheme is none of `call:`, `config:` and `egg:`")
            }
        }
    }

    fn find(&mut self, to: &Reference, file: &Arc<File>, name: &str) -> Option<Section> {
        let mut found = file.find(to.role, name);
        let Some(block) = found.next() else {
            let what = match to.role {
                Role::App => "app",
                Role::Filter => "filter",
            };
            return self.wrong(to, none_such(what, name, file.names(to.role)));
        };
        let others: Vec<_> = found.map(|other| ambiguous(block, other)).collect();
        if others.is_empty() {
            self.section(file, block, to.globals.as_ref())
        } else {
            self.mistakes.extend(others);
            None
        }
    }

    /// The file behind `config:`, as the section that refers to it sees it.
    pub(super) fn open(&mut self, to: &Reference, path: &str) -> Option<Arc<File>> {
        let path = path::beside(&to.file.ini.file().to_string_lossy(), path);
        if !self.sources.contains_key(&path) {
            let source = match (self.load)(Path::new(&path)) {
                Ok(text) => self.source(Path::new(&path), &text),
                Err(error) => self.wrong(to, format!("cannot read `{path}`: {error}")),
            };
            self.sources.insert(path.clone(), source);
        }
        let source = self.sources.get(&path)?.as_ref()?;
        let before = self.mistakes.len();
        let file = source.file(to.globals.as_deref(), &mut self.mistakes);
        (self.mistakes.len() == before).then_some(file)
    }

    pub(super) fn source(&mut self, path: &Path, text: &str) -> Option<Source> {
        match Ini::read(path, text) {
            Ok(ini) => Some(Source::new(ini)),
            Err(mistakes) => {
                self.mistakes.extend(mistakes);
                None
            }
        }
    }

    /// A section of a file, which is given these global settings by what refers to it.
    pub(super) fn section(
        &mut self,
        file: &Arc<File>,
        block: &Block,
        globals: Option<&Arc<BTreeMap<String, Setting>>>,
    ) -> Option<Section> {
        let begun = self
            .chain
            .iter()
            .position(|(place, _)| *place == block.place);
        if let Some(begun) = begun {
            self.goes_round(begun);
            return None;
        }
        if self.chain.len() == MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} sections that `use` each other");
            let mistake = Mistake::new(block.place.clone(), message);
            self.mistakes.push(mistake.in_section(&*block.header));
            return None;
        }
        self.chain.push((block.place.clone(), block.header.clone()));
        let before = self.mistakes.len();
        let section = self.read(file, block, globals);
        self.chain.pop();
        section.filter(|_| self.mistakes.len() == before)
    }

    /// Reads the files that a composite names, so that they are there when it looks in them.
    pub(super) fn other_files(&mut self, section: &Section) {
        let composite = match &section.body {
            Body::Factory(factory) => factory.protocol == Protocol::Composite,
            Body::FilterApp { .. } | Body::Pipeline(_) => false,
        };
        if !composite && section.kind != Kind::Composite {
            return;
        }
        for setting in section.settings.values() {
            for word in setting.words() {
                let Target::Config { path, name } = Target::of(word.0) else {
                    continue;
                };
                let mut reference = section.reference(Role::App, setting, word);
                let Some(file) = self.open(&reference, path) else {
                    continue;
                };
                let there = |role: &Role| file.find(*role, name).next().is_some();
                if let Some(role) = [Role::App, Role::Filter].into_iter().find(there) {
                    reference.role = role;
                }
                self.references.push(reference);
            }
        }
    }

    /// Tells the same of a circle wherever it was entered.
    fn goes_round(&mut self, begun: usize) {
        let mut round: Vec<_> = self.chain.iter().skip(begun).collect();
        let first = round.iter().enumerate().min_by_key(|(_, section)| *section);
        let first = first.map_or(0, |(index, _)| index);
        round.rotate_left(first);
        let Some((place, header)) = round.first().copied() else {
            return;
        };
        let mut message = "`use` goes round: ".to_owned();
        for (_, header) in &round {
            message.push_str(&format!("[{header}] → "));
        }
        message.push_str(&format!("[{header}]"));
        let mistake = Mistake::new(place.clone(), message).in_section(header);
        self.mistakes.push(mistake);
    }

    fn wrong<T>(&mut self, reference: &Reference, message: impl Into<String>) -> Option<T> {
        let mistake = Mistake::new(reference.place.clone(), message)
            .in_section(&*reference.section)
            .at_key(&*reference.key);
        self.mistakes.push(mistake);
        None
    }
}

/// A second section of the same name.
pub(super) fn ambiguous(first: &Block, other: &Block) -> Mistake {
    let message = format!(
        "the name is taken by [{}] on line {}",
        first.header, first.place.line
    );
    Mistake::new(other.place.clone(), message).in_section(&*other.header)
}

/// So that reading is bounded in depth.
const MAX_CHAIN: usize = 100;
