//! Values of the lines that no RFC defines but sites use: Crawl-delay, Request-rate, Visit-time, Sitemap.

use crate::clock::Millis;
use url::Url;

/// A number of seconds beyond this (30 years) is no wish but a mistake.
const ABSURD: f64 = 1e9;
const DAY_MINUTES: u64 = 24 * 60;
const MINUTE: u64 = 60_000;

/// `Request-rate: 1/10s 1820-1940`: requests per seconds, and when that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRate {
    /// Requests …
    pub requests: u32,
    /// … in this many seconds.
    pub seconds: u32,
    /// The time of day that the line names, if it does; gleaner keeps to the rate all day.
    pub window: Option<Window>,
}

/// A time of day in UTC, in minutes since midnight; it may span midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it opens.
    pub from: u16,
    /// When it closes.
    pub to: u16,
}

impl RequestRate {
    /// The gap that keeps to the rate, in milliseconds.
    #[must_use]
    pub fn gap(&self) -> u64 {
        (u64::from(self.seconds) * 1000).div_ceil(u64::from(self.requests))
    }
}

impl Window {
    /// When the window is next open, at or after `now`.
    #[must_use]
    pub fn opens(&self, now: Millis) -> Millis {
        let minute = now / MINUTE % DAY_MINUTES;
        let (from, to) = (u64::from(self.from), u64::from(self.to));
        let open = if from <= to {
            (from..to).contains(&minute)
        } else {
            minute >= from || minute < to
        };
        if open || from == to {
            return now;
        }
        let wait = (from + DAY_MINUTES - minute) % DAY_MINUTES;
        (now / MINUTE + wait) * MINUTE
    }
}

/// A Crawl-delay in milliseconds; rounded up, since a delay is a least one.
pub(super) fn crawl_delay(value: &str) -> Option<u64> {
    let seconds: f64 = value.parse().ok()?;
    let sound = (0.0..=ABSURD).contains(&seconds) && value.starts_with(|c: char| c != '-');
    // A tenth of a microsecond forgives what binary fractions add.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 ..= 1e12"
    )]
    sound.then_some((seconds * 1000.0 - 1e-4).ceil() as u64)
}

/// A Request-rate; the time of day is optional.
pub(super) fn request_rate(value: &str) -> Option<RequestRate> {
    let mut words = value.split_ascii_whitespace();
    let (requests, period) = words.next()?.split_once('/')?;
    let unit = period.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u32 = number(&period[..period.len() - unit.len()])?;
    let seconds = number.checked_mul(match unit {
        "" | "s" | "S" => 1,
        "m" | "M" => 60,
        "h" | "H" => 3600,
        "d" | "D" => 86_400,
        _ => return None,
    })?;
    let requests = self::number(requests).filter(|requests| *requests > 0)?;
    let window = words.next().and_then(window);
    Some(RequestRate {
        requests,
        seconds,
        window,
    })
}

/// A Visit-time: two times of day, as `0200-0630` or `0200 0630`.
pub(super) fn window(value: &str) -> Option<Window> {
    let (from, to) = value.split_once(['-', ' ', '\t'])?;
    let (from, to) = (time_of_day(from)?, time_of_day(to)?);
    Some(Window { from, to })
}

/// The sitemaps that Sitemap lines name, absolute, each once: what is no http URL is left out.
pub(super) fn sitemaps(base: &Url, values: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for value in values {
        if let Some(url) = sitemap(base, value)
            && !found.contains(&url)
        {
            found.push(url);
        }
    }
    found
}

fn sitemap(base: &Url, value: &str) -> Option<String> {
    if value.is_empty() || value.contains(|c: char| c.is_ascii_whitespace()) {
        return None;
    }
    let url = base.join(value).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

fn time_of_day(text: &str) -> Option<u16> {
    let digits: String = text.trim().split(':').collect();
    let number = number(&digits).filter(|_| digits.len() == 4)?;
    let (hours, minutes) = (number / 100, number % 100);
    let minutes = (hours <= 24 && minutes < 60).then_some(hours * 60 + minutes)?;
    u16::try_from(minutes)
        .ok()
        .filter(|minutes| *minutes <= 1440)
}

fn number(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays() {
        for (value, millis) in [
            ("5", Some(5_000)),
            ("0.5", Some(500)),
            (".5", Some(500)),
            ("1.", Some(1_000)),
            ("3.16", Some(3_160)),
            ("+5", Some(5_000)),
            ("0", Some(0)),
            ("0.0001", Some(1)),
            ("86400", Some(86_400_000)),
            ("-1", None),
            ("-0", None),
            ("", None),
            ("10s", None),
            ("5,5", None),
            ("inf", None),
            ("nan", None),
            ("1e400", None),
            ("0x10", None),
            ("10 20", None),
            ("99999999999999", None),
        ] {
            assert_eq!(crawl_delay(value), millis, "{value}");
        }
    }

    #[test]
    fn rates() {
        for (value, gap) in [
            ("1/5", Some(5_000)),
            ("100/15m", Some(9_000)),
            ("3/1", Some(334)),
            ("9000/1d", Some(9_600)),
            ("1/10s 1820-1940", Some(10_000)),
            ("0/10", None),
            ("-1/10", None),
            ("x/y", None),
            ("5", None),
            ("1/5w", None),
            ("1/99999999d", None),
        ] {
            assert_eq!(request_rate(value).map(|rate| rate.gap()), gap, "{value}");
        }
    }

    #[test]
    fn windows_open_in_utc() {
        let at = |hour: u64, minute: u64| 86_400_000 * 20_000 + (hour * 60 + minute) * MINUTE;
        for (value, now, opens) in [
            ("0200-0630", at(1, 0), at(2, 0)),
            ("0200 0630", at(3, 0), at(3, 0)),
            ("0200-0630", at(6, 30), at(26, 0)),
            ("2200-0400", at(23, 0), at(23, 0)),
            ("2200-0400", at(3, 59), at(3, 59)),
            ("2200-0400", at(5, 0), at(22, 0)),
            ("00:00-24:00", at(23, 59), at(23, 59)),
        ] {
            assert_eq!(window(value).unwrap().opens(now), opens, "{value}");
        }
        for value in ["", "2", "0200", "0260-0300", "2500-2600", "abcd-0200"] {
            assert_eq!(window(value), None, "{value}");
        }
    }

    #[test]
    fn sitemap_lines() {
        let base = Url::parse("https://n.example/robots.txt").unwrap();
        for (value, url) in [
            ("/s.xml", Some("https://n.example/s.xml")),
            ("s.xml", Some("https://n.example/s.xml")),
            ("//cdn.example/s", Some("https://cdn.example/s")),
            (
                "https://other.example/s?a=1&b",
                Some("https://other.example/s?a=1&b"),
            ),
            ("", None),
            ("not a url", None),
            ("ftp://n.example/s", None),
            ("javascript:x", None),
        ] {
            assert_eq!(sitemap(&base, value).as_deref(), url, "{value}");
        }
        let twice = ["/a".to_owned(), "https://n.example/a".to_owned()];
        assert_eq!(sitemaps(&base, &twice), ["https://n.example/a"]);
    }
}
