//! What a page asks of robots: `meta name=robots` and the `X-Robots-Tag` header, in the form
//! that the large search engines document.

use super::Directives;
use super::date;
use http::HeaderMap;
use jiff::Timestamp;

/// Rules that take a value after a colon, as the name of a robot would stand before one.
const WITH_VALUE: [&str; 4] = [
    "unavailable_after",
    "max-snippet",
    "max-image-preview",
    "max-video-preview",
];

impl Directives {
    /// Adds what the `X-Robots-Tag` headers ask. A header may name a robot before its rules;
    /// the rules up to the next name are for that robot alone.
    pub(super) fn add_headers(&mut self, headers: &HeaderMap, now: Timestamp) {
        for value in headers.get_all("x-robots-tag") {
            let value = String::from_utf8_lossy(value.as_bytes());
            let mut ours = true;
            let mut rest = value.as_ref();
            while !rest.is_empty() {
                let end = end_of_rule(rest);
                let mut rule = rest[..end].trim();
                rest = rest.get(end + 1..).unwrap_or_default();
                if let Some((name, after)) = rule.split_once(':')
                    && !WITH_VALUE
                        .iter()
                        .any(|rule| name.trim().eq_ignore_ascii_case(rule))
                {
                    ours = is_us(name);
                    rule = after.trim();
                }
                if ours {
                    self.add_rule(rule, now);
                }
            }
        }
    }

    /// Adds what the meta elements for robots ask.
    pub(super) fn add_metas(&mut self, metas: &[(&str, &str)], now: Timestamp) {
        for (_, content) in metas.iter().filter(|(name, _)| is_us(name)) {
            let mut rest = *content;
            while !rest.is_empty() {
                let end = end_of_rule(rest);
                self.add_rule(rest[..end].trim(), now);
                rest = rest.get(end + 1..).unwrap_or_default();
            }
        }
    }

    fn add_rule(&mut self, rule: &str, now: Timestamp) {
        match rule.to_ascii_lowercase().as_str() {
            "noindex" => self.noindex = true,
            "nofollow" => self.nofollow = true,
            "noarchive" | "nocache" => self.noarchive = true,
            "none" => {
                self.noindex = true;
                self.nofollow = true;
            }
            other => {
                if let Some(until) = other.strip_prefix("unavailable_after") {
                    let until = until.trim_start_matches([':', ' ']);
                    let until = date::parse(until).and_then(|moment| moment.timestamp());
                    self.noindex |= until.is_some_and(|until| until < now);
                }
            }
        }
    }
}

/// Rules stand between commas; a date after `unavailable_after` may hold commas itself.
fn end_of_rule(rest: &str) -> usize {
    let first = rest.find(',').unwrap_or(rest.len());
    let is_date = rest.to_ascii_lowercase();
    if !is_date[..first].contains("unavailable_after") {
        return first;
    }
    // The comma after the name of a weekday belongs to the date (RFC 822).
    let day = rest[..first].trim_end();
    let weekday = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "day"];
    let is_weekday = weekday
        .iter()
        .any(|name| day.to_ascii_lowercase().ends_with(name));
    if !is_weekday {
        return first;
    }
    let second = rest.get(first + 1..).and_then(|after| after.find(','));
    second.map_or(rest.len(), |at| first + 1 + at)
}

fn is_us(name: &str) -> bool {
    let name = name.trim();
    name.eq_ignore_ascii_case("robots") || name.eq_ignore_ascii_case("gleaner")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-10T00:00:00Z".parse().unwrap()
    }

    fn letters(directives: Directives) -> String {
        let Directives {
            noindex,
            nofollow,
            noarchive,
        } = directives;
        [(noindex, 'i'), (nofollow, 'f'), (noarchive, 'a')]
            .iter()
            .filter_map(|(on, letter)| on.then_some(*letter))
            .collect()
    }

    #[test]
    fn headers() {
        let rows: &[(&[&str], &str)] = &[
            (&["noindex"], "i"),
            (&["NOINDEX, nofollow"], "if"),
            (&["none"], "if"),
            (&["noarchive", "nofollow"], "fa"),
            (&["gleaner: noindex"], "i"),
            (&["otherbot: noindex, nofollow"], ""),
            (&["otherbot: noindex, gleaner: nofollow"], "f"),
            (&["robots: noarchive"], "a"),
            (&["unavailable_after: 25 Jun 2010 15:00:00 GMT"], "i"),
            (
                &["unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow"],
                "if",
            ),
            (&["unavailable_after: 2030-01-01"], ""),
            (&["max-snippet:-1, max-image-preview:large"], ""),
            (&["", ",,"], ""),
        ];
        for (lines, expected) in rows {
            let mut headers = HeaderMap::new();
            for line in *lines {
                headers.append("x-robots-tag", line.parse().unwrap());
            }
            let mut directives = Directives::default();
            directives.add_headers(&headers, now());
            assert_eq!(letters(directives), *expected, "{lines:?}");
        }
    }

    #[test]
    fn meta_elements() {
        let rows: &[(&[(&str, &str)], &str)] = &[
            (&[("robots", "noindex,nofollow")], "if"),
            (&[("ROBOTS", "NoArchive")], "a"),
            (&[("gleaner", "none")], "if"),
            (&[("googlebot", "noindex")], ""),
            (&[("robots", "index, follow"), ("gleaner", "noindex")], "i"),
        ];
        for (metas, expected) in rows {
            let mut directives = Directives::default();
            directives.add_metas(metas, now());
            assert_eq!(letters(directives), *expected, "{metas:?}");
        }
    }
}
