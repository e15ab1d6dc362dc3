//! `%(name)s`.

use super::{Block, Ini, Setting, Text};
use crate::config::{Mistake, Place, looks_secret};

pub(super) fn interpolate(
    ini: &Ini,
    section: &Block,
    setting: &Setting,
) -> Result<Setting, Mistake> {
    let mut interpolation = Interpolation {
        ini,
        section,
        out: Text::default(),
        references: 0,
        place: setting.place.clone(),
        secret: false,
    };
    match interpolation.resolve(setting, 1) {
        Ok(()) => Ok(Setting {
            key: setting.key.clone(),
            place: setting.place.clone(),
            text: interpolation.out,
        }),
        Err(message) => Err(Mistake::new(interpolation.place, message)
            .in_section(&*section.header)
            .at_key(&*setting.key)),
    }
}

struct Interpolation<'a> {
    ini: &'a Ini,
    section: &'a Block,
    out: Text,
    /// How many there were so far.
    references: usize,
    /// Where the `%` stands that is being resolved.
    place: Place,
    /// Whether what is being resolved is, or is part of, the value of a secret key.
    secret: bool,
}

impl Interpolation<'_> {
    fn resolve(&mut self, setting: &Setting, depth: usize) -> Result<(), String> {
        self.secret |= looks_secret(&setting.key);
        if depth > MAX_DEPTH {
            return Err(format!(
                "`%(…)s` within `%(…)s`, more than {MAX_DEPTH} deep"
            ));
        }
        let text = &setting.text;
        let mut rest = text.as_str();
        while let Some((before, at)) = rest.split_once('%') {
            let offset = |part: &str| text.as_str().len() - part.len();
            self.push(text, offset(rest), before)?;
            if let Some(place) = text.place_at(offset(at) - 1) {
                self.place = place.clone();
            }
            if let Some(after) = at.strip_prefix('%') {
                self.push(text, offset(at), "%")?;
                rest = after;
            } else {
                let (name, after) = reference(at)?;
                self.refer(name, depth)?;
                rest = after;
            }
        }
        self.push(text, text.as_str().len() - rest.len(), rest)
    }

    fn refer(&mut self, name: &str, depth: usize) -> Result<(), String> {
        self.references += 1;
        if self.references > MAX_REFERENCES {
            return Err(format!("more than {MAX_REFERENCES} `%(…)s` to resolve"));
        }
        let Some(setting) = self.ini.setting(self.section, name) else {
            return Err(if self.secret {
                "it refers to a key that is neither in the section nor in [DEFAULT]".to_owned()
            } else {
                format!("no key `{name}`, in the section or in [DEFAULT], for `%({name})s`")
            });
        };
        // Stands for what the file does not say itself, such as `here`.
        let place = self.place.clone();
        self.out.mark(&place);
        let secret = self.secret;
        if setting.value().contains('%') {
            self.resolve(setting, depth + 1)?;
        } else {
            self.push(&setting.text, 0, setting.value())?;
        }
        self.secret = secret;
        self.place = place;
        Ok(())
    }

    fn push(&mut self, from: &Text, offset: usize, part: &str) -> Result<(), String> {
        if self.out.as_str().len() + part.len() > MAX_BYTES {
            return Err(format!("longer than {MAX_BYTES} bytes when it is resolved"));
        }
        self.out.push_part(from, offset, part);
        Ok(())
    }
}

/// The name in `(name)s`, and what follows.
fn reference(text: &str) -> Result<(&str, &str), String> {
    let Some(text) = text.strip_prefix('(') else {
        return Err("a `%` must be followed by `%` or `(`; for a `%` itself write `%%`".to_owned());
    };
    text.split_once(')')
        .filter(|(name, _)| !name.is_empty())
        .and_then(|(name, rest)| Some((name, rest.strip_prefix('s')?)))
        .ok_or_else(|| {
            "`%(` must be followed by a name and `)s`; for a `%` itself write `%%`".to_owned()
        })
}

const MAX_DEPTH: usize = 10;
const MAX_REFERENCES: usize = 10_000;
const MAX_BYTES: usize = 1 << 20;
