//! Tables that a type reads which says itself what may be in it.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, Visitor, value::Error},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

use crate::{
    nearest::no_such_key,
    workflow_messages::{Mistake, Section},
};

/// The table as a whole, or a mistake for each key that is wrong. The messages have values in
/// them, so there must be no secrets.
pub(super) fn whole<T: DeserializeOwned>(section: Section<'_>) -> Option<T> {
    let (path, mut table, mistakes) = section.take();
    let before = mistakes.len();
    let known = keys_of::<T>();
    table.retain(|key, value| {
        if !known.contains(&key.as_str()) {
            let message = no_such_key(key, known);
            mistakes.push(Mistake::new(format!("{path}.{key}"), message));
            return false;
        }
        // Alone, so that what is wrong with the others is found, too.
        let alone = Map::from_iter([(key.clone(), value.clone())]);
        let wrong = read::<T>(&path, alone).err();
        let wrong = wrong.filter(|mistake| mistake.key != path);
        let fine = wrong.is_none();
        mistakes.extend(wrong);
        fine
    });
    let fine = mistakes.len() == before;
    match read(&path, table) {
        Ok(it) => fine.then_some(it),
        // What is missing may be what was wrong.
        Err(_) if !fine => None,
        Err(mistake) => {
            mistakes.push(mistake);
            None
        }
    }
}

fn read<T: DeserializeOwned>(path: &str, table: Map<String, Value>) -> Result<T, Mistake> {
    serde_path_to_error::deserialize(Value::Object(table)).map_err(|error| {
        let inner = error.path().to_string();
        let key = match inner.as_str() {
            "." => path.to_owned(),
            // Items of lists are `list[0]` there.
            inner => format!("{path}.{}", inner.replace('[', ".").replace(']', "")),
        };
        Mistake::new(key, error.into_inner())
    })
}

/// The keys that a type knows.
fn keys_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut keys: &'static [&'static str] = &[];
    // Its outcome is always an error: nothing is read.
    T::deserialize(Asked(&mut keys)).err();
    keys
}

/// Notes which keys it is asked for, and has none.
struct Asked<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("nothing is read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(Error::custom("nothing is read"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
