//! Settings over settings.

use serde_json::{Map, Value};

/// What these layers say together, the last of them first: tables are merged key by key, anything
/// else is replaced. A table over something that was switched off is a table again, with all that
/// the layers below have in it.
pub(super) fn merged(layers: &[&Value]) -> Value {
    let Some(last @ Value::Object(_)) = layers.last() else {
        return layers.last().map_or(Value::Null, |last| (*last).clone());
    };
    let tables: Vec<_> = layers.iter().filter_map(|it| it.as_object()).collect();
    if tables.len() < 2 {
        return (*last).clone();
    }
    let keys = tables.iter().flat_map(|it| it.keys());
    let mut together = Map::new();
    for key in keys {
        if !together.contains_key(key) {
            let below: Vec<_> = tables.iter().filter_map(|it| it.get(key)).collect();
            together.insert(key.clone(), merged(&below));
        }
    }
    Value::Object(together)
}

/// A layer without what the layers below have switched off.
pub(super) fn where_on(layer: Value, below: &Value) -> Value {
    let (Value::Object(table), Value::Object(below)) = (&layer, below) else {
        return layer;
    };
    let mut left = Map::new();
    for (key, value) in table {
        match below.get(key) {
            Some(Value::Null | Value::Bool(false)) => {}
            Some(below) => drop(left.insert(key.clone(), where_on(value.clone(), below))),
            None => drop(left.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(left)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_are_merged_and_anything_else_is_replaced() {
        let (below, above) = (
            json!({"a": {"x": 1, "y": [1, 2]}, "b": 1, "c": {"d": 1}}),
            json!({"a": {"y": [3], "z": 4}, "b": {"e": 1}, "c": null}),
        );
        let expected = json!({"a": {"x": 1, "y": [3], "z": 4}, "b": {"e": 1}, "c": null});
        assert_eq!(merged(&[&below, &above]), expected);
    }

    #[test]
    fn what_is_switched_off_below_can_be_left_out() {
        let layer = json!({"emails": {"token": {"subject": "s"}, "initial": null}});
        let below = json!({"emails": {"token": {}, "initial": {}}});
        assert_eq!(where_on(layer.clone(), &below), layer);
        assert_eq!(where_on(layer.clone(), &json!({"emails": null})), json!({}));
        let below = json!({"emails": {"token": false}});
        let left = json!({"emails": {"initial": null}});
        assert_eq!(where_on(layer, &below), left);
    }

    #[test]
    fn what_was_switched_off_and_on_again_has_its_defaults() {
        let layers = [
            json!({"token": {"subject": "s", "reply": "r"}}),
            json!({"token": null}),
            json!({"token": {"subject": "t"}}),
        ];
        let layers: Vec<_> = layers.iter().collect();
        assert_eq!(
            merged(&layers),
            json!({"token": {"subject": "t", "reply": "r"}})
        );
        assert_eq!(merged(&layers[..2]), json!({"token": null}));
    }
}
