//! What a redirect's target and its sources tell of each other.

use super::Finished;
use super::visits::Writer;
use rusqlite::{OptionalExtension, params};

/// Says of a redirect's source that it leads to where robots.txt does not let us.
const REDIRECT_DISALLOWED: &str = "redirect target disallowed by robots";

/// The sources of the redirect to `?1`, theirs, and so on: ten hops at most, since sites change
/// and what is stored may lead round in circles.
const SOURCES: &str = "
WITH RECURSIVE sources (id, article, last_visit, hop) AS (
  SELECT id, article, last_visit, 1 FROM urls WHERE moved_to = ?1
  UNION SELECT urls.id, urls.article, urls.last_visit, hop + 1
  FROM sources JOIN urls ON urls.moved_to = sources.id WHERE hop < 10) ";

impl Writer<'_> {
    /// The story that the nearest source of the redirect to a URL once held.
    pub(super) fn moved_from(&self, id: i64, visit: &Finished) -> rusqlite::Result<Option<i64>> {
        if visit.link.hops == 0 {
            return Ok(None);
        }
        let nearest = "SELECT article FROM sources WHERE article IS NOT NULL
                       ORDER BY hop, last_visit DESC LIMIT 1";
        self.tx
            .prepare_cached(&format!("{SOURCES}{nearest}"))?
            .query_row([id], |row| row.get(0))
            .optional()
    }

    /// Tells every source of a redirect that robots.txt forbids its target.
    pub(super) fn tell_sources(&self, id: i64, visit: &Finished) -> rusqlite::Result<()> {
        let refused = visit.outcome == "skipped" && visit.reason.as_deref() == Some("robots");
        if !refused || visit.link.hops == 0 {
            return Ok(());
        }
        for sql in [
            "UPDATE urls SET reason = ?2 WHERE id IN (SELECT id FROM sources)",
            "UPDATE visits SET reason = ?2 WHERE id IN (SELECT last_visit FROM sources)",
        ] {
            self.tx
                .prepare_cached(&format!("{SOURCES}{sql}"))?
                .execute(params![id, REDIRECT_DISALLOWED])?;
        }
        Ok(())
    }
}
