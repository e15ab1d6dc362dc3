//! What the token page says of each type of task.

use serde::Deserialize;

/// What the token page says of a type of task. What is not given is said as for any other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Wording {
    /// The heading.
    pub title: Option<String>,
    /// What will be done.
    pub text: Option<String>,
    /// What a person confirms by the tick.
    pub confirm: Option<String>,
    /// What is on the button.
    pub button: Option<String>,
}

/// The words for one page.
#[derive(Debug)]
pub(super) struct Words<'a> {
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) confirm: &'a str,
    pub(super) button: &'a str,
}

/// The words for a type of task whose token asks for a password, or does not.
pub(super) fn words<'a>(own: Option<&'a Wording>, task_type: &str, password: bool) -> Words<'a> {
    let found = BUILT_IN.iter().find(|(name, _)| *name == task_type);
    let [title, text, confirm, button] = match (found, password) {
        (Some((_, words)), _) => *words,
        (None, true) => PASSWORD,
        (None, false) => CONFIRMATION,
    };
    // A button that says what it does, also where there is nothing but a tick.
    let button = if password { button } else { "Confirm" };
    let own = |of: fn(&Wording) -> &Option<String>, other| {
        own.and_then(|it| of(it).as_deref()).unwrap_or(other)
    };
    Words {
        title: own(|it| &it.title, title),
        text: own(|it| &it.text, text),
        confirm: own(|it| &it.confirm, confirm),
        button: own(|it| &it.button, button),
    }
}

type Four = [&'static str; 4];

const CONFIRM: &str = "Yes, I confirm this";

const PASSWORD: Four = [
    "Set a password",
    "Choose a password to finish what was asked for.",
    CONFIRM,
    "Set password",
];

const CONFIRMATION: Four = [
    "Please confirm",
    "Somebody asked for this, and it will be done once you confirm it.",
    CONFIRM,
    "Confirm",
];

const BUILT_IN: [(&str, Four); 6] = [
    (
        "create_project",
        [
            "Set up your account",
            "Your project has been approved. Choose a password, and your account is made.",
            CONFIRM,
            "Set password",
        ],
    ),
    (
        "invite_user",
        [
            "Accept your invitation",
            "You have been invited to a project. It becomes yours to use once you accept.",
            "I accept the invitation",
            "Accept invitation",
        ],
    ),
    (
        "reset_password",
        [
            "Set a new password",
            "Your old password stops working as soon as the new one is set.",
            CONFIRM,
            "Set password",
        ],
    ),
    (
        "force_password",
        [
            "Set a new password",
            "Your old password stops working as soon as the new one is set.",
            CONFIRM,
            "Set password",
        ],
    ),
    (
        "update_email",
        [
            "Confirm your email address",
            "Your account will have this address from now on.",
            "This address is mine, and my account is to have it",
            "Confirm",
        ],
    ),
    (
        "clear_project",
        [
            "Delete everything in your project",
            "Servers, disks, networks and all else in the project will be deleted. \
             This cannot be undone.",
            "Delete everything in this project",
            "Delete everything",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operators_words_go_before_the_built_in_ones() {
        let own = Wording {
            title: Some("Welcome".into()),
            ..Wording::default()
        };
        let words = words(Some(&own), "create_project", true);
        assert_eq!((words.title, words.button), ("Welcome", "Set password"));
        assert!(words.text.starts_with("Your project has been approved."));
        assert_eq!(super::words(None, "other", true).title, "Set a password");
        assert_eq!(super::words(None, "invite_user", false).button, "Confirm");
    }
}
