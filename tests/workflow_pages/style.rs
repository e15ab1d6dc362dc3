//! The style sheet: whether what it shows can be read.

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../src/workflow_pages/templates/pages.css");

/// The colours of a scheme by their names.
fn colours(block: &str) -> BTreeMap<&str, [f64; 3]> {
    let lines = block.lines().take_while(|line| line.trim() != "}");
    lines
        .filter_map(|line| {
            let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
            let digits = value.trim_end_matches(';');
            let part = |at: usize| {
                let byte = u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
                f64::from(byte) / 255.0
            };
            Some((name, [part(0), part(2), part(4)]))
        })
        .collect()
}

/// How bright a colour is, as WCAG 2 reckons.
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|it| match it {
        it if it <= 0.04045 => it / 12.92,
        it => ((it + 0.055) / 1.055).powf(2.4),
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    (one / other).max(other / one)
}

#[test]
fn rule_2_what_is_shown_stands_out_in_both_schemes() {
    let (_, light) = STYLE.split_once(":root {").unwrap();
    let (_, dark) = light.split_once(":root {").unwrap();
    for (scheme, block) in [("light", light), ("dark", dark)] {
        let colours = colours(block);
        assert_eq!(colours.len(), 16, "{colours:?}");
        for (text, ground, least) in [
            ("ink", "ground", 7.0),
            ("ink", "paper", 7.0),
            ("soft", "ground", 4.5),
            ("soft", "paper", 4.5),
            ("act", "ground", 4.5),
            ("act", "paper", 4.5),
            ("act-over", "ground", 4.5),
            ("on-act", "act", 4.5),
            ("on-act", "act-over", 4.5),
            ("good", "good-ground", 4.5),
            ("bad", "bad-ground", 4.5),
            ("ink", "bad-ground", 4.5),
            ("bad", "paper", 4.5),
            ("paper", "bad", 4.5),
            ("wait", "wait-ground", 4.5),
            // What is no text.
            ("field", "paper", 3.0),
            ("focus", "paper", 3.0),
            ("focus", "ground", 3.0),
        ] {
            let found = contrast(colours[text], colours[ground]);
            assert!(found >= least, "{scheme}: {text} on {ground} is {found:.2}");
        }
    }
}
