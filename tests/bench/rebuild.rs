//! What it costs to build a frontier anew, end to end, out of a data folder that the store and
//! the frontier wrote: `cargo bench --bench rebuild [-- VISITS [NEW [FOLDER]]]`.
//!
//! Each of VISITS (default 100,000) finds 20 links, of which NEW (by default, and for 0, 2 to 5 in
//! turn) were never seen before, and tells a story. A FOLDER is kept, and used again if it is there. Prints
//! wall and CPU time of all threads, and the most memory.

mod measure;

use gleaner::config;
use gleaner::crawl;
use gleaner::dedup::Fingerprint;
use gleaner::frontier::{Claim, Frontier, Link, Settled, SledFrontier, Via};
use gleaner::normal::{BudgetUnit, NormalUrl};
use gleaner::parse::{Article, Block, Kind};
use gleaner::store::{Finished, Store};
use measure::{Outcome, cpu_seconds, now};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

const NOW: u64 = 1_780_000_000_000;
const SITES: u32 = 1_000;
const FOUND: u32 = 20;
/// Visits in a group: more than in a crawl, so that making the folder does not take too long.
const GROUP: usize = 512;

fn main() -> Outcome<()> {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let number = |at: usize| asked.get(at).map(|text| text.parse::<u32>()).transpose();
    let visits = number(0)?.unwrap_or(100_000);
    // 0 stands for 2 to 5.
    let new = number(1)?.filter(|new| *new > 0);
    let temporary = tempfile::tempdir()?;
    let folder = asked
        .get(2)
        .map_or(temporary.path().join("data"), PathBuf::from);
    if !folder.join("articles.db").exists() {
        Making::new(&folder, new)?.make(visits)?;
    }
    let mut unseen: crawl::Observer = Box::new(|_| {});
    let found = measure(|| Ok(crawl::repair(&folder, &settings(), NOW, &mut unseen)?))?;
    println!("{found} links queued");
    Ok(())
}

fn settings() -> config::Store {
    config::Store {
        warc: false,
        ..config::Store::default()
    }
}

fn measure<R>(work: impl FnOnce() -> Outcome<R>) -> Outcome<R> {
    // Forgets the most memory so far (proc(5), `clear_refs`).
    fs::write("/proc/self/clear_refs", "5")?;
    let before = status_kb("VmRSS:")?;
    let (wall, cpu) = (Instant::now(), cpu_seconds()?);
    let result = work()?;
    println!(
        "wall {:.1} s  CPU {:.1} s  most memory {} MB ({} MB before)",
        wall.elapsed().as_secs_f64(),
        cpu_seconds()? - cpu,
        status_kb("VmHWM:")? / 1_000,
        before / 1_000
    );
    Ok(result)
}

/// A crawl without a network: visits what the frontier hands out, round the sites.
struct Making {
    store: Store,
    frontier: SledFrontier,
    /// Links of each site so far.
    known: Vec<u32>,
    new: Option<u32>,
    article: Article,
    fingerprint: Fingerprint,
}

impl Making {
    fn new(folder: &Path, new: Option<u32>) -> Outcome<Self> {
        let store = Store::open(folder, &settings(), NOW)?;
        let (frontier, _) = SledFrontier::open(&folder.join("frontier"), store.salt())?;
        let article = article();
        Ok(Self {
            known: vec![1; SITES as usize],
            fingerprint: Fingerprint::of(&article.text),
            store,
            frontier,
            new,
            article,
        })
    }

    fn make(mut self, visits: u32) -> Outcome<()> {
        let seeds: Vec<Link> = (0..SITES)
            .map(|site| link(site, 0))
            .collect::<Outcome<_>>()?;
        let seeds = now(self.frontier.admit(seeds))?;
        let mark = self.store.admit(&seeds, NOW)?.mark;
        now(self.frontier.commit(mark))?;
        let mut group = Vec::with_capacity(GROUP);
        for n in 0..visits {
            group.push(self.visit(n)?);
            if group.len() == GROUP || n + 1 == visits {
                let mark = self.store.append(&group)?.mark;
                now(self.frontier.commit(mark))?;
                group.clear();
            }
        }
        Ok(())
    }

    fn visit(&mut self, n: u32) -> Outcome<Finished> {
        let site = n % SITES;
        let unit: BudgetUnit = link(site, 0)?.url.budget_unit();
        let Claim::Entry(entry) = now(self.frontier.claim(&unit, 0))? else {
            return Err("a site has no more links".into());
        };
        let known = &mut self.known[site as usize];
        let new = self.new.unwrap_or(2 + n / SITES % 4);
        let found = known.saturating_sub(FOUND - new)..*known + new;
        *known += new;
        let found = found.map(|n| link(site, n)).collect::<Outcome<Vec<_>>>()?;
        let outlinks = now(self.frontier.admit(found))?;
        now(self.frontier.settle(&entry.link, Settled::Done))?;
        Ok(Finished {
            link: entry.link,
            robots: false,
            started: NOW + u64::from(n),
            ended: NOW + u64::from(n) + 20,
            outcome: "ok",
            reason: None,
            status: Some(200),
            moved_to: None,
            capture: None,
            archive: true,
            kind: Some(Kind::Html),
            charset: Some("UTF-8"),
            article: Some(self.article.clone()),
            fingerprint: Some(self.fingerprint),
            outlinks,
            settled: Settled::Done,
            next_due: None,
            unit: None,
            rules_for: None,
            robots_copy: None,
            rights: None,
            tdmrep_copy: None,
        })
    }
}

const WORDS: [&str; 16] = [
    "harbour", "board", "ferry", "winter", "island", "council", "budget", "storm", "clinic",
    "railway", "museum", "election", "harvest", "bridge", "school", "river",
];

/// Link `n` of a site. No two slugs are alike, and neither are those of two sites.
fn link(site: u32, n: u32) -> Outcome<Link> {
    let mut state = u64::from(site) << 32 | u64::from(n);
    let mut word = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695);
        WORDS[(state >> 60) as usize]
    };
    let slug = [word(), word(), word(), word()].join("-");
    let (year, month) = (2000 + n / 3_000, 1 + n / 250 % 12);
    let url = format!("https://www.site-{site}.example/{year}/{month:02}/{slug}-{n}.html");
    Ok(Link {
        url: NormalUrl::parse(&url)?,
        seed: site,
        depth: 2,
        hops: 0,
        via: Via::Front,
        priority: 40,
    })
}

/// Twelve paragraphs.
fn article() -> Article {
    let sentence = format!("The {} voted on it. ", WORDS.join(" and the "));
    let block = |n: usize| Block {
        kind: "paragraph".into(),
        text: format!("{n} {}", sentence.repeat(1 + n % 3)),
        ..Block::default()
    };
    let blocks: Vec<Block> = (0..12).map(block).collect();
    let texts: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
    Article {
        title: Some("A story about something".into()),
        text: texts.join("\n\n"),
        blocks,
        ..Article::default()
    }
}

fn status_kb(field: &str) -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let value = line.and_then(|line| line.split_whitespace().next());
    Ok(value.ok_or("no such field")?.parse()?)
}
