//! A small news site inside the program, to try it on: two papers, one in English and one in
//! Arabic, of places and people that do not exist.
//!
//! Each paper has a front, sections, stories with and without metadata, a feed, a news sitemap,
//! and a robots.txt with a delay and a closed folder. Besides that they have what makes news
//! sites hard: a page in windows-1256, the same agency story on both, a story that changes, an
//! old address that redirects, and a page that says "not found" with status 200.
//!
//! Handed nothing but a runtime; serves each paper on a port of its own of 127.0.0.1, which
//! makes it a site of its own (a budget unit). [`Demo::found`] says what a crawl of it brought.

mod edition;
mod found;
mod lists;
mod page;
mod server;
mod site;
mod story;
#[cfg(test)]
mod tests;

use crate::config::Config;
use crate::seeds::{self, Seed, SeedError};
use edition::Edition;
use page::Paper;
use site::Site;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use url::Url;

/// The gap that both papers ask for.
const GAP: Duration = Duration::from_millis(100);

/// The two papers, served until this is dropped.
pub struct Demo {
    sites: [Arc<Site>; 2],
    serving: [AbortHandle; 2],
}

impl Demo {
    /// Serves both papers, on ports of the system's choice.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        let english = TcpListener::bind("127.0.0.1:0").await?;
        let arabic = TcpListener::bind("127.0.0.1:0").await?;
        let (here, there) = (base(&english)?, base(&arabic)?);
        let sites = [
            open(Edition::English, &here, &there),
            open(Edition::Arabic, &there, &here),
        ];
        let [one, other] = &sites;
        let serving = [(english, one), (arabic, other)]
            .map(|(port, site)| tokio::spawn(server::serve(port, Arc::clone(site))).abort_handle());
        Ok(Self { sites, serving })
    }

    /// The fronts: of the English paper, and of the Arabic one.
    #[must_use]
    pub fn fronts(&self) -> [&str; 2] {
        self.sites.each_ref().map(|site| site.paper.base.as_str())
    }

    /// Where a crawl of it begins: the fronts, and the story that changes, which as a seed is
    /// asked for again by every run.
    ///
    /// # Errors
    /// As [`seeds::from_args`].
    pub fn seeds(&self) -> Result<Vec<Seed>, SeedError> {
        let mut urls: Vec<String> = self.fronts().map(str::to_owned).into();
        for site in &self.sites {
            let stories = site.paper.stories.iter();
            let changing = stories.filter(|story| story.is_updated());
            urls.extend(changing.map(|story| site.paper.url(story.path).to_string()));
        }
        Ok(seeds::from_args(&urls)?.seeds)
    }

    /// The settings of a crawl of it into `data`: the papers' own gap, and no other address.
    #[must_use]
    pub fn config(&self, data: &Path) -> Config {
        let mut config = Config::default();
        data.clone_into(&mut config.crawl.data);
        config.scope.include = self.fronts().map(|front| format!("{front}*")).into();
        config.politeness.allow_private = true;
        config.politeness.min_delay = GAP;
        config.politeness.delay_factor = 0.0;
        config
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.serving.iter().for_each(AbortHandle::abort);
    }
}

fn base(port: &TcpListener) -> io::Result<Url> {
    let address = port.local_addr()?;
    Url::parse(&format!("http://{address}/")).map_err(io::Error::other)
}

fn open(edition: Edition, base: &Url, other: &Url) -> Arc<Site> {
    Arc::new(Site::new(Paper {
        edition,
        stories: edition.stories(),
        base: base.clone(),
        other: other.clone(),
    }))
}
