//! Sets of networks and their arithmetic.

use std::{collections::BTreeSet, fmt, str::FromStr};

use uuid::Uuid;

use crate::nova::NetworkId;

/// A set of networks. A look-up takes logarithmic time; the order is that of the ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkSet(BTreeSet<NetworkId>);

/// A text in a list of networks that is not a UUID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the UUID of a network")]
#[non_exhaustive]
pub struct InvalidNetworks {
    /// The offending word.
    pub text: String,
}

impl NetworkSet {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many networks it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has this network.
    #[must_use]
    pub fn contains(&self, network: NetworkId) -> bool {
        self.0.contains(&network)
    }

    /// Its networks, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = NetworkId> + Clone {
        self.0.iter().copied()
    }

    /// Those of its networks that are in `other` too.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.iter()
            .filter(|&network| other.contains(network))
            .collect()
    }

    /// Those of its networks that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.iter()
            .filter(|&network| !other.contains(network))
            .collect()
    }
}

impl FromIterator<NetworkId> for NetworkSet {
    fn from_iter<I: IntoIterator<Item = NetworkId>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

/// Reads what an operator writes: UUIDs in any spelling, with white space between them.
impl FromStr for NetworkSet {
    type Err = InvalidNetworks;

    fn from_str(text: &str) -> Result<Self, InvalidNetworks> {
        text.split_whitespace()
            .map(|word| {
                Uuid::try_parse(word)
                    .map(NetworkId::from)
                    .map_err(|_| InvalidNetworks {
                        text: word.to_owned(),
                    })
            })
            .collect()
    }
}

/// The ids in ascending order, with commas between them.
impl fmt::Display for NetworkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{network}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operators_list_is_canonicalised_and_a_wrong_word_is_named() {
        let text = "\n BBBBBBBB-0000-4000-8000-000000000001\t{aaaaaaaa-0000-4000-8000-000000000001}
            aaaaaaaa000040008000000000000001 ";
        assert_eq!(
            text.parse::<NetworkSet>().unwrap().to_string(),
            "aaaaaaaa-0000-4000-8000-000000000001, bbbbbbbb-0000-4000-8000-000000000001"
        );
        let error = "aaaaaaaa-0000-4000-8000-000000000001 net1"
            .parse::<NetworkSet>()
            .unwrap_err();
        assert_eq!(error.to_string(), "`net1` is not the UUID of a network");
        assert!("".parse::<NetworkSet>().unwrap().is_empty());
    }
}
