//! The sizes that projects can have.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    nearest::none_such,
    workflow::{actions::Excess, quota::Limits},
    workflow_messages::Section,
};

/// What `[quota]` says.
#[derive(Clone, Debug, Default)]
pub(super) struct QuotaSettings {
    /// From the smallest on.
    pub(super) sizes: Vec<(String, Limits)>,
    pub(super) excess: Excess,
    /// For how long after a step to the next size the one after it needs a person.
    pub(super) next_size_up: Option<Duration>,
}

impl QuotaSettings {
    pub(super) fn read(section: Option<Section<'_>>) -> Self {
        let mut this = Self::default();
        let Some(mut section) = section else {
            return this;
        };
        let excess: Option<String> = section.value("excess");
        this.excess = match excess.as_deref() {
            None | Some("refuse") => Excess::Refuse,
            Some("warn") => Excess::Warn,
            Some(other) => section
                .wrong("excess", none_such("way", other, ["refuse", "warn"]))
                .unwrap_or_default(),
        };
        let pause: Option<u32> = section.value("next_size_up_days");
        this.next_size_up = pause.map(|days| Duration::from_secs(u64::from(days) * DAY));
        let order: Vec<String> = section.value("size_order").unwrap_or_default();
        let mut sizes = BTreeMap::new();
        if let Some(table) = section.section("sizes") {
            table.each(|name, size| {
                sizes.insert(name.to_owned(), limits(size));
            });
        }
        for name in &order {
            let Some(limits) = sizes.remove(name) else {
                let message = format!("`{name}` is named twice, or there is no such size");
                section.wrong::<()>("size_order", message);
                continue;
            };
            this.sizes.push((name.clone(), limits.unwrap_or_default()));
        }
        for name in sizes.keys() {
            let message = format!("the size `{name}` is missing");
            section.wrong::<()>("size_order", message);
        }
        section.finish();
        this
    }
}

fn limits(mut size: Section<'_>) -> Option<Limits> {
    let services = ["nova", "neutron", "cinder"];
    let mut all = serde_json::Map::new();
    for service in services {
        let limits: Option<BTreeMap<String, i64>> = size.value(service);
        let limits = limits.unwrap_or_default();
        if limits.values().any(|it| *it < -1) {
            size.wrong::<()>(service, "a limit is a number, or -1 for none");
        }
        all.insert(service.to_owned(), serde_json::json!(limits));
    }
    size.finish();
    serde_json::from_value(all.into()).ok()
}

const DAY: u64 = 86_400;
