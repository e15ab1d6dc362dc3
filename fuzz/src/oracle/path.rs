//! The paths that servers make of the one in a request line.

/// What a server makes of a `%` that two hexadecimal digits do not follow.
#[derive(Clone, Copy, Debug)]
pub enum Odd {
    /// It stands for itself.
    Kept,
    /// The next two bytes are digits whatever they are: what is none counts as zero.
    Taken,
}

/// Decodes percent-escapes, but for those that stand for a byte of `except`.
pub fn decode(text: &[u8], odd: Odd, except: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let digits = (text.get(at + 1), text.get(at + 2));
        if let (b'%', (Some(high), Some(low))) = (text[at], digits) {
            let value = match (digit(*high), digit(*low), odd) {
                (Some(high), Some(low), _) => Some(high * 16 + low),
                (high, low, Odd::Taken) => Some(high.unwrap_or(0) * 16 + low.unwrap_or(0)),
                (_, _, Odd::Kept) => None,
            };
            if let Some(value) = value.filter(|value| !except.contains(value)) {
                out.push(value);
                at += 3;
                continue;
            }
        }
        out.push(text[at]);
        at += 1;
    }
    out
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// Takes dot segments away, with the segments that `..` goes back over.
fn resolve(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let segments: Vec<&[u8]> = path.split(|&byte| byte == b'/').collect();
    for (index, &segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        match segment {
            b"." | b".." => {
                if segment == b".." && kept.len() > 1 {
                    kept.pop();
                }
                if last {
                    kept.push(b"");
                }
            }
            _ => kept.push(segment),
        }
    }
    kept.join(&b'/')
}

/// One slash for each run of them.
pub fn collapse(path: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for &byte in path {
        if byte != b'/' || out.last() != Some(&b'/') {
            out.push(byte);
        }
    }
    out
}

/// What may arrive at Nova as `PATH_INFO`, depending on the server. Each with every run of
/// slashes as it came.
pub fn arrivals(path: &str) -> Vec<Vec<u8>> {
    let raw = path.as_bytes();
    let mut all = Vec::new();
    for odd in [Odd::Kept, Odd::Taken] {
        // eventlet and gunicorn decode all, cheroot leaves slashes.
        all.push(decode(raw, odd, b""));
        all.push(decode(raw, odd, b"/"));
        // uWSGI resolves what is literally a dot segment; Apache resolves after decoding.
        all.push(decode(&resolve(raw), odd, b""));
        all.push(resolve(&decode(raw, odd, b"/")));
        all.push(resolve(&collapse(&decode(raw, odd, b""))));
    }
    for path in all.clone() {
        // Some front ends take a backslash for a slash, and what is written in C ends at a NUL.
        if path.contains(&b'\\') {
            all.push(
                path.iter()
                    .map(|&byte| if byte == b'\\' { b'/' } else { byte })
                    .collect(),
            );
        }
        if let Some(end) = path.iter().position(|&byte| byte == 0) {
            all.push(path[..end].to_vec());
        }
    }
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_servers_way_is_among_them() {
        for (path, arrives) in [
            ("/v2.1/%73ervers%0A", "/v2.1/servers\n"),
            ("/v2.1/a%2fb", "/v2.1/a%2fb"),
            ("/v2.1/a%2fb", "/v2.1/a/b"),
            ("/x/../v2.1/./servers", "/v2.1/servers"),
            ("/v2.1/x/%2e%2e/servers", "/v2.1/servers"),
            ("/v2.1/servers/x/..", "/v2.1/servers/"),
            ("/v2.1/servers%zz", "/v2.1/servers%zz"),
            ("/v2.1\\servers", "/v2.1/servers"),
            ("/v2.1/servers%00x", "/v2.1/servers"),
        ] {
            assert!(
                arrivals(path).contains(&arrives.as_bytes().to_vec()),
                "{path}"
            );
        }
    }

    #[test]
    fn nothing_is_decoded_twice() {
        assert_eq!(arrivals("/%2573"), [b"/%73".to_vec()]);
    }
}
