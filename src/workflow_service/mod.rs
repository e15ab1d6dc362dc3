//! The workflow's REST service: StackTask's endpoints, for clients of today.
//!
//! [`WorkflowService`] puts an [`Engine`](crate::workflow::Engine) behind HTTP, as an
//! [`axum::Router`]. Paths, fields and words are StackTask's; statuses and envelopes are those of
//! its successor Adjutant 13, which its command-line client and dashboard expect.
//!
//! # Requests
//!
//! 1. Paths have the names that the clients of any time know: `/v1/task` is `/v1/tasks`, and so for
//!    tokens and notifications; `/v1/openstack/forgotpassword` is
//!    `/v1/openstack/users/password-reset`. They may end in a slash. Ids may have hyphens.
//! 2. A body is one JSON object of limited size, which comes in limited time and has no key twice;
//!    nothing stands for an empty one. It is read after the caller has been let in.
//! 3. A client's mistake is told as what it is: 400, 404, 405, 406, 408, 413, 415, never 500.
//! 4. A caller is who [`Authentication`] says, if the token is for a project; else nobody in
//!    particular. A token that is not good is 401 everywhere, also where none is needed. Which
//!    roles an endpoint takes is [configured](Settings::access); nobody is 401, a lack of roles
//!    403. Administrators may look at any task, others at those of their project.
//!
//! # Answers
//!
//! 5. Each has the `X-OpenStack-Request-Id` under which the request is in the log.
//! 6. What went well has `notes`, a list; all else has `errors`, a list, or lists by the field that
//!    they are about. Times are in UTC with microseconds.
//! 7. An answer waits for what comes of the request, for a while: an invalid task is 400 with the
//!    `reasons` of each action, by code and in words; a stage that could not be done now is 503; a
//!    duplicate is 409. What is accepted, and perhaps waits for somebody, is 202. An error after the
//!    task was made has the id of the `task`.
//!
//! # Those whom nobody knows
//!
//! 8. Whether there is an account makes no difference to an answer, nor to the work before it:
//!    what comes of a sign-up or a reset is found out afterwards, by a worker, and the answer comes
//!    after a whole number of [pauses](Settings::quiet_milliseconds). How often a view that
//!    is open to anyone is asked, whoever asks, is limited: from one address, about one mail
//!    address, and overall; more is 429 with `Retry-After`. Addresses are those of peers, or what
//!    [trusted](Settings::trusted_proxies) proxies say.
//! 9. A [`Challenge`] may have to be passed before.
//! 10. No password, token or query is in a log, and no answer has a token: `/v1/tokens` lists their
//!     hashes.
//!
//! # Description
//!
//! 11. `/docs/openapi.json` describes all this, with the fields that each task view takes, and
//!     `/docs/` is a page to browse it, which needs nothing from elsewhere; if it is
//!     [wanted](Settings::docs).
//!
//! # Endpoints
//!
//! | name in `access` | endpoint | default |
//! |---|---|---|
//! | `show_status` | `GET /v1/status` | `admin` |
//! | `list_tasks`, `update_task`, `approve_task` | `GET /v1/tasks`; `PUT`, `POST` of one | `admin` |
//! | `show_task`, `cancel_task` | `GET`, `DELETE` of one | mod or admin |
//! | `list_tokens`, `clear_tokens` | `GET`, `DELETE /v1/tokens` | `admin` |
//! | `reissue_token` | `POST /v1/tokens` | mod or admin |
//! | | `GET`, `POST /v1/tokens/<token>` | whoever has the token |
//! | `list_notifications`, `show_notification`, `acknowledge_notifications` | `/v1/notifications`, and one | `admin` |
//! | `list_users`, `show_user`, `remove_user` | `/v1/openstack/users`, and one | mod or admin |
//! | `list_roles`, `show_quotas` | `/v1/openstack/roles`, `/v1/openstack/quotas` | mod or admin |
//! | `CreateProject` | `/v1/actions/CreateProject`, `/v1/openstack/sign-up` | anyone |
//! | `ResetPassword` | `/v1/actions/ResetPassword`, `/v1/openstack/users/password-reset` | anyone |
//! | `SetPassword` | `/v1/actions/SetPassword`, `/v1/openstack/users/password-set` | `admin` |
//! | `InviteUser` | `/v1/actions/InviteUser`, `/v1/openstack/users` | mod or admin |
//! | `EditUser` | `/v1/actions/EditUser`, `/v1/openstack/users/<id>/roles` | mod or admin |
//! | `UpdateEmail` | `/v1/actions/UpdateEmail`, `/v1/openstack/users/email-update` | authenticated |
//! | `UpdateQuota` | `/v1/actions/UpdateQuota`, `/v1/openstack/quotas` | mod or admin |
//! | `ClearProject` | `/v1/actions/ClearProject` | mod or admin |
//!
//! “Mod or admin” is `admin`, `project_admin` or `project_mod`. The last eight are task views, of
//! the task types `create_project`, `reset_password`, `force_password`, `invite_user`,
//! `edit_roles`, `update_email`, `update_quota` and `clear_project`; those whose type the engine has
//! not are not there. [`Settings::views`] adds others. `/`, `/v1`, `/healthz`, `/readyz` and
//! `/metrics` are for everybody.
//!
//! # Lists
//!
//! `filters` is a [filter](crate::workflow::store::Filter). Lists are counted in pages by
//! `tasks_per_page` (`tokens_per_page`, `notifications_per_page`) and `page`, or followed by `limit`
//! and `after`, the `next` of the answer before: then nothing is missed or told twice, whatever is
//! added meanwhile.
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | [`access`](Settings::access) | as above | who may use an endpoint or a view, by its name |
//! | [`admin_roles`](Settings::admin_roles) | `admin` | to whom every project's tasks are open |
//! | [`blacklisted_roles`](Settings::blacklisted_roles) | `admin` | whose holders are not shown as users |
//! | [`body_limit`](Settings::body_limit) | 65,536 | bytes of a body |
//! | [`body_seconds`](Settings::body_seconds) | 10 | how long a body may take |
//! | [`docs`](Settings::docs) | in debug builds | whether `/docs` is there |
//! | [`limits.address`](Limits::address) | 20 in 600 s | requests from one address, or IPv6 network of 64 bits |
//! | [`limits.mail`](Limits::mail) | 3 in 3,600 s | about one mail address |
//! | [`limits.overall`](Limits::overall) | 600 in 60 s | all together |
//! | [`patience_seconds`](Settings::patience_seconds) | 10 | how long an answer waits |
//! | [`quiet_milliseconds`](Settings::quiet_milliseconds) | 250 | of what the time of an answer is a multiple that tells nothing |
//! | [`trusted_proxies`](Settings::trusted_proxies) | none | whose `X-Forwarded-For` is believed |
//! | [`views`](Settings::views) | none | further task views |
//!
//! # Differences from StackTask and Adjutant
//!
//! * To approve a task again issues its token anew, or tries a failed stage again.
//! * To delete a member takes the roles that the member was given on the project.
//! * A token without what is needed, a pattern or a value that cannot be read is 400.
//! * What is not done after a while, but may be yet, is 202 or 503 with the id of the task.
//!
//! # Deployment caveat
//!
//! The limits are those of one process: several together let as many times more through. The
//! service speaks HTTP; TLS is for what is in front of it. `/metrics` and `/readyz` tell everybody
//! who can reach them.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use wafflehaus::{
//!     identity_headers::IdentityHeadersLayer,
//!     workflow::{Engine, identity::InMemoryIdentity},
//!     workflow_service::{Authentication, InvalidSettings, Settings, WorkflowService},
//! };
//!
//! fn router(engine: Engine) -> Result<axum::Router, InvalidSettings> {
//!     let mut settings = Settings::default();
//!     settings.docs = true;
//!     let identity = Arc::new(InMemoryIdentity::new());
//!     let behind = Authentication::trusted_headers(IdentityHeadersLayer::new());
//!     Ok(WorkflowService::new(engine, identity, behind).settings(settings)?.router())
//! }
//! ```

mod access;
mod actions;
mod address;
mod app;
mod authentication;
mod caller;
mod described;
mod docs;
mod edge;
mod error;
mod health;
mod limits;
mod list;
mod notes;
mod notifications;
mod openstack;
mod outcome;
mod payload;
mod service;
mod settings;
mod status;
mod tasks;
mod time;
mod tokens;
mod versions;
mod view;

pub use access::Access;
pub use address::{InvalidNetwork, Network};
pub use authentication::Authentication;
pub use limits::{Challenge, ChallengeFuture, Challenged};
pub use openstack::Quotas;
pub use service::{InvalidSettings, WorkflowService};
pub use settings::{Limit, Limits, Settings};
pub use view::TaskView;

pub(crate) use address::{ClientAddress, note as note_address};
pub(crate) use edge::identify;
pub(crate) use limits::Gate;
