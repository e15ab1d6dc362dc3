//! JSON, spelled in many ways, and now and then wrongly.

use crate::{dice::Dice, mutate::VALUES};

/// What is written so far.
pub(crate) struct Writer {
    pub(crate) dice: Dice,
    pub(crate) body: String,
}

/// Writes a value.
pub(crate) type Write = fn(&mut Writer);

impl Writer {
    pub(crate) fn space(&mut self) {
        if self.dice.in_ten(2) {
            let space = self.dice.one(&[" ", "  ", "\n", "\t", "\r\n", "\n    "]);
            self.body.push_str(space);
        }
    }

    pub(crate) fn word(&mut self, word: &str) {
        self.space();
        self.body.push_str(word);
        self.space();
    }

    pub(crate) fn begin(&mut self, bracket: &str) {
        self.word(bracket);
    }

    /// Ends what may have a comma at its end, which now and then stays.
    pub(crate) fn end(&mut self, bracket: &str) {
        if self.body.ends_with(',') && self.dice.below(300) > 0 {
            self.body.pop();
        }
        self.word(bracket);
    }

    pub(crate) fn member(&mut self, name: &str, value: Write) {
        self.text(name);
        self.word(":");
        value(self);
        self.body.push(',');
    }

    pub(crate) fn list(&mut self, count: usize, entry: Write) {
        self.begin("[");
        for _ in 0..count {
            entry(self);
            self.body.push(',');
        }
        self.end("]");
    }

    /// Members that mean nothing, now and then about as many as there may be.
    pub(crate) fn junk(&mut self) {
        let count = match self.dice.below(200) {
            0 => 250 + self.dice.below(10),
            1..=20 => self.dice.below(14),
            _ => self.dice.below(4),
        };
        for number in 0..count {
            let name = self.dice.one(&["name", "user_data", "ключ", "😀"]);
            let value = if count > 20 { Self::number } else { Self::any };
            if self.dice.in_ten(9) || count > 20 {
                self.member(&format!("{name}{number}"), value);
            } else {
                // Few, so that some come twice.
                let name = self
                    .dice
                    .one(&["", "a", "\u{8}", "\u{b}", "\n", "\0", "/", "é", "😀"]);
                self.member(name, value);
            }
        }
    }

    /// Any value.
    pub(crate) fn any(&mut self) {
        match self.dice.below(100) {
            0 => self.deep(),
            1 => {
                let value = self.dice.one(VALUES);
                self.word(value);
            }
            2..=20 => {
                let word = self.dice.one(&["null", "true", "false", "{}", "[]"]);
                self.word(word);
            }
            21..=40 => self.number(),
            41..=89 => self.long_text(),
            90..=94 => {
                let count = self.dice.below(4);
                self.list(count, Self::any);
            }
            _ => {
                self.begin("{");
                self.junk();
                self.end("}");
            }
        }
    }

    fn number(&mut self) {
        let number = self.dice.one(&[
            "0",
            "-0",
            "7",
            "-12",
            "1.50",
            "0.0",
            "1e5",
            "1E+07",
            "-2.5e-3",
            "1e999",
            "1e-999",
            "18446744073709551616",
            "123456789012345678901234567890",
        ]);
        self.word(number);
    }

    /// Brackets in brackets, which nearly always close as they opened.
    fn deep(&mut self) {
        let depth = self
            .dice
            .one(&[1, 2, 5, 62, 63, 64, 65, 126, 127, 128, 129, 500, 3000]);
        let mut ends = Vec::new();
        for _ in 0..depth {
            let (begin, end) = self.dice.one(&[("[", "]"), ("{\"a\":", "}")]);
            self.body.push_str(begin);
            ends.push(end);
        }
        self.body.push_str("[]");
        for end in ends.into_iter().rev() {
            let wrong = self.dice.below(20_000) == 0;
            self.body.push_str(if wrong { "}" } else { end });
        }
    }

    /// This text, with some of its characters escaped.
    pub(crate) fn text(&mut self, text: &str) {
        self.space();
        self.body.push('"');
        let often = self.dice.one(&[0, 0, 0, 1, 5, 10]);
        for character in text.chars() {
            match character {
                '/' | '\n' | '\u{8}' if self.dice.in_ten(5) => {
                    let short = match character {
                        '/' => "\\/",
                        '\n' => "\\n",
                        _ => "\\b",
                    };
                    self.body.push_str(short);
                }
                '\0'..' ' => self.escape(character),
                _ if self.dice.in_ten(often) => self.escape(character),
                _ => self.body.push(character),
            }
        }
        self.body.push('"');
        self.space();
    }

    fn escape(&mut self, character: char) {
        for unit in character.encode_utf16(&mut [0; 2]) {
            let escape = if self.dice.in_ten(5) {
                format!("\\u{unit:04x}")
            } else {
                format!("\\u{unit:04X}")
            };
            self.body.push_str(&escape);
        }
    }

    /// A text of runs of plain characters and of what is between them.
    fn long_text(&mut self) {
        self.space();
        self.body.push('"');
        for _ in 0..self.dice.below(4) {
            let length = match self.dice.below(30) {
                0 => self.dice.below(3000),
                _ => self.dice.below(100),
            };
            let plain = self
                .dice
                .one(&["Q", "Q", "Q", " ", "\u{7f}", "é", "ж", "😀"]);
            self.body.push_str(&plain.repeat(length));
            let odd = match self.dice.below(60) {
                0 => self
                    .dice
                    .one(&["\\ud83d", "\\udc00", "\\ud83d\\n", "\\ud83dx"]),
                1 => self
                    .dice
                    .one(&["\u{1f}", "\n", "\0", "\"", "\\", "\\x", "\\u12", "\\u12g4"]),
                2..=10 => self
                    .dice
                    .one(&["\\\"", "\\\\", "\\/", "\\n", "\\t", "\\u0000"]),
                11..=20 => self
                    .dice
                    .one(&["\\u00e9", "\\ud83d\\ude00", "é", "\u{2028}"]),
                _ => "",
            };
            self.body.push_str(odd);
        }
        self.body.push('"');
        self.space();
    }
}
