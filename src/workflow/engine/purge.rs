//! Removing what ended long ago.

use serde_json::json;

use super::{Engine, TRIES};
use crate::workflow::{Caller, EngineError, Timestamp, store::Committed};

impl Engine {
    /// Removes the tasks that ended before then, with their inputs, steps, jobs and notifications,
    /// and says how many they were. Their audit trails stay, and end with this: they hold what was
    /// asked for and by whom, and can be verified as before.
    ///
    /// A task stays for which something is still to be sent, and one with an error of which nobody
    /// has taken note.
    ///
    /// # Errors
    ///
    /// Those of the store; [`EngineError::Contended`] if others change the same tasks each time.
    /// What was removed until then is.
    pub async fn purge(&self, before: Timestamp, by: &Caller) -> Result<u64, EngineError> {
        let (mut count, mut tries) = (0, 0);
        while tries < TRIES {
            let tasks = self.store().over(before, AT_ONCE).await?;
            if tasks.is_empty() {
                return Ok(count);
            }
            let mut changes = Vec::with_capacity(tasks.len());
            for task in tasks {
                let mut draft = self.draft(task);
                draft.event("purged", by, &json!({}));
                draft.remove();
                changes.push(draft.into_change());
            }
            // Somebody else may do the same, or leave a note.
            if self.commit(&changes).await? == Committed::Done {
                count += u64::try_from(changes.len()).unwrap_or_default();
                tries = 0;
            } else {
                tries += 1;
            }
        }
        Err(EngineError::Contended)
    }
}

/// How many are removed in one transaction, for which all other writers wait.
const AT_ONCE: u32 = 100;
