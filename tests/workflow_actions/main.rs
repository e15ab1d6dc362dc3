//! The rules of the built-in actions, and of the stores they work with.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy lets tests do this, but not the functions that tests share"
)]

mod blank_slate;
mod cloud;
mod edit_user_roles;
mod networks;
mod new_project;
mod new_user;
mod reset_user_password;
mod send_additional_email;
mod stores;
mod support;
mod update_quota;
mod update_user_email;
mod webhook;
mod world;
