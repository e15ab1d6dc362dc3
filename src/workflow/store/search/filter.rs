//! A filter, read from JSON.

use serde_json::Value;

use super::{Column, Relation, Table, Test, lookup};

/// What has to hold of what is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    pub(in crate::workflow::store) table: Table,
    pub(in crate::workflow::store) conditions: Vec<(&'static Column, Test)>,
    pub(in crate::workflow::store) related: Vec<Related>,
}

/// What has to hold of a row of another table, or that there is none.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::workflow::store) struct Related {
    pub(in crate::workflow::store) relation: &'static Relation,
    /// Nothing, if there must be no row.
    pub(in crate::workflow::store) filter: Option<Filter>,
}

/// JSON that is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFilter {
    /// There is no such field.
    #[error("Cannot resolve keyword '{name}' into field. Choices are: {choices}")]
    Field {
        /// What was named.
        name: String,
        /// What there is.
        choices: String,
    },
    /// It is no object of objects.
    #[error(
        "Filters incorrectly formatted. Required format: \
         {{'filters': {{'fieldname': {{ 'operation': 'value'}}}}}}"
    )]
    Format,
    /// There is no such lookup of such a field.
    #[error("Unsupported lookup '{name}' for {field} or join on the field not permitted.")]
    Lookup {
        /// What was named.
        name: String,
        /// The kind of the field.
        field: &'static str,
    },
    /// There are too many conditions, or they go too far.
    #[error("Filters are limited to 50 conditions, and to 4 tables in a row.")]
    TooMuch,
    /// The value does not fit.
    #[error("Invalid value for '{path}': {why}.")]
    Value {
        /// Field and lookup.
        path: String,
        /// What it has to be.
        why: String,
    },
}

impl Filter {
    /// All tasks.
    #[must_use]
    pub const fn tasks() -> Self {
        Self::all(Table::Task)
    }

    /// All tokens.
    #[must_use]
    pub const fn tokens() -> Self {
        Self::all(Table::Token)
    }

    /// All notifications.
    #[must_use]
    pub const fn notifications() -> Self {
        Self::all(Table::Notification)
    }

    const fn all(table: Table) -> Self {
        Self {
            table,
            conditions: Vec::new(),
            related: Vec::new(),
        }
    }

    /// Those of which this holds as well.
    ///
    /// # Errors
    ///
    /// [`InvalidFilter`] names the first thing that cannot be read.
    pub fn and(mut self, filters: &Value) -> Result<Self, InvalidFilter> {
        let mut count = 0;
        for (field, lookups) in filters.as_object().ok_or(InvalidFilter::Format)? {
            let lookups = lookups.as_object().ok_or(InvalidFilter::Format)?;
            for (lookup, value) in lookups {
                count += 1;
                let path = format!("{field}__{lookup}");
                let segments: Vec<&str> = path.split("__").collect();
                if count > MOST_CONDITIONS || segments.len() > MOST_SEGMENTS {
                    return Err(InvalidFilter::TooMuch);
                }
                self.add(&segments, &path, value)?;
            }
        }
        Ok(self)
    }

    fn add(&mut self, path: &[&str], whole: &str, value: &Value) -> Result<(), InvalidFilter> {
        let Some((first, rest)) = path.split_first() else {
            return Err(InvalidFilter::Format);
        };
        let relation = self.table.relation(first);
        let goes_on = |it: &&Relation| match rest.first() {
            Some(next) => {
                let known = it.table.column(next).is_some() || it.table.relation(next).is_some();
                known || self.table.column(first).is_none()
            }
            None => false,
        };
        if let Some(relation) = relation.filter(goes_on) {
            return self.add_related(relation, rest, whole, value);
        }
        let column = self
            .table
            .column(first)
            .ok_or_else(|| self.table.has_no(first))?;
        let lookup = match rest {
            [] => "exact",
            [lookup] => lookup,
            _ => {
                return Err(InvalidFilter::Lookup {
                    name: rest.join("__"),
                    field: column.kind.django(),
                });
            }
        };
        let test = lookup::read(column.kind, lookup, value, whole)?;
        self.conditions.push((column, test));
        Ok(())
    }

    fn add_related(
        &mut self,
        relation: &'static Relation,
        path: &[&str],
        whole: &str,
        value: &Value,
    ) -> Result<(), InvalidFilter> {
        if let ["isnull"] = path {
            let filter = match lookup::truth(value, whole)? {
                true => None,
                false => Some(Self::all(relation.table)),
            };
            self.related.push(Related { relation, filter });
            return Ok(());
        }
        // With a lookup alone, the relation stands for what it is known by.
        let path = match path {
            [lookup] if lookup::is_name(lookup) => vec!["pk", *lookup],
            path => path.to_vec(),
        };
        // All that is said of one relation is said of one row of it.
        for related in &mut self.related {
            if let (true, Some(filter)) = (related.relation == relation, &mut related.filter) {
                return filter.add(&path, whole, value);
            }
        }
        let mut filter = Self::all(relation.table);
        filter.add(&path, whole, value)?;
        let filter = Some(filter);
        self.related.push(Related { relation, filter });
        Ok(())
    }
}

const MOST_CONDITIONS: usize = 50;
const MOST_SEGMENTS: usize = 5;
