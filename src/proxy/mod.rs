//! Forwarding to Nova, and a server that drains.
//!
//! [`Proxy`] is the innermost service of a pipeline: what the layers around it have let pass
//! goes to an [`Upstream`]. [`serve`] puts a pipeline behind a listener.
//!
//! # What is forwarded
//!
//! A request is rebuilt from what was judged, not passed on as it came:
//!
//! 1. The target is the upstream's prefix, the path in its
//!    [canonical spelling](crate::nova::canonical_path) and the query as it came, in origin
//!    form.
//! 2. Headers about one connection are removed in both directions: `Connection` and what it
//!    names, `Keep-Alive`, `TE`, `Trailer`, `Transfer-Encoding`, `Upgrade`, `HTTP2-Settings`
//!    and `Proxy-…`; from answers also `Alt-Svc`, which would show a way past this gateway.
//! 3. Headers in which a caller could [claim](crate::identity::is_caller_claim) to be somebody
//!    are removed, so is `Expect`. Trailers and request extensions stay here.
//! 4. There is one `Content-Length`, that of the body itself, or chunks if it has none to tell;
//!    never both. Chunks are the last on their connection (`Connection: close`): a server that
//!    does not read them could take them for the next request. Only `POST`, `PUT` and `PATCH` go with their body: Nova reads no other, and a
//!    server that answers without reading it could take it for the next request.
//! 5. `Host` is the caller's, from HTTP/2 its `:authority`, for Nova builds links from it. The
//!    upstream's is sent instead when the caller names none or
//!    [`rewrite_host`](ProxyBuilder::rewrite_host) is set.
//! 6. `Forwarded`, `X-Forwarded-…` and `X-Real-IP` are dropped, unless
//!    [`Forwarding`] says otherwise. No `Via` is added.
//! 7. Bodies pass frame by frame in both directions, whatever their size, and a slow reader
//!    slows the writer. Over HTTP/1, at most 80 KiB are held in each direction of a connection,
//!    which also is the largest head of a request or answer.
//! 8. A WebSocket, asked for with `GET` over HTTP/1.1 and without a body, and granted by Nova,
//!    joins both connections. Any other `Upgrade` is dropped and the request forwarded as an
//!    ordinary one: `h2c` would carry requests that nobody judges.
//!
//! # What is refused
//!
//! 9. 400 `ambiguous_request`: a path or method override that
//!    [`Operation::of`](crate::nova::Operation::of) refuses as well, and a method other than
//!    `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE` and `OPTIONS`.
//! 10. 400 `ambiguous_request`: more than one `Host`, one that is no host (the empty one
//!     included), or one that differs from the target's.
//! 11. 400 `ambiguous_request`: a `Connection` header that names a header somebody relies on,
//!     such as `X-Auth-Token`, `Content-Length`, `Host` or `X-Forwarded-For`. In an answer such
//!     a name is ignored.
//!
//! # What goes wrong
//!
//! 12. 503 `upstream_unreachable`, with `Retry-After`: no connection, because of the name, the
//!     address, TLS or the time.
//! 13. 502 `upstream_failed`: the connection ended before the head of an answer, that was not
//!     HTTP, or it switched to a protocol that was not asked for.
//! 14. 504 `upstream_timeout`: no head in time.
//! 15. 400 `body_unreadable`: the request's own body failed, or was what Nova waited for.
//! 16. An answer that ends early after its head ends early for the caller, too.
//! 17. A request is sent again only when nothing of it was written, to a pooled connection that
//!     was closed. One that was written and not answered is a 502. A connection is pooled by the
//!     thread that used it last.
//!
//! 12 to 14 are logged as warnings with code, method, path and cause, never with headers or the
//! query. All have a [`Denial`](crate::policy::Denial) in the extensions of the answer.
//!
//! # Serving
//!
//! 18. When [`serve`] is to stop, it refuses connections and closes idle ones, and waits for
//!     requests in flight until the drain deadline. [`Drain`] says whether all were answered.
//! 19. WebSockets are not waited for: they end with the runtime.
//! 20. A client that does not send a head in time is dropped, whatever it has sent.
//! 21. A failure to accept, such as too many open files, never ends the server.
//!
//! # Settings
//!
//! | setting | default | meaning |
//! |---|---|---|
//! | [`answer_timeout`](ProxyBuilder::answer_timeout) | 90 s | until the head of the answer; Nova gives its own calls 60 s, and its error should get through |
//! | [`certificate_authority`](ProxyBuilder::certificate_authority) | the system's | whom to trust, and nobody else, as `cafile` means in OpenStack; a system that trusts nobody is a warning at build, and each request to an `https` upstream a 503 |
//! | [`connect_timeout`](ProxyBuilder::connect_timeout) | 5 s | for name, TCP and TLS together |
//! | [`forwarding`](ProxyBuilder::forwarding) | [`Drop`](Forwarding::Drop) | rule 6 |
//! | [`idle_timeout`](ProxyBuilder::idle_timeout) | 4 s | of a pooled connection; less than the 5 s after which Apache closes, so that seldom a request meets a closed one |
//! | [`most_idle`](ProxyBuilder::most_idle) | 64 | pooled connections of each thread |
//! | [`rewrite_host`](ProxyBuilder::rewrite_host) | no | rule 5; HTTP/2 is offered to an `https` upstream only with it, because HTTP/2 has the upstream's own host in the target |
//!
//! # Deployment caveat
//!
//! A body of unknown length goes on in chunks, which uWSGI's plain HTTP socket and Apache's
//! `mod_proxy_uwsgi` do not take; what a guard has read has a length. An auditing guard passes
//! what this refuses by rule 9 all the same.
//!
//! The number of connections to Nova is not limited here, nor the time a body may take: put
//! such limits around the proxy. [`serve`] does not speak TLS; behind something that does, only
//! that may be able to connect.
//!
//! ```no_run
//! use wafflehaus::proxy::{Drain, Proxy, ServeOptions, serve};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let proxy = Proxy::new("http://nova.internal:8774".parse()?)?;
//! let listener = tokio::net::TcpListener::bind(("127.0.0.1", 8080)).await?;
//! let stop = async {
//!     if tokio::signal::ctrl_c().await.is_err() {
//!         std::future::pending().await
//!     }
//! };
//! let drain = serve(listener, proxy, stop, ServeOptions::new()).await;
//! assert_eq!(drain, Drain::Complete);
//! # Ok(())
//! # }
//! ```
//!
//! # Panics
//!
//! Forwarding and serving need a Tokio runtime with its timer and network enabled.

mod builder;
mod deadline;
mod forwarded;
mod future;
mod head;
mod head_timer;
mod hop_by_hop;
mod http1;
mod joined_writes;
mod outgoing;
mod serve;
mod service;
mod stopping;
mod upgrade;
mod upstream;
mod upstream_body;

pub use builder::ProxyBuilder;
pub use forwarded::{Forwarding, PeerAddr};
pub use future::ResponseFuture;
pub use serve::{Drain, ServeOptions, serve};
pub use service::Proxy;
pub use upstream::Upstream;
pub use upstream_body::UpstreamBody;

pub use crate::{base_url::InvalidBaseUrl, http_client::InvalidTrust};
