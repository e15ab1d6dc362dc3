//! Files that are right, nearly right, and nothing of the kind.

use std::{collections::BTreeMap, fs, path::Path};

use crate::dice::Dice;

/// A file and those it may refer to.
pub(crate) struct File {
    pub(crate) text: String,
    pub(crate) others: BTreeMap<String, String>,
}

impl File {
    pub(crate) const PATH: &str = "/etc/nova/api-paste.ini";

    /// The file of a number, always the same.
    pub(crate) fn of(seed: u64, samples: &[String]) -> Self {
        let mut dice = Dice(seed);
        let mut text = match dice.below(8) {
            0 | 1 => lines(&mut dice),
            2..=6 => sections(&mut dice),
            _ => samples[dice.below(samples.len())].clone(),
        };
        for _ in 0..dice.below(3) * dice.below(3) {
            text = mutated(&mut dice, &text);
        }
        let other = sections(&mut dice);
        let others = [
            ("/etc/nova/o.ini".to_owned(), other),
            ("/etc/p q.ini".to_owned(), sections(&mut dice)),
        ];
        Self {
            text,
            others: others.into(),
        }
    }
}

pub(crate) fn samples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/paste/samples");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() > 9, "{paths:?}");
    paths
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

/// Lines of tokens that the grammar cares for.
fn lines(dice: &mut Dice) -> String {
    const TOKENS: &[&str] = &[
        "a",
        "b",
        "A",
        "key",
        "[a]",
        "[b]",
        "[DEFAULT]",
        "[",
        "]",
        "[]",
        "[a]x",
        "=",
        ":",
        " = ",
        ": ",
        "#",
        ";",
        "%",
        "%%",
        "%(a)s",
        "%(b)s",
        "%(here)s",
        "%(__file__)s",
        "%(",
        ")s",
        " ",
        "  ",
        "\t",
        "\r",
        "\u{a0}",
        "\u{85}",
        "\u{2028}",
        "\u{1c}",
        "\u{1f}",
        "\u{b}",
        "\u{c}",
        "\0",
        "é",
        "\u{feff}",
        "\u{200b}",
        "here",
        "__file__",
        "x y",
        "1",
        "\"",
    ];
    const ENDS: &[&str] = &["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\n  \n"];
    const STARTS: &[&str] = &["", "", "", " ", "  ", "\t", "\u{a0}", "# ", ";", " #"];
    const LINES: &[&str] = &[
        "[a]",
        "[b]",
        "[c]",
        "[DEFAULT]",
        "a = 1",
        "b: 2",
        "c = %(a)s",
        "d = %(d)s",
        "e=",
        "f = %%",
        "g = x%(b)s%(c)s",
        "[d] = 5",
        "h = %(e)s",
        "= 3",
        ": x",
        "i",
        "j = # no",
        "a = %(b)s",
    ];
    let mut text = String::new();
    if dice.in_ten(9) {
        text.push_str(dice.one(&["[a]\n", "[DEFAULT]\n", "# x\n\n[s]\n", " [a]\n"]));
    }
    for _ in 0..dice.below(14) {
        text.push_str(dice.one(STARTS));
        if dice.in_ten(8) {
            text.push_str(dice.one(LINES));
        } else {
            for _ in 0..dice.below(6) {
                text.push_str(dice.one(TOKENS));
            }
        }
        text.push_str(dice.one(ENDS));
    }
    text
}

const NAMES: &[&str] = &["a", "b", "c", "main"];

/// A paste.ini, more or less.
fn sections(dice: &mut Dice) -> String {
    const PREFIXES: &[&str] = &[
        "app",
        "app",
        "application",
        "composite",
        "composit",
        "pipeline",
        "pipeline",
        "filter-app",
        "filter",
        "filter",
        "filter",
        "filter",
        "server",
        "other",
    ];
    let mut text = String::new();
    if dice.in_ten(7) {
        text.push_str("[DEFAULT]\n");
        for key in ["x", "y"] {
            if dice.in_ten(8) {
                text.push_str(&format!("{key} = {}\n", dice.below(9)));
            }
        }
        if dice.in_ten(3) {
            // The last ones decide over every section.
            let keys = [
                "z", "w", "set x", "here", "__file__", "get g", "use", "next",
            ];
            let key = keys[dice.below(keys.len()).min(dice.below(keys.len()))];
            text.push_str(&format!("{key} = {}\n", text_value(dice)));
        }
    }
    let mut heads: Vec<Head> = Vec::new();
    for _ in 0..2 + dice.below(6) {
        let head = Head {
            prefix: dice.one(PREFIXES),
            name: dice.one(NAMES),
        };
        if dice.below(30) == 0 || !heads.iter().any(|other| other.clashes(&head)) {
            heads.push(head);
        }
    }
    for (index, head) in heads.iter().enumerate() {
        let space = if dice.in_ten(1) { " " } else { "" };
        text.push_str(&format!("[{}:{space}{}]\n", head.prefix, head.name));
        // Mostly what stands further down, so that few go round.
        own(dice, head.prefix, &heads[index + 1..], &mut text);
    }
    text
}

struct Head {
    prefix: &'static str,
    name: &'static str,
}

impl Head {
    fn is_filter(&self) -> bool {
        self.prefix == "filter"
    }

    fn clashes(&self, other: &Self) -> bool {
        self.name == other.name && self.is_filter() == other.is_filter()
    }
}

/// The settings of a section.
fn own(dice: &mut Dice, prefix: &str, below: &[Head], text: &mut String) {
    let filter = prefix.starts_with("filter");
    let mut say = |key: &str, value: &str| text.push_str(&format!("{key} = {value}\n"));
    if prefix == "filter-app" && dice.below(20) > 0 {
        say("next", &reference(dice, below, false));
    }
    if prefix == "pipeline" {
        let mut items: Vec<_> = (0..dice.below(3))
            .map(|_| reference(dice, below, true))
            .collect();
        if dice.below(20) > 0 {
            items.push(reference(dice, below, false));
        }
        say(
            "pipeline",
            &items.join(dice.one(&[" ", "\n   ", "\n  # x\n  "])),
        );
    } else if dice.in_ten(5) {
        let right: &[&str] = &["call:m.n:f", "egg:E#x"];
        let called: &[&str] = &["CALL:m:f#x", "call:m", "call:m:f:g", "egg:E", "egg:#e"];
        let used = match dice.below(10) {
            0 => dice.one(called).to_owned(),
            1 | 2 => dice.one(right).to_owned(),
            _ => reference(dice, below, filter),
        };
        say("use", &used);
    } else {
        let keys: &[&str] = match filter {
            true => &["paste.filter_factory", "paste.filter_app_factory"],
            false => &[
                "paste.app_factory",
                "paste.composite_factory",
                "paste.composit_factory",
            ],
        };
        let odd: &[&str] = &["m.n : f", "m:f [x]", "m", "m:f:g", "m f:g", "m:f]", "m:é"];
        let value = if dice.in_ten(9) {
            "m.n:F.g"
        } else {
            dice.one(odd)
        };
        say(dice.one(keys), value);
        if dice.below(30) == 0 {
            say(dice.one(keys), "m:g");
        }
    }
    if prefix != "pipeline" && !filter && dice.in_ten(4) {
        say("handed", &reference(dice, below, false));
        say("alone", &reference(dice, below, false));
    }
    if dice.in_ten(2) {
        say("filter-with", &reference(dice, below, true));
    }
    let mut keys = vec![
        "set x",
        "set y",
        "set w",
        "set  x",
        "set __file__",
        "require",
    ];
    if prefix != "pipeline" || dice.below(20) == 0 {
        keys.extend(["x", "k", "k", "l", "l", "get g", "get g", "get k"]);
    }
    for _ in 0..dice.below(4) {
        // No key twice: that is for the other generators.
        let key = keys.swap_remove(dice.below(keys.len()));
        keys.retain(|other| *other != key);
        let value = match key {
            "get g" | "get k" => dice
                .one(&["x", "x", "y", "here", "w", "__file__"])
                .to_owned(),
            _ => text_value(dice),
        };
        say(key, &value);
    }
}

fn reference(dice: &mut Dice, below: &[Head], filter: bool) -> String {
    const OTHERS: &[&str] = &[
        "config:o.ini",
        "config:o.ini#a",
        "config:o.ini#b",
        "config:../p%20q.ini#c",
        "config:../p%20q.ini#a",
        "CONFIG:..\\nova/./o.ini#a",
        "config:/etc/nova/o.ini#main",
        "config:api-paste.ini#a",
        "config:none.ini",
        "call:m:f",
        "what:x",
        "%(x)s",
        "d",
    ];
    let fits = |head: &&Head| head.is_filter() == filter;
    let names: Vec<_> = below.iter().filter(fits).map(|head| head.name).collect();
    match dice.below(20) {
        0 => dice.one(NAMES).to_owned(),
        1 => dice.one(OTHERS).to_owned(),
        2 | 3 => OTHERS[dice.below(7)].to_owned(),
        _ if names.is_empty() => "egg:E#x".to_owned(),
        _ => dice.one(&names).to_owned(),
    }
}

fn text_value(dice: &mut Dice) -> String {
    const VALUES: &[&str] = &[
        "1",
        "2",
        "",
        "a b",
        "a\n  b\n\n  c",
        "%(x)s",
        "%(y)s-%(x)s",
        "%(here)s/x",
        "%%",
        "5%",
        "%(no)s",
        "%(__file__)s",
        "main",
        "a",
        "3",
        "4",
        "\n  b\n  # c\n  d",
        "%(l)s",
    ];
    // Most are right in any section.
    let most = if dice.in_ten(8) { 5 } else { VALUES.len() };
    VALUES[dice.below(most)].to_owned()
}

/// One slip of the pen.
fn mutated(dice: &mut Dice, text: &str) -> String {
    const NOISE: &[char] = &[
        ' ', '\t', '\n', '\r', '=', ':', '[', ']', '#', ';', '%', '(', ')', 's', 'a', 'x',
        '\u{a0}', '\u{feff}', '\u{1d}', '\0', 'ß', '\\', '"', '\'', '-', '.', '1',
    ];
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return dice.one(NOISE).to_string();
    }
    let (line, other) = (dice.below(lines.len()), dice.below(lines.len()));
    let at = dice.below(letters.len());
    match dice.below(8) {
        0 => drop(lines.remove(line)),
        1 => lines.insert(other, lines[line]),
        2 => lines.swap(line, other),
        3 => lines.insert(
            line,
            dice.one(&[" ", "\t", "    ", "#", "\n", "\u{feff}", "set "]),
        ),
        letter => {
            match letter {
                4 => drop(letters.remove(at)),
                5 => letters[at] = dice.one(NOISE),
                6 => letters.truncate(at),
                _ => letters.insert(at, dice.one(NOISE)),
            }
            return letters.into_iter().collect();
        }
    }
    lines.concat()
}
