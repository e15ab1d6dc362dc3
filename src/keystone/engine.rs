//! What is known of tokens, and finding out what is not.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::HeaderValue;
use moka::sync::Cache;
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use super::{
    AccessRule, ExpiredTokens, Outage, Token, ValidateToken, Validated,
    circuit::Leave,
    inquiry::{Inquiry, LEFT_ALONE, Trouble},
    layer::Settings,
    token::{Hasher, Key},
};
use crate::identity::Identity;

/// What a token stood for when it was last checked.
pub(super) struct Entry {
    pub(super) identity: Arc<Identity>,
    pub(super) rules: Option<Box<[AccessRule]>>,
    /// When it was asked about, not when the answer came.
    checked_at: Instant,
    /// None if it was expired then.
    expires_at: Option<Instant>,
}

pub(super) type Outcome = Result<Arc<Entry>, Trouble>;

/// How a request came by an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// It was remembered.
    Memory,
    /// It was asked for.
    Keystone,
    /// It was remembered, and could not be asked for.
    Outage,
}

/// What a request needs of an answer.
#[derive(Clone, Copy)]
pub(super) struct Need {
    pub(super) arrival: Instant,
    pub(super) mutating: bool,
}

/// What can be said at once.
enum Known {
    Settled(Outcome),
    /// There may be an answer that is too old for this request.
    Open(Option<Arc<Entry>>),
}

type Flight = watch::Receiver<Option<Outcome>>;

pub(super) struct Engine {
    inquiry: Inquiry,
    hasher: Hasher,
    good: Cache<Key, Arc<Entry>>,
    /// Apart, so that a flood of bad tokens does not drive out good ones.
    bad: Cache<Key, Instant>,
    flights: Mutex<HashMap<Key, Flight>>,
    settings: Settings,
}

impl Engine {
    pub(super) fn new(
        validator: Arc<dyn ValidateToken>,
        hasher: Hasher,
        settings: Settings,
    ) -> Self {
        // Its clock is not tokio's: it only frees memory, and each answer's age is looked at.
        let good = Cache::builder()
            .max_capacity(settings.capacity)
            .time_to_live(settings.cache_for)
            .build();
        let bad = Cache::builder()
            .max_capacity(settings.capacity)
            .time_to_live(settings.invalid_for)
            .build();
        Self {
            inquiry: Inquiry::new(validator, &settings),
            hasher,
            good,
            bad,
            flights: Mutex::default(),
            settings,
        }
    }

    pub(super) fn key(&self, token: &HeaderValue, expired: ExpiredTokens) -> Key {
        self.hasher.key(token, expired)
    }

    /// Forgets a good token, so that the next request with it asks again.
    pub(super) fn forget(&self, key: &Key) {
        self.good.invalidate(key);
    }

    /// The outcome, if it is known already.
    pub(super) fn recall(&self, key: &Key, need: Need) -> Option<Outcome> {
        match self.known(key, need) {
            Known::Settled(outcome) => Some(outcome),
            Known::Open(_) => None,
        }
    }

    /// The outcome, which is asked for if it is not known; in any case by the deadline.
    pub(super) async fn validate(
        self: &Arc<Self>,
        key: &Key,
        token: &HeaderValue,
        need: Need,
    ) -> (Outcome, Source) {
        let deadline = need.arrival + self.settings.deadline;
        loop {
            let (mut flight, old) = match self.board(key, token, need) {
                Boarded::Settled(outcome) => return (outcome, Source::Memory),
                Boarded::Flight(flight, old) => (flight, old),
                Boarded::Grounded(why, old) => return self.make_do(old, why.into()),
            };
            let outcome = match timeout_at(deadline, flight.wait_for(Option::is_some)).await {
                Ok(Ok(outcome)) => outcome.clone(),
                Ok(Err(_)) => None,
                Err(_) => Some(Err(Trouble::Unavailable("no answer in time".into()))),
            };
            match outcome {
                Some(Ok(entry)) if has_expired(key, &entry) => {
                    return (Err(expired()), Source::Keystone);
                }
                // What was asked before this request came may be too old for it.
                Some(Ok(entry)) if self.is_fresh(&entry, need) => {
                    return (Ok(entry), Source::Keystone);
                }
                Some(Ok(_)) => {}
                Some(Err(Trouble::Unavailable(why))) => return self.make_do(old, why),
                Some(Err(invalid)) => return (Err(invalid), Source::Keystone),
                None => return self.make_do(old, "the validation was abandoned".into()),
            }
        }
    }

    fn known(&self, key: &Key, need: Need) -> Known {
        let now = Instant::now();
        let entry = self.good.get(key).filter(|entry| {
            now.saturating_duration_since(entry.checked_at) < self.settings.cache_for
        });
        if let Some(entry) = entry {
            if has_expired(key, &entry) {
                return Known::Settled(Err(expired()));
            }
            if !self.is_fresh(&entry, need) {
                return Known::Open(Some(entry));
            }
            if self.settings.outage == Outage::ServeNothing && self.inquiry.is_open() {
                return Known::Settled(Err(Trouble::Unavailable("keystone is failing".into())));
            }
            return Known::Settled(Ok(entry));
        }
        let bad = self.bad.get(key);
        if bad.is_some_and(|at| now.saturating_duration_since(at) < self.settings.invalid_for) {
            return Known::Settled(Err(Trouble::Invalid("it was invalid just now".into())));
        }
        Known::Open(None)
    }

    fn is_fresh(&self, entry: &Entry, need: Need) -> bool {
        let age = need.arrival.saturating_duration_since(entry.checked_at);
        !need.mutating || age <= self.settings.fresh_for
    }

    /// When Keystone does not tell: what it told before, if the settings allow that.
    fn make_do(&self, old: Option<Arc<Entry>>, why: Arc<str>) -> (Outcome, Source) {
        match old {
            Some(entry) if self.settings.outage == Outage::ServeAll => {
                tracing::warn!(
                    target: "wafflehaus::keystone",
                    cause = &*why,
                    "a change is let through by an older validation"
                );
                (Ok(entry), Source::Outage)
            }
            _ => (Err(Trouble::Unavailable(why)), Source::Keystone),
        }
    }

    /// Joins the flight for a token, or starts one.
    fn board(self: &Arc<Self>, key: &Key, token: &HeaderValue, need: Need) -> Boarded {
        let mut flights = self.flights();
        // One whose sender is gone died with its runtime: it is replaced.
        let flight = flights.get(key).filter(|it| it.has_changed().is_ok());
        if let Some(flight) = flight.cloned() {
            drop(flights);
            return match self.known(key, need) {
                Known::Settled(outcome) => Boarded::Settled(outcome),
                Known::Open(old) => Boarded::Flight(flight, old),
            };
        }
        // A flight ends under this lock and after its outcome is remembered. So whoever finds
        // none here finds what it brought.
        let old = match self.known(key, need) {
            Known::Settled(outcome) => return Boarded::Settled(outcome),
            Known::Open(old) => old,
        };
        if flights.len() >= self.settings.most_at_once {
            return Boarded::Grounded("too many validations are under way", old);
        }
        let Some(leave) = self.inquiry.leave() else {
            return Boarded::Grounded(LEFT_ALONE, old);
        };
        let flight = self.take_off(*key, Token::of(token), leave);
        flights.insert(*key, flight.clone());
        Boarded::Flight(flight, old)
    }

    /// Starts a flight: a task of its own, so that it ends even if whoever needed it goes away,
    /// and all who wait share its outcome, good or bad.
    fn take_off(self: &Arc<Self>, key: Key, token: Token, leave: Leave) -> Flight {
        let (sender, receiver) = watch::channel(None);
        let landing = Landing {
            engine: Arc::clone(self),
            key,
        };
        tokio::spawn(async move {
            let engine = &landing.engine;
            let answer = engine.inquiry.ask(leave, &token, key.expired).await;
            let outcome = answer.and_then(|(validated, asked_at)| {
                let entry = Entry::new(validated, asked_at);
                match has_expired(&key, &entry) {
                    true => Err(expired()),
                    false => Ok(entry),
                }
            });
            engine.remember(&key, &outcome);
            drop(landing);
            sender.send_replace(Some(outcome));
        });
        receiver
    }

    fn remember(&self, key: &Key, outcome: &Outcome) {
        match outcome {
            Ok(entry) => {
                self.good.insert(*key, Arc::clone(entry));
                self.bad.invalidate(key);
            }
            Err(Trouble::Invalid(_)) => {
                self.good.invalidate(key);
                self.bad.insert(*key, Instant::now());
            }
            // Nothing was learnt.
            Err(Trouble::Unavailable(_)) => {}
        }
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Key, Flight>> {
        // Nothing that holds the lock can panic half-way through a change.
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Boarded {
    Flight(Flight, Option<Arc<Entry>>),
    Grounded(&'static str, Option<Arc<Entry>>),
    Settled(Outcome),
}

/// Takes a flight off the list when it ends, in whatever way.
struct Landing {
    engine: Arc<Engine>,
    key: Key,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.engine.flights().remove(&self.key);
    }
}

impl Entry {
    fn new(validated: Validated, start: Instant) -> Arc<Self> {
        let alive = !validated.life.is_zero();
        Arc::new(Self {
            identity: Arc::new(validated.identity),
            rules: validated.rules,
            checked_at: start,
            expires_at: alive.then(|| start + validated.life.min(LONGEST_LIFE)),
        })
    }
}

/// Whether a token that must not be expired is.
fn has_expired(key: &Key, entry: &Entry) -> bool {
    let alive = entry.expires_at.is_some_and(|at| Instant::now() < at);
    key.expired == ExpiredTokens::Refused && !alive
}

fn expired() -> Trouble {
    Trouble::Invalid("it has expired".into())
}

/// An instant cannot hold every duration.
const LONGEST_LIFE: Duration = Duration::from_secs(366 * 86_400);
