//! Which size a project has.

use std::collections::BTreeMap;

use crate::workflow::{
    actions::{is_raised, is_size},
    quota::{Limits, Quota},
};

/// The size that these quotas are; of several the largest.
pub(super) fn of<'a>(quotas: &[Quota], sizes: &'a [(String, Limits)]) -> Option<&'a str> {
    let mut sizes = sizes.iter().rev();
    let size = sizes.find(|(_, size)| is_size(size, quotas));
    size.map(|(name, _)| name.as_str())
}

/// The sizes that would raise nothing.
pub(super) fn below(quotas: &[Quota], sizes: &[(String, Limits)]) -> Vec<String> {
    let raises = |size: &Limits| quotas.iter().any(|quota| is_raised(quota, size));
    let below = sizes.iter().filter(|(_, size)| !raises(size));
    below.map(|(name, _)| name.clone()).collect()
}

/// Amounts by service and resource.
pub(super) type Amounts = BTreeMap<String, BTreeMap<String, i64>>;

/// Amounts that are read off quotas.
pub(super) fn amounts(quotas: &[Quota], read: impl Fn(&Quota) -> i64) -> Amounts {
    let mut amounts = Amounts::new();
    for quota in quotas {
        let of = amounts.entry(quota.service.to_string()).or_default();
        of.insert(quota.resource.clone(), read(quota));
    }
    amounts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::quota::Service::Nova;

    fn sizes() -> Vec<(String, Limits)> {
        let size = |instances, cores| {
            let limits = Limits::new().limit(Nova, "instances", instances);
            limits.limit(Nova, "cores", cores)
        };
        vec![
            ("small".into(), size(10, 20)),
            ("large".into(), size(50, -1)),
        ]
    }

    fn quotas(instances: i64, cores: i64) -> [Quota; 2] {
        [
            Quota::new(Nova, "instances", instances, 3),
            Quota::new(Nova, "cores", cores, 4),
        ]
    }

    #[test]
    fn a_project_has_the_size_whose_amounts_it_has() {
        let sizes = sizes();
        for (instances, cores, size) in [
            (10, 20, Some("small")),
            (10, 30, None),
            (50, -1, Some("large")),
            (50, 99, None),
        ] {
            assert_eq!(
                of(&quotas(instances, cores), &sizes),
                size,
                "{instances} {cores}"
            );
        }
    }

    #[test]
    fn smaller_sizes_raise_nothing() {
        assert_eq!(below(&quotas(50, -1), &sizes()), ["small", "large"]);
        assert_eq!(below(&quotas(20, 20), &sizes()), ["small"]);
        assert!(below(&quotas(5, 20), &sizes()).is_empty());
    }

    #[test]
    fn amounts_are_by_service_and_resource() {
        let used = amounts(&quotas(10, 20), |it| it.used);
        assert_eq!(used["nova"]["cores"], 4);
    }
}
