//! Lines into sections.

use std::{collections::HashMap, path::Path};

use super::{Block, Ini, Setting, Text, text::is_space};
use crate::config::{Mistake, Place, paste::path};

pub(super) fn read(path: &Path, text: &str) -> Result<Ini, Vec<Mistake>> {
    let mut reader = Reader::new(path);
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        reader.place.line = reader.place.line.saturating_add(1);
        reader.line(line);
        rest = after;
    }
    reader.finish()
}

/// The first line without its end, and what follows it.
fn next_line(text: &str) -> (&str, &str) {
    let end = text.find(['\n', '\r']).unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    let rest = match rest.strip_prefix("\r\n") {
        Some(rest) => rest,
        None => rest.strip_prefix(['\n', '\r']).unwrap_or(rest),
    };
    (line, rest)
}

struct Reader {
    /// The line being read.
    place: Place,
    defaults: Block,
    sections: Vec<Block>,
    index: HashMap<String, usize>,
    current: Current,
    /// The setting that an indented line goes on with; it joins its section when it ends.
    open: Option<Setting>,
    indent: usize,
    mistakes: Vec<Mistake>,
}

#[derive(Clone, Copy)]
enum Current {
    Nothing,
    Defaults,
    Section,
}

impl Reader {
    fn new(path: &Path) -> Self {
        let place = Place::new(path, 0);
        Self {
            defaults: Block::new("DEFAULT", place.clone()),
            place,
            sections: Vec::new(),
            index: HashMap::new(),
            current: Current::Nothing,
            open: None,
            indent: 0,
            mistakes: Vec::new(),
        }
    }

    fn line(&mut self, line: &str) {
        let value = line.trim_matches(is_space);
        if value.starts_with(['#', ';']) {
            return;
        }
        if value.is_empty() {
            if let Some(setting) = &mut self.open {
                setting.text.push_line("", &self.place);
            }
            return;
        }
        let indent = line.chars().take_while(|c| is_space(*c)).count();
        if let Some(setting) = self.open.as_mut().filter(|_| indent > self.indent) {
            setting.text.push_line(value, &self.place);
            return;
        }
        self.indent = indent;
        if let Some(header) = header(value) {
            self.close();
            self.header(header);
        } else if matches!(self.current, Current::Nothing) {
            self.no_header(value);
        } else if let Some((key, value)) = value.split_once(['=', ':']) {
            self.close();
            self.setting(
                key.trim_end_matches(is_space),
                value.trim_start_matches(is_space),
            );
        } else {
            self.mistake(
                "neither a section, nor `key = value`, nor indented to go on with a value",
            );
        }
    }

    fn header(&mut self, header: &str) {
        if header == self.defaults.header {
            if self.defaults.place.line == 0 {
                self.defaults.place = self.place.clone();
            }
            self.current = Current::Defaults;
            return;
        }
        self.current = Current::Section;
        self.sections.push(Block::new(header, self.place.clone()));
        if let Some(first) = self.index.get(header).and_then(|at| self.sections.get(*at)) {
            let message = format!("the section is already on line {}", first.place.line);
            self.mistake(message);
        } else {
            self.index
                .insert(header.to_owned(), self.sections.len() - 1);
        }
    }

    fn no_header(&mut self, value: &str) {
        // One is enough: all the lines up to the first header are in the same case.
        if self.mistakes.is_empty() {
            self.mistake(if value.starts_with('\u{feff}') {
                "no section header before this line: the file begins with a byte order mark (BOM), \
                 which is taken for text; save it without one"
            } else {
                "no section header before this line"
            });
        }
    }

    fn setting(&mut self, key: &str, value: &str) {
        if key.is_empty() {
            self.mistake("no key before `=` or `:`");
        }
        if let Some(first) = self.block().setting(key) {
            let message = format!("the key is already on line {}", first.place.line);
            self.mistake(message);
            if let Some(mistake) = self.mistakes.last_mut() {
                mistake.key = Some(key.to_owned());
            }
        }
        let mut text = Text::default();
        text.mark(&self.place);
        text.push(value);
        self.open = Some(Setting {
            key: key.to_owned(),
            place: self.place.clone(),
            text,
        });
        if key.is_empty() {
            self.close();
        }
    }

    /// Ends the value that is being read.
    fn close(&mut self) {
        if let Some(mut setting) = self.open.take() {
            setting.text.trim_end();
            self.block().add(setting);
        }
    }

    fn block(&mut self) -> &mut Block {
        match self.current {
            Current::Section => self.sections.last_mut().unwrap_or(&mut self.defaults),
            Current::Nothing | Current::Defaults => &mut self.defaults,
        }
    }

    fn mistake(&mut self, message: impl Into<String>) {
        let mistake = Mistake::new(self.place.clone(), message);
        let mistake = match self.current {
            Current::Nothing => mistake,
            Current::Defaults | Current::Section => mistake.in_section(&*self.block().header),
        };
        self.mistakes.push(mistake);
    }

    fn finish(mut self) -> Result<Ini, Vec<Mistake>> {
        self.close();
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        let file = self.place.file;
        let absolute = path::normal(&file.to_string_lossy());
        for (key, value) in [("here", path::folder(&absolute)), ("__file__", &absolute)] {
            self.defaults.add(Setting {
                key: key.to_owned(),
                place: Place::new(file.clone(), 1),
                text: Text::from(value.to_owned()),
            });
        }
        Ok(Ini {
            file,
            defaults: self.defaults.into(),
            sections: self.sections.into(),
            index: self.index.into(),
        })
    }
}

/// What stands between the first character, a `[`, and the last `]`.
fn header(value: &str) -> Option<&str> {
    let (header, _) = value.strip_prefix('[')?.rsplit_once(']')?;
    Some(header).filter(|header| !header.is_empty())
}
