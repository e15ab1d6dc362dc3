//! Bodies read by `serde_json`, as far as they are looked into: slowly, and by none of the
//! crate's code. What this refuses nobody may take, and what it takes nobody should refuse.

use std::{collections::BTreeSet, fmt, net::IpAddr, str::FromStr};

use serde::{
    Deserialize as _,
    de::{self, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess},
};
use wafflehaus::nova::{RequestedNetwork, RequestedNetworks, ServerAction};

/// What a value has to be.
enum Shape {
    /// Anything by the grammar, passed over.
    Any,
    /// A list of this, or a text.
    ListOrText(&'static Self),
    /// An object with these keys, and others if so.
    Object(&'static [(&'static str, Self)], bool),
    Text,
    TextOrNull,
}

/// What a value is.
#[derive(Debug)]
enum Value {
    Skipped,
    Null,
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

const CREATE: Shape = Shape::Object(&[("server", SERVER)], true);
const SERVER: Shape = Shape::Object(&[("networks", Shape::ListOrText(&NETWORK))], true);
const NETWORK: Shape = Shape::Object(
    &[("uuid", Shape::TextOrNull), ("port", Shape::TextOrNull)],
    true,
);
const OS_INTERFACE: Shape = Shape::Object(&[("interfaceAttachment", NAMED)], false);
const NAMED: Shape = Shape::Object(
    &[
        ("net_id", Shape::TextOrNull),
        ("port_id", Shape::TextOrNull),
        ("fixed_ips", Shape::Any),
        ("tag", Shape::Any),
    ],
    false,
);
const VENDOR: Shape = Shape::Object(&[("virtual_interface", VENDOR_NAMED)], false);
const VENDOR_NAMED: Shape = Shape::Object(&[("network_id", Shape::TextOrNull)], false);
const ACTION: Shape = Shape::Object(
    &[
        (
            "addFixedIp",
            Shape::Object(&[("networkId", Shape::TextOrNull)], false),
        ),
        (
            "removeFixedIp",
            Shape::Object(&[("address", Shape::Text)], false),
        ),
    ],
    true,
);

/// The networks of a server create.
pub(crate) fn create(body: &[u8]) -> Option<RequestedNetworks> {
    let networks = match read(body, &CREATE)?.take("server")?.take("networks") {
        None => return Some(RequestedNetworks::Absent),
        Some(Value::Text(text)) if text == "auto" => return Some(RequestedNetworks::Auto),
        Some(Value::Text(text)) if text == "none" => return Some(RequestedNetworks::None),
        Some(Value::List(networks)) => networks,
        Some(_) => return None,
    };
    let networks: Option<Vec<_>> = networks.into_iter().map(network).collect();
    Some(match networks? {
        none if none.is_empty() => RequestedNetworks::Absent,
        some => RequestedNetworks::Listed(some),
    })
}

fn network(mut entry: Value) -> Option<RequestedNetwork> {
    match (id(entry.take("uuid"))?, id(entry.take("port"))?) {
        (beside, Some(port)) => Some(RequestedNetwork::Port { port, beside }),
        (uuid, None) => uuid.map(RequestedNetwork::Network),
    }
}

/// What an attach names, by Nova's extension or the vendor's.
pub(crate) fn attach(body: &[u8], vendor: bool) -> Option<RequestedNetwork> {
    let mut body = if vendor {
        read(body, &VENDOR)?.take("virtual_interface")?
    } else {
        read(body, &OS_INTERFACE)?.take("interfaceAttachment")?
    };
    let network = body.take("net_id").or_else(|| body.take("network_id"));
    match (id(network)?, id(body.take("port_id"))?) {
        (Some(network), None) => Some(RequestedNetwork::Network(network)),
        (None, Some(port)) => Some(RequestedNetwork::Port { port, beside: None }),
        _ => None,
    }
}

/// What an action does.
pub(crate) fn action(body: &[u8]) -> Option<ServerAction> {
    let Value::Object(mut actions) = read(body, &ACTION)? else {
        return None;
    };
    let (name, mut value) = actions.pop().filter(|_| actions.is_empty())?;
    match &*name {
        "addFixedIp" => {
            id(value.take("networkId"))?.map(|network| ServerAction::AddFixedIp { network })
        }
        "removeFixedIp" => {
            let Value::Text(text) = value.take("address")? else {
                return None;
            };
            let address: IpAddr = text.parse().ok()?;
            (address.to_string() == text).then_some(ServerAction::RemoveFixedIp { address })
        }
        // Which actions there are is not what is compared.
        name => {
            let plain = serde_json::json!({ name: null }).to_string();
            ServerAction::from_json(plain.as_bytes()).ok()
        }
    }
}

/// An id in its one spelling; of nothing and null there is none.
fn id<T: FromStr>(value: Option<Value>) -> Option<Option<T>> {
    let text = match value {
        None | Some(Value::Null) => return Some(None),
        Some(Value::Text(text)) => text,
        Some(_) => return None,
    };
    let is_right = text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    });
    let is_id = is_right && text.len() == 36;
    is_id.then(|| text.parse().ok())
}

fn read(body: &[u8], shape: &Shape) -> Option<Value> {
    let mut json = serde_json::Deserializer::from_str(std::str::from_utf8(body).ok()?);
    let value = shape.deserialize(&mut json).ok()?;
    json.end().ok()?;
    Some(value)
}

impl Value {
    fn take(&mut self, name: &str) -> Option<Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let at = members.iter().position(|(key, _)| key == name)?;
        Some(members.swap_remove(at).1)
    }
}

impl<'de> DeserializeSeed<'de> for &Shape {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        match self {
            Shape::Any => IgnoredAny::deserialize(json).map(|_| Value::Skipped),
            Shape::ListOrText(_) => json.deserialize_any(self),
            Shape::Object(..) => json.deserialize_map(self),
            Shape::Text => json.deserialize_str(self),
            Shape::TextOrNull => json.deserialize_option(self),
        }
    }
}

impl<'de> de::Visitor<'de> for &Shape {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another shape")
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_str(self)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut json: A) -> Result<Value, A::Error> {
        let Shape::ListOrText(entry) = self else {
            return Err(A::Error::custom("a list"));
        };
        let mut entries = Vec::new();
        while let Some(entry) = json.next_element_seed(*entry)? {
            entries.push(entry);
        }
        if entries.len() > 256 {
            return Err(A::Error::custom("many entries"));
        }
        Ok(Value::List(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut json: A) -> Result<Value, A::Error> {
        let Shape::Object(known, others) = self else {
            return Err(A::Error::custom("an object"));
        };
        let (mut members, mut keys) = (Vec::new(), BTreeSet::new());
        while let Some(key) = json.next_key::<String>()? {
            let shape = match known.iter().find(|(name, _)| *name == key) {
                Some((_, shape)) => shape,
                None if *others => &Shape::Any,
                None => return Err(A::Error::custom("an unknown key")),
            };
            members.push((key.clone(), json.next_value_seed(shape)?));
            if !keys.insert(key) || keys.len() > 256 {
                return Err(A::Error::custom("a key twice, or many"));
            }
        }
        Ok(Value::Object(members))
    }
}
