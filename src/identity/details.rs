//! What else a token tells of its user.

use super::UserId;

/// Names, domains and a trust: facts beside the ones that most decisions need.
///
/// ```
/// use wafflehaus::identity::{Details, Identity, UserId};
///
/// let mut details = Details::default();
/// details.user_name = Some("Alice".into());
/// let caller = Identity::new(UserId::new("8f2c")?).details(details);
/// assert_eq!(caller.known_details().user_name.as_deref(), Some("Alice"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Details {
    /// The user's name.
    pub user_name: Option<Box<str>>,
    /// The domain that the user is in.
    pub user_domain: Option<DomainRef>,
    /// The name of the project that the token is scoped to.
    pub project_name: Option<Box<str>>,
    /// The domain that the project is in.
    pub project_domain: Option<DomainRef>,
    /// The name of the domain that the token is scoped to.
    pub domain_name: Option<Box<str>>,
    /// Whether the project is the one for administration. True unless Keystone says otherwise,
    /// as in Nova.
    pub is_admin_project: bool,
    /// The trust that the token was made with.
    pub trust: Option<Trust>,
    /// The id of the application credential that the token was made with.
    pub application_credential: Option<Box<str>>,
}

impl Details {
    const NONE: Self = Self {
        user_name: None,
        user_domain: None,
        project_name: None,
        project_domain: None,
        domain_name: None,
        is_admin_project: true,
        trust: None,
        application_credential: None,
    };
}

/// Of a caller whose authenticator told no more.
pub(super) static NOTHING: Details = Details::NONE;

impl Default for Details {
    fn default() -> Self {
        Self::NONE
    }
}

/// A domain by its id, and its name if that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DomainRef {
    /// The id.
    pub id: Box<str>,
    /// The name.
    pub name: Option<Box<str>>,
}

impl DomainRef {
    /// A domain.
    pub fn new(id: impl Into<Box<str>>, name: Option<Box<str>>) -> Self {
        Self {
            id: id.into(),
            name,
        }
    }
}

/// By which one user acts with rights of another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trust {
    /// The id of the trust.
    pub id: Box<str>,
    /// Who gave the rights.
    pub trustor: UserId,
    /// Who received them.
    pub trustee: UserId,
}

impl Trust {
    /// A trust between two users.
    pub fn new(id: impl Into<Box<str>>, trustor: UserId, trustee: UserId) -> Self {
        Self {
            id: id.into(),
            trustor,
            trustee,
        }
    }
}
