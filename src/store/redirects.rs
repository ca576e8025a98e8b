//! What a redirect's target and its sources tell of each other.

use super::Finished;
use super::labels;
use super::visits::Writer;
use crate::frontier::Via;
use rusqlite::{OptionalExtension, Row, params};

/// Says of a redirect's source that it leads to where robots.txt does not let us.
const REDIRECT_DISALLOWED: &str = "redirect target disallowed by robots";

/// Where a redirect came from.
struct Source {
    id: i64,
    via: Via,
    article: Option<i64>,
    last_visit: i64,
}

impl Source {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            via: labels::read_via(1, row.get_ref(1)?.as_str()?)?,
            article: row.get(2)?,
            last_visit: row.get(3)?,
        })
    }
}

/// How a story was found, and the story that a source of the redirect once held.
pub(super) struct Origin {
    pub(super) via: &'static str,
    pub(super) article: Option<i64>,
}

impl Writer<'_> {
    /// How the story was found: for a redirect's target, how its first source was; and the
    /// story that a source once held.
    pub(super) fn origin(&self, id: i64, via: Via) -> rusqlite::Result<Origin> {
        let mut origin = Origin {
            via: labels::via(via),
            article: None,
        };
        if via != Via::Redirect {
            return Ok(origin);
        }
        let mut target = id;
        for _ in 0..super::MAX_HOPS {
            let Some(source) = self.source(target)? else {
                break;
            };
            origin.via = labels::via(source.via);
            origin.article = origin.article.or(source.article);
            if source.via != Via::Redirect {
                return Ok(origin);
            }
            target = source.id;
        }
        origin.via = labels::via(Via::Front);
        Ok(origin)
    }

    fn source(&self, target: i64) -> rusqlite::Result<Option<Source>> {
        self.tx
            .prepare_cached(
                "SELECT id, via, article, last_visit FROM urls WHERE moved_to = ?1
                 ORDER BY last_visit DESC LIMIT 1",
            )?
            .query_row([target], Source::read)
            .optional()
    }

    /// Tells every source of a redirect that robots.txt forbids its target.
    pub(super) fn tell_sources(&self, id: i64, visit: &Finished) -> rusqlite::Result<()> {
        let refused = visit.outcome == "skipped" && visit.reason.as_deref() == Some("robots");
        if refused && visit.link.via == Via::Redirect {
            self.disallow_sources(id)?;
        }
        Ok(())
    }

    fn disallow_sources(&self, target: i64) -> rusqlite::Result<()> {
        let mut targets = vec![target];
        for _ in 0..super::MAX_HOPS {
            let mut further = Vec::new();
            for source in self.sources(&targets)? {
                self.disallow(&source)?;
                if source.via == Via::Redirect {
                    further.push(source.id);
                }
            }
            targets = further;
        }
        Ok(())
    }

    fn sources(&self, targets: &[i64]) -> rusqlite::Result<Vec<Source>> {
        let mut found = Vec::new();
        for target in targets {
            let mut statement = self.tx.prepare_cached(
                "SELECT id, via, article, last_visit FROM urls WHERE moved_to = ?1",
            )?;
            for source in statement.query_map([target], Source::read)? {
                found.push(source?);
            }
        }
        Ok(found)
    }

    fn disallow(&self, source: &Source) -> rusqlite::Result<()> {
        for (sql, id) in [
            ("UPDATE urls SET reason = ?2 WHERE id = ?1", source.id),
            (
                "UPDATE visits SET reason = ?2 WHERE id = ?1",
                source.last_visit,
            ),
        ] {
            self.tx
                .prepare_cached(sql)?
                .execute(params![id, REDIRECT_DISALLOWED])?;
        }
        Ok(())
    }
}
