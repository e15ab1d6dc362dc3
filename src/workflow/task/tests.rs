use super::*;
use crate::workflow::{Stage, TaskId};

/// A task at the middle one of three stages.
fn task(state: TaskState, gate: Gate, token: bool, approved: bool) -> Task {
    let stages = vec![
        Stage::new("first", Gate::Open),
        Stage::new("middle", gate),
        Stage::new("last", Gate::Open),
    ];
    let mut action = ActionRecord::new("Any", Map::new());
    if token {
        action.token_fields = vec!["password".into()];
    }
    let signature = Signature {
        by: Caller::system(),
        on: Timestamp::default(),
    };
    Task {
        id: TaskId::random(),
        task_type: "any".into(),
        stages: Stages::new(stages).unwrap(),
        position: Position::at(state, 1),
        run: 1,
        requester: Caller::anonymous(),
        project_id: None,
        hash_key: String::new(),
        shared: Map::new(),
        created_on: Timestamp::default(),
        opened: None,
        approved: approved.then_some(signature),
        completed_on: None,
        cancelled_on: None,
        actions: vec![action],
        trail: Trail::default(),
        revision: 0,
    }
}

const GATES: [Gate; 6] = [
    Gate::Approval,
    Gate::AutoApproval,
    Gate::Open,
    Gate::Timer { seconds: 1 },
    Gate::Token,
    Gate::Vote,
];

const MOVES: [(&str, Move); 9] = [
    ("advance", Move::Advance),
    ("approve", Move::Approve),
    ("cancel", Move::Cancel),
    ("fail", Move::Fail),
    ("invalidate", Move::Invalidate),
    ("retry", Move::Retry),
    ("timer", Move::Timer),
    ("token", Move::Token),
    ("update", Move::Update),
];

/// Whether a condition of the table in the module's documentation holds.
fn holds(condition: &str, gate: Gate, token: bool, approved: bool) -> bool {
    let by_token = gate == Gate::Token && token;
    match condition {
        "" => true,
        "the gate is an approval" => gate.is_approval(),
        "the gate is a token that was asked for" => by_token,
        "the gate is a timer" => gate.timer().is_some(),
        "the gate is no such token" => !by_token,
        "no such token, and approved" => !by_token && approved,
        "no such token, and not approved" => !by_token && !approved,
        "not approved" => !approved,
        other => panic!("an unknown condition: {other}"),
    }
}

/// The rows of the table in the module's documentation: from, move, condition, to.
fn table() -> Vec<[&'static str; 4]> {
    let lines = include_str!("../mod.rs").lines();
    let rows = lines.filter_map(|line| line.strip_prefix("//! |")?.strip_suffix('|'));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let mut rows: Vec<[&str; 4]> = cells.filter_map(|it| it.try_into().ok()).collect();
    let head = rows.iter().position(|row| row[1] == "move").unwrap();
    let rows = rows.split_off(head + 2);
    assert_eq!(rows.len(), 11);
    rows
}

#[test]
fn a_task_moves_as_the_table_says_and_no_other_way() {
    let table = table();
    let mut legal = 0;
    for state in TaskState::ALL {
        for (name, what) in MOVES {
            for gate in GATES {
                for (token, approved) in
                    [(false, false), (false, true), (true, false), (true, true)]
                {
                    let rows: Vec<_> = table
                        .iter()
                        .filter(|[from, moved, condition, _]| {
                            from.split(", ").any(|it| it == state.as_str())
                                && *moved == name
                                && holds(condition, gate, token, approved)
                        })
                        .collect();
                    let moved = task(state, gate, token, approved).next(what);
                    let at = format!("{state} {name} {gate:?} {token} {approved}: {moved:?}");
                    assert!(rows.len() <= 1, "two rows for {at}");
                    let Some([.., to]) = rows.first() else {
                        assert!(moved.is_err(), "{at}");
                        continue;
                    };
                    legal += 1;
                    let expected = match *to {
                        "the next stage" => Position::at(TaskState::Running, 2),
                        "running, at the first stage" => Position::START,
                        to => Position::at(TaskState::of(to).unwrap(), 1),
                    };
                    assert_eq!(moved, Ok(expected), "{at}");
                }
            }
        }
    }
    assert!(legal > 200, "{legal}");
}

#[test]
fn what_is_over_says_so() {
    for (_, what) in MOVES {
        let completed = task(TaskState::Completed, Gate::Open, false, true);
        assert_eq!(completed.next(what), Err(Refused::Completed));
        let cancelled = task(TaskState::Cancelled, Gate::Open, false, true);
        assert_eq!(cancelled.next(what), Err(Refused::Cancelled));
    }
}

#[test]
fn each_gate_says_whether_the_task_waits() {
    let entered = |gate, change: fn(&mut Task)| {
        let mut task = task(TaskState::Running, gate, false, false);
        task.position.stage = 0;
        change(&mut task);
        task.next(Move::Advance).unwrap().state
    };
    let (runs, waits) = (TaskState::Running, TaskState::Waiting);
    assert_eq!(entered(Gate::Open, |_| ()), runs);
    assert_eq!(entered(Gate::AutoApproval, |_| ()), runs);
    assert_eq!(entered(Gate::Approval, |_| ()), waits);
    assert_eq!(entered(Gate::Timer { seconds: 1 }, |_| ()), waits);

    assert_eq!(entered(Gate::Token, |_| ()), runs);
    let asks: fn(&mut Task) = |it| it.actions[0].token_fields = vec!["confirm".into()];
    assert_eq!(entered(Gate::Token, asks), waits);

    assert_eq!(entered(Gate::Vote, |_| ()), waits);
    let votes_for: fn(&mut Task) = |it| it.actions[0].auto_approve = Some(true);
    assert_eq!(entered(Gate::Vote, votes_for), runs);
    let divided: fn(&mut Task) = |it| {
        it.actions[0].auto_approve = Some(true);
        it.actions.push(ActionRecord {
            auto_approve: Some(false),
            ..ActionRecord::default()
        });
    };
    assert_eq!(entered(Gate::Vote, divided), waits);
}

#[test]
fn the_last_stage_completes_the_task() {
    let mut task = task(TaskState::Running, Gate::Open, false, false);
    task.position.stage = 2;
    let end = Position::at(TaskState::Completed, 2);
    assert_eq!(task.next(Move::Advance), Ok(end));
}

#[test]
fn required_fields_come_once_and_in_the_order_of_the_actions() {
    let mut task = task(TaskState::Waiting, Gate::Token, true, false);
    task.actions.push(ActionRecord {
        token_fields: vec!["confirm".into(), "password".into()],
        ..ActionRecord::default()
    });
    assert_eq!(task.required_fields(), ["password", "confirm"]);
}
