//! The writer: groups of finished visits go to WARC, SQLite and the frontier, in this order.
//!
//! One commit runs at a time, off the async threads, and owns the store for its length; visits
//! that finish meanwhile make up the next group. Running each commit as a blocking task of the
//! runtime, not as a thread with a channel, keeps tokio's paused clock still while it works.

use super::CrawlError;
use crate::clock::Millis;
use crate::frontier::{Frontier, Settled};
use crate::normal::BudgetUnit;
use crate::politeness::Charge;
use crate::store::{Finished, Receipt, Store};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// A group that is safe on disk.
pub(crate) struct Committed {
    pub(crate) receipt: Receipt,
    /// The visits, outlinks reduced to the new ones.
    pub(crate) group: Vec<Finished>,
    /// Pages that are charged now.
    pub(crate) charges: Vec<Charge>,
}

impl Committed {
    /// Budget units that have something new to claim, and from when on.
    pub(crate) fn woken(&self) -> impl Iterator<Item = (BudgetUnit, Millis)> {
        self.group.iter().flat_map(|visit| {
            let links = visit
                .outlinks
                .iter()
                .map(|link| (link.url.budget_unit(), 0));
            let again = match visit.settled {
                Settled::Again { due, .. } => Some((visit.link.url.budget_unit(), due)),
                Settled::Done => None,
            };
            links.chain(again)
        })
    }
}

enum State {
    Idle(Box<Store>),
    Busy(JoinHandle<(Box<Store>, Result<Committed, CrawlError>)>),
    Lost,
}

/// The group that is being gathered, and the one that is being written.
pub(crate) struct Writer<F> {
    frontier: Arc<F>,
    state: State,
    group: Vec<Finished>,
    charges: Vec<Charge>,
    since: Option<Millis>,
    /// Stories that are not on disk yet.
    stories: usize,
}

impl<F: Frontier> Writer<F> {
    pub(crate) fn new(store: Store, frontier: Arc<F>) -> Self {
        Self {
            frontier,
            state: State::Idle(Box::new(store)),
            group: Vec::new(),
            charges: Vec::new(),
            since: None,
            stories: 0,
        }
    }

    pub(crate) fn push(&mut self, visit: Finished, now: Millis) {
        self.since.get_or_insert(now);
        self.stories += usize::from(visit.article.is_some());
        self.group.push(visit);
    }

    /// Adds to the group what is to be charged before more pages are asked for.
    pub(crate) fn charge(&mut self, charge: Charge, now: Millis) {
        self.since.get_or_insert(now);
        self.charges.push(charge);
    }

    /// Visits that are not on disk yet and not being written.
    pub(crate) fn waiting(&self) -> usize {
        self.group.len()
    }

    /// Stories that are not on disk yet, those of the group being written among them.
    pub(crate) fn stories(&self) -> usize {
        self.stories
    }

    /// When the first visit of the group was finished, or its first charge asked for.
    pub(crate) fn since(&self) -> Option<Millis> {
        self.since
    }

    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.state, State::Busy(_))
    }

    /// Whether all is on disk.
    pub(crate) fn is_clean(&self) -> bool {
        self.is_empty() && !self.is_busy()
    }

    fn is_empty(&self) -> bool {
        self.group.is_empty() && self.charges.is_empty()
    }

    /// Begins to write the group, if nothing is being written.
    pub(crate) fn begin(&mut self) {
        if self.is_empty() || !matches!(self.state, State::Idle(_)) {
            return;
        }
        let State::Idle(mut store) = std::mem::replace(&mut self.state, State::Lost) else {
            return;
        };
        let group = std::mem::take(&mut self.group);
        let charges = std::mem::take(&mut self.charges);
        self.since = None;
        let (frontier, runtime) = (self.frontier.clone(), Handle::current());
        self.state = State::Busy(tokio::task::spawn_blocking(move || {
            let committed = commit(&mut store, &*frontier, (group, charges), &runtime);
            (store, committed)
        }));
    }

    /// Waits for the group that is being written; for ever when there is none.
    pub(crate) async fn committed(&mut self) -> Result<Committed, CrawlError> {
        let State::Busy(task) = &mut self.state else {
            return std::future::pending().await;
        };
        let (store, committed) = task.await.map_err(CrawlError::Writer)?;
        self.state = State::Idle(store);
        if let Ok(done) = &committed {
            let written = done.group.iter().filter(|visit| visit.article.is_some());
            self.stories -= written.count();
        }
        committed
    }

    /// The store, when nothing is being written.
    pub(crate) fn store(&mut self) -> Option<&mut Store> {
        match &mut self.state {
            State::Idle(store) => Some(store),
            _ => None,
        }
    }
}

/// New links are told from known ones first, since the log keeps just the new ones; the
/// frontier's own batch comes last, so that it never knows more than the log.
fn commit<F: Frontier>(
    store: &mut Store,
    frontier: &F,
    (mut group, charges): (Vec<Finished>, Vec<Charge>),
    runtime: &Handle,
) -> Result<Committed, CrawlError> {
    for visit in &mut group {
        let found = std::mem::take(&mut visit.outlinks);
        visit.outlinks = runtime.block_on(frontier.admit(found))?;
        if !visit.robots {
            runtime.block_on(frontier.settle(&visit.link, visit.settled))?;
        }
    }
    let receipt = store.append_charged(&group, &charges)?;
    runtime.block_on(frontier.commit(receipt.mark))?;
    Ok(Committed {
        receipt,
        group,
        charges,
    })
}
