//! Which stories are exported.

use super::{Record, SiteChoice};
use crate::store::ArticleRow;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use std::str::FromStr;

/// Which stories are exported: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Not published before.
    pub since: Option<Bound>,
    /// Not published after; a day includes its last moment.
    pub until: Option<Bound>,
    /// A site, or one host of it.
    pub site: Option<SiteChoice>,
    /// A language (`ar`), or one kind of it (`ar-EG`).
    pub lang: Option<String>,
    /// None of which any use is reserved.
    pub no_reserved: bool,
    /// Text behind a paywall too.
    pub paywalled_text: bool,
}

/// A day, as the publisher's calendar has it, or a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// `2026-01-31`.
    Day(Date),
    /// `2026-01-31T08:00:00+02:00`; UTC when no offset is given.
    Instant(Timestamp),
}

/// A word that is no [`Bound`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither a day nor a time\nhint: write `2026-01-31` or `2026-01-31T08:00:00+02:00`"
)]
pub struct BoundError(String);

impl FromStr for Bound {
    type Err = BoundError;

    fn from_str(text: &str) -> Result<Self, BoundError> {
        let error = || BoundError(text.to_owned());
        let span = Span::parse(text.trim()).ok_or_else(error)?;
        match span.first == span.last {
            true => Ok(Self::Instant(span.instant(span.first).ok_or_else(error)?)),
            false if span.first.date() == span.last.date() => Ok(Self::Day(span.first.date())),
            false => Err(error()),
        }
    }
}

impl Selection {
    /// Whether a story is selected. Dates are those of `published`; where that is unknown, the
    /// time of fetching stands in.
    #[must_use]
    pub fn takes(&self, row: &ArticleRow) -> bool {
        self.site.as_ref().is_none_or(|site| site.takes(row))
            && self.takes_language(row)
            && self.takes_time(row)
    }

    /// Whether what is said of a story's use lets it be exported at `now`: nothing whose time is
    /// over is, and where none is wanted nothing that is reserved.
    #[must_use]
    pub fn takes_rights(&self, record: &Record, now: Timestamp) -> bool {
        let Some(rights) = record.rights() else {
            return true;
        };
        let until = rights.robots.unavailable_after.as_deref();
        let over = until.and_then(|until| until.parse::<Timestamp>().ok());
        over.is_none_or(|until| until >= now) && !(self.no_reserved && rights.is_reserved())
    }

    fn takes_language(&self, row: &ArticleRow) -> bool {
        let Some(wanted) = &self.lang else {
            return true;
        };
        let wanted = wanted.to_ascii_lowercase();
        let found = row
            .language
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let rest = found.strip_prefix(&wanted);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    fn takes_time(&self, row: &ArticleRow) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let published = row.published.as_deref().and_then(Span::parse);
        let Some(span) = published.or_else(|| Span::at(row.fetched_at)) else {
            return false;
        };
        self.since.is_none_or(|since| span.reaches(since))
            && self.until.is_none_or(|until| span.begins_by(until))
    }
}

/// What a date of some precision may mean: from its first to its last moment, by the
/// publisher's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    first: DateTime,
    last: DateTime,
    offset: Option<Offset>,
}

impl Span {
    /// `2026-01`, `2026-01-31`, or a time with or without an offset.
    fn parse(text: &str) -> Option<Self> {
        if text.len() == 7 {
            let first: Date = format!("{text}-01").parse().ok()?;
            return Some(Self::days(first, first.last_of_month()));
        }
        let pieces = Pieces::parse(text).ok()?;
        let Some(time) = pieces.time() else {
            return Some(Self::days(pieces.date(), pieces.date()));
        };
        let at = pieces.date().to_datetime(time);
        Some(Self {
            first: at,
            last: at,
            offset: pieces.to_numeric_offset(),
        })
    }

    fn at(millis: u64) -> Option<Self> {
        let at = Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()?;
        let at = Offset::UTC.to_datetime(at);
        Some(Self {
            first: at,
            last: at,
            offset: Some(Offset::UTC),
        })
    }

    fn days(first: Date, last: Date) -> Self {
        Self {
            first: first.to_datetime(Time::midnight()),
            last: last.to_datetime(Time::MAX),
            offset: None,
        }
    }

    fn instant(&self, at: DateTime) -> Option<Timestamp> {
        self.offset.unwrap_or(Offset::UTC).to_timestamp(at).ok()
    }

    fn reaches(&self, since: Bound) -> bool {
        match since {
            Bound::Day(day) => self.last.date() >= day,
            Bound::Instant(at) => self.instant(self.last).is_some_and(|last| last >= at),
        }
    }

    fn begins_by(&self, until: Bound) -> bool {
        match until {
            Bound::Day(day) => self.first.date() <= day,
            Bound::Instant(at) => self.instant(self.first).is_some_and(|first| first <= at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_in_a_range_if_it_may_have_been_published_in_it() {
        for (published, since, until, wanted) in [
            ("2026-01-31", "2026-01-31", "2026-01-31", true),
            ("2026-01-31", "2026-02-01", "2026-03-01", false),
            ("2026-01", "2026-01-20", "2026-01-21", true),
            ("2026-01", "2026-02-01", "2026-02-02", false),
            // The publisher's day, though it is another in UTC.
            (
                "2026-01-31T00:30:00+03:00",
                "2026-01-31",
                "2026-01-31",
                true,
            ),
            (
                "2026-01-31T00:30:00+03:00",
                "2026-01-30T21:30:00Z",
                "2026-01-30T21:30:00Z",
                true,
            ),
            (
                "2026-01-31T00:30:00+03:00",
                "2026-01-30T21:30:01Z",
                "2027-01-01",
                false,
            ),
            (
                "2026-01-31T00:30",
                "2026-01-31T00:00:00Z",
                "2026-01-31T01:00:00Z",
                true,
            ),
        ] {
            let span = Span::parse(published).unwrap();
            let found =
                span.reaches(since.parse().unwrap()) && span.begins_by(until.parse().unwrap());
            assert_eq!(found, wanted, "{published} from {since} to {until}");
        }
    }

    #[test]
    fn a_bound_that_is_no_date_is_an_error_with_an_example() {
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-01",
            "31.1.2026",
            "٢٠٢٦-٠١-٠١",
        ] {
            let error = text.parse::<Bound>().unwrap_err();
            assert!(error.to_string().contains("2026-01-31"), "{text}");
        }
    }
}
