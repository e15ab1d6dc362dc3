//! What a cloud has, against which these requests are sent.

/// Every server must be on this one.
pub(crate) const REQUIRED: &str = "abcdef01-c0de-4aaa-8bbb-fedcba987601";
/// No server may be on this one.
pub(crate) const BANNED: &str = "abcdef02-c0de-4aaa-8bbb-fedcba987602";
pub(crate) const FREE: &str = "abcdef03-c0de-4aaa-8bbb-fedcba987603";
pub(crate) const SPARE: &str = "abcdef04-c0de-4aaa-8bbb-fedcba987604";
/// The most networks that a server may be on.
pub(crate) const MOST: usize = 2;

/// The one image.
pub(crate) const IMAGE: &str = "0c0ffee0-0000-4000-8000-00000000000f";

/// The ids that a cloud has given to what it was made with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ids {
    pub(crate) project: &'static str,
    /// A project that the caller has nothing to do with.
    pub(crate) other_project: &'static str,
    /// A server on two networks, as many as it may be.
    pub(crate) full: &'static str,
    /// Its port on the required network, and the only address of that.
    pub(crate) full_stays: &'static str,
    pub(crate) full_stays_address: &'static str,
    /// Its port on a free network.
    pub(crate) full_goes: &'static str,
    pub(crate) full_goes_address: &'static str,
    /// A server on the required network only.
    pub(crate) small: &'static str,
    pub(crate) small_stays: &'static str,
    /// Ports that no server has, one on each network.
    pub(crate) on_required: &'static str,
    pub(crate) on_banned: &'static str,
    pub(crate) on_free: &'static str,
    pub(crate) on_spare: &'static str,
}

/// Who sends a request, as an authenticator knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender<'a> {
    pub(crate) token: &'a str,
    pub(crate) user: &'a str,
    pub(crate) project: &'a str,
    pub(crate) roles: &'a str,
}
