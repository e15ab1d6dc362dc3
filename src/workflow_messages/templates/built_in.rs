//! The built-in templates, by name.

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!($name))),*]
    };
}

pub(super) const TEMPLATES: [(&str, &str); 25] = templates![
    "completed.html",
    "completed.txt",
    "create_project_completed.html",
    "create_project_completed.txt",
    "create_project_initial.html",
    "create_project_initial.txt",
    "create_project_token.html",
    "create_project_token.txt",
    "initial.html",
    "initial.txt",
    "invite_user_completed.html",
    "invite_user_completed.txt",
    "invite_user_token.html",
    "invite_user_token.txt",
    "layout.html",
    "notification.html",
    "notification.txt",
    "reset_password_completed.html",
    "reset_password_completed.txt",
    "reset_password_token.html",
    "reset_password_token.txt",
    "token.html",
    "token.txt",
    "update_email_token.html",
    "update_email_token.txt",
];
