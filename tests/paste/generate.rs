//! Files that are right, nearly right, and nothing of the kind.

use std::{collections::BTreeMap, fs, path::Path};

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

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn in_ten(&mut self, times: usize) -> bool {
        self.below(10) < times
    }
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
        "application",
        "composite",
        "composit",
        "pipeline",
        "filter-app",
        "filter",
        "filter",
        "filter",
        "server",
        "other",
        "pipeline",
        "app",
    ];
    let mut text = String::new();
    if dice.in_ten(5) {
        text.push_str("[DEFAULT]\n");
        for _ in 0..dice.below(4) {
            let key = dice.one(&["x", "y", "z", "use", "set x", "get g", "here", "w", "next"]);
            let value = text_value(dice);
            // These would decide over every section.
            if dice.in_ten(2) || !["use", "get g", "next"].contains(&key) {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
    }
    for _ in 0..1 + dice.below(7) {
        let prefix = dice.one(PREFIXES);
        let space = dice.one(&["", "", "", "", "", "", " "]);
        text.push_str(&format!("[{prefix}:{space}{}]\n", dice.one(NAMES)));
        own(dice, prefix, &mut text);
        for _ in 0..dice.below(3) {
            let key = dice.one(&[
                "x",
                "y",
                "k",
                "l",
                "set x",
                "set y",
                "set w",
                "get g",
                "get k",
                "set  x",
                "set __file__",
                "require",
            ]);
            let value = match key {
                "get g" | "get k" => (dice.one(&["x", "y", "w", "here"])).to_owned(),
                _ => text_value(dice),
            };
            if prefix != "pipeline" || key.starts_with("set ") || dice.in_ten(1) {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
        if dice.in_ten(1) {
            text.push_str(&format!("filter-with = {}\n", reference(dice)));
        }
    }
    text
}

/// What makes a section one of its kind.
fn own(dice: &mut Dice, prefix: &str, text: &mut String) {
    let mut say = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
    if prefix == "filter-app" && dice.in_ten(9) {
        say("next", reference(dice));
    }
    if prefix == "pipeline" {
        let items: Vec<_> = (0..dice.below(4)).map(|_| reference(dice)).collect();
        let between = dice.one(&[" ", "\n   ", "\n  # x\n  "]);
        say("pipeline", items.join(between));
        return;
    }
    if prefix.starts_with("compos") {
        for key in ["handed", "alone"] {
            if dice.in_ten(4) {
                say(key, dice.one(NAMES).to_string());
            }
        }
    }
    let called = [
        "call:m.n:f",
        "CALL:m:f#x",
        "call:m",
        "call:m:f:g",
        "egg:E#x",
        "egg:E",
        "egg:#e",
    ];
    match dice.below(5) {
        0 => say("use", dice.one(&called).to_string()),
        1 | 2 => say("use", reference(dice)),
        _ => {
            let key = match prefix {
                "filter" | "filter-app" => {
                    dice.one(&["paste.filter_factory", "paste.filter_app_factory"])
                }
                _ => dice.one(&[
                    "paste.app_factory",
                    "paste.app_factory",
                    "paste.composite_factory",
                    "paste.composit_factory",
                ]),
            };
            let value = dice.one(&["m:F.g", "m.n : f", "m:f [x]", "m:f", "m", "m:f:g", "m f:g"]);
            let value = if dice.in_ten(8) { "m.n:F.g" } else { value };
            say(key, value.to_owned());
            if dice.in_ten(1) {
                say("paste.app_factory", "m:f".to_owned());
            }
        }
    }
}

fn reference(dice: &mut Dice) -> String {
    const OTHERS: &[&str] = &[
        "config:o.ini",
        "config:o.ini#a",
        "config:o.ini#b",
        "config:../p%20q.ini#c",
        "config:/etc/nova/o.ini#main",
        "config:none.ini",
        "config:api-paste.ini#a",
        "egg:E#x",
        "call:m:f",
        "what:x",
        "d",
        "%(x)s",
        "CONFIG:..\\nova/./o.ini#a",
    ];
    if dice.in_ten(8) {
        dice.one(NAMES).to_string()
    } else {
        dice.one(OTHERS).to_string()
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
