//! Connections that become WebSockets.

use http::{
    HeaderMap, HeaderValue, Method, Response, StatusCode, Version,
    header::{CONNECTION, UPGRADE},
    request::Parts,
};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWriteExt as _, copy_bidirectional};

use super::{hop_by_hop::has_word, http1::Connection};

/// The only protocol that is let through: any other, `h2c` first of all, could carry requests
/// that nobody judges.
const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// Whether a request, before its hop-by-hop headers are gone, asks for a WebSocket and nothing
/// else.
pub(super) fn is_wanted(head: &Parts, length: Option<u64>) -> bool {
    head.version == Version::HTTP_11
        && head.method == Method::GET
        && length == Some(0)
        && is_websocket(&head.headers)
}

/// Whether an answer agrees to a WebSocket.
pub(super) fn is_accepted<B>(response: &Response<B>) -> bool {
    response.status() == StatusCode::SWITCHING_PROTOCOLS && is_websocket(response.headers())
}

fn is_websocket(headers: &HeaderMap) -> bool {
    let mut upgrades = headers.get_all(UPGRADE).iter();
    let is_one = upgrades
        .next()
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(WEBSOCKET.as_bytes()));
    is_one && upgrades.next().is_none() && has_word(headers, &CONNECTION, "upgrade")
}

/// Puts the headers back that are about the connection and yet must cross it.
pub(super) fn announce(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, WEBSOCKET);
}

/// Joins both connections until both sides have ended, or one fails.
pub(super) fn join(caller: OnUpgrade, upstream: Box<Connection>) {
    tokio::spawn(async move {
        // It becomes free once the answer is written, if the caller is still there.
        let Ok(caller) = caller.await else {
            tracing::debug!("a connection ended before it became a WebSocket");
            return;
        };
        let mut caller = TokioIo::new(caller);
        let (beginning, mut upstream) = upstream.into_parts();
        let joined = async {
            caller.write_all(&beginning).await?;
            copy_bidirectional(&mut caller, &mut upstream).await
        };
        if let Err(error) = joined.await {
            tracing::debug!(%error, "a WebSocket ended");
        }
    });
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn wanted(request: http::request::Builder) -> bool {
        is_wanted(&request.body(()).unwrap().into_parts().0, Some(0))
    }

    #[test]
    fn only_a_websocket_over_http_1_1_is_let_through() {
        let ordinary = || {
            Request::get("/")
                .header("connection", "keep-alive, Upgrade")
                .header("upgrade", "WebSocket")
        };
        assert!(wanted(ordinary()));
        assert!(!wanted(ordinary().method("POST")));
        assert!(!wanted(ordinary().version(Version::HTTP_10)));
        assert!(!wanted(ordinary().version(Version::HTTP_2)));
        assert!(!wanted(ordinary().header("upgrade", "h2c")));
        assert!(!wanted(Request::get("/").header("upgrade", "websocket")));
        for other in ["h2c", "websocket, h2c", "TLS/1.2", "websocket/13", ""] {
            let request = Request::get("/").header("connection", "upgrade");
            assert!(!wanted(request.header("upgrade", other)), "{other}");
        }
        let head = ordinary().body(()).unwrap().into_parts().0;
        assert!(!is_wanted(&head, None) && !is_wanted(&head, Some(1)));
    }
}
