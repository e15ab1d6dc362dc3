//! Old hands: configurations and open tasks of StackTask and Adjutant.
//!
//! # Tasks
//!
//! [`copy`] makes tasks of ours of what [`Old::read`] finds in a database of Adjutant, or of
//! StackTask, in SQLite or PostgreSQL.
//!
//! 1. Only tasks that have not ended are copied, each with its id, the time it was asked for, who
//!    asked for it, who approved it, its actions with what they remember, its notes, and what
//!    operators have not taken note of.
//! 2. The other database is read in one transaction that changes nothing, and its tokens not at
//!    all. It has to be at rest: what is changed there later is not seen.
//! 3. A task stands here where it stood there: it waits for approval, waits for a token, is invalid
//!    or has failed. Nothing runs and nobody is written to, until a person does something with it.
//! 4. Tokens are not copied. On request each task that waits for one is issued a new one, which is
//!    mailed; else somebody does that later (`POST /v1/tokens`).
//! 5. A second run copies what is not here yet, and nothing twice: the id tells.
//! 6. A task that would lose something is left where it is and told with the reason: a type or an
//!    action that is not configured, an input without a place, another domain, an account that is
//!    disabled, a task like one that is open here, rows that cannot be read.
//! 7. So is one whose approval stopped half-way, because it cannot be told what was done.
//! 8. The first event of its audit trail, `imported`, says where it comes from.
//!
//! | there | here |
//! |---|---|
//! | not approved, all actions valid | waits for a person's approval, also if its type has none |
//! | not approved, an action invalid | invalid in the first stage |
//! | approved, nothing has come of it | failed, or invalid, in the approved stage |
//! | approved, all has come of it, a token is needed | waits for a token, or is invalid there |
//! | approved, all has come of it, no token is needed | failed in the last stage |
//!
//! # Deployment caveat
//!
//! Whoever can write to the other database decides what these tasks do, once somebody goes on with
//! them: look at them first.

mod settings;
mod source;
mod tasks;

pub use settings::{
    Entry, Generation, ImportOptions, Imported, InvalidOld, NewFile, Report, What, WriteError,
    import,
};
pub use source::{Old, OldAction, OldTask, SourceError, Unreadable};
pub use tasks::{Copied, CopyOptions, Left, Line, Outcome, TokenWord, copy};
