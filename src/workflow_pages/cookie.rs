//! The cookie that says whose session it is.

use http::{HeaderMap, HeaderValue, header::COOKIE};

use super::sessions::SessionId;

/// A cookie of this service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cookie {
    /// Only over TLS, and by a name that no other host and no path can set.
    is_secure: bool,
}

impl Cookie {
    pub(super) const fn new(is_secure: bool) -> Self {
        Self { is_secure }
    }

    const fn name(self) -> &'static str {
        match self.is_secure {
            true => "__Host-wafflehaus",
            false => "wafflehaus",
        }
    }

    /// The id that a request has, if it has one, and no other.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<SessionId> {
        let lines = headers.get_all(COOKIE).iter();
        let lines = lines.filter_map(|it| it.to_str().ok());
        let pairs = lines.flat_map(|it| it.split(';'));
        let mut values = pairs.filter_map(|it| {
            let (name, value) = it.trim().split_once('=')?;
            (name == self.name()).then_some(value)
        });
        let first = values.next()?;
        match values.next() {
            None => SessionId::read(first),
            Some(_) => None,
        }
    }

    /// Has a browser keep an id until it is closed.
    pub(super) fn keep(self, id: &SessionId) -> Option<HeaderValue> {
        self.header(id.expose(), "")
    }

    /// Has a browser forget it.
    pub(super) fn forget(self) -> Option<HeaderValue> {
        self.header("", "; Max-Age=0")
    }

    fn header(self, value: &str, age: &str) -> Option<HeaderValue> {
        let name = self.name();
        let secure = if self.is_secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
        let mut header = HeaderValue::try_from(text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_8_two_cookies_of_one_name_are_none() {
        let (one, other) = ("5a".repeat(32), "5b".repeat(32));
        let cookie = Cookie::new(false);
        let read = |text: String| {
            let value = HeaderValue::try_from(text).unwrap();
            let headers = HeaderMap::from_iter([(COOKIE, value)]);
            cookie.read(&headers).map(|it| it.expose().to_owned())
        };
        assert_eq!(read(format!("a=b; wafflehaus={one}")), Some(one.clone()));
        assert_eq!(read(format!("wafflehaus={one}; wafflehaus={other}")), None);
        assert_eq!(read("wafflehaus=5a".into()), None);
        assert_eq!(read(format!("__Host-wafflehaus={one}")), None);
    }

    #[test]
    fn rule_8_scripts_other_sites_and_other_hosts_cannot_use_the_cookie() {
        let id = SessionId::read(&"5a".repeat(32)).unwrap();
        let header = Cookie::new(true).keep(&id).unwrap();
        assert!(header.is_sensitive());
        let text = header.to_str().unwrap();
        let rest = "; Path=/; HttpOnly; SameSite=Strict; Secure";
        assert_eq!(text, format!("__Host-wafflehaus={}{rest}", "5a".repeat(32)));
    }
}
