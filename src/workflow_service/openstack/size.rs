//! Which size a project has.

use std::collections::BTreeMap;

use crate::workflow::quota::{Limits, Quota};

/// The size that limits come closest to, if they come close: their amounts differ from those of
/// the size by a tenth in the mean.
pub(super) fn of<'a>(quotas: &[Quota], sizes: &'a [(String, Limits)]) -> Option<&'a str> {
    let distances = sizes.iter().map(|(name, size)| {
        let ratios: Vec<f64> = quotas
            .iter()
            .filter_map(|quota| {
                let limit = size.get(quota.service, &quota.resource)?;
                Some(ratio(quota.limit, limit))
            })
            .collect();
        let count = u32::try_from(ratios.len()).unwrap_or(u32::MAX);
        let mean = ratios.iter().sum::<f64>() / f64::from(count.max(1));
        (name.as_str(), 1.0 - mean)
    });
    let close = distances.filter(|(_, distance)| *distance <= THRESHOLD);
    let closest = close.min_by(|(_, one), (_, other)| one.total_cmp(other));
    closest.map(|(name, _)| name)
}

/// The sizes that would raise no limit.
pub(super) fn below(quotas: &[Quota], sizes: &[(String, Limits)]) -> Vec<String> {
    let raises = |size: &Limits| {
        quotas.iter().any(|quota| {
            let limit = size.get(quota.service, &quota.resource);
            limit.is_some_and(|it| quota.limit >= 0 && (it < 0 || it > quota.limit))
        })
    };
    let below = sizes.iter().filter(|(_, size)| !raises(size));
    below.map(|(name, _)| name.clone()).collect()
}

/// How close two amounts are: 1 if they are the same, 0 if only one of them is unlimited or none.
fn ratio(one: i64, other: i64) -> f64 {
    if one == other {
        return 1.0;
    }
    match (amount(one), amount(other)) {
        (Some(one), Some(other)) => one.min(other) / one.max(other),
        _ => 0.0,
    }
}

/// An amount that can be compared: neither nothing nor unlimited, up to what no quota reaches.
fn amount(limit: i64) -> Option<f64> {
    let limit = u32::try_from(limit).ok().filter(|it| *it > 0)?;
    Some(f64::from(limit))
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

const THRESHOLD: f64 = 0.1;

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
    fn a_project_has_the_size_that_it_comes_closest_to() {
        let sizes = sizes();
        for (instances, cores, size) in [
            (10, 20, Some("small")),
            (10, 24, Some("small")),
            (10, 30, None),
            (50, -1, Some("large")),
            (48, -1, Some("large")),
            (50, 99, None),
            (0, 0, None),
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
