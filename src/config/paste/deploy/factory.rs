//! The Python function that builds a section.

use crate::config::{Place, paste::ini::is_space};

/// Which function builds a section.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Factory {
    /// `module:attribute`, or `egg:distribution#entry`, however it is written.
    pub name: String,
    /// As it is written.
    pub text: String,
    /// What it is called as.
    pub protocol: Protocol,
    /// Where it is named.
    pub place: Place,
}

/// What a factory is called as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// `paste.app_factory`: settings in, application out.
    App,
    /// `paste.composite_factory`: an application that is given the others to choose from.
    Composite,
    /// As the entry point of the egg says.
    Egg,
    /// `paste.filter_factory`: settings in, filter out.
    Filter,
    /// `paste.filter_app_factory`: application and settings in, application out.
    FilterApp,
}

/// What a word that begins with a scheme names, as `use` and pipelines may have it.
pub(super) enum Target<'a> {
    /// The function behind `call:`.
    Call(&'a str),
    /// A section of another file.
    Config { path: &'a str, name: &'a str },
    /// A distribution and an entry point.
    Egg {
        distribution: &'a str,
        entry: &'a str,
    },
    /// A section of the same file.
    Section(&'a str),
    /// What is behind a scheme that there is not.
    Unknown,
}

impl<'a> Target<'a> {
    pub(super) fn of(word: &'a str) -> Self {
        let Some((scheme, rest)) = word.split_once(':') else {
            return Self::Section(word);
        };
        if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Self::Section(word);
        }
        let (rest, name) = rest.split_once('#').unwrap_or((rest, "main"));
        match scheme.to_ascii_lowercase().as_str() {
            "call" => Self::Call(rest),
            "config" => Self::Config { path: rest, name },
            "egg" => Self::Egg {
                distribution: rest,
                entry: name,
            },
            _ => Self::Unknown,
        }
    }
}

/// `module:attribute` of a `call:`.
pub(super) fn function(text: &str) -> Option<String> {
    let (module, attribute) = text.split_once(':')?;
    (dotted(module) && dotted(attribute)).then(|| text.to_owned())
}

/// `module:attribute` of an entry point: with white space, and perhaps extras in brackets.
pub(super) fn entry_point(text: &str) -> Option<String> {
    let (text, extras) = text.split_once('[').unwrap_or((text, "]"));
    if !extras.ends_with(']') || extras.contains('\n') {
        return None;
    }
    let (module, attribute) = text.split_once(':')?;
    let module = module.trim_end_matches(is_space);
    let attribute = attribute.trim_matches(is_space);
    (dotted(module) && dotted(attribute)).then(|| format!("{module}:{attribute}"))
}

fn dotted(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.')
}
