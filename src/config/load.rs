//! From files to a plan.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use super::{
    Files, Mistake, Place, Registry, compile,
    document::{Document, Kind, Setting, Value},
    environment, from_paste, from_toml,
    settings::Findings,
};
use crate::{openstack::Inventory, pipeline::Plan};

/// Reads configurations: paste.ini, or TOML if the file's name ends in `.toml`.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Loader {
    registry: Registry,
    app: Option<String>,
    overrides: Vec<(String, String)>,
    environment: bool,
}

/// What became of a configuration.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// What it describes.
    pub plan: Plan,
    /// All servers and ports of the cloud, if `neutron_url`, Nova and an account are configured.
    pub inventory: Option<Inventory>,
    /// What an operator should know, and that is no mistake.
    pub warnings: Vec<Mistake>,
    /// The file, and those that it refers to.
    pub files: BTreeSet<PathBuf>,
}

/// A configuration with mistakes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rejected {
    /// All of them, in the order of files and lines.
    pub mistakes: Vec<Mistake>,
    /// What an operator should know, and that is no mistake.
    pub warnings: Vec<Mistake>,
    /// The file, and those that it refers to.
    pub files: BTreeSet<PathBuf>,
}

impl Loader {
    /// With the standard factories, and without the environment.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these factories.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// The app to serve. Default `main`, or else `osapi_compute`.
    pub fn app(mut self, name: impl Into<String>) -> Self {
        self.app = Some(name.into());
        self
    }

    /// A global setting that goes before that of the file and of the environment.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.push((key.into(), value.into()));
        self
    }

    /// Lets variables of the environment, such as `WAFFLEHAUS__UPSTREAM`, go before the file.
    pub const fn with_environment(mut self) -> Self {
        self.environment = true;
        self
    }

    /// Reads a configuration and all it refers to.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it; or that it cannot be read.
    pub fn load(&self, path: &Path) -> Result<Loaded, Rejected> {
        self.load_from(path, Files::beside(path))
    }

    pub(crate) fn load_from(&self, path: &Path, files: Files) -> Result<Loaded, Rejected> {
        let name = path.file_name().map_or(path, Path::new);
        let mut findings = Findings::default();
        let document = match files.read(name) {
            Ok(text) => self.document(path, &text, &files, &mut findings),
            Err(error) => {
                let mistake = Mistake::new(Place::new(path, 0), error.to_string());
                findings.mistakes.push(mistake);
                None
            }
        };
        let mut plan = None;
        let mut inventory = None;
        if let Some(mut document) = document {
            self.put_over(&mut document);
            let compile::Compiled {
                plan: compiled,
                inventory: known,
                findings: more,
            } = compile::compile(&document, self.app.as_deref(), &self.registry, &files);
            // A name that is not there is noticed by the reader, too; here, more is known of it.
            let same = |a: &Mistake, b: &Mistake| {
                (&a.place, &a.section, &a.key) == (&b.place, &b.section, &b.key)
            };
            let told = |mistake: &Mistake| more.mistakes.iter().any(|it| same(it, mistake));
            findings.mistakes.retain(|mistake| !told(mistake));
            findings.extend(more);
            plan = compiled;
            inventory = known;
        }
        let Findings {
            mut mistakes,
            warnings,
        } = findings;
        mistakes.sort();
        mistakes.dedup();
        let files = files.into_paths();
        match plan {
            Some(plan) if mistakes.is_empty() => Ok(Loaded {
                plan,
                inventory,
                warnings,
                files,
            }),
            _ => Err(Rejected {
                mistakes,
                warnings,
                files,
            }),
        }
    }

    fn document(
        &self,
        path: &Path,
        text: &str,
        files: &Files,
        findings: &mut Findings,
    ) -> Option<Document> {
        let environment = if self.environment {
            environment::environment()
        } else {
            environment::environment().source(Some(config::Map::new()))
        };
        let is_toml = path
            .extension()
            .is_some_and(|extension| extension == "toml");
        let read = if is_toml {
            let is_factory = |kind, name: &str| match kind {
                Kind::App => self.registry.find_app(name).is_some(),
                Kind::Filter => self.registry.find_filter(name).is_some(),
            };
            from_toml::read(path, text, environment, is_factory)
        } else {
            from_paste::read(path, text, environment, files)
        };
        match read {
            Ok((document, mistakes)) => {
                findings.mistakes.extend(mistakes);
                Some(document)
            }
            Err(mistakes) => {
                findings.mistakes.extend(mistakes);
                None
            }
        }
    }

    fn put_over(&self, document: &mut Document) {
        for (key, text) in &self.overrides {
            document.globals.retain(|setting| setting.key != *key);
            let place = Place::new(Path::new("the command line"), 0);
            let value = Value::words_of(text.clone(), &place);
            document.globals.push(Setting {
                key: key.clone(),
                place,
                value,
            });
        }
    }
}

/// One mistake a line.
impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejected {}
