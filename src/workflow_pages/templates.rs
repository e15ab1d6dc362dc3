//! The templates of the pages. All are built in, and everything that is put into one is escaped.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, value::Serde};
use serde_json::Value;

/// The templates.
#[derive(Debug)]
pub(super) struct Templates(Environment<'static>);

impl Templates {
    pub(super) fn new() -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Whatever a template is called.
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        // An error would have the variables with it.
        environment.set_debug(false);
        for (name, text) in TEMPLATES {
            environment.add_template(name, text)?;
        }
        Ok(Self(environment))
    }

    pub(super) fn render(&self, name: &str, context: &Value) -> Result<String, minijinja::Error> {
        self.0.get_template(name)?.render(Serde(context))
    }
}

const TEMPLATES: [(&str, &str); 11] = [
    ("base.html", include_str!("templates/base.html")),
    ("edit.html", include_str!("templates/edit.html")),
    ("field.html", include_str!("templates/field.html")),
    ("message.html", include_str!("templates/message.html")),
    (
        "notifications.html",
        include_str!("templates/notifications.html"),
    ),
    ("once_more.html", include_str!("templates/once_more.html")),
    ("sign_in.html", include_str!("templates/sign_in.html")),
    ("task.html", include_str!("templates/task.html")),
    ("tasks.html", include_str!("templates/tasks.html")),
    ("token.html", include_str!("templates/token.html")),
    ("trail.html", include_str!("templates/trail.html")),
];
