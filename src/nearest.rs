//! The name that was meant, for messages about one that is not known.

/// The known name nearest to this one, if one is near: at most a third of it is different.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let within = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|other| (distance(name, other), other))
        .filter(|(distance, _)| *distance <= within)
        .min()
        .map(|(_, other)| other)
}

/// Says that there is no such name, and the nearest known one.
pub(crate) fn none_such<'a>(
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    match nearest(name, known) {
        Some(meant) => format!("there is no {what} `{name}`; did you mean `{meant}`?"),
        None => format!("there is no {what} `{name}`"),
    }
}

/// Says that there is no such key, and the nearest known one, or else all of them.
#[cfg(feature = "workflow-service")]
pub(crate) fn no_such_key(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(_) => none_such("key", name, known.iter().copied()),
        None => format!("there is no such key; there are: {}", known.join(", ")),
    }
}

/// How many characters must be put in, left out, changed or swapped, without regard to case.
fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|text| text.to_lowercase().chars().collect::<Vec<_>>());
    // Three rows of the table are enough: swaps look back two.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let changed = get(&last, j) + usize::from(x != y);
            let mut least = changed.min(get(&last, j + 1) + 1).min(get(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(get(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known = ["required_nets", "banned_nets", "networks_max", "use"];
        for (name, meant) in [
            ("requierd_nets", Some("required_nets")),
            ("required_net", Some("required_nets")),
            ("Banned_Nets", Some("banned_nets")),
            ("network_max", Some("networks_max")),
            ("ues", Some("use")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
        assert_eq!(
            none_such("key", "us", known),
            "there is no key `us`; did you mean `use`?"
        );
        assert_eq!(
            none_such("key", "colour", known),
            "there is no key `colour`"
        );
    }
}
