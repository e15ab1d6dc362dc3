//! Small answers, written in one piece.

use std::{
    cell::RefCell,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};

/// A connection on which several small pieces are joined before they are written: copying them
/// costs less than a call to the system with more than one.
#[derive(Debug)]
pub(super) struct JoinedWrites<T>(pub(super) T);

impl<T: Write + Unpin> Write for JoinedWrites<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, piece)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let inner = Pin::new(&mut self.0);
        match pieces {
            [piece] => inner.poll_write(cx, piece),
            pieces if pieces.iter().map(|piece| piece.len()).sum::<usize>() > MOST => {
                inner.poll_write_vectored(cx, pieces)
            }
            pieces => JOINED.with_borrow_mut(|joined| {
                joined.clear();
                for piece in pieces {
                    joined.extend_from_slice(piece);
                }
                inner.poll_write(cx, joined)
            }),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl<T: Read + Unpin> Read for JoinedWrites<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

thread_local! {
    /// Of each thread, so that connections without an answer hold nothing for it.
    static JOINED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The most bytes that are joined.
const MOST: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use hyper_util::rt::TokioIo;
    use tokio::io::AsyncReadExt as _;

    use super::*;

    /// How much the first call writes of pieces of these lengths, from their beginning.
    async fn written(lengths: &[usize]) -> usize {
        let (one, mut other) = tokio::io::duplex(1024 * 1024);
        let mut joined = JoinedWrites(TokioIo::new(one));
        let pieces: Vec<_> = lengths
            .iter()
            .zip(b'a'..)
            .map(|(length, byte)| vec![byte; *length])
            .collect();
        let slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let write = |cx: &mut Context<'_>| Pin::new(&mut joined).poll_write_vectored(cx, &slices);
        let count = poll_fn(write).await.unwrap();
        let mut read = vec![0; count];
        other.read_exact(&mut read).await.unwrap();
        assert_eq!(read, pieces.concat()[..count]);
        count
    }

    #[tokio::test]
    async fn small_pieces_are_one_write() {
        assert_eq!(written(&[300, 1200]).await, 1500);
        assert_eq!(written(&[300]).await, 300);
        assert_eq!(written(&[1, 2, 3, 4]).await, 10);
        assert_eq!(written(&[]).await, 0);
        assert!(JOINED.with_borrow(Vec::capacity) < 3 * 1500);
        // Large ones are not copied.
        assert_eq!(written(&[300, 10 * MOST]).await, 300 + 10 * MOST);
        assert!(JOINED.with_borrow(Vec::capacity) < 3 * 1500);
    }
}
