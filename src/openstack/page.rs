//! From one page of a list to the next.

use std::str::FromStr;

use serde::Deserialize;

use super::{answer::Object, error::CallError};

/// The links beside a list.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Links(Vec<Object<Link>>);

#[derive(Deserialize)]
struct Link {
    rel: String,
    href: String,
}

impl Links {
    /// Where the next page starts. Of the link nothing but that is used: a token must not
    /// follow it to wherever it points, and a filter that it lost would not be missed.
    pub(super) fn next<T: FromStr>(&self) -> Result<Option<T>, CallError> {
        let mut next = self.0.iter().filter(|link| link.0.rel == "next");
        let Some(Object(link)) = next.next() else {
            return Ok(None);
        };
        if next.next().is_some() {
            return Err(CallError::Page("there are two"));
        }
        let query = link.href.split_once('?').map_or("", |(_, query)| query);
        let mut markers = query.split('&').filter_map(|it| it.strip_prefix("marker="));
        match (markers.next().map(str::parse), markers.next()) {
            (Some(Ok(marker)), None) => Ok(Some(marker)),
            _ => Err(CallError::Page("it has no single id as its marker")),
        }
    }
}
