//! What a form brings. Who reads a field by its name gets one value, or an answer that there are
//! two.

use std::{pin::pin, sync::Arc};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use super::{App, Shown};
use crate::body::{ReadError, Reading};

/// The fields of a form. It is not printed, because there may be a password in it.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The only value of a field; nothing, if there is none, or more than one.
    pub(super) fn get<'a>(&'a self, name: &str) -> Option<&'a str> {
        let mut values = self.0.iter().filter(|(it, _)| it == name);
        let (_, first) = values.next()?;
        values.next().is_none().then_some(first)
    }

    /// All values of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of = self.0.iter().filter(move |(it, _)| it == name);
        of.map(|(_, value)| value.as_str())
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let fields = form_urlencoded::parse(bytes).into_owned();
        let fields: Vec<_> = fields.collect();
        // Stands for what was no text; it would become another password than the one meant.
        let is_text = |(name, value): &(String, String)| {
            let bad = |it: &str| it.contains(char::REPLACEMENT_CHARACTER);
            !bad(name) && !bad(value)
        };
        fields.iter().all(is_text).then_some(Self(fields))
    }
}

impl FromRequest<Arc<App>> for Form {
    type Rejection = Shown;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Shown> {
        let (parts, body) = request.into_parts();
        let bad = |status, text| app.trouble(status, text);
        if !is_form(&parts.headers) {
            let text = "The form did not come as forms do.";
            return Err(bad(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        let mut body: std::pin::Pin<&mut Body> = pin!(body);
        let reading = Reading::new(body.as_mut(), app.body_limit);
        let read = tokio::time::timeout(app.body_deadline, reading).await;
        let bytes = match read {
            Ok(Ok((bytes, _))) => bytes,
            Ok(Err(ReadError::TooLarge(_))) => {
                let text = "That is more than fits into a request.";
                return Err(bad(StatusCode::PAYLOAD_TOO_LARGE, text));
            }
            Ok(Err(ReadError::Broken)) => {
                let text = "The form did not arrive whole.";
                return Err(bad(StatusCode::BAD_REQUEST, text));
            }
            Err(_) => {
                let text = "The form took too long to arrive.";
                return Err(bad(StatusCode::REQUEST_TIMEOUT, text));
            }
        };
        Self::read(&bytes).ok_or_else(|| {
            let text = "The form has something in it that is no text.";
            bad(StatusCode::BAD_REQUEST, text)
        })
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let mut given = headers.get_all(CONTENT_TYPE).iter();
    let (Some(given), None) = (given.next(), given.next()) else {
        return false;
    };
    let media = given.to_str().unwrap_or_default().split(';').next();
    let media = media.unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_comes_twice_has_no_value_of_its_own() {
        let form = Form::read(b"a=1&b=2&b=3&c=%C3%A9+x").unwrap();
        assert_eq!((form.get("a"), form.get("b")), (Some("1"), None));
        assert_eq!(form.all("b").collect::<Vec<_>>(), ["2", "3"]);
        assert_eq!(form.get("c"), Some("é x"));
    }

    #[test]
    fn what_is_no_text_is_no_form() {
        assert!(Form::read(b"password=%FF").is_none());
        assert!(Form::read(b"").is_some());
    }
}
