//! The name that was probably meant.

/// Of these names the one most like `name`, if it is like it at all: at most a third of its
/// letters are other ones.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = name.chars().count();
    let most = letters.div_ceil(3);
    names
        .filter(|other| other.chars().count().abs_diff(letters) <= most)
        .map(|other| (distance(name, other), other))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, other)| other)
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (above, x) in a.chars().enumerate() {
        let mut diagonal = above;
        let mut left = above + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            left = (left.min(*cell) + 1).min(diagonal + usize::from(x != y));
            diagonal = std::mem::replace(cell, left);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_another_name() {
        let names = ["requestnetworks", "rolerouter", "authtoken"];
        let near = |name| nearest(name, names.into_iter());
        assert_eq!(near("requestnetwork"), Some("requestnetworks"));
        assert_eq!(near("rolerotuer"), Some("rolerouter"));
        assert_eq!(near("auhttoken"), Some("authtoken"));
        assert_eq!(near("keystone"), None);
        assert_eq!(near(""), None);
    }

    #[test]
    fn distances() {
        for (a, b, letters) in [
            ("", "", 0),
            ("", "ab", 2),
            ("ab", "", 2),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("é", "e", 1),
        ] {
            assert_eq!(distance(a, b), letters, "{a} {b}");
        }
    }
}
