//! Limits over all budget units: the whole crawl's rate, and requests open to one address.

use crate::clock::Millis;
use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The moment that the limiter was last told, in milliseconds. Politeness is handed `now` and
/// never reads a clock, so that a crawl on paused time and its limiter can't disagree.
#[derive(Clone, Debug, Default)]
struct Told(Arc<AtomicU64>);

impl Clock for Told {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.load(Ordering::Relaxed).saturating_mul(1_000_000))
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Told, NoOpMiddleware<Nanos>>;

/// The state of both limits.
#[derive(Debug)]
pub(super) struct Limit {
    told: Told,
    rate: Option<Limiter>,
    per_address: u32,
    open: HashMap<IpAddr, u32>,
}

impl Limit {
    /// `max_rate` in requests a second; `per_address` requests open at once, at least 1.
    pub(super) fn new(max_rate: Option<u32>, per_address: u32) -> Self {
        let told = Told::default();
        let rate = max_rate.and_then(NonZeroU32::new).map(|rate| {
            // Times are whole milliseconds: above 1,000 a second several fall on one.
            let burst = NonZeroU32::new(rate.get() / 100).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::per_second(rate).allow_burst(burst);
            RateLimiter::direct_with_clock(quota, told.clone())
        });
        Self {
            told,
            rate,
            per_address: per_address.max(1),
            open: HashMap::new(),
        }
    }

    /// Takes one request from the crawl's rate.
    ///
    /// # Errors
    /// When to ask again.
    pub(super) fn take(&self, now: Millis) -> Result<(), Millis> {
        let Some(limiter) = &self.rate else {
            return Ok(());
        };
        self.told.0.store(now, Ordering::Relaxed);
        limiter.check().map_err(|refused| {
            let wait = refused.earliest_possible().duration_since(self.told.now());
            now + wait.as_u64().div_ceil(1_000_000).max(1)
        })
    }

    /// May another request be opened to this address?
    pub(super) fn has_room(&self, address: IpAddr) -> bool {
        self.open
            .get(&address)
            .is_none_or(|open| *open < self.per_address)
    }

    pub(super) fn opened(&mut self, addresses: &[IpAddr]) {
        for address in addresses {
            *self.open.entry(*address).or_default() += 1;
        }
    }

    pub(super) fn closed(&mut self, addresses: &[IpAddr]) {
        for address in addresses {
            if let Some(open) = self.open.get_mut(address) {
                *open = open.saturating_sub(1);
                if *open == 0 {
                    self.open.remove(address);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_kept_over_a_minute() {
        for (rate, least, most) in [(1, 60, 61), (7, 419, 421), (2_000, 119_900, 120_021)] {
            let limit = Limit::new(Some(rate), 1);
            let (mut now, mut sent) = (1_700_000_000_000, 0);
            let end = now + 60_000;
            while now < end {
                match limit.take(now) {
                    Ok(()) => sent += 1,
                    Err(later) => now = later,
                }
            }
            assert!((least..=most).contains(&sent), "{rate}: {sent}");
        }
    }

    #[test]
    fn no_rate_never_waits() {
        let limit = Limit::new(None, 1);
        assert!((0..1000).all(|_| limit.take(5).is_ok()));
    }

    #[test]
    fn requests_open_to_an_address_are_counted() {
        let mut limit = Limit::new(None, 2);
        let (a, b): (IpAddr, IpAddr) = ([1, 1, 1, 1].into(), [1, 1, 1, 2].into());
        limit.opened(&[a, b]);
        limit.opened(&[a]);
        assert!(!limit.has_room(a) && limit.has_room(b));
        limit.closed(&[a]);
        assert!(limit.has_room(a));
    }
}
