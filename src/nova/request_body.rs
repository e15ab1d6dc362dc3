//! The one body reader.

use super::{InterfaceAttach, InvalidBody, Operation, ServerAction, ServerCreate};

/// What the body of a judged request says, as far as policies care.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestBody {
    /// Of [`Operation::AttachInterface`].
    InterfaceAttach(InterfaceAttach),
    /// Of [`Operation::ServerAction`].
    ServerAction(ServerAction),
    /// Of [`Operation::CreateServer`].
    ServerCreate(ServerCreate),
}

impl RequestBody {
    /// Reads the body of an operation; `None` for one whose body means nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidBody`] by the rules of the [module](super).
    pub fn read(operation: Operation, bytes: &[u8]) -> Result<Option<Self>, InvalidBody> {
        Ok(match operation {
            Operation::AttachInterface { api, .. } => Some(Self::InterfaceAttach(
                InterfaceAttach::from_json(bytes, api)?,
            )),
            Operation::CreateServer => Some(Self::ServerCreate(ServerCreate::from_json(bytes)?)),
            Operation::ServerAction { .. } => {
                Some(Self::ServerAction(ServerAction::from_json(bytes)?))
            }
            Operation::DetachInterface { .. }
            | Operation::ExistingServer { .. }
            | Operation::ExternalEvents
            | Operation::Other => None,
        })
    }
}
