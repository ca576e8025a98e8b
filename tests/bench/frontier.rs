//! A million URLs through the frontier: `cargo bench --bench frontier [-- URLS]`.
//!
//! Prints a line a stage, with the CPU time of the whole process, sled's threads included, and
//! the links per CPU-second. Making the links to insert is not counted.

mod measure;

use gleaner::frontier::{Claim, Frontier, Link, Logged, Settled, SledFrontier, Via, encode_links};
use gleaner::normal::{BudgetUnit, NormalUrl};
use measure::{Outcome, cpu_seconds, now};
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const URLS: u32 = 1_000_000;
const UNITS: u32 = 1_000;
const LINKS_A_PAGE: u32 = 20;
/// Visits in a group, each with its commit.
const GROUP: usize = 64;
const SALT: u64 = 0x5eed;

/// Time that passed, on the wall and on the CPUs.
#[derive(Default)]
struct Stopwatch {
    wall: Duration,
    cpu: f64,
}

impl Stopwatch {
    fn time<R>(&mut self, work: impl FnOnce() -> Outcome<R>) -> Outcome<R> {
        let (wall, cpu) = (Instant::now(), cpu_seconds()?);
        let result = work();
        self.wall += wall.elapsed();
        self.cpu += cpu_seconds()? - cpu;
        result
    }

    fn report(&self, what: &str, links: u32) {
        let rate = f64::from(links) / self.cpu;
        let (wall, cpu) = (self.wall.as_secs_f64(), self.cpu);
        println!(
            "{what:<14} {links:>9} links  wall {wall:6.2} s  CPU {cpu:6.2} s  {rate:9.0} links a CPU-second"
        );
    }
}

fn main() -> Outcome<()> {
    let urls = std::env::args().find_map(|arg| arg.parse().ok());
    let urls = urls.unwrap_or(URLS);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("frontier");
    insert(&path, urls)?;
    let bytes = size(&path)? / u64::from(urls.max(1));
    println!("{:<14} {bytes:>9} bytes a link on disk", "");
    let frontier = reopen(&path, urls)?;
    claim_and_settle(&frontier, urls)?;
    drop(frontier);
    rebuild(&path, urls)?;
    reopen(&path, urls)?;
    Ok(())
}

/// One group a commit, and 20 links of one host a page.
fn insert(path: &Path, urls: u32) -> Outcome<()> {
    let (frontier, _) = SledFrontier::open(path, SALT)?;
    let mut watch = Stopwatch::default();
    let pages = urls.div_ceil(LINKS_A_PAGE);
    let pages: Vec<u32> = (0..pages).collect();
    for (group, pages) in (1..).zip(pages.chunks(GROUP)) {
        let links = pages.iter().map(|page| links_of(*page, urls));
        let links = links.collect::<Outcome<Vec<_>>>()?;
        watch.time(|| {
            for links in links {
                now(frontier.admit(links))?;
            }
            now(frontier.commit(group))
        })?;
    }
    watch.time(|| {
        drop(frontier);
        Ok(())
    })?;
    watch.report("insert", urls);
    Ok(())
}

fn reopen(path: &Path, urls: u32) -> Outcome<SledFrontier> {
    let mut watch = Stopwatch::default();
    let (frontier, _) = watch.time(|| Ok(SledFrontier::open(path, SALT)?))?;
    assert_eq!(frontier.queued(), u64::from(urls));
    watch.report("reopen", urls);
    Ok(frontier)
}

/// Round the units, as politeness has it, so that no two visits of a group share a host.
fn claim_and_settle(frontier: &SledFrontier, urls: u32) -> Outcome<()> {
    let units: Vec<BudgetUnit> = now(frontier.units())?
        .into_iter()
        .map(|unit| unit.0)
        .collect();
    let mut watch = Stopwatch::default();
    watch.time(|| {
        let (mut mark, mut group) = (u64::from(urls), Vec::new());
        while frontier.queued() > 0 {
            for unit in &units {
                if let Claim::Entry(entry) = now(frontier.claim(unit, 0))? {
                    group.push(entry.link);
                }
                if group.len() == GROUP {
                    mark += 1;
                    settle(frontier, &mut group, mark)?;
                }
            }
            mark += 1;
            settle(frontier, &mut group, mark)?;
        }
        Ok(())
    })?;
    watch.report("claim + settle", urls);
    Ok(())
}

fn settle(frontier: &SledFrontier, group: &mut Vec<Link>, mark: u64) -> Outcome<()> {
    for link in group.drain(..) {
        now(frontier.settle(&link, Settled::Done))?;
    }
    now(frontier.commit(mark))
}

/// Out of the visit log; making it is not counted.
fn rebuild(path: &Path, urls: u32) -> Outcome<()> {
    let pages = 0..urls.div_ceil(LINKS_A_PAGE);
    let log = pages.map(|page| {
        Ok(Logged::Admitted {
            visit: u64::from(page),
            links: encode_links(&links_of(page, urls)?),
        })
    });
    let log: Vec<Logged> = log.collect::<Outcome<_>>()?;
    let log = log.into_iter().map(Ok::<_, Infallible>);
    let mut watch = Stopwatch::default();
    watch.time(|| {
        drop(SledFrontier::rebuild(path, SALT, log, 1)?);
        Ok(())
    })?;
    watch.report("rebuild", urls);
    Ok(())
}

/// The links that a page found, all on its own host.
fn links_of(page: u32, urls: u32) -> Outcome<Vec<Link>> {
    let numbers = page * LINKS_A_PAGE..urls.min((page + 1) * LINKS_A_PAGE);
    let links = numbers.map(|n| {
        let (unit, year, month) = (page % UNITS, 2000 + n % 26, 1 + n % 12);
        let url = format!(
            "https://www.site-{unit}.example/news/{year}/{month:02}/a-story-that-broke-{n}.html"
        );
        Ok(Link {
            url: NormalUrl::parse(&url)?,
            seed: unit,
            depth: 2,
            hops: 0,
            via: Via::Front,
            priority: 40,
        })
    });
    links.collect()
}

fn size(folder: &Path) -> Outcome<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
