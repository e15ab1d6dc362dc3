//! The method that Routes takes from a query.

/// The methods by which a request may be routed: its own, or what `_method` says. Python splits
/// at `&`, older ones at `;` as well; the last value counts, and an empty one does not.
pub fn methods(method: &str, query: Option<&str>) -> Vec<String> {
    // The text is searched before anything is decoded.
    let Some(query) = query.filter(|query| query.contains("_method")) else {
        return vec![method.to_owned()];
    };
    let splits: [&[char]; 2] = [&['&'], &['&', ';']];
    let overridden = splits.map(|separators| {
        let mut last = None;
        for pair in query.split(separators) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if unquote(key) == b"_method" {
                last = Some(unquote(value));
            }
        }
        match last {
            Some(value) if !value.is_empty() => String::from_utf8_lossy(&value).to_uppercase(),
            _ => method.to_owned(),
        }
    });
    overridden.to_vec()
}

/// Decodes a part of a query, in which a malformed escape stands for itself.
fn unquote(text: &str) -> Vec<u8> {
    super::path::decode(
        text.replace('+', " ").as_bytes(),
        super::path::Odd::Kept,
        b"",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts() {
        for (query, wanted) in [
            ("a=b", ["PUT", "PUT"]),
            ("_method=post", ["POST", "POST"]),
            ("_method=GET&%5fmethod=delete", ["DELETE", "DELETE"]),
            ("%5fmethod=delete", ["PUT", "PUT"]),
            ("_method=POST&_method=", ["PUT", "PUT"]),
            ("a=b;_method=POST", ["PUT", "POST"]),
            ("_method", ["PUT", "PUT"]),
        ] {
            let mut methods = methods("PUT", Some(query));
            methods.resize(2, "PUT".to_owned());
            assert_eq!(methods, wanted, "{query}");
        }
        assert_eq!(methods("PUT", None), ["PUT"]);
    }
}
