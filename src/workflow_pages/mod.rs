//! Pages for people: the one that a mailed link leads to, and those of administrators.
//!
//! [`Pages`] puts them beside a [`WorkflowService`](crate::workflow_service::WorkflowService). They
//! are rendered here, need no script, and load nothing but one style sheet of their own. What a
//! person does on them is asked of the service, with the person's own token: so who may do what is
//! decided by the service's settings, and nowhere else.
//!
//! # Every page
//!
//! 1. An answer is kept by no cache, shown in no frame, and tells no other site where it was; its
//!    policy lets a page load the style sheet and send forms to this site, and nothing else.
//!    Everything from a task, a person or Keystone is escaped.
//! 2. A page can be used by keyboard and with a screen reader: it has its language, landmarks, one
//!    first heading, a link past the head, a label for each field, and a list of what was wrong
//!    whose entries lead to the fields.
//! 3. What changes something is a `POST` from a page of this site: what a browser says comes from
//!    elsewhere is 403. Nothing is changed by a `GET` or `HEAD`. Any other method is 405.
//! 4. A form has limited size, comes in limited time, is text, and has no field twice that has one
//!    value.
//!
//! # The token page
//!
//! 5. `/token/<token>` shows what the token is for, and a field for all that is asked. To look at
//!    it uses nothing up, however often programs follow the link. A password is given twice, and
//!    never sent back.
//! 6. Whatever is wrong with a token, the answer is the same 404, which says what it may be. A
//!    stage that could not be done now is 503: if the link is good again the page says so, and
//!    shows the form.
//! 7. After a token was used a person is sent on to a page without it. No log of this service has
//!    a token.
//!
//! # The pages of administrators
//!
//! 8. Whoever can sign in gets a session: its id is random, new with each sign-in, in a cookie that
//!    no script can read and no other site can send, and only over TLS unless the
//!    [`url`](PageSettings::url) is one of this machine. Two such cookies are none. Who comes by a
//!    link on another site is sent here once more, so that the cookie comes along.
//! 9. A session is in the memory of this process by the hash of its id, with the person's token. It
//!    ends by a sign-out, when it is idle or old, and when the service refuses the token.
//! 10. A form has to have its session's form token, the one to sign in that of its browser.
//! 11. How often somebody may try to sign in is [limited](PageSettings::sign_in_limits); more is
//!     429. Whatever is wrong with the credentials, the answer is the same.
//! 12. Tasks and notifications are listed as the service lists them, page by page. A task is shown
//!     with the inputs, notes, validity and reasons of each action, and the stages still to come.
//! 13. Who approves, updates or cancels does it to the task as it was on the page: if another stage
//!     has begun since then it is 409, nothing is done, and the task is shown as it is by now. What
//!     one page sends twice is done once.
//! 14. The audit trail is shown to whom the task is, with whether it
//!     [holds](crate::workflow::Engine::verify); addresses only to whom the service tells the
//!     task's own.
//! 15. Without a [`SignIn`] there are no pages of administrators.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | [`dashboard`](PageSettings::dashboard) | none | where people go when they are done |
//! | [`idle_seconds`](PageSettings::idle_seconds) | 1,800 | how long a session may be idle |
//! | [`name`](PageSettings::name) | `Cloud requests` | how the service is called |
//! | [`session_seconds`](PageSettings::session_seconds) | 28,800 | how long a session may last |
//! | [`sign_in_limits`](PageSettings::sign_in_limits) | 20 in 600 s from an address, 10 in 600 s as a user, 600 in 60 s | how often somebody may try to sign in |
//! | [`url`](PageSettings::url) | none | where people reach the pages; a path in it is what a proxy removes |
//! | [`wording`](PageSettings::wording) | built in | what the token page says, by task type |
//!
//! # Deployment caveat
//!
//! Whoever signs in shows the service a Keystone token, so the service has to ask
//! [Keystone](crate::workflow_service::Authentication::keystone) itself.
//! Sessions are those of one process: of several behind one address, a person has to come to the
//! same one. They end when it ends. The token of a link is in its path, so a proxy in front should
//! not log paths below `/token/`. Without [`url`](PageSettings::url) the proxy has to pass `Host` on.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use wafflehaus::{
//!     openstack::{Client, Endpoint},
//!     workflow_pages::{InvalidPages, KeystoneSignIn, PageSettings, Pages},
//!     workflow_service::WorkflowService,
//! };
//!
//! fn router(service: WorkflowService, keystone: Endpoint) -> Result<axum::Router, InvalidPages> {
//!     let client = Client::builder().build().unwrap();
//!     let mut settings = PageSettings::default();
//!     settings.url = Some("https://cloud.example/requests".parse().unwrap());
//!     let pages = Pages::new(service, settings)?;
//!     Ok(pages.sign_in(KeystoneSignIn::new(client, keystone)).router())
//! }
//! ```

mod admin;
mod api;
mod app;
mod cookie;
mod edge;
mod form;
mod pages;
mod sessions;
mod settings;
mod show;
mod sign_in;
mod templates;
mod token;
mod widget;
mod wording;

use app::{App, Shown};

pub use pages::{InvalidPages, Pages};
pub use settings::{InvalidPublicUrl, PageSettings, PublicUrl};
pub use sign_in::{Credentials, KeystoneSignIn, Person, SignIn, SignInError, SignInFuture};
pub use wording::Wording;
