//! Values as types.

use std::time::Duration;

use super::{
    Place,
    document::{Setting, Value},
};
use crate::{
    nova::{Mount, NetworkId},
    openstack::Endpoint,
    policy::NetworkSet,
    proxy::{Forwarding, Upstream},
};

/// What is wrong with a value, and on which line.
pub type Flaw = (Place, String);

/// A type that a setting can have.
pub trait FromSetting: Sized {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// All that is wrong.
    fn from_setting(setting: &Setting) -> Result<Self, Vec<Flaw>>;

    /// How it is shown, the same for all spellings.
    fn outline(&self) -> serde_json::Value;
}

fn flaw<T>(setting: &Setting, expected: &str) -> Result<T, Vec<Flaw>> {
    Err(vec![(setting.place.clone(), expected.to_owned())])
}

/// As Python's filters spelt it, in any case; there, anything else was false without a word.
impl FromSetting for bool {
    fn from_setting(setting: &Setting) -> Result<Self, Vec<Flaw>> {
        match &setting.value {
            Value::Flag(flag) => return Ok(*flag),
            Value::Text(text, _) => {
                let text = text.trim().to_ascii_lowercase();
                if ["true", "t", "1", "on", "yes", "y"].contains(&text.as_str()) {
                    return Ok(true);
                }
                if ["false", "f", "0", "off", "no", "n"].contains(&text.as_str()) {
                    return Ok(false);
                }
            }
            Value::List(_) | Value::Number(_) => {}
        }
        flaw(setting, "expected true or false")
    }

    fn outline(&self) -> serde_json::Value {
        (*self).into()
    }
}

impl FromSetting for usize {
    fn from_setting(setting: &Setting) -> Result<Self, Vec<Flaw>> {
        let number = match &setting.value {
            Value::Number(number) => Self::try_from(*number).ok(),
            Value::Text(text, _) => text.trim().parse().ok(),
            Value::Flag(_) | Value::List(_) => None,
        };
        number.map_or_else(|| flaw(setting, "expected a whole number, 0 or more"), Ok)
    }

    fn outline(&self) -> serde_json::Value {
        (*self).into()
    }
}

/// In seconds, at most a year.
impl FromSetting for Duration {
    fn from_setting(setting: &Setting) -> Result<Self, Vec<Flaw>> {
        let seconds = match &setting.value {
            Value::Number(number) => f64::from(i32::try_from(*number).unwrap_or(-1)),
            Value::Text(text, _) => text.trim().parse().unwrap_or(-1.0),
            Value::Flag(_) | Value::List(_) => -1.0,
        };
        if (0.0..=31_536_000.0).contains(&seconds) {
            return Ok(Self::from_secs_f64(seconds));
        }
        flaw(setting, "expected a number of seconds, at most a year")
    }

    fn outline(&self) -> serde_json::Value {
        self.as_secs_f64().into()
    }
}

impl FromSetting for String {
    fn from_setting(setting: &Setting) -> Result<Self, Vec<Flaw>> {
        match &setting.value {
            Value::List(_) => flaw(setting, "expected one text"),
            _ => Ok(setting.text()),
        }
    }

    fn outline(&self) -> serde_json::Value {
        self.as_str().into()
    }
}

/// Separated by white space or commas, or a list.
impl FromSetting for Vec<String> {
    fn from_setting(setting: &Setting) -> Result<Self, Vec<Flaw>> {
        let words = setting.words().into_iter();
        let words = words.flat_map(|word| {
            let parts: Self = word.text.split(',').map(str::to_owned).collect();
            parts
        });
        Ok(words.filter(|word| !word.is_empty()).collect())
    }

    fn outline(&self) -> serde_json::Value {
        self.as_slice().into()
    }
}

/// Separated by white space, or a list. Each one that is no UUID is a flaw on its own line.
impl FromSetting for NetworkSet {
    fn from_setting(setting: &Setting) -> Result<Self, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let mut networks = Vec::new();
        for word in setting.words() {
            match word.text.parse::<Self>() {
                Ok(set) => networks.extend(set.iter()),
                Err(error) => flaws.push((word.place, error.to_string())),
            }
        }
        if flaws.is_empty() {
            Ok(networks.into_iter().collect())
        } else {
            Err(flaws)
        }
    }

    fn outline(&self) -> serde_json::Value {
        self.iter()
            .map(|network: NetworkId| network.to_string())
            .collect()
    }
}

/// Types that are read from one text and have errors that say what is wrong.
macro_rules! parsed {
    ($($type:ty, $parse:expr, $show:expr;)*) => {$(
        impl FromSetting for $type {
            fn from_setting(setting: &Setting) -> Result<Self, Vec<Flaw>> {
                let text = String::from_setting(setting)?;
                let parse: fn(&str) -> Result<Self, String> = $parse;
                parse(text.trim()).or_else(|error| flaw(setting, &error))
            }

            fn outline(&self) -> serde_json::Value {
                let show: fn(&Self) -> String = $show;
                show(self).into()
            }
        }
    )*};
}

fn parse<T: std::str::FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

parsed! {
    Endpoint, parse, Self::to_string;
    Upstream, parse, Self::to_string;
    std::net::SocketAddr, parse, Self::to_string;
    Mount,
        |text| Self::at(text).map_err(|error| error.to_string()),
        |it| it.prefix().to_owned();
    Forwarding,
        |text| match text {
            "append" => Ok(Self::Append),
            "drop" => Ok(Self::Drop),
            "replace" => Ok(Self::Replace),
            _ => Err("expected append, drop or replace".to_owned()),
        },
        |it| format!("{it:?}").to_lowercase();
}
