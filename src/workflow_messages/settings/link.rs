//! The beginning of a link, to which an id or a token is added.

use std::str::FromStr;

use http::{Uri, uri::Scheme};

/// Ends with a slash, or with `=` if what is added is a query's.
pub(super) struct Link(String);

#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this is not a URL that begins with `https://` or `http://`")]
pub(super) struct NotALink;

impl FromStr for Link {
    type Err = NotALink;

    fn from_str(text: &str) -> Result<Self, NotALink> {
        let uri: Uri = text.parse().map_err(|_| NotALink)?;
        let web = [&Scheme::HTTP, &Scheme::HTTPS]
            .into_iter()
            .any(|it| uri.scheme() == Some(it));
        let named = uri
            .authority()
            .is_some_and(|it| !it.host().is_empty() && !it.as_str().contains('@'));
        let plain = text
            .chars()
            .all(|it| it.is_ascii_graphic() && !"\"'<>".contains(it));
        if !(web && named && plain) {
            return Err(NotALink);
        }
        let end = if text.ends_with(['/', '=']) { "" } else { "/" };
        Ok(Self(format!("{text}{end}")))
    }
}

impl From<Link> for String {
    fn from(link: Link) -> Self {
        link.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_can_be_added_to() {
        for (text, link) in [
            ("https://d.example/token", "https://d.example/token/"),
            ("http://d.example/", "http://d.example/"),
            ("https://d.example/?token=", "https://d.example/?token="),
            ("https://d.example/#/token/", "https://d.example/#/token/"),
        ] {
            assert_eq!(String::from(text.parse::<Link>().unwrap()), link);
        }
        for text in [
            "",
            "d.example",
            "ftp://d.example/",
            "https://u@d.example/",
            "https://d/\"x",
            "/x/",
        ] {
            assert!(text.parse::<Link>().is_err(), "{text}");
        }
    }
}
