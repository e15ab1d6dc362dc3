//! Who has signed in.
//!
//! Sessions are in the memory of this process, by the hash of their ids: an id is nowhere but in
//! its cookie, and a person's token nowhere but here.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use ring::{
    digest::{SHA256, digest},
    hmac::{self, HMAC_SHA256},
    rand::{SecureRandom as _, SystemRandom},
};
use subtle::ConstantTimeEq as _;

use super::{PageSettings, sign_in::Person};
use crate::{keystone::NoRandomness, workflow::Timestamp};

/// The id of a session, or of a browser that may get one. It is not printed.
#[derive(Clone)]
pub(super) struct SessionId(Box<str>);

/// What is known of somebody who has signed in.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) person: Person,
    began: Timestamp,
    used: AtomicI64,
    /// What the next page has to tell.
    news: Mutex<Option<String>>,
}

/// All sessions.
pub(super) struct Sessions {
    key: hmac::Key,
    idle: Duration,
    longest: Duration,
    open: Mutex<HashMap<Hash, Arc<Session>>>,
}

type Hash = [u8; 32];

impl SessionId {
    pub(super) fn random() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 32];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| NoRandomness)?;
        Ok(Self(hex(&bytes).into()))
    }

    /// The id in a cookie.
    pub(super) fn read(text: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(hex)).then(|| Self(text.into()))
    }

    pub(super) const fn expose(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> Hash {
        let mut hash = [0; 32];
        let digest = digest(&SHA256, self.0.as_bytes());
        for (to, from) in hash.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        hash
    }
}

impl Sessions {
    pub(super) fn new(settings: &PageSettings) -> Result<Self, NoRandomness> {
        let key = hmac::Key::generate(HMAC_SHA256, &SystemRandom::new());
        Ok(Self {
            key: key.map_err(|_| NoRandomness)?,
            idle: Duration::from_secs(settings.idle_seconds.get().into()),
            longest: Duration::from_secs(settings.session_seconds.get().into()),
            open: Mutex::default(),
        })
    }

    /// A session for somebody, under an id that nobody has seen before.
    pub(super) fn begin(&self, person: Person, now: Timestamp) -> Result<SessionId, NoRandomness> {
        let id = SessionId::random()?;
        let session = Session {
            person,
            began: now,
            used: AtomicI64::new(now.as_micros()),
            news: Mutex::default(),
        };
        let mut open = self.open();
        open.retain(|_, it| self.is_good(it, now));
        if open.len() >= MOST {
            let oldest = open.iter().min_by_key(|(_, it)| it.used());
            if let Some(hash) = oldest.map(|(hash, _)| *hash) {
                open.remove(&hash);
            }
        }
        open.insert(id.hash(), Arc::new(session));
        Ok(id)
    }

    /// The session of this id, which is used by that.
    pub(super) fn find(&self, id: &SessionId, now: Timestamp) -> Option<Arc<Session>> {
        let mut open = self.open();
        let hash = id.hash();
        let session = Arc::clone(open.get(&hash)?);
        if !self.is_good(&session, now) {
            open.remove(&hash);
            return None;
        }
        session.used.store(now.as_micros(), Ordering::Relaxed);
        Some(session)
    }

    pub(super) fn end(&self, id: &SessionId) {
        self.open().remove(&id.hash());
    }

    /// What a form has to have, by which it is known to be from a page of this browser.
    pub(super) fn form_token(&self, id: &SessionId) -> String {
        hex(hmac::sign(&self.key, id.0.as_bytes()).as_ref())
    }

    pub(super) fn is_form_token(&self, id: &SessionId, given: &str) -> bool {
        self.form_token(id)
            .as_bytes()
            .ct_eq(given.as_bytes())
            .into()
    }

    fn is_good(&self, session: &Session, now: Timestamp) -> bool {
        now < session.began.after(self.longest) && now < session.used().after(self.idle)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Hash, Arc<Session>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn used(&self) -> Timestamp {
        Timestamp::from_micros(self.used.load(Ordering::Relaxed))
    }

    /// Leaves something for the next page to tell.
    pub(super) fn tell(&self, text: impl Into<String>) {
        *self.news() = Some(text.into());
    }

    /// What there is to tell, once.
    pub(super) fn take_news(&self) -> Option<String> {
        self.news().take()
    }

    fn news(&self) -> MutexGuard<'_, Option<String>> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId")
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

/// More people than ever sign in to one process.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keystone::Token;

    fn sessions() -> Sessions {
        let settings = PageSettings {
            idle_seconds: 60.try_into().unwrap(),
            session_seconds: 100.try_into().unwrap(),
            ..PageSettings::default()
        };
        Sessions::new(&settings).unwrap()
    }

    fn ann() -> Person {
        Person::new(Token::new("secret").unwrap(), "ann", "acme")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn rule_9_a_session_ends_when_it_is_idle_or_old() {
        let sessions = sessions();
        let id = sessions.begin(ann(), at(0)).unwrap();
        assert!(sessions.find(&id, at(59)).is_some());
        assert!(sessions.find(&id, at(99)).is_some());
        assert!(sessions.find(&id, at(100)).is_none(), "old");
        let id = sessions.begin(ann(), at(0)).unwrap();
        assert!(sessions.find(&id, at(60)).is_none(), "idle");
        assert!(sessions.find(&id, at(1)).is_none(), "once ended, ended");
        let id = sessions.begin(ann(), at(0)).unwrap();
        sessions.end(&id);
        assert!(sessions.find(&id, at(1)).is_none());
    }

    #[test]
    fn rule_10_a_form_is_of_one_session() {
        let (sessions, other) = (sessions(), sessions());
        let ids = [(); 2].map(|()| sessions.begin(ann(), at(0)).unwrap());
        let token = sessions.form_token(&ids[0]);
        assert!(sessions.is_form_token(&ids[0], &token));
        assert!(!sessions.is_form_token(&ids[1], &token));
        assert!(!sessions.is_form_token(&ids[0], ""));
        assert!(!other.is_form_token(&ids[0], &token));
    }

    #[test]
    fn rule_9_neither_id_nor_token_is_printed() {
        let sessions = sessions();
        let id = sessions.begin(ann(), at(0)).unwrap();
        let session = sessions.find(&id, at(1)).unwrap();
        let printed = format!("{id:?} {session:?} {sessions:?}");
        assert!(
            !printed.contains(id.expose()) && !printed.contains("secret"),
            "{printed}"
        );
    }
}
