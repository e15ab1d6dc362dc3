//! Finding the first of many prefixes that a path begins with.

use std::collections::BTreeMap;

use super::PathPrefix;

/// Something for each prefix.
///
/// A path is followed segment by segment as far as the prefixes go. So finding one takes a step for
/// each segment of the longest, however many a caller makes up, and each step grows only with the
/// logarithm of the number of prefixes.
#[derive(Clone, Debug)]
pub(super) struct Prefixes<T> {
    /// In the order in which they count: of those that a path begins with, it is the first.
    sorted: Vec<(PathPrefix, T)>,
    root: Node,
}

/// The end of a segment. The numbers are places in the order.
#[derive(Clone, Debug, Default)]
struct Node {
    /// Of the prefix that ends here.
    here: Option<usize>,
    /// Of the one that ends here and has to be followed by more.
    followed: Option<usize>,
    below: BTreeMap<Box<str>, Self>,
}

impl<T> Prefixes<T> {
    pub(super) fn new(mut prefixes: Vec<(PathPrefix, T)>) -> Self {
        PathPrefix::sort(&mut prefixes);
        let mut root = Node::default();
        for (place, (prefix, _)) in prefixes.iter().enumerate() {
            let segments = prefix.path().split('/').skip(1);
            let node = segments.fold(&mut root, |node, segment| {
                node.below.entry(segment.into()).or_default()
            });
            let end = if prefix.asks_for_more() {
                &mut node.followed
            } else {
                &mut node.here
            };
            // The same once more would never be reached.
            end.get_or_insert(place);
        }
        Self {
            sorted: prefixes,
            root,
        }
    }

    /// The first that a canonical path, below the mount, begins with.
    pub(super) fn find(&self, path: &str) -> Option<&(PathPrefix, T)> {
        let mut node = &self.root;
        let mut rest = path;
        let mut first = node.first(rest);
        while !node.below.is_empty()
            && let Some(after) = rest.strip_prefix('/')
        {
            // Segments are short, and a search made for long texts takes its time to begin.
            let end = after.bytes().position(|byte| byte == b'/');
            let (segment, behind) = after.split_at(end.unwrap_or(after.len()));
            let Some(below) = node.below.get(segment) else {
                break;
            };
            (node, rest) = (below, behind);
            first = first.into_iter().chain(node.first(rest)).min();
        }
        self.sorted.get(first?)
    }
}

impl Node {
    /// The first that ends here, in front of such a rest.
    fn first(&self, rest: &str) -> Option<usize> {
        // A slash alone is not more.
        let followed = self.followed.filter(|_| rest.len() > 1);
        self.here.into_iter().chain(followed).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    fn prefixes<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<(PathPrefix, usize)> {
        let read = texts.into_iter().map(PathPrefix::new);
        let read = read.enumerate();
        read.filter_map(|(number, prefix)| Some((prefix.ok()?, number)))
            .collect()
    }

    /// What is found by trying one after the other, the longest first.
    fn tried(mut prefixes: Vec<(PathPrefix, usize)>, path: &str) -> Option<(PathPrefix, usize)> {
        PathPrefix::sort(&mut prefixes);
        prefixes.into_iter().find(|(prefix, _)| {
            let rest = prefix.cut(path);
            rest.is_some_and(|rest| !prefix.asks_for_more() || rest.len() > 1)
        })
    }

    #[test]
    fn a_prefix_ends_where_a_segment_does_and_a_plus_asks_for_more() {
        for (prefix, path, matches) in [
            ("/", "", true),
            ("/", "/", true),
            ("/", "/v2.1/servers", true),
            ("/+", "/", false),
            ("/+", "/v2.1", true),
            ("/v2", "/v2", true),
            ("/v2", "/v2/servers", true),
            ("/v2", "/v2.1", false),
            ("/v2/+", "/v2/servers", true),
            ("/v2/+", "/v2", false),
            ("/v2/+", "/v2/", false),
            // Only behind a slash is it more than a character.
            ("/v2+", "/v2.1/servers", false),
            ("/v2+", "/v2+", true),
        ] {
            let found = Prefixes::new(prefixes([prefix])).find(path).is_some();
            assert_eq!(found, matches, "{prefix} {path}");
        }
    }

    #[test]
    fn of_several_the_longest_as_it_is_written_is_taken() {
        for (written, path, number) in [
            (["/", "/v2.1", "/v2.1/+"], "/v2.1/servers", 2),
            (["/", "/v2.1", "/v2.1/+"], "/v2.1/", 1),
            (["/", "/v2.1", "/v2.1/+"], "/v3", 0),
            (["/v2/+", "/v2/os", "/"], "/v2/os/x", 1),
            // As long as the other, and before it in the alphabet.
            (["/v2/+", "/v2/x", "/"], "/v2/x/y", 0),
            (["/v2/+", "/v2/!", "/"], "/v2/!/y", 1),
        ] {
            let found = Prefixes::new(prefixes(written)).find(path).map(|it| it.1);
            assert_eq!(found, Some(number), "{written:?} {path}");
        }
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_trying_one_after_the_other_finds(
            written in vec("(/[ab+!]{1,2}){0,3}(/|/[+]|//[+])?", 0..12),
            // Often below one of them, and any other path else.
            below in select(vec![true, false]),
            which in any::<prop::sample::Index>(),
            rest in "(/[ab+!]{1,2}){0,4}/?",
        ) {
            let known = prefixes(written.iter().map(String::as_str));
            let begin = if below && !known.is_empty() { known[which.index(known.len())].0.path() } else { "" };
            let path = format!("{begin}{rest}");
            let found = Prefixes::new(known.clone()).find(&path).cloned();
            prop_assert_eq!(found, tried(known, &path));
        }
    }
}
