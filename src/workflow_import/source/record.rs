//! A row, whichever database and version it is from.

use jiff::{civil, tz::TimeZone};
use serde_json::{Map, Value};

use crate::workflow::Timestamp;

/// A row that does not hold what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its column `{column}` cannot be read")]
#[non_exhaustive]
pub struct Unreadable {
    /// The task, as far as it is known.
    pub task: String,
    /// The column.
    pub column: String,
}

/// A row by the names of its columns. In SQLite all values are text, in PostgreSQL they are what
/// they are; documents are text in both, or may be documents.
pub(super) struct Record(Map<String, Value>);

type Read<T> = Result<T, Unreadable>;

impl Record {
    pub(super) const fn new(columns: Map<String, Value>) -> Self {
        Self(columns)
    }

    fn wrong(&self, column: &str) -> Unreadable {
        let known = ["uuid", "task_id"]
            .into_iter()
            .find_map(|it| self.0.get(it)?.as_str());
        Unreadable {
            task: known.unwrap_or_default().to_owned(),
            column: column.to_owned(),
        }
    }

    /// A text; nothing for NULL, and for a column that this version does not have.
    pub(super) fn maybe(&self, column: &str) -> Read<Option<&str>> {
        match self.0.get(column) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(column)),
        }
    }

    pub(super) fn text(&self, column: &str) -> Read<&str> {
        self.maybe(column)?.ok_or_else(|| self.wrong(column))
    }

    pub(super) fn maybe_flag(&self, column: &str) -> Read<Option<bool>> {
        match self.0.get(column) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "0" => Ok(Some(false)),
            Some(Value::String(text)) if text == "1" => Ok(Some(true)),
            Some(_) => Err(self.wrong(column)),
        }
    }

    pub(super) fn flag(&self, column: &str) -> Read<bool> {
        self.maybe_flag(column)?.ok_or_else(|| self.wrong(column))
    }

    /// The one number of a count.
    pub(super) fn count(&self) -> u64 {
        match self.0.get("number") {
            Some(Value::Number(number)) => number.as_u64().unwrap_or_default(),
            Some(Value::String(text)) => text.parse().unwrap_or_default(),
            _ => 0,
        }
    }

    /// A document; nothing for an empty text.
    pub(super) fn document(&self, column: &str) -> Read<Value> {
        match self.0.get(column) {
            None => Ok(Value::Null),
            Some(Value::String(text)) if text.is_empty() => Ok(Value::Null),
            Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| self.wrong(column)),
            Some(document) => Ok(document.clone()),
        }
    }

    /// A document that is a table; an empty one if it is not there.
    pub(super) fn table(&self, column: &str) -> Read<Map<String, Value>> {
        match self.document(column)? {
            Value::Object(table) => Ok(table),
            Value::Null => Ok(Map::new()),
            _ => Err(self.wrong(column)),
        }
    }

    /// A time, which Django keeps in UTC.
    pub(super) fn maybe_time(&self, column: &str) -> Read<Option<Timestamp>> {
        let Some(text) = self.maybe(column)? else {
            return Ok(None);
        };
        let zoned = text.parse::<jiff::Timestamp>().ok();
        let read = zoned.or_else(|| {
            let civil: civil::DateTime = text.parse().ok()?;
            Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
        });
        let read = read.ok_or_else(|| self.wrong(column))?;
        Ok(Some(Timestamp::from_micros(read.as_microsecond())))
    }

    pub(super) fn time(&self, column: &str) -> Read<Timestamp> {
        self.maybe_time(column)?.ok_or_else(|| self.wrong(column))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Value) -> Record {
        let Value::Object(columns) = value else {
            panic!("{value}");
        };
        Record::new(columns)
    }

    #[test]
    fn both_databases_are_read_as_the_same() {
        let sqlite = record(json!({
            "flag": "1", "on": "2026-11-30 00:05:58.846704", "document": "{\"a\": 1}",
        }));
        let postgres = record(json!({
            "flag": true, "on": "2026-11-30T01:05:58.846704+01:00", "document": {"a": 1},
        }));
        for it in [sqlite, postgres] {
            assert_eq!(it.flag("flag"), Ok(true));
            assert_eq!(it.time("on").unwrap().as_micros(), 1_795_997_158_846_704);
            assert_eq!(Value::from(it.table("document").unwrap()), json!({"a": 1}));
        }
    }

    #[test]
    fn what_is_not_what_it_should_be_is_told_by_its_column() {
        let it = record(json!({"uuid": "5a", "flag": "maybe", "on": "noon", "document": "[1"}));
        let wrong = |column: &str| Unreadable {
            task: "5a".into(),
            column: column.into(),
        };
        assert_eq!(it.flag("flag"), Err(wrong("flag")));
        assert_eq!(it.time("on"), Err(wrong("on")));
        assert_eq!(it.document("document"), Err(wrong("document")));
        assert_eq!(it.text("missing"), Err(wrong("missing")));
    }
}
