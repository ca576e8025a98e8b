//! When a crawl ends, and how it is closed.

use super::{CrawlError, Engine, RECALL, Stop};
use crate::clock::Millis;
use crate::fetch::Fetch;
use crate::frontier::Frontier;
use crate::stats::{Ending, Summary};
use crate::store::{RunState, Store};

impl<F: Frontier, N: Fetch> Engine<F, N> {
    /// Why the loop should stop now, if it should.
    pub(super) fn ending(&mut self) -> Option<Ending> {
        let asked = *self.stop.borrow();
        let (stop, why) = match (asked, self.limit()) {
            (Stop::Now, _) => return Some(Ending::Interrupted),
            (Stop::Finish, _) => (true, Ending::Interrupted),
            (Stop::No, Some(limit)) => (true, limit),
            (Stop::No, None) => (false, Ending::Finished),
        };
        if !stop {
            self.stopping_since = None;
            return None;
        }
        let now = self.clock.now();
        let since = *self.stopping_since.get_or_insert(now);
        let grace_over = now >= since + super::millis(self.config.crawl.grace);
        (self.is_quiet() && self.writer.is_clean() || grace_over).then_some(why)
    }

    /// The limit that this run has reached.
    pub(super) fn limit(&self) -> Option<Ending> {
        let crawl = &self.config.crawl;
        let elapsed = self.clock.now().saturating_sub(self.started);
        let reached = |limit: Option<u64>, value: u64| limit.is_some_and(|limit| value >= limit);
        if reached(crawl.max_pages, self.pages_started) {
            Some(Ending::MaxPages)
        } else if reached(crawl.max_articles, self.stats.articles()) {
            Some(Ending::MaxArticles)
        } else if reached(crawl.max_time.map(super::millis), elapsed) {
            Some(Ending::MaxTime)
        } else {
            None
        }
    }

    /// Whether stories that are not stored yet could go past `max_articles`: the last ones are
    /// waited for, since a page may hold none.
    pub(super) fn may_hold_the_last_story(&self, open: usize) -> bool {
        let coming = (open + self.writer.stories()) as u64;
        let limit = self.config.crawl.max_articles;
        limit.is_some_and(|limit| self.stats.articles() + coming >= limit)
    }

    /// Loads the next batch of pages that were due before this run began; while a group is
    /// being written the store is not at hand, and the next round of the loop has another try.
    /// Pages of sites that are closed for this run stay recalled, and hold up no others.
    pub(super) async fn recall(&mut self) -> Result<(), CrawlError> {
        let enough = self.recalled.len() >= RECALL && !self.is_idle();
        if self.all_recalled || enough {
            return Ok(());
        }
        let Some(store) = self.writer.store() else {
            return Ok(());
        };
        let links = store.due(self.started, RECALL)?;
        self.all_recalled = links.len() < RECALL;
        for link in &links {
            self.recalled.insert(link.url.clone());
            self.schedule.wake(&link.url.budget_unit(), 0);
        }
        Ok(self.frontier.recall(links).await?)
    }

    /// Writes what is left, closes the store and sums up.
    pub(super) async fn close(mut self, ending: Ending) -> Result<Summary, CrawlError> {
        self.fetching.abort_all();
        while !self.writer.is_clean() {
            self.writer.begin();
            let done = self.writer.committed().await?;
            self.committed(done);
        }
        let now: Millis = self.clock.now();
        let queued = self.frontier.queued();
        let spent = self.politeness.spent();
        if let Some(store) = self.writer.store() {
            store.settle_charges(&spent)?;
            finish(store, ending, now)?;
        }
        Ok(self
            .stats
            .summary(ending, now.saturating_sub(self.started), queued))
    }
}

fn finish(store: &mut Store, ending: Ending, now: Millis) -> Result<(), CrawlError> {
    let state = match ending {
        Ending::Finished => RunState::Finished,
        _ => RunState::Interrupted,
    };
    Ok(store.finish(state, ending.label(), now)?)
}
