//! What a page asks of robots: `meta name=robots`, the `X-Robots-Tag` header in the form that the
//! large search engines document, and `Robots-Tag` (draft-illyes-repext 3), a structured field.

use super::date;
use super::structured::{self, Bare};
use crate::AGENT;
use http::HeaderMap;
use jiff::Timestamp;

/// Page directives. What several ask adds up; where they differ the stricter one stays.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a rule of its own that a page may set"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// Keep no body, export no story.
    pub noindex: bool,
    /// Follow no link of this page.
    pub nofollow: bool,
    /// Keep no raw copy.
    pub noarchive: bool,
    /// Show no excerpt.
    pub nosnippet: bool,
    /// Fetch and list no picture.
    pub noimageindex: bool,
    /// Train no model on it and hand it to none (`DeviantArt` 2022).
    pub noai: bool,
    /// The same for its pictures.
    pub noimageai: bool,
    /// Most characters of an excerpt; -1 when the page says that there is no limit.
    pub max_snippet: Option<i64>,
    /// How large a picture may be shown.
    pub max_image_preview: Option<Preview>,
    /// From when on it is to be treated as if it said `noindex`.
    pub unavailable_after: Option<Timestamp>,
}

/// How large a picture may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Preview {
    /// Not at all.
    None,
    /// As a thumbnail.
    Standard,
    /// In any size.
    Large,
}

impl Preview {
    /// Its name in a page.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Standard => "standard",
            Self::Large => "large",
        }
    }
}

impl Directives {
    /// What the headers of an answer ask.
    #[must_use]
    pub fn of_headers(headers: &HeaderMap) -> Self {
        let mut found = Self::default();
        found.add_headers(headers, AGENT);
        found
    }

    /// What the contents of meta elements for robots ask.
    #[must_use]
    pub fn of_metas(contents: &[String]) -> Self {
        let mut found = Self::default();
        for content in contents {
            rules(content).for_each(|rule| found.add_rule(rule));
        }
        found
    }

    /// Whether the body may not be kept at this time.
    #[must_use]
    pub fn hides(&self, now: Timestamp) -> bool {
        self.noindex || self.unavailable_after.is_some_and(|until| until < now)
    }

    /// A header may name a robot before its rules; the rules up to the next name are for that
    /// robot alone.
    fn add_headers(&mut self, headers: &HeaderMap, agent: &str) {
        for value in headers.get_all("x-robots-tag") {
            let value = String::from_utf8_lossy(value.as_bytes());
            let mut ours = true;
            for mut rule in rules(&value) {
                if let Some((name, after)) = rule.split_once(':')
                    && is_name(name.trim())
                {
                    ours = is_us(name, agent);
                    rule = after.trim();
                }
                if ours {
                    self.add_rule(rule);
                }
            }
        }
        self.add_structured(headers, agent);
    }

    /// A list of robots, `*` for all, whose parameters are the rules.
    fn add_structured(&mut self, headers: &HeaderMap, agent: &str) {
        let lines = headers.get_all("robots-tag").iter();
        let lines: Vec<_> = lines.filter_map(|value| value.to_str().ok()).collect();
        for (name, rules) in structured::list(&lines.join(", ")).unwrap_or_default() {
            let (Bare::Token(name) | Bare::Text(name)) = name else {
                continue;
            };
            if name != "*" && !name.eq_ignore_ascii_case(agent) {
                continue;
            }
            for (rule, value) in rules {
                match value {
                    Bare::Boolean(true) => self.add_rule(&rule),
                    Bare::Integer(number) => self.add_rule(&format!("{rule}:{number}")),
                    Bare::Token(word) | Bare::Text(word) => {
                        self.add_rule(&format!("{rule}:{word}"));
                    }
                    Bare::Date(seconds) if rule == "unavailable_after" => {
                        self.until(Timestamp::from_second(seconds).ok());
                    }
                    _ => {}
                }
            }
        }
    }

    /// Adds what the meta elements for robots ask.
    pub(super) fn add_metas(&mut self, metas: &[(&str, &str)]) {
        self.add_metas_for(metas, AGENT);
    }

    fn add_metas_for(&mut self, metas: &[(&str, &str)], agent: &str) {
        for (_, content) in metas.iter().filter(|(name, _)| is_us(name, agent)) {
            rules(content).for_each(|rule| self.add_rule(rule));
        }
    }

    fn add_rule(&mut self, rule: &str) {
        // The colon may be forgotten; a date has colons of its own.
        if let Some(value) = after_ignoring_case(rule, "unavailable_after") {
            return self.until(moment(value.trim_start_matches([':', '=', ' '])));
        }
        let (name, value) = rule.split_once([':', '=']).unwrap_or((rule, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "noindex" => self.noindex = true,
            "nofollow" => self.nofollow = true,
            "noarchive" | "nocache" => self.noarchive = true,
            "nosnippet" => self.nosnippet = true,
            "noimageindex" => self.noimageindex = true,
            "noai" => self.noai = true,
            "noimageai" => self.noimageai = true,
            "none" => {
                self.noindex = true;
                self.nofollow = true;
            }
            "max-snippet" => self.snippet(value.parse().ok()),
            "max-image-preview" => self.preview(&value.to_ascii_lowercase()),
            _ => {}
        }
    }

    fn snippet(&mut self, most: Option<i64>) {
        let Some(most) = most.filter(|most| *most >= -1) else {
            return;
        };
        // Without a limit is the largest of all.
        let size = |most: i64| if most < 0 { i64::MAX } else { most };
        let known = self.max_snippet.unwrap_or(-1);
        self.max_snippet = Some(if size(most) < size(known) {
            most
        } else {
            known
        });
    }

    fn preview(&mut self, value: &str) {
        let all = [Preview::None, Preview::Standard, Preview::Large];
        let named = all.into_iter().find(|size| size.name() == value);
        self.max_image_preview = self.max_image_preview.into_iter().chain(named).min();
    }

    fn until(&mut self, until: Option<Timestamp>) {
        self.unavailable_after = self.unavailable_after.into_iter().chain(until).min();
    }
}

fn after_ignoring_case<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

fn moment(text: &str) -> Option<Timestamp> {
    let read = |text: &str| date::parse(text).and_then(|moment| moment.timestamp());
    read(text).or_else(|| read(&with_long_year(text)?))
}

/// `Saturday, 30-Aug-31 15:00:00 GMT` (RFC 850) with four digits of year.
fn with_long_year(text: &str) -> Option<String> {
    let date = text.rsplit(',').next()?.trim();
    let mut parts = date.splitn(3, '-');
    let (day, month, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let year: u8 = rest.get(..2)?.parse().ok()?;
    let century = if year < 70 { "20" } else { "19" };
    let is_short = rest.get(2..).is_some_and(|time| time.starts_with(' '));
    is_short.then(|| format!("{day} {month} {century}{rest}"))
}

/// The rules of a line. They stand between commas; the date of `unavailable_after` may hold
/// commas itself (RFC 822, RFC 850).
fn rules(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = end_of_rule(rest);
        let rule = rest[..end].trim();
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(rule)
    })
}

fn end_of_rule(rest: &str) -> usize {
    const MOST_COMMAS: usize = 2;
    let ends = || {
        rest.match_indices(',')
            .map(|(at, _)| at)
            .chain([rest.len()])
    };
    let first = ends().next().unwrap_or(rest.len());
    let date_at = |end: usize| {
        let lower = rest[..end].to_ascii_lowercase();
        let at = lower.find("unavailable_after")? + "unavailable_after".len();
        moment(rest[at..end].trim_start_matches([':', '=', ' ']))
    };
    if !rest[..first]
        .to_ascii_lowercase()
        .contains("unavailable_after")
    {
        return first;
    }
    let dates = ends().take(MOST_COMMAS + 1);
    dates
        .into_iter()
        .find(|end| date_at(*end).is_some())
        .unwrap_or(first)
}

/// Whether what stands before a colon names a robot; rules with a value have one too.
fn is_name(word: &str) -> bool {
    let is_rule = word.eq_ignore_ascii_case("unavailable_after")
        || word
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("max-"));
    !is_rule && !word.is_empty() && !word.contains(char::is_whitespace)
}

fn is_us(name: &str, agent: &str) -> bool {
    let name = name.trim();
    name == "*" || name.eq_ignore_ascii_case("robots") || name.eq_ignore_ascii_case(agent)
}

#[cfg(test)]
mod tests;
