//! The audit trail of a task: who did what, when, from where, and what was changed by it.
//!
//! 1. Each change of a task appends its events in the same transaction. Nothing in the database
//!    can change or remove an event.
//! 2. Each event has a keyed hash over itself and the end of the trail before it; the task has the
//!    number of its events and the end. So a change, a gap and another order are evident.
//! 3. The end of a trail is a keyed hash of its own, which no event has: whoever cuts off the last
//!    events finds nothing in the database to put in its place.

use serde_json::Value;

use super::{Caller, TaskId, Timestamp, Trail, seal::Key};

/// Something that happened to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The task.
    pub task: TaskId,
    /// Its place in the trail, from 1.
    pub number: u64,
    /// When it happened.
    pub on: Timestamp,
    /// What kind of thing happened: `submitted`, `approval`, `note`…
    pub kind: String,
    /// Who did it, and from where.
    pub by: Caller,
    /// What is to say about it, as JSON. The text itself is hashed.
    pub details: String,
    /// The hash, as 64 hexadecimal digits.
    pub hash: String,
}

/// An audit trail that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokenTrail {
    /// This event, or the one before, was changed, moved or removed.
    #[error("the audit trail does not hold at event {0}")]
    At(u64),
    /// Events are missing at the end, or there are more than the task knows of.
    #[error("the end of the audit trail is not the one that the task knows")]
    End,
}

impl Event {
    /// The next event of a trail.
    pub(super) fn next(
        key: &Key,
        (task, trail): (&TaskId, &Trail),
        (by, on): (Caller, Timestamp),
        kind: &str,
        details: &Value,
    ) -> Self {
        let mut event = Self {
            task: task.clone(),
            number: trail.length.saturating_add(1),
            on,
            kind: kind.to_owned(),
            by,
            details: details.to_string(),
            hash: String::new(),
        };
        event.hash = event.link(key, &trail.hash);
        event
    }

    /// The trail that ends with this event.
    pub(super) fn end(&self, key: &Key) -> Trail {
        Trail {
            length: self.number,
            hash: key.link(&serde_json::json!(["end", self.hash]).to_string()),
        }
    }

    /// What is to say about it.
    #[must_use]
    pub fn details(&self) -> Value {
        serde_json::from_str(&self.details).unwrap_or_default()
    }

    fn link(&self, key: &Key, before: &str) -> String {
        let of = serde_json::json!([
            before,
            self.task,
            self.number,
            self.on,
            self.kind,
            self.by,
            self.details
        ]);
        key.link(&of.to_string())
    }
}

/// Whether these are all the events of a trail, in their order and as they were written.
pub(super) fn verify(key: &Key, trail: &Trail, events: &[Event]) -> Result<(), BrokenTrail> {
    let mut reached = Trail::default();
    for event in events {
        let next = reached.length.saturating_add(1);
        if event.number != next || event.hash != event.link(key, &reached.hash) {
            return Err(BrokenTrail::At(next));
        }
        reached = event.end(key);
    }
    // There is no task without its first event.
    if reached == *trail && reached.length > 0 {
        Ok(())
    } else {
        Err(BrokenTrail::End)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(key: &Key) -> (Trail, Vec<Event>) {
        let (task, mut trail, mut events) = (TaskId::random(), Trail::default(), Vec::new());
        for kind in ["submitted", "note", "cancelled"] {
            let by = (Caller::system(), Timestamp::from_micros(7));
            let details = serde_json::json!({"text": "é", "number": 0.1});
            let event = Event::next(key, (&task, &trail), by, kind, &details);
            trail = event.end(key);
            events.push(event);
        }
        (trail, events)
    }

    #[test]
    fn rule_2_a_trail_holds_as_it_was_written() {
        let key = Key::random().unwrap();
        let (trail, events) = trail(&key);
        assert_eq!(verify(&key, &trail, &events), Ok(()));
        assert_eq!(
            verify(&Key::random().unwrap(), &trail, &events),
            Err(BrokenTrail::At(1))
        );
    }

    #[test]
    fn rule_2_any_change_is_evident() {
        let key = Key::random().unwrap();
        let changes: [fn(&mut Vec<Event>); 7] = [
            |it| it[1].details = "{}".into(),
            |it| it[1].kind = "approval".into(),
            |it| it[1].by = Caller::anonymous(),
            |it| it[1].on = Timestamp::from_micros(8),
            |it| drop(it.remove(0)),
            |it| drop(it.pop()),
            |it| it.swap(0, 1),
        ];
        for change in changes {
            let (trail, mut events) = trail(&key);
            change(&mut events);
            verify(&key, &trail, &events).unwrap_err();
        }
    }

    #[test]
    fn rule_3_events_have_no_end_to_go_back_to() {
        let key = Key::random().unwrap();
        let (_, mut events) = trail(&key);
        events.pop();
        for event in &events {
            let hash = event.hash.clone();
            for length in 0..4 {
                let hash = hash.clone();
                let end = verify(&key, &Trail { length, hash }, &events);
                assert_eq!(end, Err(BrokenTrail::End));
            }
        }
        assert_eq!(verify(&key, &events[1].end(&key), &events), Ok(()));
        let nothing = verify(&key, &Trail::default(), &[]);
        assert_eq!(nothing, Err(BrokenTrail::End));
    }

    /// What was written by an earlier version has to hold for ever.
    #[test]
    fn a_trail_of_long_ago_holds() {
        let key = Key::from_hex(&"5a".repeat(32)).unwrap();
        let task: TaskId = "0123456789abcdef0123456789abcdef".parse().unwrap();
        let user = crate::workflow::KeystoneUser {
            user_id: "8f2c".into(),
            ..Default::default()
        };
        let by = Caller::user(user).from_address([192, 0, 2, 7].into());
        let signed = (by, Timestamp::from_micros(7));
        let details = serde_json::json!({"text": "é"});
        let trail = Trail::default();
        let event = Event::next(&key, (&task, &trail), signed, "note", &details);
        assert_eq!(
            event.end(&key).hash,
            "ce41f491480e4777692276c6cc61e94a9787678443b4ea07f441266afc4ecf3f"
        );
    }
}
