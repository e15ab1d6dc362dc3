//! Running an action's stages, and what came of them.

use serde_json::Value;
use wafflehaus::workflow::{Action, ActionError, Outcome, Trial};

/// `valid`, the code of the reason why not, or what error it was.
pub(crate) fn said(outcome: Result<Outcome, ActionError>) -> String {
    match outcome {
        Ok(Outcome::Valid) => "valid".into(),
        Ok(Outcome::Invalid(reason)) => {
            assert!(!reason.message.is_empty());
            reason.code.into()
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) if error.is_retry() => "retry".into(),
        Err(_) => "fatal".into(),
    }
}

pub(crate) async fn run<A: Action>(trial: &mut Trial<'_, A>, stage: &str) -> String {
    said(trial.run(stage).await)
}

/// Submits what a token's holder would, and runs `submit`.
pub(crate) async fn submit<A: Action>(trial: &mut Trial<'_, A>, body: Value) -> String {
    trial.submit(body.as_object().unwrap()).unwrap();
    run(trial, "submit").await
}

/// The fields that are wrong in a body.
pub(crate) fn wrong(action: &impl Action, body: &Value) -> Vec<String> {
    let errors = action.validate(body.as_object().unwrap()).unwrap_err();
    errors.iter().map(|(field, _)| field.to_owned()).collect()
}
