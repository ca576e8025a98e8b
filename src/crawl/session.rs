//! A crawl as the command line runs it: real network, real clock, Ctrl-C.

use super::{CrawlError, Start, Stop, open};
use crate::clock::Clock;
use crate::config::Config;
use crate::fetch::Fetcher;
use crate::stats::{Activity, Summary};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Shows what goes on and how far it is: called about once a second.
pub type Observer = Box<dyn FnMut(&Activity) + Send>;

/// Runs a crawl to its end; `None` when there is nothing to resume.
///
/// # Errors
/// As [`open`] and [`super::Engine::run`].
pub async fn run(
    config: Config,
    start: Start,
    observer: Observer,
) -> Result<Option<Summary>, CrawlError> {
    let clock = Clock::system();
    let net = Fetcher::new(&config, clock)?;
    let (stop, stopped) = watch::channel(Stop::No);
    tokio::spawn(listen(stop));
    match open(config, start, net, clock, stopped, observer).await? {
        Some(engine) => engine.run().await.map(Some),
        None => Ok(None),
    }
}

/// First signal: let open visits finish. Second: stop now. Both handlers are there from the
/// start, so that no signal falls between two waits.
async fn listen(stop: watch::Sender<Stop>) {
    let handlers = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let [Ok(mut interrupted), Ok(mut terminated)] = handlers else {
        // Without a handler the system's own action remains: the process ends, and loses nothing.
        return;
    };
    for asked in [Stop::Finish, Stop::Now] {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        if asked == Stop::Finish {
            tracing::info!("finishing what is open; once more to stop now");
        }
        stop.send_replace(asked);
    }
}
