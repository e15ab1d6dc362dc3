//! PasteDeploy's meaning of a file.
//!
//! 1. A section's prefix says its [`Kind`]: `app` or `application`, `composite` or `composit`,
//!    `pipeline`, `filter-app`, `filter`. What follows the colon, without white space around it,
//!    is its name. Other sections are [not read](Deploy::unread).
//! 2. A name stands for a filter, or else for an application; each is taken once. A reference
//!    can also be `egg:distribution#entry`, or `config:file#name` for a section of another file,
//!    found beside the file that refers to it. Without a `#` the name is `main`.
//! 3. A section has its own settings, and the global ones of `[DEFAULT]`. A key that is in
//!    `[DEFAULT]` is skipped in a section; `set key = value` changes it, for the section and for
//!    what it refers to. `get key = name` takes a global setting for one of its own.
//! 4. `use = name` takes over another section of the same role, and that may `use` a third. The
//!    settings, and what is `set`, of the section that uses win over those of the used one. A
//!    circle is a mistake.
//! 5. `use = call:module:attribute` names a factory, and so does `paste.app_factory`,
//!    `paste.composite_factory`, `paste.filter_factory` or `paste.filter_app_factory`. There is
//!    one, or `use`.
//! 6. A pipeline has `pipeline`, filters and an application at the end, and no settings for a
//!    factory. A filter-app has `next`, an application, and is a filter otherwise.
//! 7. `filter-with` puts a filter around any section. `require`, which names Python packages, is
//!    passed over.
//! 8. What another file has in `[DEFAULT]` is joined by the global settings of the section that
//!    refers to it, where it has no such key itself; where it has one, sections still see the
//!    global setting of who refers to them. The names in the settings of a composite are looked
//!    for in the file of the section that uses it, unless that is wrapped by `filter-with`.
//!
//! # Differences from PasteDeploy
//!
//! All sections are read, not only those of one application, and all mistakes told. These are
//! mistakes here:
//!
//! - `[application:x]` beside `[app:x]`, and the like: PasteDeploy hides the second;
//! - `paste.filter_factory` beside `paste.filter_app_factory`: it makes a setting of the second;
//! - settings beside a `use` that cannot reach what is built, as that of a pipeline or of a
//!   section that has a `use` and `filter-with`: it drops them;
//! - a section that needs a global setting which only a section that refers to it sets;
//! - `call:` anywhere but behind `use =`: it fails when it builds;
//! - names of factories that are not ASCII.
//!
//! `..` in a path is taken off before the file is opened. Nothing is imported: whether a factory
//! is known is for others to say, and so is what a composite makes of its settings.

mod factory;
mod file;
mod read;
mod reading;
mod resolve;
mod section;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
    sync::Arc,
};

pub use factory::{Factory, Protocol};
pub use section::{Body, Kind, Reference, Role, Section};

use self::{
    file::{File, Source},
    resolve::{Resolver, ambiguous},
};
use super::{Setting, path};
use crate::config::{Mistake, Place};

/// A paste.ini and the files it refers to.
#[derive(Debug)]
pub struct Deploy {
    file: Option<Arc<File>>,
    sources: BTreeMap<String, Option<Source>>,
    sections: Vec<Section>,
}

impl Deploy {
    /// Reads a file, and through `load` those that it refers to.
    ///
    /// `path` should be absolute: `here` is its folder, and other files are looked for from there.
    ///
    /// # Errors
    ///
    /// All that is wrong in it, in the order of files and lines.
    pub fn read(
        path: &Path,
        text: &str,
        load: impl Fn(&Path) -> io::Result<String>,
    ) -> Result<Self, Vec<Mistake>> {
        let (deploy, mistakes) = Self::survey(path, text, load);
        if mistakes.is_empty() {
            Ok(deploy)
        } else {
            Err(mistakes)
        }
    }

    /// As [`read`](Self::read), with the sections that have no mistake, beside the mistakes of
    /// the others: for who looks for more mistakes.
    pub fn survey(
        path: &Path,
        text: &str,
        load: impl Fn(&Path) -> io::Result<String>,
    ) -> (Self, Vec<Mistake>) {
        let path = path::normal(&path.to_string_lossy());
        let mut resolver = Resolver::new(BTreeMap::new(), &load);
        let source = resolver.source(Path::new(&path), text);
        let file = source.as_ref();
        let file = file.map(|source| source.file(None, &mut resolver.mistakes));
        resolver.sources.insert(path, source);
        let sections = file.as_ref().map(|file| survey(&mut resolver, file));
        let mut mistakes = resolver.mistakes;
        mistakes.sort();
        mistakes.dedup();
        let deploy = Self {
            file,
            sources: resolver.sources,
            sections: sections.unwrap_or_default(),
        };
        (deploy, mistakes)
    }

    /// Every section of the file for an application or a filter, used or not, in their order,
    /// each as it is by itself.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The kind, name and place of every section for an application or a filter, also of those
    /// with mistakes.
    pub fn headers(&self) -> impl Iterator<Item = (Kind, &str, &Place)> {
        let blocks = self.file.iter().flat_map(|file| file.ini.sections());
        blocks.filter_map(|block| {
            let (kind, name) = Kind::of(&block.header)?;
            Some((kind, name, &block.place))
        })
    }

    /// The headers of the other sections, which PasteDeploy does not read, such as `server:main`.
    pub fn unread(&self) -> impl Iterator<Item = (&str, &Place)> {
        let blocks = self.file.iter().flat_map(|file| file.ini.sections());
        blocks
            .filter(|block| Kind::of(&block.header).is_none())
            .map(|block| (block.header.as_str(), &block.place))
    }

    /// Whether the file has the form of sections and settings at all.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.file.is_some()
    }

    /// What sections say in vain: PasteDeploy takes a key that `[DEFAULT]` has from there. Each
    /// with the header of its section.
    pub fn shadowed(&self) -> impl Iterator<Item = (&str, &Setting)> {
        let blocks = self.file.iter().flat_map(|file| {
            let blocks = file.ini.sections().iter();
            blocks.map(move |block| (&file.defaults, block))
        });
        let read = blocks.filter(|(_, block)| Kind::of(&block.header).is_some());
        read.flat_map(|(defaults, block)| {
            let settings = block.settings().iter();
            let settings = settings.filter(|setting| defaults.contains_key(&setting.key));
            settings.map(|setting| (block.header.as_str(), setting))
        })
    }

    /// `[DEFAULT]`, with `here` and `__file__`, each value resolved.
    pub fn defaults(&self) -> impl Iterator<Item = &Setting> {
        self.file.iter().flat_map(|file| file.defaults.values())
    }

    /// The paths of all files that were read, or could not be.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.sources.keys().map(Path::new)
    }

    /// The section of this name, as it is by itself.
    #[must_use]
    pub fn section(&self, role: Role, name: &str) -> Option<&Section> {
        let named = |section: &&Section| section.role() == role && section.name == name;
        self.sections.iter().find(named)
    }

    /// What is referred to, with the global settings that are handed on.
    ///
    /// # Errors
    ///
    /// All that is wrong with it. None if it is among what [`survey`](Self::survey) told.
    pub fn get(&self, reference: &Reference) -> Result<Section, Vec<Mistake>> {
        let load = |_: &Path| Err(io::Error::other("it was not read with the others"));
        let mut resolver = Resolver::new(self.sources.clone(), &load);
        let section = resolver.named(reference);
        section.ok_or(resolver.mistakes)
    }
}

/// Reads all sections of a file, and what they refer to.
fn survey(resolver: &mut Resolver<'_>, file: &Arc<File>) -> Vec<Section> {
    let mut sections = Vec::new();
    for block in file.ini.sections() {
        let Some((kind, name)) = Kind::of(&block.header) else {
            continue;
        };
        let section = resolver.section(file, block, None);
        let mut others = file.find(kind.role(), name);
        let first = others.next().filter(|first| first.place != block.place);
        if let Some(first) = first {
            resolver.mistakes.push(ambiguous(first, block));
        } else if others.next().is_none() {
            sections.extend(section);
        }
    }
    for section in &sections {
        resolver.other_files(section);
    }
    let mut seen = BTreeSet::new();
    while let Some(reference) = resolver.references.pop() {
        let identity = (
            reference.role,
            reference.file.ini.file().clone(),
            reference.word.clone(),
        );
        if seen.insert(identity)
            && let Some(section) = resolver.named(&reference)
        {
            resolver.other_files(&section);
        }
    }
    sections
}
