//! Pages read on all cores and written in the order in which they came.
//!
//! One thread takes the files apart, others read pages, the caller's writes. Each page has a
//! slot in a short queue that keeps the order; a full queue holds up the one who feeds it.

use super::page::{Outcome, Page};
use super::{ExtractError, Gone, Options, Summary};
use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Slots a thread: enough that one slow page does not leave the others without work.
const SLOTS: usize = 4;

/// Takes pages and faults, in order.
pub(super) struct Feeder {
    slots: SyncSender<Slot>,
    jobs: SyncSender<Job>,
}

/// A place in the order.
enum Slot {
    Fault(ExtractError),
    Page(Receiver<Outcome>),
}

/// A page, and where to say what came of it.
struct Job {
    page: Page,
    done: SyncSender<Outcome>,
}

impl Feeder {
    /// Hands on a page.
    pub(super) fn page(&self, page: Page) -> Result<(), Gone> {
        let (done, outcome) = sync_channel(1);
        self.slots.send(Slot::Page(outcome)).map_err(|_| Gone)?;
        self.jobs.send(Job { page, done }).map_err(|_| Gone)
    }

    /// Hands on what is wrong.
    pub(super) fn fault(&self, fault: ExtractError) -> Result<(), Gone> {
        self.slots.send(Slot::Fault(fault)).map_err(|_| Gone)
    }
}

/// Reads what `feed` feeds.
pub(super) fn run(
    options: &Options,
    feed: impl FnOnce(&Feeder) + Send,
    out: &mut dyn Write,
    complain: &mut dyn FnMut(&ExtractError),
) -> io::Result<Summary> {
    let threads = match options.threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let (slots, ordered) = sync_channel(threads * SLOTS);
    let (jobs, queue) = sync_channel(threads);
    let queue = &Mutex::new(queue);
    thread::scope(|scope| {
        scope.spawn(move || feed(&Feeder { slots, jobs }));
        for _ in 0..threads {
            scope.spawn(move || work(queue, options));
        }
        // It ends early when nobody reads our output: then `ordered` goes, and all others end.
        collect(ordered, out, complain)
    })
}

fn work(queue: &Mutex<Receiver<Job>>, options: &Options) {
    loop {
        let job = queue.lock().ok().and_then(|queue| queue.recv().ok());
        let Some(Job { page, done }) = job else {
            return;
        };
        // Who waited for it may have gone.
        let _ = done.send(page.read(options));
    }
}

fn collect(
    ordered: Receiver<Slot>,
    out: &mut dyn Write,
    complain: &mut dyn FnMut(&ExtractError),
) -> io::Result<Summary> {
    let mut summary = Summary::default();
    for slot in ordered {
        let outcome = match slot {
            Slot::Fault(fault) => Outcome::Fault(fault),
            Slot::Page(outcome) => {
                summary.pages += 1;
                outcome.recv().unwrap_or(Outcome::NoStory)
            }
        };
        match outcome {
            Outcome::NoStory => {}
            Outcome::Fault(fault) => {
                summary.faults += 1;
                complain(&fault);
            }
            Outcome::Line { line, is_story } => match out.write_all(&line) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    summary.closed = true;
                    return Ok(summary);
                }
                written => {
                    written?;
                    summary.articles += u64::from(is_story);
                }
            },
        }
    }
    match out.flush() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => summary.closed = true,
        flushed => flushed?,
    }
    Ok(summary)
}
