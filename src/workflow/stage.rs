//! The stages of a task, and what opens each of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One stage, by the name under which actions know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Stage {
    /// The name: `pre_approve`, `post_approve`, `submit`, or any other.
    pub name: String,
    /// What opens it.
    #[serde(default)]
    pub gate: Gate,
}

/// What a stage waits for when the one before it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Gate {
    /// Somebody's approval.
    Approval,
    /// Nothing, but it counts as approved, by the engine.
    AutoApproval,
    /// Nothing.
    #[default]
    Open,
    /// Time.
    Timer {
        /// How long after the stage before.
        seconds: u32,
    },
    /// A token, if an action has asked for one; else nothing.
    Token,
    /// The actions' votes: [`AutoApproval`](Self::AutoApproval) if one is for it and none against,
    /// else [`Approval`](Self::Approval).
    Vote,
}

/// Stages that cannot be those of a task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidStages {
    /// The first has to run at once: it is what validates the inputs.
    #[error("the first stage has a gate")]
    Gated,
    /// A name is empty, too long, or has other characters than `a` to `z`, `0` to `9` and `_`.
    #[error("`{0}` is not the name of a stage")]
    Name(String),
    /// There are none.
    #[error("there is no stage")]
    None,
    /// Two have the same name.
    #[error("two stages are named `{0}`")]
    Twice(String),
}

/// The stages of a task in their order: at least one, with names of their own, the first open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Stage>")]
pub struct Stages(Vec<Stage>);

impl Stage {
    /// A stage.
    pub fn new(name: impl Into<String>, gate: Gate) -> Self {
        Self {
            name: name.into(),
            gate,
        }
    }
}

impl Gate {
    /// Whether to pass it is an approval.
    #[must_use]
    pub const fn is_approval(self) -> bool {
        matches!(self, Self::Approval | Self::AutoApproval | Self::Vote)
    }

    /// How long a timer runs.
    #[must_use]
    pub const fn timer(self) -> Option<Duration> {
        match self {
            Self::Timer { seconds } => Some(Duration::from_secs(seconds as u64)),
            _ => None,
        }
    }
}

impl Stages {
    /// Checks and keeps the stages.
    ///
    /// # Errors
    ///
    /// [`InvalidStages`] for what cannot be run.
    pub fn new(stages: Vec<Stage>) -> Result<Self, InvalidStages> {
        let Some(first) = stages.first() else {
            return Err(InvalidStages::None);
        };
        if first.gate != Gate::Open {
            return Err(InvalidStages::Gated);
        }
        for (at, stage) in stages.iter().enumerate() {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if !(1..=LONGEST).contains(&stage.name.len()) || !stage.name.chars().all(plain) {
                return Err(InvalidStages::Name(stage.name.clone()));
            }
            if stages.iter().take(at).any(|one| one.name == stage.name) {
                return Err(InvalidStages::Twice(stage.name.clone()));
            }
        }
        Ok(Self(stages))
    }

    /// `pre_approve`, `post_approve` behind this gate, and `submit` behind a token.
    #[must_use]
    pub fn ordinary(approval: Gate) -> Self {
        Self(vec![
            Stage::new("pre_approve", Gate::Open),
            Stage::new("post_approve", approval),
            Stage::new("submit", Gate::Token),
        ])
    }

    /// The stage at this place.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<&Stage> {
        self.0.get(place)
    }

    /// All of them.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Stage> {
        self.0.iter()
    }

    /// The gate of the stage at this place.
    pub(super) fn gate(&self, place: usize) -> Option<Gate> {
        self.at(place).map(|stage| stage.gate)
    }
}

impl TryFrom<Vec<Stage>> for Stages {
    type Error = InvalidStages;

    fn try_from(stages: Vec<Stage>) -> Result<Self, InvalidStages> {
        Self::new(stages)
    }
}

/// The three ordinary stages behind an [`Approval`](Gate::Approval).
impl Default for Stages {
    fn default() -> Self {
        Self::ordinary(Gate::Approval)
    }
}

const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &str, gate: Gate) -> Stage {
        Stage::new(name, gate)
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        for (stages, error) in [
            (vec![], InvalidStages::None),
            (vec![stage("a", Gate::Approval)], InvalidStages::Gated),
            (
                vec![stage("", Gate::Open)],
                InvalidStages::Name(String::new()),
            ),
            (
                vec![stage("a-b", Gate::Open)],
                InvalidStages::Name("a-b".into()),
            ),
            (
                vec![stage("a", Gate::Open), stage("a", Gate::Token)],
                InvalidStages::Twice("a".into()),
            ),
        ] {
            assert_eq!(Stages::new(stages), Err(error));
        }
    }

    #[test]
    fn stages_are_written_as_they_are_declared() {
        let text = r#"[{"name": "check"}, {"name": "wait", "gate": {"timer": {"seconds": 60}}},
            {"name": "build", "gate": "auto_approval"}]"#;
        let stages: Stages = serde_json::from_str(text).unwrap();
        let gates: Vec<_> = stages.iter().map(|stage| stage.gate).collect();
        let timer = Gate::Timer { seconds: 60 };
        assert_eq!(gates, [Gate::Open, timer, Gate::AutoApproval]);
        assert_eq!(timer.timer(), Some(Duration::from_secs(60)));
        let kept = serde_json::to_string(&stages).unwrap();
        assert_eq!(serde_json::from_str::<Stages>(&kept).unwrap(), stages);
        serde_json::from_str::<Stages>("[]").unwrap_err();
    }
}
