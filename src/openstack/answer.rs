//! Reading answers: objects that are objects, canonical ids, ports that agree.

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    marker::PhantomData,
    net::IpAddr,
    str::FromStr,
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::error::CallError;
use crate::nova::{Port, PortId};

/// Reads a whole answer as an object.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CallError> {
    Ok(serde_json::from_slice::<Object<T>>(bytes)?.0)
}

/// A derived struct that is read from an object only: serde would take an array as well, by
/// position. A field that comes twice is an error, as in any derived struct.
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer
            .deserialize_map(ObjectVisitor(PhantomData))
            .map(Self)
    }
}

/// For a field that is a text of some form: an id (canonical, by its type) or a time.
pub(crate) fn parsed<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
{
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

/// One of a port's `fixed_ips`.
#[derive(Deserialize)]
pub(super) struct FixedIp {
    #[serde(deserialize_with = "parsed")]
    ip_address: IpAddr,
}

/// The addresses in a port's `fixed_ips`.
pub(super) fn addresses(fixed_ips: &[Object<FixedIp>]) -> impl Iterator<Item = IpAddr> {
    fixed_ips.iter().map(|Object(ip)| ip.ip_address)
}

/// Ports gathered from answers, each once.
#[derive(Default)]
pub(super) struct Ports(BTreeMap<PortId, Port>);

impl Ports {
    /// Adds a port. It may come again (lists move while they are paged through), but not on
    /// another network: a port never changes its network.
    pub(super) fn add(&mut self, port: Port) -> Result<(), CallError> {
        match self.0.entry(port.id) {
            Entry::Occupied(known) if known.get().network != port.network => {
                return Err(CallError::Disagreement {
                    port: port.id,
                    one: known.get().network,
                    other: port.network,
                });
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(free) => {
                free.insert(port);
            }
        }
        Ok(())
    }

    pub(super) fn into_vec(self) -> Vec<Port> {
        self.0.into_values().collect()
    }
}
