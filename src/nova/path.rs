//! One spelling for each path.
//!
//! WSGI servers, Nova's URL map and front ends read unusual paths in different ways. Here a
//! path is either rewritten to the one spelling on which all of them agree, or refused.

use std::borrow::Cow;

use super::Unclear;

/// What a byte of a path may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Stands for itself: RFC 3986's `pchar` without `%`.
    Literal,
    /// Separates segments.
    Slash,
    /// Begins an escape.
    Percent,
    /// May occur, but only escaped.
    Escape,
    /// Nothing legitimate: control characters, and the backslash some servers read as a slash.
    Refused,
}

/// The class of each byte, worked out once.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Refused; 256];
    let mut rest: &mut [Class] = &mut classes;
    let mut byte = 0_u8;
    while let [first, others @ ..] = rest {
        *first = classify(byte);
        byte = byte.wrapping_add(1);
        rest = others;
    }
    classes
};

fn class(byte: u8) -> Class {
    // INVARIANT: there are 256 bytes and 256 classes.
    CLASSES
        .get(usize::from(byte))
        .copied()
        .unwrap_or(Class::Refused)
}

const fn classify(byte: u8) -> Class {
    match byte {
        b'/' => Class::Slash,
        b'%' => Class::Percent,
        b'\\' | 0..=0x1f | 0x7f => Class::Refused,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => Class::Literal,
        b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+'
        | b',' | b';' | b'=' | b':' | b'@' => Class::Literal,
        _ => Class::Escape,
    }
}

/// The one spelling of `path`: decoded once and encoded again, runs of slashes collapsed, a
/// trailing slash kept. Borrowed, with no allocation, when it is spelled so already.
///
/// # Errors
///
/// [`Unclear`] for a path that does not begin with a slash, a malformed escape, an encoded
/// slash or backslash, a control character, or a dot segment, raw or encoded.
pub fn canonical_path(path: &str) -> Result<Cow<'_, str>, Unclear> {
    if !path.starts_with('/') {
        return Err(Unclear::NotAPath);
    }
    if is_plain(path) {
        return Ok(Cow::Borrowed(path));
    }
    let path = if is_canonical(path)? {
        Cow::Borrowed(path)
    } else {
        Cow::Owned(rewrite(path)?)
    };
    // After rewriting, a dot segment shows itself however it was encoded.
    if path.contains("/.") && path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(Unclear::DotSegment);
    }
    Ok(path)
}

/// Whether a path is beyond doubt in its one spelling, as nearly all are: the commonest bytes,
/// single slashes, and no segment that begins with a dot. Written so that many bytes are looked at
/// in one step.
fn is_plain(path: &str) -> bool {
    let bytes = path.as_bytes();
    let Some((_, next)) = bytes.split_first() else {
        return false;
    };
    // From `-` to `9` these are `-`, `.`, `/` and the digits.
    let is_common = |byte: u8| {
        (byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'-') < 13 || byte == b'_'
    };
    let all_common = bytes.iter().fold(true, |all, &byte| all & is_common(byte));
    let after_slash = |byte: u8, next: u8| (byte == b'/') & ((next == b'/') | (next == b'.'));
    let pairs = bytes.iter().zip(next);
    all_common & !pairs.fold(false, |any, (&byte, &next)| any | after_slash(byte, next))
}

fn is_canonical(path: &str) -> Result<bool, Unclear> {
    let mut before = Class::Literal;
    for byte in path.bytes() {
        let this = class(byte);
        match this {
            Class::Literal => {}
            Class::Slash if before != Class::Slash => {}
            Class::Refused => return Err(Unclear::ControlCharacter),
            Class::Slash | Class::Percent | Class::Escape => return Ok(false),
        }
        before = this;
    }
    Ok(true)
}

fn rewrite(path: &str) -> Result<String, Unclear> {
    let mut out = String::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        match class(byte) {
            Class::Slash => {
                if !out.ends_with('/') {
                    out.push('/');
                }
            }
            Class::Percent => push(&mut out, unescape(&mut bytes)?),
            Class::Refused => return Err(Unclear::ControlCharacter),
            Class::Escape | Class::Literal => push(&mut out, byte),
        }
    }
    Ok(out)
}

fn unescape(bytes: &mut impl Iterator<Item = u8>) -> Result<u8, Unclear> {
    let high = bytes.next().and_then(hex).ok_or(Unclear::MalformedEscape)?;
    let low = bytes.next().and_then(hex).ok_or(Unclear::MalformedEscape)?;
    let byte = high << 4 | low;
    match byte {
        b'/' | b'\\' => Err(Unclear::EncodedSlash),
        _ if class(byte) == Class::Refused => Err(Unclear::ControlCharacter),
        _ => Ok(byte),
    }
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn push(out: &mut String, byte: u8) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    if class(byte) == Class::Literal {
        out.push(char::from(byte));
        return;
    }
    out.push('%');
    for nibble in [byte >> 4, byte & 0xf] {
        out.extend(DIGITS.get(usize::from(nibble)));
    }
}

/// Whether a query makes Routes, and so Nova, act on another method than the request's own: it
/// has a key `_method` after decoding, between `&` or `;`.
pub(super) fn overrides_method(query: &str) -> bool {
    query.split(['&', ';']).any(|pair| {
        let key = pair.split('=').next().unwrap_or_default();
        decoded_equals(key, b"_method")
    })
}

fn decoded_equals(text: &str, wanted: &[u8]) -> bool {
    let mut rest = text.bytes();
    let mut wanted = wanted.iter();
    while let Some(byte) = rest.next() {
        // A malformed escape stands for itself in a query, and no `%` is wanted.
        let byte = if byte == b'%' {
            let (Some(high), Some(low)) = (rest.next().and_then(hex), rest.next().and_then(hex))
            else {
                return false;
            };
            high << 4 | low
        } else {
            byte
        };
        if wanted.next() != Some(&byte) {
            return false;
        }
    }
    wanted.next().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_path_is_borrowed() {
        for path in [
            "/",
            "/v2.1/servers",
            "/v2.1/servers/",
            "/v2.1/os-keypairs/a:b@c,d;e=~f",
        ] {
            assert!(matches!(canonical_path(path), Ok(Cow::Borrowed(same)) if same == path));
        }
    }

    proptest! {
        #[test]
        fn what_is_plain_would_be_borrowed_by_the_whole_reading_too(path in "/[a./%;\\\\\u{7f}é]{0,12}") {
            if is_plain(&path) {
                prop_assert_eq!(is_canonical(&path), Ok(true));
                prop_assert!(!path.split('/').any(|segment| segment.starts_with('.')));
            }
        }
    }

    #[test]
    fn other_spellings_become_the_one() {
        for (path, canonical) in [
            ("//v2.1//servers", "/v2.1/servers"),
            ("/v2.1/%73ervers", "/v2.1/servers"),
            ("/v2%2E1/servers", "/v2.1/servers"),
            ("/v2.1/servers//", "/v2.1/servers/"),
            ("/v2.1/servers/%2573", "/v2.1/servers/%2573"),
            ("/tags/a%20b%c3%a9", "/tags/a%20b%C3%A9"),
            ("/tags/%7e%3a%3F", "/tags/~:%3F"),
            ("/tags/...", "/tags/..."),
        ] {
            assert_eq!(canonical_path(path).as_deref(), Ok(canonical), "{path}");
        }
    }

    #[test]
    fn what_servers_read_differently_is_refused() {
        for (path, cause) in [
            ("*", Unclear::NotAPath),
            ("", Unclear::NotAPath),
            ("/v2.1/servers%2FS", Unclear::EncodedSlash),
            ("/v2.1/servers%5cS", Unclear::EncodedSlash),
            ("/v2.1\\servers", Unclear::ControlCharacter),
            ("/v2.1/servers%0A", Unclear::ControlCharacter),
            ("/v2.1/servers%00", Unclear::ControlCharacter),
            ("/v2.1/servers%7f", Unclear::ControlCharacter),
            ("/v2.1/images/../servers", Unclear::DotSegment),
            ("/v2.1/./servers", Unclear::DotSegment),
            ("/v2.1/x/%2e%2E/servers", Unclear::DotSegment),
            ("/v2.1/x/%2e./servers", Unclear::DotSegment),
            ("/v2.1/servers/..", Unclear::DotSegment),
            ("/v2.1/%7", Unclear::MalformedEscape),
            ("/v2.1/%zz", Unclear::MalformedEscape),
            ("/v2.1/%+1", Unclear::MalformedEscape),
        ] {
            assert_eq!(canonical_path(path), Err(cause), "{path}");
        }
    }

    #[test]
    fn an_override_is_found_however_it_is_spelled() {
        for query in [
            "_method=POST",
            "a=b&_method=delete",
            "a=b;_method=",
            "_method",
            "%5fmethod=x",
            "_%6Dethod=PUT&_method=GET",
        ] {
            assert!(overrides_method(query), "{query}");
        }
        for query in [
            "",
            "method=x",
            "_methods=x",
            "a=_method",
            "%5method=1",
            "_METHOD=x",
            "%",
        ] {
            assert!(!overrides_method(query), "{query}");
        }
    }

    proptest! {
        #[test]
        fn a_canonical_path_is_its_own_canonical_spelling(path in "/[a-c%/2eEfF.5cé \\\\;:~-]{0,24}") {
            if let Ok(once) = canonical_path(&path) {
                let once = once.into_owned();
                prop_assert_eq!(canonical_path(&once), Ok(Cow::Borrowed(&*once)));
            }
        }

        #[test]
        fn escaping_any_letter_changes_nothing(path in "/[a-z0-9/-]{1,16}", at in 1_usize..16) {
            prop_assume!(at < path.len() && path.as_bytes()[at] != b'/');
            let (head, tail) = path.split_at(at);
            let mut tail = tail.chars();
            let escaped = format!("{head}%{:02x}{}", u32::from(tail.next().unwrap()), tail.as_str());
            prop_assert_eq!(canonical_path(&escaped), canonical_path(&path));
        }
    }
}
