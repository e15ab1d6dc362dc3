//! Which requests ask what versions there are.

use http::{Method, Uri};

use super::{Mount, canonical_path};

/// Whether a request reads one of Nova's version documents: the mount itself, `/v2.1` or `/v2`
/// below it, with or without a slash at the end, by `GET` or `HEAD`.
///
/// Nova answers these without a token, and clients ask for them before they have one.
#[must_use]
pub fn reads_versions(method: &Method, uri: &Uri, mount: &Mount) -> bool {
    if !matches!(*method, Method::GET | Method::HEAD) || uri.query().is_some() {
        return false;
    }
    let Ok(path) = canonical_path(uri.path()) else {
        return false;
    };
    let versions = ["", "/", "/v2", "/v2/", "/v2.1", "/v2.1/"];
    mount
        .below(&path)
        .is_some_and(|below| versions.contains(&below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_documents_and_nothing_else() {
        let reads = |line: &str, mount: &str| {
            let (method, uri) = line.split_once(' ').unwrap();
            let mount = Mount::at(mount).unwrap();
            reads_versions(&method.parse().unwrap(), &uri.parse().unwrap(), &mount)
        };
        for line in [
            "GET /",
            "GET /v2.1",
            "HEAD /v2.1/",
            "GET /v2/",
            "GET //v2%2E1/",
        ] {
            assert!(reads(line, "/"), "{line}");
        }
        for line in ["GET /compute", "GET /compute/", "GET /compute/v2.1/"] {
            assert!(reads(line, "/compute"), "{line}");
        }
        for line in [
            "POST /",
            "GET /v2.1/servers",
            "GET /v2.1/x",
            "GET /?_method=POST",
            "GET /v2.1/%0A",
            "OPTIONS /",
            "GET /compute",
        ] {
            assert!(!reads(line, "/"), "{line}");
        }
        assert!(!reads("GET /", "/compute"));
        assert!(!reads("GET /v2.1/", "/compute"));
    }
}
