//! From a request's tokens to an identity, or to a refusal.

use std::sync::Arc;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header::WWW_AUTHENTICATE,
};
use tokio::time::Instant;

use super::{
    ExpiredTokens,
    engine::{Engine, Entry, Need, Outcome, Source},
    headers::{AUTH_TOKEN, SERVICE_TOKEN, auth_token, clean, service_token, set_identity},
    inquiry::Trouble,
    report::{self, Whose},
    token::Key,
};
use crate::{
    fault::Renderer,
    identity::{Anonymous, Identity, Role},
    nova::{Mount, readable_path, reads_versions},
    policy::{Denial, DenialKind},
};

/// All that the services of one layer share.
pub(super) struct Judge {
    pub(super) engine: Arc<Engine>,
    pub(super) challenge: HeaderValue,
    pub(super) service_roles: Arc<[Role]>,
    pub(super) service_type: Arc<str>,
    pub(super) identity_headers: bool,
    pub(super) forward_tokens: bool,
    pub(super) trust_forwarded: bool,
    pub(super) anonymous_versions: Option<Mount>,
    pub(super) renderer: Renderer,
}

/// A request as far as it has been read.
pub(super) struct Case {
    need: Need,
    user: Key,
    service: Option<Key>,
}

/// The tokens of a request, found good.
pub(super) struct Good {
    user: Arc<Entry>,
    service: Option<Arc<Entry>>,
}

impl Judge {
    /// Cleans a request, and reads what there is to judge: nothing, if it may go on without a
    /// caller.
    pub(super) fn open<B>(&self, request: &mut Request<B>) -> Result<Option<Case>, Denial> {
        request.extensions_mut().remove::<Identity>();
        request.extensions_mut().remove::<Anonymous>();
        clean(request.headers_mut(), self.trust_forwarded);
        if self.is_anonymous(request) {
            request.extensions_mut().insert(Anonymous::new());
            return Ok(None);
        }
        let case = self.read(request).map(Some);
        if let Err(denial) = &case {
            report::refused(Whose::of(denial), denial, "");
        }
        case
    }

    /// Whether a request has no token and needs none. A token that is there, good or not, is judged.
    fn is_anonymous<B>(&self, request: &Request<B>) -> bool {
        let headers = request.headers();
        let has_token = headers.contains_key(AUTH_TOKEN) || headers.contains_key(SERVICE_TOKEN);
        let mount = self.anonymous_versions.as_ref();
        !has_token
            && mount.is_some_and(|mount| reads_versions(request.method(), request.uri(), mount))
    }

    fn read<B>(&self, request: &Request<B>) -> Result<Case, Denial> {
        // Before anything depends on the method or the path.
        readable_path(request.method(), request.uri())?;
        let service = service_token(request.headers())?;
        let user = auth_token(request.headers())?;
        let mutating = !matches!(
            *request.method(),
            Method::GET | Method::HEAD | Method::OPTIONS
        );
        // A service vouches for a user whose token expired on the way.
        let expired = match service {
            Some(_) => ExpiredTokens::Accepted,
            None => ExpiredTokens::Refused,
        };
        Ok(Case {
            need: Need {
                arrival: Instant::now(),
                mutating,
            },
            user: self.engine.key(user, expired),
            service: service.map(|token| self.engine.key(token, ExpiredTokens::Refused)),
        })
    }

    /// The verdict, if all that it needs is known already.
    pub(super) fn decide_now(&self, case: &Case) -> Option<Result<Good, Denial>> {
        // Both are recalled before either is judged, which is when it is counted.
        let service = match &case.service {
            Some(key) => Some(self.engine.recall(key, case.need)?),
            None => None,
        };
        let user = match &service {
            Some(Err(_)) => None,
            Some(Ok(_)) | None => Some(self.engine.recall(&case.user, case.need)?),
        };
        let service = match service {
            Some(outcome) => match self.judge_service((outcome, Source::Memory)) {
                Ok(entry) => Some(entry),
                Err(denial) => return Some(Err(denial)),
            },
            None => None,
        };
        user.map(|outcome| self.judge_user((outcome, Source::Memory), service))
    }

    /// The verdict.
    pub(super) async fn decide(&self, case: &Case, headers: &HeaderMap) -> Result<Good, Denial> {
        let service = match (&case.service, service_token(headers)?) {
            (Some(key), Some(token)) => {
                let outcome = self.engine.validate(key, token, case.need).await;
                Some(self.judge_service(outcome)?)
            }
            _ => None,
        };
        let token = auth_token(headers)?;
        let outcome = self.engine.validate(&case.user, token, case.need).await;
        self.judge_user(outcome, service)
    }

    /// A service token is good only with one of the roles.
    fn judge_service(&self, outcome: (Outcome, Source)) -> Result<Arc<Entry>, Denial> {
        let (outcome, source) = outcome;
        let outcome = outcome.and_then(|entry| {
            let has_role = |role| entry.identity.has_role(role);
            match self.service_roles.iter().any(has_role) {
                true => Ok(entry),
                false => Err(Trouble::Invalid("it has no role of a service".into())),
            }
        });
        conclude(Whose::Service, outcome, source)
    }

    fn judge_user(
        &self,
        outcome: (Outcome, Source),
        service: Option<Arc<Entry>>,
    ) -> Result<Good, Denial> {
        let user = conclude(Whose::User, outcome.0, outcome.1)?;
        Ok(Good { user, service })
    }

    /// Lets a request go on as its caller's, unless the access rules of a token forbid it.
    pub(super) fn admit<B>(&self, request: &mut Request<B>, good: Good) -> Result<(), Denial> {
        let Good { user, service } = good;
        self.obey_rules(request, Whose::User, &user)?;
        let mut identity = (*user.identity).clone();
        if let Some(service) = service {
            self.obey_rules(request, Whose::Service, &service)?;
            identity = identity.service(Arc::clone(&service.identity));
        }
        let headers = request.headers_mut();
        if self.identity_headers {
            set_identity(headers, &identity);
        }
        if !self.forward_tokens {
            headers.remove(AUTH_TOKEN);
            headers.remove(SERVICE_TOKEN);
        }
        request.extensions_mut().insert(identity);
        Ok(())
    }

    fn obey_rules<B>(
        &self,
        request: &Request<B>,
        whose: Whose,
        entry: &Entry,
    ) -> Result<(), Denial> {
        let Some(rules) = &entry.rules else {
            return Ok(());
        };
        let (method, path) = (request.method(), request.uri().path());
        if rules
            .iter()
            .any(|rule| rule.allows(&self.service_type, method, path))
        {
            return Ok(());
        }
        let denial = Denial::new(
            DenialKind::AccessRules,
            "the access rules of the application credential do not allow this request",
        );
        report::refused(whose, &denial, "");
        Err(denial)
    }

    pub(super) fn refuse(&self, denial: Denial) -> Response<Bytes> {
        let mut response = self.renderer.answer(denial);
        self.challenge(&mut response);
        response
    }

    /// Looks at the answer of the service behind: where that refuses a token, what is remembered
    /// of it is worth nothing.
    pub(super) fn look_at<R>(&self, keys: &Keys, response: &mut Response<R>) {
        if response.status() == StatusCode::UNAUTHORIZED {
            for key in [keys.user, keys.service].iter().flatten() {
                self.engine.forget(key);
            }
            self.challenge(response);
        }
    }

    /// Tells a client where to get a token.
    fn challenge<R>(&self, response: &mut Response<R>) {
        if response.status() == StatusCode::UNAUTHORIZED {
            let headers = response.headers_mut();
            if !headers.contains_key(WWW_AUTHENTICATE) {
                headers.insert(WWW_AUTHENTICATE, self.challenge.clone());
            }
        }
    }
}

/// What the tokens of a request are remembered under.
#[derive(Clone, Copy, Default)]
pub(super) struct Keys {
    user: Option<Key>,
    service: Option<Key>,
}

impl Case {
    pub(super) const fn keys(&self) -> Keys {
        Keys {
            user: Some(self.user),
            service: self.service,
        }
    }
}

/// Counts an outcome, and turns trouble into a refusal.
fn conclude(whose: Whose, outcome: Outcome, source: Source) -> Result<Arc<Entry>, Denial> {
    let trouble = match outcome {
        Ok(entry) => {
            report::passed(whose, source);
            return Ok(entry);
        }
        Err(trouble) => trouble,
    };
    let (kind, message, cause) = match (trouble, whose) {
        (Trouble::Invalid(cause), Whose::User) => {
            (DenialKind::TokenInvalid, "the token is not valid", cause)
        }
        (Trouble::Invalid(cause), Whose::Service) => (
            DenialKind::ServiceTokenInvalid,
            "the service token is not valid",
            cause,
        ),
        (Trouble::Unavailable(cause), _) => (
            DenialKind::KeystoneUnavailable,
            "the token could not be validated",
            cause,
        ),
    };
    let denial = Denial::new(kind, message);
    report::refused(whose, &denial, &cause);
    Err(denial)
}
