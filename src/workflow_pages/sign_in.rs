//! How administrators prove who they are.

use std::{error::Error, fmt, future::Future, pin::Pin};

use secrecy::SecretString;

use crate::{
    keystone::Token,
    openstack::{AuthMethod, Client, Endpoint, Holder, Named},
};

/// Gives people tokens. [`KeystoneSignIn`] asks Keystone for them.
pub trait SignIn: Send + Sync + 'static {
    /// Somebody's token for a project, if these credentials are good.
    fn sign_in<'a>(&'a self, credentials: &'a Credentials) -> SignInFuture<'a>;
}

/// A sign-in under way.
pub type SignInFuture<'a> = Pin<Box<dyn Future<Output = Result<Person, SignInError>> + Send + 'a>>;

/// What somebody shows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credentials {
    /// A user's password.
    Password {
        /// The user.
        user: Named,
        /// The password.
        password: SecretString,
        /// The project to act in.
        project: Named,
    },
    /// A token that somebody has already.
    Token(Token),
}

/// Somebody who has signed in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Person {
    /// The token, which is for a project.
    pub token: Token,
    /// The user's name.
    pub user: String,
    /// The project's name.
    pub project: String,
}

/// Why somebody is not signed in. No text has anything of the credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The token is for no project.
    #[error("the token is for no project")]
    NoProject,
    /// They are not good.
    #[error("the credentials are not good")]
    Refused,
    /// It cannot be found out now.
    #[error("{0}")]
    Unavailable(Box<dyn Error + Send + Sync>),
}

/// Asks Keystone, over its Identity API, version 3.
#[derive(Clone, Debug)]
pub struct KeystoneSignIn {
    client: Client,
    keystone: Endpoint,
}

impl Person {
    /// Somebody with a token.
    pub fn new(token: Token, user: impl Into<String>, project: impl Into<String>) -> Self {
        Self {
            token,
            user: user.into(),
            project: project.into(),
        }
    }
}

impl KeystoneSignIn {
    /// Asks this Keystone, whose endpoint may end in `/v3` or not.
    #[must_use]
    pub const fn new(client: Client, keystone: Endpoint) -> Self {
        Self { client, keystone }
    }

    async fn ask(&self, credentials: &Credentials) -> Result<Person, SignInError> {
        let (client, keystone) = (&self.client, &self.keystone);
        let found = match credentials {
            Credentials::Password {
                user,
                password,
                project,
            } => {
                let method = AuthMethod::Password {
                    user: user.clone(),
                    password: password.clone(),
                    project: project.clone(),
                };
                client.log_in(keystone, &method).await
            }
            Credentials::Token(token) => client.whose(keystone, token.to_header()).await,
        };
        let found = found.map_err(SignInError::unavailable)?;
        let Holder {
            token,
            user,
            project,
        } = found.ok_or(SignInError::Refused)?;
        let token = Token::new(token.to_str().unwrap_or_default());
        let token = token.map_err(SignInError::unavailable)?;
        let project = project.ok_or(SignInError::NoProject)?;
        Ok(Person::new(token, user, project))
    }
}

impl SignIn for KeystoneSignIn {
    fn sign_in<'a>(&'a self, credentials: &'a Credentials) -> SignInFuture<'a> {
        Box::pin(self.ask(credentials))
    }
}

impl SignInError {
    /// It cannot be found out now, for this reason, which the log tells.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl fmt::Debug for dyn SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn")
    }
}
