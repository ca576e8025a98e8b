//! The bytes that bodies hold in memory, from the first that comes until nobody has them any more.
//!
//! At the limit no visit is to start ([`super::Fetch::held`]). Many that were begun before may
//! still grow: at twice the limit their readers wait, all but one. That one reads its body to the
//! end, is parsed, stored and let go, so that nobody waits for ever. What is held stays below
//! twice the limit, one body, and a piece for each open request.

use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// What all the bodies of a fetcher hold.
#[derive(Debug)]
pub(super) struct Budget {
    held: AtomicU64,
    /// Bytes at which readers wait.
    most: u64,
    freed: Notify,
    /// The right to read on all the same.
    overdraft: Arc<Semaphore>,
}

/// What one body holds; freed when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    budget: Arc<Budget>,
    bytes: u64,
}

/// Bytes that count until the last handle to them is gone.
struct Counted {
    bytes: Bytes,
    _held: Arc<Held>,
}

impl Budget {
    /// `limit` is that of starting visits, in bytes.
    pub(super) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self {
            held: AtomicU64::new(0),
            most: limit.saturating_mul(2),
            freed: Notify::new(),
            overdraft: Arc::new(Semaphore::new(1)),
        })
    }

    pub(super) fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    pub(super) fn is_full(&self) -> bool {
        self.held() > self.most
    }

    /// Waits until there is room to read on; with a permit, the room lasts as long as that.
    pub(super) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            // Made before the look at the figure, so that no freeing after it is missed.
            let freed = self.freed.notified();
            if !self.is_full() {
                return None;
            }
            tokio::select! {
                permit = Arc::clone(&self.overdraft).acquire_owned() => return permit.ok(),
                () = freed => {}
            }
        }
    }

    pub(super) fn body(self: &Arc<Self>) -> Held {
        Held {
            budget: Arc::clone(self),
            bytes: 0,
        }
    }
}

impl Held {
    /// Now it is so many bytes.
    pub(super) fn set(&mut self, bytes: usize) {
        let bytes = bytes as u64;
        let held = &self.budget.held;
        held.fetch_add(bytes, Ordering::Relaxed);
        held.fetch_sub(self.bytes, Ordering::Relaxed);
        self.bytes = bytes;
    }

    /// Binds a body to its count: `sent` and what was decoded from it, which may be the same.
    pub(super) fn bind(self, sent: Bytes, decoded: Bytes) -> (Bytes, Bytes) {
        let held = Arc::new(self);
        let same = sent.as_ptr() == decoded.as_ptr() && sent.len() == decoded.len();
        let sent = Counted::of(sent, &held);
        let decoded = if same {
            sent.clone()
        } else {
            Counted::of(decoded, &held)
        };
        (sent, decoded)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.set(0);
        self.budget.freed.notify_waiters();
    }
}

impl Counted {
    fn of(bytes: Bytes, held: &Arc<Held>) -> Bytes {
        if bytes.is_empty() {
            return bytes;
        }
        Bytes::from_owner(Self {
            bytes,
            _held: Arc::clone(held),
        })
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn bytes_count_until_the_last_handle_is_gone() {
        let budget = Budget::new(10);
        let mut body = budget.body();
        body.set(3);
        body.set(7);
        assert_eq!(budget.held(), 7);
        let (sent, decoded) = body.bind(Bytes::from_static(b"abc"), Bytes::from_static(b"defg"));
        let part = decoded.slice(1..2);
        drop((sent, decoded));
        assert_eq!((budget.held(), part.as_ref()), (7, &b"e"[..]));
        drop(part);
        assert_eq!(budget.held(), 0);
        let mut empty = budget.body();
        empty.set(2);
        let _none = empty.bind(Bytes::new(), Bytes::new());
        assert_eq!(budget.held(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn of_many_that_wait_one_goes_on_and_its_end_lets_the_next_go() {
        let budget = Budget::new(10);
        let (mut one, mut other) = (budget.body(), budget.body());
        one.set(20);
        assert!(budget.room().await.is_none(), "twice the limit is allowed");
        other.set(1);
        let goes = budget.room().await;
        assert!(goes.is_some());
        let soon = Duration::from_secs(1);
        let waits = tokio::time::timeout(soon, budget.room()).await;
        assert!(waits.is_err());
        drop(goes);
        let next = budget.room().await;
        assert!(next.is_some());
        // Room is made by others too.
        let (found, ()) = tokio::join!(budget.room(), async {
            tokio::time::sleep(soon).await;
            drop(one);
        });
        assert!(found.is_none());
    }
}
