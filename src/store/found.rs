//! How a URL was found: the visits are read through once for a link to it.

use super::codec::{Unpacker, bad_value};
use super::error::StoreError;
use super::labels;
use super::log::unpack_links;
use super::pages::Pages;
use super::reader::Reader;
use super::runs::{self, StoredSeed};
use crate::frontier::{Link, decode_links};
use crate::normal::{BudgetUnit, NormalUrl};
use rusqlite::{OptionalExtension, Row};

/// How a URL was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The page whose visit admitted it; none for a seed.
    pub on: Option<String>,
    /// `seed`, `feed`, `sitemap`, `front`, `article` or `redirect`.
    pub via: &'static str,
    /// Links followed since the seed.
    pub depth: u8,
    /// The seed that it descends from.
    pub seed: u32,
}

impl Reader {
    /// The first visit that admitted a link to `url`. Takes time: some seconds where there are
    /// hundreds of thousands of visits.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn found(&self, url: &NormalUrl) -> Result<Option<Found>, StoreError> {
        for visit in Pages::new(self.connection(), self.database(), LINKS, read_visit) {
            let (on, links) = visit?;
            if let Some(link) = links.into_iter().find(|link| link.url == *url) {
                return Ok(Some(Found {
                    on,
                    via: labels::via(link.via),
                    depth: link.depth,
                    seed: link.seed,
                }));
            }
        }
        Ok(None)
    }

    /// All seeds that the folder has had.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn seeds(&self) -> Result<Vec<StoredSeed>, StoreError> {
        let seeds = runs::read_seeds(self.connection());
        seeds.map_err(|e| StoreError::sql(self.database(), "read", e))
    }

    /// Whether a crawl has asked `site`, or is about to: a seed is there, or what a seed or a
    /// robots.txt redirects to (the only ways by which a site enters before it is asked).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn has_site(&self, site: &BudgetUnit) -> Result<bool, StoreError> {
        let of_site = |url: &NormalUrl| url.budget_unit() == *site;
        let known = self.unit_states()?;
        if known.iter().any(|state| state.unit == *site) {
            return Ok(true);
        }
        let seeds = self.seeds()?;
        if seeds.iter().any(|stored| of_site(&stored.seed.url)) {
            return Ok(true);
        }
        let find = || {
            let mut statement = self.connection().prepare(MOVED)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let to = NormalUrl::parse(&row.get::<_, String>(0)?);
                if to.is_ok_and(|to| of_site(&to)) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        find().map_err(|e| StoreError::sql(self.database(), "read", e))
    }

    /// Where the story `id` is read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn story_url(&self, id: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT url FROM articles WHERE id = ?1";
        let url = self.connection().query_row(sql, [id], |row| row.get(0));
        let url = url.optional();
        url.map_err(|e| StoreError::sql(self.database(), "read", e))
    }
}

const MOVED: &str =
    "SELECT moved_to FROM visits WHERE moved_to IS NOT NULL AND (depth = 0 OR robots)";

const LINKS: &str = "SELECT id, links, url FROM visits
  WHERE links IS NOT NULL AND id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";

fn read_visit(
    unpacker: &mut Unpacker,
    row: &Row<'_>,
) -> rusqlite::Result<(Option<String>, Vec<Link>)> {
    let links = unpack_links(unpacker, row, 1)?.map(|bytes| decode_links(&bytes));
    let links = links.transpose().map_err(|e| bad_value(1, e))?;
    Ok((row.get(2)?, links.unwrap_or_default()))
}
