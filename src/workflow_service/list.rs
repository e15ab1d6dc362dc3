//! Lists: what is wanted of them, and how they go on.

use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    app::App,
    error::ApiError,
    payload::{Params, Strict},
};
use crate::workflow::{
    EngineError,
    store::{Cursor, Filter, InvalidFilter, Page, Slice, StoreError},
};

/// What is wanted of a list.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) filter: Filter,
    pub(super) slice: Slice,
    /// The number of the page, if they are counted.
    page: Option<u32>,
    /// The conditions that a database may not be able to hold.
    patterns: Vec<String>,
}

/// How a list goes on.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Paging {
    /// How many pages there are, if pages were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_more: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_prev: Option<bool>,
    /// What `after` has to be for what comes next; there is none if nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The query of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes what `Listing` reads")]
pub(super) struct ListParams {
    /// What has to hold, as JSON: `{"<field>": {"<lookup>": <value>}}`.
    #[param(example = r#"{"created_on": {"year": 2026}}"#)]
    filters: Option<String>,
    /// How many at most; the answer says in `next` how to go on.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of an earlier answer.
    after: Option<String>,
    /// Which page, from 1, if the size of pages is given.
    #[param(minimum = 1, maximum = 2_147_483_647)]
    page: Option<u32>,
}

impl Listing {
    /// What these parameters want of `all`; `size` is the name of the one for the size of pages.
    pub(super) fn read(params: &Params, all: Filter, size: &str) -> Result<Self, ApiError> {
        let mut patterns = Vec::new();
        let filter = match params.get("filters") {
            None | Some("") => all,
            Some(text) => {
                let filters: Strict =
                    serde_json::from_str(text).map_err(|_| InvalidFilter::Format)?;
                let filter = all.and(&filters.0)?;
                patterns = named_patterns(&filters.0);
                filter
            }
        };
        let (size_of_pages, limit) = (params.number(size)?, params.number("limit")?);
        let page = params.number("page")?.unwrap_or(1);
        if size_of_pages.or(limit).is_some_and(|it| it > MOST) {
            let text = format!("No more than {MOST} can be listed at once");
            return Err(ApiError::bad_request(text));
        }
        if let Some(size) = size_of_pages {
            let slice = Slice::of(Page::first(size)).skip((page - 1).saturating_mul(size));
            return Ok(Self {
                filter,
                slice,
                page: Some(page),
                patterns,
            });
        }
        if page > 1 {
            // All that is not counted in pages is on the first.
            return Err(ApiError::bad_request("Empty page"));
        }
        let mut page = Page::first(limit.unwrap_or(MOST));
        if let Some(after) = params.get("after") {
            let cursor = after.parse::<Cursor>();
            page.after =
                Some(cursor.map_err(|error| ApiError::field("after", &error.to_string()))?);
        }
        Ok(Self {
            filter,
            slice: Slice::of(page),
            page: None,
            patterns,
        })
    }

    /// An error of looking for this, which names the patterns if it is about one.
    pub(super) fn told(&self, error: EngineError) -> ApiError {
        match error {
            EngineError::Store(StoreError::Pattern) => ApiError::bad_request(format!(
                "Invalid value for '{}': the database cannot match such a regular expression.",
                self.patterns.join("', '")
            )),
            error => error.into(),
        }
    }

    /// Where this is among all pages, if they are counted.
    pub(super) async fn paging(&self, app: &App) -> Result<Paging, ApiError> {
        let Some(page) = self.page else {
            return Ok(Paging::default());
        };
        let count = app.engine.count(&self.filter).await;
        let count = count.map_err(|it| self.told(it))?;
        // A list without anything has a first page, too.
        let pages = count.div_ceil(self.slice.page.limit.into()).max(1);
        let page = u64::from(page);
        if page > pages {
            return Err(ApiError::bad_request("Empty page"));
        }
        Ok(Paging {
            pages: Some(pages),
            has_more: Some(page < pages),
            has_prev: Some(page > 1),
            next: None,
        })
    }
}

impl Paging {
    /// Says how to go on after so many entries, the last of which this is.
    pub(super) fn after(mut self, listing: &Listing, count: usize, last: Option<Cursor>) -> Self {
        let is_full = u32::try_from(count) == Ok(listing.slice.page.limit);
        if listing.page.is_none() && is_full {
            self.next = last.map(|it| it.to_string());
        }
        self
    }
}

/// Field and lookup of all conditions with regular expressions.
fn named_patterns(filters: &Value) -> Vec<String> {
    let fields = filters.as_object().into_iter().flatten();
    let of = |(field, lookups): (&String, &Value)| -> Vec<String> {
        let lookups = lookups.as_object().into_iter().flatten();
        let lookups = lookups.filter(|(lookup, _)| lookup.ends_with("regex"));
        lookups.map(|(it, _)| format!("{field}__{it}")).collect()
    };
    fields.flat_map(of).collect()
}

/// A filter of which everything is written here.
pub(super) fn own(all: Filter, filters: &Value) -> Result<Filter, ApiError> {
    Ok(all.and(filters)?)
}

const MOST: u32 = 1000;
