//! Lookups and their values.

use serde_json::Value;

use super::{InvalidFilter, Kind, time};

/// What has to hold of a field's value.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::workflow::store) enum Test {
    Among(Vec<Operand>),
    Between(Operand, Operand),
    /// With this operator: `=`, `>`, `>=`, `<` or `<=`.
    Compare(&'static str, Operand),
    IsNull(bool),
    /// That it is this text, whatever the case of its letters.
    Like(String),
    /// A pattern; `(?i)` begins one that does not regard the case of letters.
    Match(String),
    /// Nothing holds: no value can be like that.
    Never,
    Part(Part, i64),
    Text {
        place: Place,
        fold: bool,
        text: String,
    },
}

/// What a field's value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::workflow::store) enum Operand {
    Number(i64),
    Text(String),
}

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::workflow::store) enum Part {
    Day,
    Hour,
    Minute,
    Month,
    Second,
    WeekDay,
}

/// Where in a text another one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::workflow::store) enum Place {
    Anywhere,
    End,
    Start,
}

/// Whether there is a lookup of this name.
pub(super) fn is_name(name: &str) -> bool {
    NAMES.contains(&name)
}

/// A lookup of a field of this kind. `path` names it in errors.
pub(super) fn read(
    kind: Kind,
    lookup: &str,
    value: &Value,
    path: &str,
) -> Result<Test, InvalidFilter> {
    let unsupported = || InvalidFilter::Lookup {
        name: lookup.to_owned(),
        field: kind.django(),
    };
    let of = |value: &Value| operand(kind, value, path);
    let text = || text(value, path);
    let find = |place, fold| {
        let text = text()?;
        Ok(Test::Text { place, fold, text })
    };
    let compare = |operator| Ok(Test::Compare(operator, of(value)?));
    match lookup {
        "exact" | "iexact" if value.is_null() => Ok(Test::IsNull(true)),
        "exact" => compare("="),
        "iexact" if kind == Kind::Text => Ok(Test::Like(text()?)),
        "iexact" => compare("="),
        "contains" => find(Place::Anywhere, false),
        "icontains" => find(Place::Anywhere, true),
        "startswith" => find(Place::Start, false),
        "istartswith" => find(Place::Start, true),
        "endswith" => find(Place::End, false),
        "iendswith" => find(Place::End, true),
        "in" => {
            let list = list(value, path)?
                .iter()
                .map(of)
                .collect::<Result<_, _>>()?;
            Ok(Test::Among(list))
        }
        "range" => match list(value, path)? {
            [first, last] => Ok(Test::Between(of(first)?, of(last)?)),
            _ => Err(wrong(path, "it has to be a list of two")),
        },
        "gt" => compare(">"),
        "gte" => compare(">="),
        "lt" => compare("<"),
        "lte" => compare("<="),
        "isnull" => Ok(Test::IsNull(truth(value, path)?)),
        "regex" => Ok(Test::Match(pattern("", &text()?, path)?)),
        "iregex" => Ok(Test::Match(pattern("(?i)", &text()?, path)?)),
        _ if kind != Kind::Time => Err(unsupported()),
        "year" => Ok(match time::year(number(value, path)?) {
            Some((first, next)) => Test::Between(
                Operand::Number(first),
                Operand::Number(next.saturating_sub(1)),
            ),
            None => Test::Never,
        }),
        "month" => Ok(Test::Part(Part::Month, number(value, path)?)),
        "day" => Ok(Test::Part(Part::Day, number(value, path)?)),
        "week_day" => Ok(Test::Part(Part::WeekDay, number(value, path)?)),
        "hour" => Ok(Test::Part(Part::Hour, number(value, path)?)),
        "minute" => Ok(Test::Part(Part::Minute, number(value, path)?)),
        "second" => Ok(Test::Part(Part::Second, number(value, path)?)),
        _ => Err(unsupported()),
    }
}

/// True or false, in the ways in which Django takes them.
pub(super) fn truth(value: &Value, path: &str) -> Result<bool, InvalidFilter> {
    match (value, value.as_i64(), value.as_str()) {
        (Value::Bool(truth), ..) => Ok(*truth),
        (_, Some(1), _) | (.., Some("1" | "t" | "true" | "True")) => Ok(true),
        (_, Some(0), _) | (.., Some("0" | "f" | "false" | "False")) => Ok(false),
        _ => Err(wrong(path, "it has to be true or false")),
    }
}

fn operand(kind: Kind, value: &Value, path: &str) -> Result<Operand, InvalidFilter> {
    Ok(match kind {
        Kind::Boolean => Operand::Number(truth(value, path)?.into()),
        Kind::Integer => Operand::Number(number(value, path)?),
        Kind::Text => Operand::Text(text(value, path)?),
        Kind::Time => {
            let time = value.as_str().and_then(time::read);
            let why = "it has to be a time, such as 2026-11-22 or 2026-11-22T05:36:10Z";
            Operand::Number(time.ok_or_else(|| wrong(path, why))?)
        }
    })
}

fn number(value: &Value, path: &str) -> Result<i64, InvalidFilter> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| wrong(path, "it has to be a whole number"))
}

/// A text. Neither database can look for a zero character.
fn text(value: &Value, path: &str) -> Result<String, InvalidFilter> {
    let text = match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.contains('\0') => Some(text.clone()),
        _ => None,
    };
    text.ok_or_else(|| wrong(path, "it has to be a text"))
}

fn list<'a>(value: &'a Value, path: &str) -> Result<&'a [Value], InvalidFilter> {
    match value.as_array() {
        Some(list) if list.len() <= LONGEST_LIST => Ok(list),
        Some(_) => Err(wrong(path, "the list is too long")),
        None => Err(wrong(path, "it has to be a list")),
    }
}

fn pattern(flags: &str, text: &str, path: &str) -> Result<String, InvalidFilter> {
    if text.len() > LONGEST_PATTERN {
        return Err(wrong(path, "the pattern is too long"));
    }
    // What this takes is matched in linear time, by either database.
    match regex::Regex::new(text) {
        Ok(_) => Ok(format!("{flags}{text}")),
        Err(_) => Err(wrong(path, "it is no regular expression")),
    }
}

fn wrong(path: &str, why: &str) -> InvalidFilter {
    InvalidFilter::Value {
        path: path.to_owned(),
        why: why.to_owned(),
    }
}

const LONGEST_LIST: usize = 500;
const LONGEST_PATTERN: usize = 200;
const NAMES: [&str; 24] = [
    "contains",
    "day",
    "endswith",
    "exact",
    "gt",
    "gte",
    "hour",
    "icontains",
    "iendswith",
    "iexact",
    "in",
    "iregex",
    "isnull",
    "istartswith",
    "lt",
    "lte",
    "minute",
    "month",
    "range",
    "regex",
    "second",
    "startswith",
    "week_day",
    "year",
];
