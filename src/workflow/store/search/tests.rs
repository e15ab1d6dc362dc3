//! How filters are read.

use serde_json::{Value, json};

use super::{Filter, InvalidFilter, Operand, Test, time};

fn tasks(filters: &Value) -> Result<Filter, InvalidFilter> {
    Filter::tasks().and(filters)
}

fn said(filters: &Value) -> String {
    tasks(filters).unwrap_err().to_string()
}

#[test]
fn rule_1_what_cannot_be_read_is_named() {
    let format = "Filters incorrectly formatted. Required format: \
                  {'filters': {'fieldname': { 'operation': 'value'}}}";
    for bad in [
        json!([]),
        json!("x"),
        json!({"uuid": 1}),
        json!({"uuid": []}),
    ] {
        assert_eq!(said(&bad), format);
    }
    let unknown = said(&json!({"task_id": {"exact": "x"}}));
    assert_eq!(
        unknown,
        "Cannot resolve keyword 'task_id' into field. Choices are: action, action_notes, approved, \
         approved_by, approved_on, cancelled, completed, completed_on, created_on, hash_key, \
         ip_address, keystone_user, notification, project_id, task_notes, task_type, token, uuid"
    );
    for (filters, named) in [
        (json!({"uuid": {"like": "x"}}), "'like' for CharField"),
        (json!({"uuid": {"year": 2026}}), "'year' for CharField"),
        (json!({"uuid": {"search": "x"}}), "'search' for CharField"),
        (
            json!({"created_on": {"search": "x"}}),
            "'search' for DateTimeField",
        ),
        (
            json!({"created_on": {"year__gt": 1}}),
            "'year__gt' for DateTimeField",
        ),
        (
            json!({"created_on": {"exact": "soon"}}),
            "'created_on__exact'",
        ),
        (json!({"created_on": {"year": "abc"}}), "'created_on__year'"),
        (json!({"created_on": {"gt": null}}), "'created_on__gt'"),
        (
            json!({"created_on": {"range": ["2026-01-01"]}}),
            "'created_on__range'",
        ),
        (json!({"uuid": {"in": 5}}), "'uuid__in'"),
        (json!({"uuid": {"in": "abc"}}), "'uuid__in'"),
        (json!({"uuid": {"in": [[]]}}), "'uuid__in'"),
        (json!({"uuid": {"regex": "("}}), "'uuid__regex'"),
        (json!({"uuid": {"regex": r"(a)\1"}}), "'uuid__regex'"),
        (json!({"uuid": {"contains": {}}}), "'uuid__contains'"),
        (json!({"uuid": {"exact": "\u{0}"}}), "'uuid__exact'"),
        (
            json!({"cancelled": {"exact": "perhaps"}}),
            "'cancelled__exact'",
        ),
        (
            json!({"action__order": {"exact": "x"}}),
            "'action__order__exact'",
        ),
        (json!({"action": {"isnull": 2}}), "'action__isnull'"),
        (json!({"action__colour": {"exact": 1}}), "'colour'"),
        (json!({"action": {"colour": 1}}), "'colour'"),
    ] {
        let said = said(&filters);
        assert!(said.contains(named), "{filters}: {said}");
    }
}

#[test]
fn rule_1_what_is_too_much_is_refused() {
    let far = json!({"token__task__token__task__token__token": {"exact": "x"}});
    assert_eq!(tasks(&far), Err(InvalidFilter::TooMuch));
    let lookups: Vec<_> = (0..51)
        .map(|it| (format!("action__uuid{it}"), json!({"exact": it})))
        .collect();
    assert!(tasks(&Value::Object(lookups.into_iter().collect())).is_err());
    let many: Vec<u32> = (0..501).collect();
    assert!(said(&json!({"uuid": {"in": many}})).contains("too long"));
    assert!(said(&json!({"uuid": {"regex": "a".repeat(201)}})).contains("too long"));
}

#[test]
fn rule_2_both_ways_to_name_a_field_of_another_table_are_one() {
    let one = tasks(&json!({"action__valid": {"exact": true}})).unwrap();
    assert_eq!(
        one,
        tasks(&json!({"action": {"valid__exact": true}})).unwrap()
    );
    assert_eq!(one, tasks(&json!({"action": {"valid": true}})).unwrap());
    let both = json!({"action__valid": {"exact": true}, "action__action_name": {"exact": "A"}});
    assert_eq!(tasks(&both).unwrap().related.len(), 1);
}

#[test]
fn rule_2_a_relation_may_be_a_field_too() {
    let id = json!({"task": {"exact": "x"}});
    let column = Filter::tokens().and(&id).unwrap();
    assert_eq!((column.conditions.len(), column.related.len()), (1, 0));
    let related = Filter::tokens().and(&json!({"task": {"task_type": "x"}}));
    assert_eq!(related.unwrap().related.len(), 1);
    assert_eq!(
        tasks(&json!({"token": {"exact": "x"}}))
            .unwrap()
            .related
            .len(),
        1
    );
}

#[test]
fn nothing_in_a_filter_is_no_condition() {
    for none in [json!({}), json!({"uuid": {}})] {
        assert_eq!(tasks(&none).unwrap(), Filter::tasks());
    }
}

#[test]
fn times_are_read_as_django_reads_them() {
    let day = 1_795_305_600_000_000_i64;
    let at = |seconds: i64| Some(day + seconds * 1_000_000);
    for (text, time) in [
        ("2026-11-22", at(0)),
        ("2026-11-22 05:36", at(20_160)),
        ("2026-11-22T05:36:10", at(20_170)),
        ("2026-11-22 05:36:10.5Z", at(20_170).map(|it| it + 500_000)),
        ("2026-11-22T05:36:10+01:00", at(16_570)),
        ("2026-11-22 05:36:10 -0130", at(25_570)),
        ("2026-11-22T05:36:10+01", at(16_570)),
        ("2026-13-01", None),
        ("2026-11-22T25:00", None),
        ("2026-11-22T05:36:10+25:00", None),
        ("2026-11-22T05:36:10+é", None),
        ("", None),
        ("now", None),
    ] {
        assert_eq!(time::read(text), time, "{text}");
    }
    assert_eq!(time::year(40_000), None);
    let filter = tasks(&json!({"created_on": {"year": 40000}})).unwrap();
    assert_eq!(filter.conditions[0].1, Test::Never);
    let filter = tasks(&json!({"cancelled": {"exact": "1"}})).unwrap();
    assert_eq!(
        filter.conditions[0].1,
        Test::Compare("=", Operand::Number(1))
    );
}
