//! JSON as Python's `json.loads` reads it, after the bytes were decoded as UTF-8.
//!
//! The last of two equal keys wins. `NaN` and the infinities are numbers. A number can have any
//! size, and a lone surrogate is a character.

/// A value.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "JSON's own names")]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoJson {
    /// Deeper than Python's recursion goes.
    Depth,
    /// Not UTF-8.
    Encoding,
    /// Not JSON.
    Grammar,
}

impl Json {
    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json> {
        let Self::Object(members) = self else {
            return None;
        };
        members
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// What Python takes for true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(digits) => digits.parse() != Ok(0.0),
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Object(members) => !members.is_empty(),
        }
    }
}

/// Reads a document.
pub fn read(bytes: &[u8]) -> Result<Json, NoJson> {
    let text = std::str::from_utf8(bytes).map_err(|_| NoJson::Encoding)?;
    let mut reader = Reader {
        rest: text.chars().collect(),
        at: 0,
    };
    reader.space();
    let value = reader.value(0)?;
    reader.space();
    if reader.at < reader.rest.len() {
        return Err(NoJson::Grammar);
    }
    Ok(value)
}

/// As deep as any Python goes by default.
const DEEPEST: usize = 990;

struct Reader {
    rest: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Result<char, NoJson> {
        let next = self.peek().ok_or(NoJson::Grammar)?;
        self.at += 1;
        Ok(next)
    }

    fn space(&mut self) {
        while let Some(' ' | '\t' | '\n' | '\r') = self.peek() {
            self.at += 1;
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let end = self.at + word.chars().count();
        let there = self.rest.get(self.at..end);
        let found = there.is_some_and(|there| there.iter().copied().eq(word.chars()));
        if found {
            self.at = end;
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json, NoJson> {
        if depth > DEEPEST {
            return Err(NoJson::Depth);
        }
        if self.takes("{") {
            return self.object(depth);
        }
        if self.takes("[") {
            return self.list(depth);
        }
        if self.takes("\"") {
            return self.text().map(Json::Text);
        }
        for (word, value) in [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
        ] {
            if self.takes(word) {
                return Ok(value);
            }
        }
        for word in ["NaN", "Infinity", "-Infinity"] {
            if self.takes(word) {
                return Ok(Json::Number(word.to_owned()));
            }
        }
        self.number()
    }

    fn object(&mut self, depth: usize) -> Result<Json, NoJson> {
        let mut members: Vec<(String, Json)> = Vec::new();
        self.space();
        if self.takes("}") {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if !self.takes("\"") {
                return Err(NoJson::Grammar);
            }
            let key = self.text()?;
            self.space();
            if !self.takes(":") {
                return Err(NoJson::Grammar);
            }
            self.space();
            let value = self.value(depth + 1)?;
            members.retain(|(name, _)| *name != key);
            members.push((key, value));
            self.space();
            match self.next()? {
                ',' => {}
                '}' => return Ok(Json::Object(members)),
                _ => return Err(NoJson::Grammar),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, NoJson> {
        let mut items = Vec::new();
        self.space();
        if self.takes("]") {
            return Ok(Json::List(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            match self.next()? {
                ',' => {}
                ']' => return Ok(Json::List(items)),
                _ => return Err(NoJson::Grammar),
            }
        }
    }

    fn text(&mut self) -> Result<String, NoJson> {
        let mut text = String::new();
        loop {
            match self.next()? {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                '\0'..='\x1f' => return Err(NoJson::Grammar),
                plain => text.push(plain),
            }
        }
    }

    fn escape(&mut self) -> Result<char, NoJson> {
        Ok(match self.next()? {
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            same @ ('"' | '\\' | '/') => same,
            'u' => {
                let first = self.unit()?;
                let back = self.at;
                if (0xd800..0xdc00).contains(&first) && self.takes("\\u") {
                    let second = self.unit()?;
                    if (0xdc00..0xe000).contains(&second) {
                        let point = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                        return char::from_u32(point).ok_or(NoJson::Grammar);
                    }
                    self.at = back;
                }
                // Rust has no lone surrogates: each gets a private character of its own.
                let private = 0x10_f000 + (first & 0x7ff);
                char::from_u32(first)
                    .or_else(|| char::from_u32(private))
                    .ok_or(NoJson::Grammar)?
            }
            _ => return Err(NoJson::Grammar),
        })
    }

    fn unit(&mut self) -> Result<u32, NoJson> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + self.next()?.to_digit(16).ok_or(NoJson::Grammar)?;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Json, NoJson> {
        let start = self.at;
        self.takes("-");
        if !self.takes("0") {
            self.digits()?;
        }
        if self.takes(".") {
            self.digits()?;
        }
        if self.takes("e") || self.takes("E") {
            if !self.takes("+") {
                self.takes("-");
            }
            self.digits()?;
        }
        Ok(Json::Number(self.rest[start..self.at].iter().collect()))
    }

    fn digits(&mut self) -> Result<(), NoJson> {
        if !self.next()?.is_ascii_digit() {
            return Err(NoJson::Grammar);
        }
        while self.peek().is_some_and(|next| next.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
