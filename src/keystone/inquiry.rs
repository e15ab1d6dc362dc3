//! Asking about tokens, and learning from it how Keystone does.

use std::{sync::Arc, time::Duration};

use http::HeaderValue;
use tokio::time::{Instant, timeout};

use super::{
    ExpiredTokens, Token, ValidateError, ValidateToken, Validated,
    circuit::{Check, Circuit, Leave},
    layer::Settings,
};

/// Why a token is not taken. The text is for the log.
#[derive(Clone)]
pub(super) enum Trouble {
    Invalid(Arc<str>),
    Unavailable(Arc<str>),
}

pub(super) struct Inquiry {
    validator: Arc<dyn ValidateToken>,
    circuit: Circuit,
    deadline: Duration,
}

impl Inquiry {
    pub(super) fn new(validator: Arc<dyn ValidateToken>, settings: &Settings) -> Self {
        Self {
            validator,
            circuit: Circuit::new(settings.failures_to_check, settings.open_for),
            deadline: settings.deadline,
        }
    }

    /// Whether Keystone keeps failing.
    pub(super) fn is_open(&self) -> bool {
        self.circuit.is_open()
    }

    /// Leave to ask, unless Keystone is left alone.
    pub(super) fn leave(&self) -> Option<Leave> {
        self.circuit.leave()
    }

    /// What a token stands for, and when it was asked about.
    pub(super) async fn ask(
        &self,
        leave: Leave,
        token: &Token,
        expired: ExpiredTokens,
    ) -> Result<(Validated, Instant), Trouble> {
        if let Leave::After(check) = leave
            && !self.check(check).await
        {
            return Err(Trouble::Unavailable(LEFT_ALONE.into()));
        }
        let asked_at = Instant::now();
        let answer = self.answer(token, expired).await;
        match &answer {
            Ok(_) | Err(Trouble::Invalid(_)) => self.circuit.answered(),
            Err(Trouble::Unavailable(_)) => {
                if let Some(check) = self.circuit.failed() {
                    self.check(check).await;
                }
            }
        }
        answer.map(|validated| (validated, asked_at))
    }

    /// Finds out whether Keystone answers at all, by a token that no caller has sent: a caller's
    /// own could be one that Keystone fails on, and must not decide for all the others.
    async fn check(&self, check: Check) -> bool {
        let token = Token::of(&HeaderValue::from_static(NOBODYS));
        let answer = self.answer(&token, ExpiredTokens::Refused).await;
        let answers = !matches!(answer, Err(Trouble::Unavailable(_)));
        check.settle(answers);
        answers
    }

    /// What the validator says, in the time that it has.
    async fn answer(&self, token: &Token, expired: ExpiredTokens) -> Result<Validated, Trouble> {
        let answer = self.validator.validate(token, expired);
        match timeout(self.deadline, answer).await {
            Ok(Ok(validated)) => Ok(validated),
            Ok(Err(ValidateError::Invalid(reason))) => Err(Trouble::Invalid(reason.into())),
            Ok(Err(ValidateError::Unavailable(cause))) => {
                Err(Trouble::Unavailable(cause.to_string().into()))
            }
            Err(_) => Err(Trouble::Unavailable("no answer in time".into())),
        }
    }
}

pub(super) const LEFT_ALONE: &str = "keystone keeps failing and is left alone";

/// No form of token that Keystone makes.
const NOBODYS: &str = "nobodys-token";
