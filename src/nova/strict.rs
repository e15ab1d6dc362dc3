//! Reading JSON objects strictly.
//!
//! Python keeps the last of two equal keys; derived structs accept an array for an object;
//! maps keep either key. [`Object`] accepts an object only, hands each decoded key to its
//! [`Fields`], and refuses a key that comes twice, whether or not anything reads it.

use std::{borrow::Cow, fmt, marker::PhantomData, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor},
};

use super::{InvalidBody, InvalidId};

/// What to do with the keys of one kind of object.
pub(crate) trait Fields: Default {
    /// The object's name in messages.
    const NAME: &'static str;

    /// Takes the value of `key` out of `map`.
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// The fields of an object, read strictly.
pub(crate) struct Object<F>(pub(crate) F);

/// More keys than any object of Nova's has. It bounds the search for duplicates.
const MOST_KEYS: usize = 256;

impl<'de, F: Fields> Deserialize<'de> for Object<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_map(ObjectVisitor(PhantomData))
            .map(Self)
    }
}

struct ObjectVisitor<F>(PhantomData<F>);

impl<'de, F: Fields> Visitor<'de> for ObjectVisitor<F> {
    type Value = F;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object for `{}`", F::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<F, A::Error> {
        let mut fields = F::default();
        let mut seen = Seen::default();
        while let Some(Key(key)) = map.next_key()? {
            if seen.has(&key) {
                return Err(A::Error::custom(format_args!(
                    "`{}` has a key twice",
                    F::NAME
                )));
            }
            if seen.count == MOST_KEYS {
                return Err(A::Error::custom(format_args!(
                    "`{}` has too many keys",
                    F::NAME
                )));
            }
            fields.field(&key, &mut map)?;
            seen.push(key);
        }
        Ok(fields)
    }
}

/// The keys of an object so far. The first of them are in place: nearly all objects have no more.
#[derive(Default)]
struct Seen<'de> {
    first: [Cow<'de, str>; 8],
    others: Vec<Cow<'de, str>>,
    count: usize,
}

impl<'de> Seen<'de> {
    fn has(&self, key: &str) -> bool {
        let mut all = self.first.iter().take(self.count).chain(&self.others);
        all.any(|seen| *seen == key)
    }

    fn push(&mut self, key: Cow<'de, str>) {
        match self.first.get_mut(self.count) {
            Some(place) => *place = key,
            None => self.others.push(key),
        }
        self.count += 1;
    }
}

/// A decoded key, borrowed unless it had escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A canonical id, or null.
pub(crate) fn optional_id<'de, A, T>(map: &mut A, key: &str) -> Result<Option<T>, A::Error>
where
    A: MapAccess<'de>,
    T: FromStr<Err = InvalidId>,
{
    let id: Option<Id<T>> = map.next_value()?;
    id.map(|Id(id)| id)
        .transpose()
        .map_err(|error| A::Error::custom(format_args!("`{key}` is {error}")))
}

/// A text, read as an id without a copy of it.
struct Id<T>(Result<T, InvalidId>);

impl<'de, T: FromStr<Err = InvalidId>> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(IdVisitor(PhantomData))
    }
}

struct IdVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err = InvalidId>> Visitor<'_> for IdVisitor<T> {
    type Value = Id<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Id<T>, E> {
        Ok(Id(text.parse()))
    }
}

/// Refuses a key that is not looked into, where Nova might drop it or not.
pub(crate) fn unknown<E: serde::de::Error>(name: &str) -> Result<(), E> {
    Err(E::custom(format_args!("`{name}` has an unknown key")))
}

/// More entries than any list has that is looked into: each may cost a look-up.
const MOST_ENTRIES: usize = 256;

/// Collects a sequence of a bounded length.
pub(crate) fn sequence<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(
    mut items: A,
) -> Result<Vec<T>, A::Error> {
    let mut all = Vec::new();
    while let Some(item) = items.next_element()? {
        if all.len() == MOST_ENTRIES {
            return Err(A::Error::custom("a list has too many entries"));
        }
        all.push(item);
    }
    Ok(all)
}

/// Reads one whole document as an object.
pub(crate) fn read<F: Fields>(bytes: &[u8]) -> Result<F, InvalidBody>
where
    Object<F>: DeserializeOwned,
{
    // In what is skipped, nothing else would look at this.
    let text = std::str::from_utf8(bytes).map_err(serde_json::Error::custom)?;
    Ok(serde_json::from_str::<Object<F>>(text)?.0)
}
