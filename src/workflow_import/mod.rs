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
//! # Configurations
//!
//! [`import`] makes a configuration of ours of one of StackTask or Adjutant, and a [`Report`] on
//! each of its keys. `docs/MIGRATING_WORKFLOW.md` has them all.
//!
//! 9. It is YAML as these read it: `yes` is true. What is neither's configuration is refused, and
//!    its text is not repeated.
//! 10. Each key is told: kept, renamed, changed in its meaning, left out and why, or unknown. What
//!     an operator has to decide comes first.
//! 11. What the other system does without a key is written out where ours does something else. An
//!     endpoint that was not there is for administrators only.
//! 12. Secrets are in files of their own, for their owner only, and in no message.
//! 13. What is there already is not overwritten unless asked, and the engine's key never.
//! 14. The result can be loaded, or what it lacks is told.
//!
//! # Deployment caveat
//!
//! Whoever can write to the other database decides what these tasks do, once somebody goes on with
//! them: look at them first.
//!
//! # Example
//!
//! ```
//! use wafflehaus::workflow_import::{ImportOptions, What, import};
//!
//! let old = "
//! KEYSTONE: {auth_url: 'https://keystone.example/v3', username: admin, password: hunter2}
//! USERNAME_IS_EMAIL: yes
//! COLOUR_OF_THE_SHED: green
//! ";
//! let imported = import(old, &ImportOptions::default())?;
//! assert!(imported.config.contains("usernames = false"));
//! assert!(!imported.config.contains("hunter2"));
//! let mut unknown = imported.report.of(What::Unknown);
//! assert_eq!(unknown.next().unwrap().from, "COLOUR_OF_THE_SHED");
//! import("shed: green", &ImportOptions::default()).unwrap_err();
//! # Ok::<(), wafflehaus::workflow_import::InvalidOld>(())
//! ```

mod settings;
mod source;
mod tasks;

pub use settings::{
    Entry, Generation, ImportOptions, Imported, InvalidOld, NewFile, Report, What, WriteError,
    import,
};
pub use source::{Old, OldAction, OldTask, SourceError, Unreadable};
pub use tasks::{Copied, CopyOptions, Left, Line, Outcome, TokenWord, copy};
