//! Traps that only their yield gives away: families of pages that go on without end and lead to
//! nothing new. A real archive is not cut, however long it is.
//!
//! A page is **barren** for its family when it is a story that was read before under another
//! URL; or when it is no story, and every link on it stays within the family, goes where another
//! page of the family led already, or goes to one of many alike that no story was found among.
//! A story that is read later makes up for all pages that led to it. `scope.max_barren` barren
//! pages in a row end a family. What feeds, sitemaps and seeds name is asked for in any case.

use super::family::{Family, families};
use super::rejection::{Rejection, Trap};
use crate::frontier::{Link, Via};
use crate::normal::{BudgetUnit, NormalUrl};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Links remembered of one site; beyond it they are forgotten, and a family has another chance.
const MOST_LINKS: usize = 100_000;
/// Families remembered of one site.
const MOST_FAMILIES: usize = 1_000;
/// Links of a family from which it counts as one, and not as a page of its own kind.
const MANY: u8 = 3;

/// What the pages of each site have shown so far.
#[derive(Debug, Default)]
pub struct Yields {
    /// Barren pages in a row that end a family; 0 for never.
    most: u32,
    sites: HashMap<BudgetUnit, Site>,
}

#[derive(Debug, Default)]
struct Site {
    /// Families with barren pages, and how many in a row.
    barren: HashMap<u64, (Family, u32)>,
    /// Where pages of a family led, by family and target.
    shown: HashSet<u64>,
    /// Links seen of each family, up to `MANY`.
    members: HashMap<u64, u8>,
    /// Stories that were read, by URL, and their texts.
    stories: HashSet<u64>,
    texts: HashSet<u64>,
}

/// What came of a page that was read.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// A story with a text of this hash.
    Story(u64),
    /// A page of another kind with these links, as far as they may enter.
    Links(&'a [Link]),
}

impl Yields {
    /// Families end after `most` barren pages in a row; 0: never.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self {
            most,
            sites: HashMap::new(),
        }
    }

    /// May this link still be followed?
    ///
    /// # Errors
    /// The trap that its family has turned out to be.
    pub fn judge(&self, link: &Link) -> Result<(), Rejection> {
        let named = matches!(link.via, Via::Seed | Via::Feed | Via::Sitemap);
        let site = self.sites.get(link.url.site().as_ref());
        let Some(site) = site.filter(|_| self.most > 0 && !named) else {
            return Ok(());
        };
        let ended = families(&link.url)
            .into_iter()
            .find(|it| self.ended(site, it));
        ended.map_or(Ok(()), |family| Err(Rejection::Trap(family.trap)))
    }

    /// Takes in a page.
    pub fn observe(&mut self, url: &NormalUrl, shown: Shown<'_>) {
        let most = self.most;
        let site = self.sites.entry(url.budget_unit()).or_default();
        match shown {
            Shown::Story(text) => {
                let new = site.texts.insert(text);
                if new {
                    site.read(url);
                }
                for family in families(url) {
                    site.count(&family, !new);
                }
            }
            Shown::Links(links) => {
                site.meet(links);
                for family in families(url) {
                    let new = site.leads_on(&family, links, most);
                    site.count(&family, !new);
                }
            }
        }
    }

    /// Takes up that an earlier process found this URL's family to be a trap.
    pub fn restore(&mut self, url: &NormalUrl, trap: &str) {
        let site = self.sites.entry(url.budget_unit()).or_default();
        let known = families(url).into_iter();
        for family in known.filter(|it| Rejection::Trap(it.trap).label() == trap) {
            site.barren.insert(family.key, (family, self.most));
        }
    }

    fn ended(&self, site: &Site, family: &Family) -> bool {
        site.barren_pages(family.key) >= self.most
    }
}

impl Site {
    fn barren_pages(&self, key: u64) -> u32 {
        self.barren.get(&key).map_or(0, |(_, count)| *count)
    }

    fn count(&mut self, family: &Family, barren: bool) {
        if !barren {
            self.barren.remove(&family.key);
        } else if self.barren.len() < MOST_FAMILIES || self.barren.contains_key(&family.key) {
            let counted = self.barren.entry(family.key);
            counted.or_insert_with(|| (family.clone(), 0)).1 += 1;
        }
    }

    /// A new story makes up for the pages that led to it.
    fn read(&mut self, story: &NormalUrl) {
        self.stories.insert(hash(story.as_str()));
        let shown = &self.shown;
        self.barren
            .retain(|_, (family, _)| !shown.contains(&target(family, story)));
    }

    /// Counts members of families, to tell a numbered page from a story with a number in its name.
    fn meet(&mut self, links: &[Link]) {
        if self.shown.len().max(self.members.len()) > MOST_LINKS {
            self.shown.clear();
            self.members.clear();
        }
        for Link { url, .. } in links {
            if self.shown.insert(hash(url.as_str())) {
                for family in families(url) {
                    let members = self.members.entry(family.key).or_default();
                    *members = members.saturating_add(1);
                }
            }
        }
    }

    /// Whether some link leads out of the family to what is worth reading, where no page of it
    /// led before.
    fn leads_on(&mut self, family: &Family, links: &[Link], most: u32) -> bool {
        let mut new = false;
        for Link { url, .. } in links {
            let of = families(url);
            let stays = family.trap != Trap::SessionId && of.iter().any(|it| it.key == family.key);
            let ended = of.iter().any(|it| self.barren_pages(it.key) >= most);
            if !stays && !ended && self.shown.insert(target(family, url)) {
                let many = |it: &Family| self.members.get(&it.key).is_some_and(|n| *n >= MANY);
                new |= !of.iter().any(many) || self.stories.contains(&hash(url.as_str()));
            }
        }
        new
    }
}

/// A link as its family remembers it.
fn target(family: &Family, url: &NormalUrl) -> u64 {
    hash((family.key, family.seen(url)))
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u32 = 15;

    fn url(path: &str) -> NormalUrl {
        NormalUrl::parse(&format!("https://n.example{path}")).unwrap()
    }

    fn link(path: &str) -> Link {
        Link {
            url: url(path),
            seed: 1,
            depth: 2,
            hops: 0,
            via: Via::Front,
            priority: 40,
        }
    }

    /// A site as a function from a path to its links; what a crawl of it asks for.
    fn crawl(start: &str, page: impl Fn(&str, usize) -> (Option<u64>, Vec<String>)) -> Vec<String> {
        let mut yields = Yields::new(MOST);
        let mut known: HashSet<NormalUrl> = HashSet::new();
        let mut queue = std::collections::VecDeque::from([link(start)]);
        let mut asked = Vec::new();
        while let Some(next) = queue.pop_front() {
            if asked.len() > 2_000 || yields.judge(&next).is_err() {
                continue;
            }
            let path = next
                .url
                .as_str()
                .trim_start_matches("https://n.example")
                .to_owned();
            let (story, paths) = page(&path, asked.len());
            asked.push(path);
            let links: Vec<Link> = paths.iter().map(|path| link(path)).collect();
            yields.observe(&next.url, story.map_or(Shown::Links(&links), Shown::Story));
            let new = links
                .into_iter()
                .filter(|link| known.insert(link.url.clone()));
            queue.extend(new);
        }
        asked
    }

    fn number(path: &str) -> usize {
        path.rsplit(['/', '=']).next().unwrap().parse().unwrap_or(0)
    }

    #[test]
    fn an_archive_is_read_to_its_end() {
        let asked = crawl("/archive?page=1", |path, _| {
            if path.starts_with("/story/") {
                return (Some(number(path) as u64), vec!["/about".into()]);
            }
            if !path.starts_with("/archive") {
                return (None, vec!["/archive?page=1".into()]);
            }
            let page = number(path);
            let stories = (page * 10..page * 10 + 10).map(|n| format!("/story/{n}"));
            let next = (page < 50).then(|| format!("/archive?page={}", page + 1));
            (None, stories.chain(next).collect())
        });
        assert_eq!(
            asked
                .iter()
                .filter(|path| path.starts_with("/story/"))
                .count(),
            500
        );
    }

    #[test]
    fn traps_cost_little() {
        type Page = Box<dyn Fn(&str, usize) -> (Option<u64>, Vec<String>)>;
        let furniture = || vec!["/".to_owned(), "/about".to_owned(), "/section/a".to_owned()];
        let calendar: Page = Box::new(move |path, _| {
            let mut links = furniture();
            if let Some(rest) = path.strip_prefix("/calendar/") {
                let month = number(rest);
                links.push(format!("/calendar/{}/{}", 2000 + month, month + 1));
                links.extend((1..29).map(|day| format!("/calendar/2000/{month}/{day}")));
            }
            (None, links)
        });
        let paging: Page = Box::new(|path, _| {
            let next = format!("/list?page={}", number(path) + 1);
            (None, vec!["/story/1".into(), "/story/2".into(), next])
        });
        let session: Page = Box::new(|path, asked| {
            let own = |path: &str| format!("{path}?k=ab12cd{asked:04}");
            if path.starts_with("/story") {
                return (Some(7), vec![own("/list"), own("/story/1")]);
            }
            (None, vec![own("/list"), own("/story/1"), own("/story/2")])
        });
        let deepening: Page = Box::new(|path, _| {
            let path = path.trim_end_matches('/');
            (
                None,
                ["a", "b", "c"]
                    .map(|word| format!("{path}/{word}"))
                    .to_vec(),
            )
        });
        let parameters: Page = Box::new(|path, asked| {
            let more = |n: usize| format!("{path}&f{n}={}", asked % 3);
            (None, (0..4).map(more).collect())
        });
        for (name, start, page, most) in [
            ("calendar", "/calendar/2000/1", calendar, 50),
            ("pagination", "/list?page=1", paging, 20),
            ("session", "/list?k=ab12cd9999", session, 50),
            // Up to four segments there are no more pages than words allow.
            ("deepening", "/m", deepening, 1 + 3 + 9 + 27 + 15),
            ("parameters", "/l?z=1", parameters, 50),
        ] {
            let asked = crawl(start, page);
            assert!(
                asked.len() <= most,
                "{name}: {} {:?}",
                asked.len(),
                &asked[..20]
            );
        }
    }

    #[test]
    fn what_was_found_out_outlasts_the_process() {
        let mut yields = Yields::new(MOST);
        yields.restore(&url("/calendar/2031/5"), "trap_calendar");
        let month = link("/calendar/2040/1");
        assert_eq!(yields.judge(&month), Err(Rejection::Trap(Trap::Calendar)));
        assert_eq!(yields.judge(&link("/news/1")), Ok(()));
        for via in [Via::Seed, Via::Feed, Via::Sitemap] {
            assert_eq!(
                yields.judge(&Link {
                    via,
                    ..month.clone()
                }),
                Ok(())
            );
        }
    }

    #[test]
    fn no_limit_ends_nothing() {
        let mut yields = Yields::new(0);
        for n in 0..100 {
            yields.observe(&url(&format!("/list?page={n}")), Shown::Links(&[]));
        }
        assert_eq!(yields.judge(&link("/list?page=100")), Ok(()));
    }
}
