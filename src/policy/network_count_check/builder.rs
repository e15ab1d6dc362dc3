//! The settings of a [`NetworkCountCheck`], named as in its configuration.

use super::NetworkCountCheck;
use crate::{
    nova::NetworkId,
    policy::{Interface, InvalidPolicy, NetworkSet},
};

/// Collects settings and checks them against each other.
#[derive(Clone, Debug)]
#[must_use]
pub struct NetworkCountCheckBuilder {
    required: NetworkSet,
    banned: NetworkSet,
    optional: NetworkSet,
    count_optional: bool,
    assumed: Option<NetworkSet>,
    min: usize,
    max: usize,
    interfaces_max: Option<usize>,
    judge_adopted: bool,
}

impl Default for NetworkCountCheckBuilder {
    fn default() -> Self {
        Self {
            required: NetworkSet::default(),
            banned: NetworkSet::default(),
            optional: NetworkSet::default(),
            count_optional: false,
            assumed: None,
            min: 1,
            max: 1,
            interfaces_max: None,
            judge_adopted: true,
        }
    }
}

impl NetworkCountCheckBuilder {
    /// Networks that a create must list.
    pub fn required_nets(mut self, networks: impl IntoIterator<Item = NetworkId>) -> Self {
        self.required = networks.into_iter().collect();
        self
    }

    /// Networks that nobody may ask for.
    pub fn banned_nets(mut self, networks: impl IntoIterator<Item = NetworkId>) -> Self {
        self.banned = networks.into_iter().collect();
        self
    }

    /// Networks that are not counted.
    pub fn optional_nets(mut self, networks: impl IntoIterator<Item = NetworkId>) -> Self {
        self.optional = networks.into_iter().collect();
        self
    }

    /// Counts the optional networks too. Default false.
    pub const fn count_optional_nets(mut self, count: bool) -> Self {
        self.count_optional = count;
        self
    }

    /// The fewest counted networks of a new server. Default 1.
    pub const fn networks_min(mut self, min: usize) -> Self {
        self.min = min;
        self
    }

    /// The most counted networks of a server. Default 1.
    pub const fn networks_max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// The most interfaces of a server, however many share a network. Default no limit.
    pub const fn interfaces_max(mut self, max: usize) -> Self {
        self.interfaces_max = Some(max);
        self
    }

    /// Judges the ports a server has when an action makes them real anew. Default true.
    pub const fn judge_adopted_ports(mut self, judge: bool) -> Self {
        self.judge_adopted = judge;
        self
    }

    /// Judges a create without `networks`, or with an empty list, as if it listed these.
    ///
    /// This is for a cloud in which an operator *knows* what Nova attaches by default. If Nova
    /// does something else, a tenant gets past this policy.
    pub fn assume_when_absent(mut self, networks: impl IntoIterator<Item = NetworkId>) -> Self {
        self.assumed = Some(networks.into_iter().collect());
        self
    }

    /// Makes the policy.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`] when the settings contradict each other, so that no create could pass.
    pub fn build(self) -> Result<NetworkCountCheck, InvalidPolicy> {
        let networks = self.required.and(&self.banned);
        if !networks.is_empty() {
            return Err(InvalidPolicy::BannedAndRequired { networks });
        }
        let Self {
            min,
            max,
            interfaces_max,
            ..
        } = self;
        if min > max {
            return Err(InvalidPolicy::MinimumAboveMaximum { min, max });
        }
        let uncounted = if self.count_optional {
            NetworkSet::default()
        } else {
            self.optional
        };
        let required = self.required.without(&uncounted).len();
        if required > max {
            return Err(InvalidPolicy::RequiredAboveMaximum { required, max });
        }
        // Uncounted required networks need interfaces too.
        let least = self
            .required
            .len()
            .max(min + self.required.len() - required);
        if let Some(max) = interfaces_max.filter(|&max| least > max) {
            return Err(InvalidPolicy::InterfacesBelowNetworks { least, max });
        }
        let policy = NetworkCountCheck {
            required: self.required,
            banned: self.banned,
            uncounted,
            assumed: self.assumed,
            min,
            max,
            interfaces_max,
            judge_adopted: self.judge_adopted,
        };
        if let Some(assumed) = &policy.assumed {
            policy
                .judge_whole(&assumed.iter().map(Interface::from).collect::<Vec<_>>())
                .map_err(|denial| InvalidPolicy::AssumedRefused {
                    message: denial.message().into(),
                })?;
        }
        Ok(policy)
    }
}
