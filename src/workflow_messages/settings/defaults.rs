//! What holds until somebody says otherwise: StackTask's own settings.

use serde_json::{Value, json};

/// For every task type.
pub(super) fn of_all() -> Value {
    json!({
        "emails": {
            "initial": { "subject": "Initial Confirmation" },
            "token": { "subject": "Your Token" },
            "completed": { "subject": "Task completed" },
        },
        "notifications": { "standard": {}, "error": {} },
        "errors": {},
    })
}

/// For a task type of this name.
pub(super) fn of_type(name: &str) -> Value {
    let emails = match name {
        "clear_project" => json!({ "initial": null }),
        "create_project" => json!({
            "initial": { "subject": "signup received" },
            "token": { "subject": "signup approved" },
            "completed": { "subject": "signup completed" },
        }),
        "edit_roles" => json!({ "initial": null, "token": null, "completed": null }),
        "force_password" | "reset_password" => json!({
            "initial": null,
            "token": { "subject": "Password Reset for OpenStack" },
            "completed": { "subject": "Password Reset for OpenStack" },
        }),
        "invite_user" => json!({
            "initial": null,
            "token": { "subject": "invite_user" },
            "completed": { "subject": "invite_user" },
        }),
        "update_email" => json!({
            "initial": null,
            "token": { "subject": "Confirm OpenStack Email Change" },
            "completed": { "subject": "OpenStack Email Changed" },
        }),
        "update_quota" => json!({
            "initial": null,
            "token": null,
            "completed": { "subject": "OpenStack Quota Updated" },
        }),
        _ => json!({}),
    };
    json!({ "emails": emails })
}
