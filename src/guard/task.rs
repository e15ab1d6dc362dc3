//! Work that goes on when nobody waits for it any more.

use std::{future::Future, panic};

use tracing::Instrument as _;

/// Does it in a task of its own, in the span of whoever asks. A panic there is one here.
pub(crate) async fn detached<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    let ended = tokio::spawn(work.in_current_span()).await;
    match ended.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => panic::resume_unwind(panic),
        // The runtime is shutting down, and whoever waits with it.
        Err(Err(_)) => std::future::pending().await,
    }
}
