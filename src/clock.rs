//! The clock seam: wall time that follows tokio's clock, so that the whole crawl can run on paused time.

use std::time::Duration;
use tokio::time::Instant;

/// Milliseconds since 1970-01-01T00:00:00Z: the one form in which times are kept on disk.
pub type Millis = u64;

/// Wall time read once, then moved on by tokio's clock. Steps of the system clock during a
/// crawl therefore neither shorten a gap nor stretch one.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Millis,
    start: Instant,
}

impl Clock {
    /// A clock that starts at the system's wall time.
    #[must_use]
    pub fn system() -> Self {
        let wall = jiff::Timestamp::now().as_millisecond();
        Self::starting_at(u64::try_from(wall).unwrap_or(0))
    }

    /// A clock that starts at `wall`, for simulations.
    #[must_use]
    pub fn starting_at(wall: Millis) -> Self {
        Self {
            wall,
            start: Instant::now(),
        }
    }

    /// Wall time now, in milliseconds.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.at(Instant::now())
    }

    /// The wall time of a moment of tokio's clock.
    #[must_use]
    pub fn at(&self, moment: Instant) -> Millis {
        let since = moment.saturating_duration_since(self.start).as_millis();
        self.wall + u64::try_from(since).unwrap_or(u64::MAX / 2)
    }

    /// The moment of tokio's clock at which the wall time `at` is reached (at once when it has passed).
    #[must_use]
    pub fn instant(&self, at: Millis) -> Instant {
        self.start + Duration::from_millis(at.saturating_sub(self.wall))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn wall_time_follows_paused_time() {
        let clock = Clock::starting_at(1_000);
        tokio::time::sleep(Duration::from_hours(48)).await;
        assert_eq!(clock.now(), 1_000 + 48 * 3_600_000);
        assert_eq!(clock.at(clock.instant(5_000)), 5_000);
    }
}
