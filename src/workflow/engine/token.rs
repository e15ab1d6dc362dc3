//! Tokens: issuing them anew, and what comes of them.

use serde_json::{Map, Value, json};

use super::{Engine, TRIES};
use crate::workflow::{
    Caller, EngineError, FieldErrors, Move, Task, TaskId, TokenData, TokenSecret, field,
    store::Committed,
};

impl Engine {
    /// Replaces the token of a task that waits for one, and mails it.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] if it does not; [`EngineError::NoTask`].
    pub async fn reissue(&self, id: &TaskId, by: &Caller) -> Result<Task, EngineError> {
        self.change(id, |draft| {
            draft.task().next(Move::Token)?;
            draft.event("token_reissued", by, &json!({}));
            draft.drop_jobs();
            draft.issue_token()
        })
        .await
    }

    /// The task that a token is for, and so the fields that it asks for.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoToken`] whatever is wrong with the token.
    pub async fn token(&self, token: &TokenSecret) -> Result<Task, EngineError> {
        let hash = token.hash();
        let found = self.store().token(&hash).await?;
        let good = found.filter(|it| it.is(&hash, self.now()));
        let id = good.ok_or(EngineError::NoToken)?.task;
        let task = self.store().task(&id).await?;
        task.filter(Task::takes_token).ok_or(EngineError::NoToken)
    }

    /// Uses a token, and submits what it asks for. The stage is run by a worker.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoToken`] whatever is wrong with the token; [`EngineError::Fields`] with
    /// every field that is missing or wrong.
    pub async fn submit_token(
        &self,
        token: &TokenSecret,
        body: &Map<String, Value>,
        by: &Caller,
    ) -> Result<Task, EngineError> {
        for _ in 0..TRIES {
            let task = self.token(token).await?;
            let submitted = self.submitted(&task, body)?;
            let to = task.next(Move::Token)?;
            let fields: Vec<_> = submitted.0.keys().cloned().collect();
            let mut draft = self.draft(task);
            let details = json!({ "stage": draft.task().stage(), "fields": fields });
            draft.event("token_submitted", by, &details);
            draft.go_with(to, by, &submitted)?;
            draft.use_token();
            let change = draft.into_change();
            if self.commit(std::slice::from_ref(&change)).await? == Committed::Done {
                return Ok(change.task);
            }
        }
        Err(EngineError::Contended)
    }

    /// What the actions have asked for, of what was submitted.
    fn submitted(&self, task: &Task, body: &Map<String, Value>) -> Result<TokenData, EngineError> {
        let (mut data, mut errors) = (Map::new(), FieldErrors::none());
        for record in &task.actions {
            let action = self.registry().named(&record.name)?;
            let asked = |it: &&field::Field| record.token_fields.iter().any(|f| f == it.name());
            match field::read(action.token_fields().iter().filter(asked), body) {
                Ok(read) => data.extend(read),
                Err(wrong) => errors.merge(wrong),
            }
        }
        Ok(TokenData(errors.or(data)?))
    }

    /// Removes the tokens that have expired, and says how many they were.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn remove_expired_tokens(&self) -> Result<u64, EngineError> {
        Ok(self.store().remove_expired_tokens(self.now()).await?)
    }
}
