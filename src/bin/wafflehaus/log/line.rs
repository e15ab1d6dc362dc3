//! The fields of an event, as a line.

use std::{
    error::Error,
    fmt::{self, Debug, Write as _},
};

use tracing::field::{Field, Visit};
use tracing_subscriber::{
    field::VisitOutput as _,
    fmt::format::{DefaultVisitor, Writer},
};

/// Appends fields as the default does, but plain texts without its detours: each decision has
/// nine.
pub(super) struct Line<'line> {
    pub(super) text: &'line mut String,
    pub(super) is_empty: bool,
    pub(super) written: fmt::Result,
}

impl Line<'_> {
    fn by_default(&mut self, record: impl FnOnce(&mut DefaultVisitor<'_>)) {
        let mut visitor = DefaultVisitor::new(Writer::new(&mut *self.text), self.is_empty);
        record(&mut visitor);
        self.written = self.written.and(visitor.finish());
        self.is_empty = false;
    }

    fn separate(&mut self) {
        if !self.is_empty {
            self.text.push(' ');
        }
        self.is_empty = false;
    }
}

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let name = field.name();
        let is_usual = name != "message" && name.bytes().all(is_of_usual_name);
        if is_usual && needs_no_escape(value) {
            self.separate();
            for part in [name, "=\"", value, "\""] {
                self.text.push_str(part);
            }
        } else {
            self.by_default(|visitor| visitor.record_str(field, value));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.by_default(|visitor| visitor.record_error(field, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" && self.is_empty {
            let begin = self.text.len();
            let written = write!(self.text, "{value:?}");
            let message = self.text.get(begin..).unwrap_or_default();
            if written.is_ok() && message.bytes().all(is_plain) {
                self.is_empty = false;
                return;
            }
            self.text.truncate(begin);
        }
        self.by_default(|visitor| visitor.record_debug(field, value));
    }
}

const fn is_of_usual_name(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte == b'_'
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Whether the text in quotes is what `Debug` makes of it.
fn needs_no_escape(text: &str) -> bool {
    // Without a way out, many bytes are looked at in one step.
    text.bytes().fold(true, |so_far, byte| {
        so_far & is_plain(byte) & (byte != b'"') & (byte != b'\\')
    })
}
