//! What a task is made of: the trait that an action implements.

use std::{error::Error, fmt, future::Future, pin::Pin};

use serde_json::{Map, Value};

use super::{Context, Field, FieldErrors, field};

/// One thing that a task does, in as many stages as it takes.
///
/// 1. An action has no state of its own: one value serves all tasks, in all processes at once.
///    What has to be remembered goes into the [`Context`].
/// 2. A stage may be run again from its beginning, after an error or because the process that ran
///    it died. So each effect is a [`step`](Context::step), and between steps there is nothing
///    but reading and reckoning.
/// 3. A stage that the action does not know is done, and valid.
/// 4. Neither notes nor errors nor caches hold a secret.
///
/// ```
/// use wafflehaus::workflow::{Action, ActionError, ActionFuture, Context, Field, Kind, Outcome};
///
/// struct Greet { fields: [Field; 1] }
///
/// impl Action for Greet {
///     fn name(&self) -> &str { "Greet" }
///
///     fn fields(&self) -> &[Field] { &self.fields }
///
///     fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
///         Box::pin(async move {
///             let name: String = ctx.input("name")?;
///             if stage == "post_approve" {
///                 let greeted: String = ctx
///                     .step("greet", async { Ok(None) }, async { Ok(format!("Hello {name}")) })
///                     .await?;
///                 ctx.note(greeted);
///             }
///             Ok(Outcome::Valid)
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), ActionError> {
/// use wafflehaus::workflow::Trial;
///
/// let greet = Greet { fields: [Field::new("name", Kind::Text { longest: 20 })] };
/// let mut trial = Trial::new(&greet, serde_json::json!({"name": "Ann"})).unwrap();
/// trial.run("post_approve").await?;
/// assert_eq!(trial.notes(), ["Hello Ann"]);
/// # Ok(())
/// # }
/// ```
pub trait Action: Send + Sync + 'static {
    /// The name under which it is registered and kept with tasks.
    fn name(&self) -> &str;

    /// What it takes from a request's body.
    fn fields(&self) -> &[Field];

    /// What it may ask a token's holder for; [`Context::ask`] names those that it does ask for.
    fn token_fields(&self) -> &[Field] {
        &[]
    }

    /// Its own inputs of a request's flat body: what [`fields`](Self::fields) declares, and
    /// beyond that what only the action can tell. Nothing is looked up here; that is for the
    /// first stage.
    ///
    /// # Errors
    ///
    /// Every field that is wrong.
    fn validate(&self, body: &Map<String, Value>) -> Result<Map<String, Value>, FieldErrors> {
        field::read(self.fields(), body)
    }

    /// The stages that its settings name. Task types without one of them are refused: what is set
    /// for a stage that never comes would silently not be done.
    fn stages(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Whom mails about its task go to.
    fn email(&self, data: &Map<String, Value>) -> Option<String> {
        let _ = data;
        None
    }

    /// Runs a stage.
    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a>;
}

/// A stage under way.
pub type ActionFuture<'a> = Pin<Box<dyn Future<Output = Result<Outcome, ActionError>> + Send + 'a>>;

/// How a stage of an action ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It found that it cannot do what it was asked to. The task does not go on.
    Invalid(Reason),
    /// It did what it had to, and the task may go on.
    Valid,
}

/// Why an action is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// A stable code: lower case, words joined by underscores.
    pub code: &'static str,
    /// A sentence for people, which becomes a note of the task.
    pub message: String,
}

/// Why a stage of an action could not be brought to an end.
#[derive(Debug)]
pub struct ActionError {
    kind: Kind,
    message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Fatal,
    Interrupted,
    Retry,
}

impl Outcome {
    /// An invalid action.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(Reason {
            code,
            message: message.into(),
        })
    }
}

impl ActionError {
    /// Something that may pass: the stage is run again after a while, until its attempts are
    /// used up. The text is kept; it must hold no secret.
    pub fn retry(message: impl fmt::Display) -> Self {
        Self::new(Kind::Retry, message)
    }

    /// Something that will not pass. The text is kept; it must hold no secret.
    pub fn fatal(message: impl fmt::Display) -> Self {
        Self::new(Kind::Fatal, message)
    }

    /// The journal could not be written, so whoever runs the stage has to stop.
    pub(super) fn interrupted(message: impl fmt::Display) -> Self {
        Self::new(Kind::Interrupted, message)
    }

    fn new(kind: Kind, message: impl fmt::Display) -> Self {
        let message = message.to_string();
        // PostgreSQL has no place for a NUL, and nobody reads a text that has no end.
        let kept = message.chars().filter(|it| *it != '\0').take(LONGEST);
        Self {
            kind,
            message: kept.collect(),
        }
    }

    /// Whether it is worth another try.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.kind == Kind::Retry
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.kind == Kind::Interrupted
    }
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ActionError {}

/// How many characters of an error's text are kept.
const LONGEST: usize = 4000;
