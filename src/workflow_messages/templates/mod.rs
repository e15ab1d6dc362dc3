//! The templates: an operator's own first, then the built-in ones.
//!
//! All are read when the messages are set up, so what was found to be right then is what is sent.

mod built_in;

use std::{collections::BTreeMap, error::Error as _, fs, path::Path};

use minijinja::{Environment, Error, UndefinedBehavior, value::Serde};
use serde::Serialize;

use super::Mistake;

pub(super) struct Templates {
    environment: Environment<'static>,
    /// The files of those that are not built in.
    files: BTreeMap<String, String>,
}

impl Templates {
    /// The templates of a folder over the built-in ones.
    pub(super) fn load(folder: Option<&Path>, mistakes: &mut Vec<Mistake>) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        // An error would have the variables with it, and so the token.
        environment.set_debug(false);
        let mut this = Self {
            environment,
            files: BTreeMap::new(),
        };
        for (name, text) in built_in::TEMPLATES {
            this.add(name, text.to_owned(), mistakes);
        }
        if let Some(folder) = folder
            && let Err(error) = this.read(folder, mistakes)
        {
            let message = format!("the folder cannot be read: {}", error.kind());
            mistakes.push(Mistake::new("templates", message));
        }
        this
    }

    fn read(&mut self, folder: &Path, mistakes: &mut Vec<Mistake>) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|it| it.to_str());
            let template = |it: &&str| it.ends_with(TEXT) || it.ends_with(HTML);
            let Some(name) = name.filter(template) else {
                continue;
            };
            self.files.insert(name.into(), path.display().to_string());
            match fs::read_to_string(&path) {
                Ok(text) => self.add(name, text, mistakes),
                Err(error) => {
                    let message = format!("the file cannot be read: {}", error.kind());
                    mistakes.push(Mistake::new(path.display().to_string(), message));
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, text: String, mistakes: &mut Vec<Mistake>) {
        let added = self.environment.add_template_owned(name.to_owned(), text);
        if let Err(error) = added {
            mistakes.push(self.mistake(&error));
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.environment.get_template(name).is_ok()
    }

    /// A rendered template. What cannot be shown in a mail is left out: in a mail's text a carriage
    /// return alone is a line's end to some and not to others.
    pub(super) fn render(&self, name: &str, context: impl Serialize) -> Result<String, Error> {
        let context = Serde(context);
        let text = self.environment.get_template(name)?.render(context)?;
        let plain = |it: &char| !it.is_control() || matches!(it, '\n' | '\t');
        Ok(text.chars().filter(plain).chain(['\n']).collect())
    }

    /// Renders a template for nobody.
    pub(super) fn lint(&self, name: &str, context: impl Serialize, mistakes: &mut Vec<Mistake>) {
        if let Err(error) = self.render(name, context) {
            mistakes.push(self.mistake(&error));
        }
    }

    /// What is wrong with a template, and where. Not for what went wrong with a task's own values,
    /// because the text may have them in it.
    pub(super) fn mistake(&self, error: &Error) -> Mistake {
        let error = innermost(error);
        let name = error.name().unwrap_or_default();
        let place = self.files.get(name).map_or(name, String::as_str);
        let line = error.line().unwrap_or_default();
        let mut message = error.kind().to_string();
        if let Some(detail) = error.detail() {
            message = format!("{message}: {detail}");
        } else if let Some(text) = self.text(error) {
            message = format!("{message}: `{text}`");
        }
        Mistake::new(format!("{place}:{line}"), message)
    }

    /// The part of the template that an error is about.
    fn text(&self, error: &Error) -> Option<String> {
        let template = self.environment.get_template(error.name()?).ok()?;
        let text = template.source().get(error.range()?)?.to_owned();
        (!text.is_empty()).then_some(text)
    }
}

/// What is wrong, in words that have nothing of a task in them.
pub(super) fn kind_and_place(error: &Error) -> String {
    let error = innermost(error);
    let (name, line) = (error.name().unwrap_or_default(), error.line());
    let line = line.unwrap_or_default();
    format!("template `{name}`, line {line}: {}", error.kind())
}

/// The error in the template that another one includes.
fn innermost(error: &Error) -> &Error {
    let mut innermost = error;
    while let Some(source) = innermost.source().and_then(|it| it.downcast_ref::<Error>()) {
        innermost = source;
    }
    innermost
}

pub(super) const TEXT: &str = ".txt";
pub(super) const HTML: &str = ".html";

/// More than any mail needs, and reached in well under a second.
const FUEL: u64 = 100_000;
