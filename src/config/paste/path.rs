//! Paths as PasteDeploy puts them together: text, with no look at the file system.

use super::ini::is_space;

/// The folder of a path.
pub(super) fn folder(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((folder, _)) if folder.trim_start_matches('/').is_empty() => {
            // The root, with as many slashes as it is written with.
            path.split_at(folder.len() + 1).0
        }
        Some((folder, _)) => folder.trim_end_matches('/'),
        None => "",
    }
}

/// The path without `.`, `..` and needless slashes.
pub(super) fn normal(path: &str) -> String {
    let root = match path.len() - path.trim_start_matches('/').len() {
        0 => "",
        // POSIX leaves the meaning of two slashes open, so they stay.
        2 => "//",
        _ => "/",
    };
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if root.is_empty() && parts.last().is_none_or(|last| *last == "..") => {
                parts.push(part);
            }
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    format!("{root}{}", parts.join("/"))
}

/// The file that `config:path` names in the file `from`.
pub(super) fn beside(from: &str, path: &str) -> String {
    let absolute = path.starts_with('/');
    let path = path.replace('\\', "/");
    let folder = folder(from);
    let path = if absolute || folder.is_empty() {
        path
    } else {
        format!("{folder}/{path}")
    };
    normal(unquoted(&path).trim_matches(is_space))
}

/// With `%41` read as `A`.
fn unquoted(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut parts = path.split('%');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let byte = part
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(part.bytes().skip(2));
            }
            None => {
                bytes.push(b'%');
                bytes.extend(part.bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_in_one_way() {
        for (path, expected) in [
            ("/etc/nova/api-paste.ini", "/etc/nova/api-paste.ini"),
            ("/etc//nova/./x/../api-paste.ini", "/etc/nova/api-paste.ini"),
            ("/../a", "/a"),
            ("///a", "/a"),
            ("//a/b", "//a/b"),
            ("a/../../b", "../b"),
        ] {
            assert_eq!(normal(path), expected);
        }
    }

    #[test]
    fn the_folder_of_a_path() {
        for (path, expected) in [
            ("/etc/nova/f.ini", "/etc/nova"),
            ("/f.ini", "/"),
            ("//f.ini", "//"),
            ("f.ini", ""),
        ] {
            assert_eq!(folder(path), expected);
        }
    }

    #[test]
    fn another_file_is_found_beside_the_first() {
        for (path, expected) in [
            ("o.ini", "/etc/nova/o.ini"),
            ("../o.ini", "/etc/o.ini"),
            ("/o.ini", "/o.ini"),
            ("sub\\o.ini", "/etc/nova/sub/o.ini"),
            ("a%20b%2Fc%zz%4.ini", "/etc/nova/a b/c%zz%4.ini"),
            ("o.ini ", "/etc/nova/o.ini"),
            ("é%é", "/etc/nova/é%é"),
        ] {
            assert_eq!(beside("/etc/nova/f.ini", path), expected);
        }
    }
}
