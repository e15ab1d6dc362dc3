use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Map, json};

use crate::workflow::{
    Action, ActionError, ActionFuture, Context, Field, Outcome, TokenData, Trial,
};

/// Makes a thing, and counts how often it looked and made.
#[derive(Debug, Default)]
struct Maker {
    fields: [Field; 0],
    found: Option<&'static str>,
    fails: AtomicBool,
    did: Mutex<Vec<&'static str>>,
}

impl Maker {
    fn did(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.did.lock().unwrap())
    }

    fn act(&self, what: &'static str) {
        self.did.lock().unwrap().push(what);
    }
}

impl Action for Maker {
    fn name(&self) -> &str {
        "Maker"
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn run<'a>(&'a self, stage: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
        Box::pin(async move {
            ctx.note("began");
            let look = async {
                self.act("look");
                Ok(self.found.map(str::to_owned))
            };
            let act = async {
                self.act("make");
                Ok("made".to_owned())
            };
            let result: String = ctx.step("make", look, act).await?;
            ctx.remember("result", result);
            if self.fails.load(Ordering::Relaxed) {
                return Err(ActionError::retry("not now"));
            }
            if stage == "twice" {
                let again = ctx.step("make", async { Ok(None) }, async { Ok(()) });
                again.await?;
            }
            Ok(Outcome::Valid)
        })
    }
}

fn trial(maker: &Maker) -> Trial<'_, Maker> {
    Trial::new(maker, json!({})).unwrap()
}

#[tokio::test]
async fn step_1_what_is_done_is_not_done_again() {
    let maker = Maker::default();
    maker.fails.store(true, Ordering::Relaxed);
    let mut trial = trial(&maker);
    trial.run("submit").await.unwrap_err();
    assert_eq!(maker.did(), ["make"]);
    // What it remembered went with the attempt that failed.
    assert!(trial.cache().is_empty() && trial.notes().is_empty());
    maker.fails.store(false, Ordering::Relaxed);
    trial.run("submit").await.unwrap();
    assert!(maker.did().is_empty());
    assert_eq!(trial.cache()["result"], "made");
    assert_eq!(trial.notes(), ["began"]);
}

#[tokio::test]
async fn step_3_what_was_caught_half_way_is_looked_for() {
    for (found, did, result) in [
        (None, vec!["look", "make"], "made"),
        (Some("found"), vec!["look"], "found"),
    ] {
        let maker = Maker {
            found,
            ..Maker::default()
        };
        let mut trial = trial(&maker);
        trial.run("submit").await.unwrap();
        maker.did();
        trial.forget_result("submit", "make");
        trial.run("submit").await.unwrap();
        assert_eq!(maker.did(), did);
        assert_eq!(trial.cache()["result"], result);
    }
}

#[tokio::test]
async fn step_4_a_first_attempt_does_not_take_over_what_is_there() {
    let maker = Maker {
        found: Some("somebody else's"),
        ..Maker::default()
    };
    let mut trial = trial(&maker);
    trial.run("submit").await.unwrap();
    assert_eq!(maker.did(), ["make"]);
}

#[tokio::test]
async fn a_name_that_comes_twice_ends_the_stage() {
    let maker = Maker::default();
    let error = trial(&maker).run("twice").await.unwrap_err();
    assert!(!error.is_retry());
    assert_eq!(error.to_string(), "two steps are named `make`");
}

#[test]
fn what_was_submitted_is_not_printed() {
    let data = TokenData(Map::from_iter([("password".to_owned(), json!("hunter2"))]));
    assert_eq!(format!("{data:?}"), r#"TokenData(["password"])"#);
}

#[tokio::test]
async fn a_step_that_cannot_be_kept_is_not_begun() {
    struct Named(String);

    impl Action for Named {
        fn name(&self) -> &str {
            "Named"
        }

        fn fields(&self) -> &[Field] {
            &[]
        }

        fn run<'a>(&'a self, _: &'a str, ctx: &'a mut Context<'_>) -> ActionFuture<'a> {
            Box::pin(async move {
                let act = async { Ok(()) };
                ctx.step(&self.0, async { Ok(None) }, act).await?;
                Ok(Outcome::Valid)
            })
        }
    }

    for (name, kept) in [
        ("x".repeat(512), true),
        ("x".repeat(513), false),
        (String::new(), false),
        ("a\0b".into(), false),
    ] {
        let action = Named(name);
        let mut trial = Trial::new(&action, json!({})).unwrap();
        assert_eq!(trial.run("submit").await.is_ok(), kept);
        assert_eq!(trial.steps().len(), usize::from(kept));
    }
}

#[test]
fn the_text_of_an_error_can_be_kept_in_either_database() {
    let error = ActionError::fatal(format!("a\0b{}", "é".repeat(5000)));
    assert!(error.to_string().starts_with("abé"));
    assert_eq!(error.to_string().chars().count(), 4000);
}
