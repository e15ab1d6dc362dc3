//! What an application credential may be used for.

use std::borrow::Cow;

use http::Method;

use crate::nova::canonical_path;

/// One rule of an application credential: a service type, a method and a pattern for paths.
///
/// In a pattern `*` and `{name}` stand for one segment or a part of one (not an empty part),
/// `**` for anything, and every other character for itself. The whole path has to match, in its
/// [canonical spelling](canonical_path); a slash at its end makes no difference.
///
/// ```
/// use http::Method;
/// use wafflehaus::keystone::AccessRule;
///
/// let rule = AccessRule::new("compute", "GET", "/v2.1/servers/*/ips");
/// assert!(rule.allows("compute", &Method::GET, "/v2.1/servers/5e/ips"));
/// assert!(!rule.allows("compute", &Method::GET, "/v2x1/servers/5e/ips"));
/// assert!(!rule.allows("compute", &Method::GET, "/v2.1/servers/5e/x/ips"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRule {
    service: Box<str>,
    method: Box<str>,
    /// None for a pattern that cannot be read: it allows nothing.
    path: Option<Box<[Part]>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// `**`
    Anything,
    Literal(Box<str>),
    /// `*` or `{name}`
    Segment,
}

impl AccessRule {
    /// A rule as Keystone keeps it.
    pub fn new(
        service: impl Into<Box<str>>,
        method: impl Into<Box<str>>,
        path: impl AsRef<str>,
    ) -> Self {
        Self {
            service: service.into(),
            method: method.into(),
            path: parts(path.as_ref()),
        }
    }

    /// Whether it allows this request to a service of this type.
    #[must_use]
    pub fn allows(&self, service: &str, method: &Method, path: &str) -> bool {
        *self.service == *service
            && *self.method == *method.as_str()
            && canonical_path(path).is_ok_and(|path| self.matches(without_slash(&path)))
    }

    /// Follows all ways through the pattern at once, so that no pattern takes long.
    fn matches(&self, path: &str) -> bool {
        let Some(parts) = &self.path else {
            return false;
        };
        let bytes = path.as_bytes();
        // Whether the parts so far can end before each byte, or at the end.
        let mut ends = vec![false; bytes.len() + 1];
        if let Some(start) = ends.first_mut() {
            *start = true;
        }
        for part in parts {
            ends = part.advance(&ends, bytes);
        }
        ends.last() == Some(&true)
    }
}

impl Part {
    fn advance(&self, ends: &[bool], bytes: &[u8]) -> Vec<bool> {
        match self {
            Self::Anything => {
                let mut begun = false;
                let step = |end: &bool| {
                    begun |= end;
                    begun
                };
                ends.iter().map(step).collect()
            }
            Self::Literal(literal) => {
                let mut next = vec![false; literal.len().min(ends.len())];
                next.extend(ends.iter().enumerate().map(|(at, end)| {
                    *end && bytes
                        .get(at..)
                        .is_some_and(|rest| rest.starts_with(literal.as_bytes()))
                }));
                next.truncate(ends.len());
                next
            }
            Self::Segment => {
                let mut begun = false;
                let mut next = vec![false];
                next.extend(ends.iter().zip(bytes).map(|(end, byte)| {
                    begun = (begun || *end) && *byte != b'/';
                    begun
                }));
                next
            }
        }
    }
}

fn parts(pattern: &str) -> Option<Box<[Part]>> {
    let mut parts = Vec::new();
    let mut rest = without_slash(pattern);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("**") {
            parts.push(Part::Anything);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('*') {
            parts.push(Part::Segment);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let (name, after) = after.split_once('}')?;
            if name.contains('{') {
                return None;
            }
            parts.push(Part::Segment);
            rest = after;
        } else {
            let end = rest.find(['*', '{']).unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            if text.contains('}') {
                return None;
            }
            parts.push(Part::Literal(spelled(text).into()));
            rest = after;
        }
    }
    Some(parts.into())
}

/// A literal in the spelling of canonical paths. What has none can only match as it is, and so
/// matches no path.
fn spelled(text: &str) -> Cow<'_, str> {
    if text.starts_with('/') {
        return canonical_path(text).unwrap_or(Cow::Borrowed(text));
    }
    let path = format!("/{text}");
    match canonical_path(&path) {
        Ok(canonical) => Cow::Owned(canonical.chars().skip(1).collect()),
        Err(_) => Cow::Borrowed(text),
    }
}

fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(pattern: &str, path: &str) -> bool {
        AccessRule::new("compute", "GET", pattern).allows("compute", &Method::GET, path)
    }

    #[test]
    fn rule_14_the_whole_path_matches_with_literals_as_they_are() {
        for (pattern, path) in [
            ("/v2.1/servers", "/v2.1/servers"),
            ("/v2.1/servers", "/v2.1/servers/"),
            ("/v2.1/servers/", "/v2.1/servers"),
            ("/v2.1/servers", "//v2.1/%73ervers"),
            ("/v2.1/servers/*", "/v2.1/servers/5e"),
            ("/v2.1/servers/{id}/ips", "/v2.1/servers/5e/ips"),
            ("/v2.1/servers/{server_id}/ips/*", "/v2.1/servers/5e/ips/x"),
            ("/v2.1/**", "/v2.1/servers/5e/ips"),
            ("/**/ips", "/v2.1/servers/5e/ips"),
            ("**", "/anything/at/all"),
            ("/v2.1/***", "/v2.1/x/y"),
            ("/v2.1/a*b", "/v2.1/axxb"),
            ("/v2.1/{a}.{b}", "/v2.1/x.y"),
            ("/tags/a b", "/tags/a%20b"),
            ("/tags/a%20b", "/tags/a%20b"),
            ("/", "/"),
        ] {
            assert!(allows(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/v2.1/servers", "/v2x1/servers"),
            ("/v2.1/servers", "/v2.1/servers/5e"),
            ("/v2.1/servers", "/x/v2.1/servers"),
            ("/v2.1/servers", "/v2.1/servers%0A"),
            ("/v2.1/servers/*", "/v2.1/servers/5e/ips"),
            ("/v2.1/servers/*", "/v2.1/servers"),
            ("/v2.1/servers/*", "/v2.1/servers/"),
            // What some servers take for the collection itself.
            ("/v2.1/servers/**", "/v2.1/servers/"),
            ("/v2.1/servers/{id}", "/v2.1/servers/"),
            ("/v2.1/servers/{id}", "/v2.1/servers/a/b"),
            ("/v2.1/servers/{id", "/v2.1/servers/{id"),
            ("/v2.1/servers/{a{b}}", "/v2.1/servers/x"),
            ("/v2.1/id}", "/v2.1/id}"),
            ("/v2.1/(a|b)+", "/v2.1/a"),
            ("/v2.1/[a-z]", "/v2.1/a"),
            ("", "/v2.1"),
            ("/a/../b", "/b"),
            ("/v2.1/%zz", "/v2.1/%zz"),
            ("/v2.1/***", "/v2.1/"),
        ] {
            assert!(!allows(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn rule_14_service_and_method_are_compared_as_they_are() {
        let rule = AccessRule::new("compute", "GET", "/**");
        assert!(rule.allows("compute", &Method::GET, "/x"));
        assert!(!rule.allows("compute", &Method::HEAD, "/x"));
        assert!(!rule.allows("network", &Method::GET, "/x"));
        let lower = AccessRule::new("compute", "get", "/**");
        assert!(!lower.allows("compute", &Method::GET, "/x"));
    }

    #[test]
    fn no_pattern_takes_long() {
        let pattern = format!("/{}b", "**a*".repeat(200));
        assert!(!allows(&pattern, &format!("/{}", "a".repeat(4000))));
    }

    proptest! {
        #[test]
        fn a_pattern_matches_as_a_plain_search_would(pattern in "/[ab/*]{0,6}", path in "/[ab/]{0,6}") {
            fn search(pattern: &[u8], path: &[u8]) -> bool {
                match pattern {
                    [] => path.is_empty(),
                    [b'*', b'*', rest @ ..] => (0..=path.len()).any(|at| search(rest, &path[at..])),
                    [b'*', rest @ ..] => (1..=path.len())
                        .take_while(|at| path[at - 1] != b'/')
                        .any(|at| search(rest, &path[at..])),
                    [literal, rest @ ..] => path.first() == Some(literal) && search(rest, &path[1..]),
                }
            }
            prop_assume!(!pattern.contains("//") && !pattern.ends_with('/'));
            let canonical = canonical_path(&path).unwrap().into_owned();
            let canonical = without_slash(&canonical);
            prop_assert_eq!(allows(&pattern, &path), search(pattern.as_bytes(), canonical.as_bytes()));
        }
    }
}
