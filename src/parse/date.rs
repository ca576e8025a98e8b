//! Dates as publishers write them, in metadata and for readers: ISO 8601, RFC 2822, English
//! and Arabic month names, Chinese and Japanese year-month-day, digits of any script.
//! Nothing is guessed: what is ambiguous (`03/04/2026`) is no date.

use super::date_numbers::in_numbers;
use super::months::named_month;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use std::fmt::Write as _;

/// A moment as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// RFC 3339, or less where less is known: `2025-01-17T16:05:00+02:00`,
    /// `2025-01-17T16:05`, `2025-01-17`, `2025-01`.
    pub(super) text: String,
    /// `instant`, `minute`, `day` or `month`.
    pub(super) precision: &'static str,
    at: Option<Timestamp>,
}

impl Moment {
    /// The moment itself; without a known offset, as if it were UTC.
    pub(super) fn timestamp(&self) -> Option<Timestamp> {
        self.at
    }
}

/// A clock time with what is known of its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Clock {
    hour: i8,
    minute: i8,
    second: Option<i8>,
    zone: Option<Zone>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    Utc,
    Minutes(i32),
}

/// Longest text that is looked at, in bytes: a date line is short.
const LONGEST: usize = 160;

/// Reads a date that is the whole of a text, or stands in it among few words.
pub(super) fn parse(raw: &str) -> Option<Moment> {
    if raw.len() > LONGEST {
        return None;
    }
    let text = western(raw);
    let text = text.trim();
    iso(text)
        .or_else(|| epoch(text))
        .or_else(|| in_words(text))
        .or_else(|| in_numbers(text))
        .or_else(|| iso(year_first(text)?))
}

/// A text from its first year on, where a month follows: `Ledger 2026-03-02 08:00`.
fn year_first(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let is_start = |at: &usize| {
        let four = |window: &[u8]| window.iter().all(u8::is_ascii_digit);
        let starts = *at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let year = matches!(&bytes[*at..at + 2], b"19" | b"20") && four(&bytes[*at..at + 4]);
        starts && year && matches!(bytes[at + 4], b'-' | b'/' | b'.')
    };
    let last = bytes.len().checked_sub(8)?;
    let at = (1..=last).find(is_start)?;
    text.get(at..)
}

/// ASCII digits for those of other scripts, spaces for no-break spaces, no direction marks.
fn western(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '\u{660}'..='\u{669}' => text.push(digit(c as u32 - 0x660)),
            '\u{6f0}'..='\u{6f9}' => text.push(digit(c as u32 - 0x6f0)),
            '\u{966}'..='\u{96f}' => text.push(digit(c as u32 - 0x966)),
            '\u{ff10}'..='\u{ff19}' => text.push(digit(c as u32 - 0xff10)),
            '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{640}' => {}
            '年' | '月' | '년' | '월' => text.push('-'),
            '時' | '时' | '点' => text.push(':'),
            '日' | '일' | '分' => text.push(' '),
            c if c.is_whitespace() => text.push(' '),
            c => text.extend(c.to_lowercase()),
        }
    }
    text
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

fn epoch(text: &str) -> Option<Moment> {
    if !matches!(text.len(), 10 | 13) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    let seconds = if text.len() == 13 {
        number / 1_000
    } else {
        number
    };
    let at = Timestamp::from_second(seconds).ok()?;
    let text = at.to_string();
    Some(Moment {
        text,
        precision: "instant",
        at: Some(at),
    })
}

/// Year, month and day with one separator, and a time behind it (ISO 8601 and its kin).
fn iso(text: &str) -> Option<Moment> {
    let (year, rest) = number(text, 4, 4)?;
    let Some(separator) = rest.chars().next().filter(|c| "-/.".contains(*c)) else {
        return compact(year, rest);
    };
    let (month, rest) = number(rest[1..].trim_start(), 1, 2)?;
    let Some(rest) = rest.trim_start().strip_prefix(separator) else {
        return rest.is_empty().then(|| by_month(year, month)).flatten();
    };
    let rest = rest.trim_start();
    if rest.is_empty() {
        return by_month(year, month);
    }
    let (day, rest) = number(rest, 1, 2)?;
    with_time(civil(year, month, day)?, rest)
}

/// `20250117`, `20250117T160500Z`.
fn compact(year: i32, rest: &str) -> Option<Moment> {
    let (month, rest) = number(rest, 2, 2)?;
    let (day, rest) = number(rest, 2, 2)?;
    let date = civil(year, month, day)?;
    let Some(time) = rest.strip_prefix('t') else {
        return rest.trim().is_empty().then(|| of_day(date));
    };
    let (hour, time) = number(time, 2, 2)?;
    let (minute, time) = number(time, 2, 2)?;
    let (second, zone) = number(time, 2, 2).map_or((None, time), |(s, z)| (Some(s), z));
    let clock = clock(hour, minute, second, zone_of(zone))?;
    moment(date, clock)
}

fn with_time(date: Date, rest: &str) -> Option<Moment> {
    let rest = rest.trim_start_matches(['t', ',', ' ']);
    if rest.is_empty() {
        return Some(of_day(date));
    }
    match time_at(rest) {
        Some((clock, _)) => moment(date, clock),
        None if rest.starts_with(|c: char| c.is_ascii_digit()) => None,
        None => Some(in_words_time(date, rest)),
    }
}

/// `hh:mm[:ss[.f]] [am|pm] [zone]` at the start of a text, and what is left of it.
fn time_at(text: &str) -> Option<(Clock, &str)> {
    let (hour, rest) = number(text, 1, 2)?;
    let rest = rest.strip_prefix([':', '.', 'h'])?;
    let (minute, rest) = number(rest, 2, 2)?;
    let (second, rest) = match rest.strip_prefix(':').and_then(|rest| number(rest, 2, 2)) {
        Some((second, rest)) => (Some(second), after_fraction(rest)),
        None => (None, rest),
    };
    let rest = rest.trim_start();
    let (hour, rest) = half_day(hour, rest);
    let clock = clock(hour, minute, second, zone_of(rest))?;
    Some((clock, rest))
}

fn after_fraction(rest: &str) -> &str {
    match rest.strip_prefix(['.', ',']) {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    }
}

/// Puts an hour of twelve into its half of the day.
fn half_day(hour: i32, rest: &str) -> (i32, &str) {
    const BEFORE: [&str; 5] = ["a.m.", "am", "صباحا", "صباحاً", "ص"];
    const AFTER: [&str; 7] = ["p.m.", "pm", "مساء", "مساءً", "ظهرا", "ظهراً", "م"];
    let word = rest.split([' ', ',', '،', '|']).next().unwrap_or_default();
    let after = rest[word.len()..].trim_start();
    let hour = if BEFORE.contains(&word) {
        hour % 12
    } else if AFTER.contains(&word) && hour < 12 {
        hour + 12
    } else if AFTER.contains(&word) {
        hour
    } else {
        return (hour, rest);
    };
    (hour, after)
}

/// The zone at the start of a text.
fn zone_of(text: &str) -> Option<Zone> {
    let text = text.trim_start_matches([' ', '(']);
    if let Some(rest) = text.strip_prefix(['+', '-', '−']) {
        let west = !text.starts_with('+');
        let (hours, rest) = number(rest, 1, 2)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let minutes = number(rest, 2, 2).map_or(0, |(minutes, _)| minutes);
        let total = hours * 60 + minutes;
        return (total < 16 * 60).then_some(Zone::Minutes(if west { -total } else { total }));
    }
    let word = text.split(|c: char| !c.is_alphanumeric()).next()?;
    let hours = match word {
        "z" | "gmt" | "utc" | "ut" | "غرينتش" | "جرينتش" => {
            return zone_of_offset(&text[word.len()..]).or(Some(Zone::Utc));
        }
        "bst" | "cet" | "wat" => 1,
        "cest" | "eet" | "sast" | "cat" => 2,
        "eest" | "msk" | "eat" => 3,
        "edt" => -4,
        "est" | "cdt" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" => -8,
        "jst" | "kst" => 9,
        _ => return None,
    };
    Some(Zone::Minutes(hours * 60))
}

/// `+2` behind `GMT`.
fn zone_of_offset(text: &str) -> Option<Zone> {
    text.starts_with(['+', '-'])
        .then(|| zone_of(text))
        .flatten()
}

/// A day in words: its month has a name, its year four digits.
fn in_words(text: &str) -> Option<Moment> {
    if !has_year(text) {
        return None;
    }
    let (month, at, length) = named_month(text)?;
    let (before, after) = (&text[..at], &text[at + length..]);
    let after = without_second_name(after);
    let (day, year, rest) = day_and_year(before, after)?;
    Some(in_words_time(civil(year, month, day)?, rest))
}

/// Whether four digits in a row stand in a text.
fn has_year(text: &str) -> bool {
    let mut windows = text.as_bytes().windows(4);
    windows.any(|four| four.iter().all(u8::is_ascii_digit))
}

/// The day stands before the month's name or behind it, the year behind both.
fn day_and_year<'a>(before: &str, after: &'a str) -> Option<(i32, i32, &'a str)> {
    let after = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    let before = before.trim_end_matches(|c: char| !c.is_ascii_digit() && !c.is_alphabetic());
    let before = before.trim_end_matches("of").trim_end();
    let before = ["st", "nd", "rd", "th", "er", "de"]
        .iter()
        .find_map(|ending| before.strip_suffix(ending))
        .unwrap_or(before)
        .trim_end_matches(['.', ' ']);
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let day_before = &before[before.len() - digits..];
    if matches!(digits, 1 | 2)
        && let Some((year, rest)) = number(after.trim_start_matches("de "), 4, 4)
    {
        return Some((day_before.parse().ok()?, year, rest));
    }
    let (day, rest) = number(after, 1, 2)?;
    let rest = rest.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '\n');
    let (year, rest) = number(rest, 4, 4)?;
    Some((day, year, rest))
}

/// A second name of the month behind a slash: `يناير/كانون الثاني`.
fn without_second_name(after: &str) -> &str {
    let Some(second) = after.trim_start().strip_prefix(['/', '(']) else {
        return after;
    };
    match named_month(second) {
        Some((_, at, length)) if second[..at].trim().is_empty() => {
            second[at + length..].trim_start_matches([')', ' '])
        }
        _ => after,
    }
}

/// A day with the time that stands somewhere behind it.
pub(super) fn in_words_time(date: Date, rest: &str) -> Moment {
    let mut tail = rest;
    while let Some(at) = tail.find(|c: char| c.is_ascii_digit()) {
        tail = &tail[at..];
        if let Some((clock, _)) = time_at(tail) {
            return moment(date, clock).unwrap_or_else(|| of_day(date));
        }
        tail = tail.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    of_day(date)
}

/// A number of so many digits at the start of a text, and what follows it.
pub(super) fn number(text: &str, least: usize, most: usize) -> Option<(i32, &str)> {
    let digits = text
        .bytes()
        .take_while(u8::is_ascii_digit)
        .take(most)
        .count();
    if digits < least {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

pub(super) fn civil(year: i32, month: i32, day: i32) -> Option<Date> {
    if !(1_900..=2_100).contains(&year) {
        return None;
    }
    let year = i16::try_from(year).ok()?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn clock(hour: i32, minute: i32, second: Option<i32>, zone: Option<Zone>) -> Option<Clock> {
    let small = |value: i32, end: i32| i8::try_from(value).ok().filter(|_| value < end);
    Some(Clock {
        hour: small(hour, 24)?,
        minute: small(minute, 60)?,
        second: match second {
            Some(second) => Some(small(second.min(59), 60)?),
            None => None,
        },
        zone,
    })
}

fn by_month(year: i32, month: i32) -> Option<Moment> {
    let first = civil(year, month, 1)?;
    let text = format!("{:04}-{:02}", first.year(), first.month());
    let at = at_utc(first, Time::midnight(), 0);
    Some(Moment {
        text,
        precision: "month",
        at,
    })
}

pub(super) fn of_day(date: Date) -> Moment {
    let at = at_utc(date, Time::midnight(), 0);
    Moment {
        text: date.to_string(),
        precision: "day",
        at,
    }
}

fn moment(date: Date, clock: Clock) -> Option<Moment> {
    let time = Time::new(clock.hour, clock.minute, clock.second.unwrap_or(0), 0).ok()?;
    let mut text = format!("{date}T{:02}:{:02}", clock.hour, clock.minute);
    if let Some(second) = clock.second {
        let _ = write!(text, ":{second:02}");
    }
    let minutes = match clock.zone {
        None => 0,
        Some(Zone::Utc) => {
            text.push('Z');
            0
        }
        Some(Zone::Minutes(minutes)) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
            let _ = write!(text, "{sign}{hours:02}:{rest:02}");
            minutes
        }
    };
    let exact = clock.zone.is_some() && clock.second.is_some();
    let precision = if exact { "instant" } else { "minute" };
    Some(Moment {
        text,
        precision,
        at: at_utc(date, time, minutes),
    })
}

fn at_utc(date: Date, time: Time, minutes_east: i32) -> Option<Timestamp> {
    let offset = Offset::from_seconds(minutes_east * 60).ok()?;
    offset.to_timestamp(date.to_datetime(time)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let rows = [
            (
                "2025-01-17T16:05:00+02:00",
                "2025-01-17T16:05:00+02:00",
                "instant",
            ),
            (
                "2025-01-17T16:05:00.123Z",
                "2025-01-17T16:05:00Z",
                "instant",
            ),
            (
                "2025-01-17T16:05:00+0200",
                "2025-01-17T16:05:00+02:00",
                "instant",
            ),
            ("2025-01-17 16:05:00", "2025-01-17T16:05:00", "minute"),
            ("2025-01-17T16:05-05", "2025-01-17T16:05-05:00", "minute"),
            ("20250117T160500Z", "2025-01-17T16:05:00Z", "instant"),
            ("20250117", "2025-01-17", "day"),
            ("2025-01-17", "2025-01-17", "day"),
            ("2025/1/7", "2025-01-07", "day"),
            ("2025-01", "2025-01", "month"),
            ("1737122700", "2025-01-17T14:05:00Z", "instant"),
            ("1737122700000", "2025-01-17T14:05:00Z", "instant"),
            (
                "Fri, 17 Jan 2025 16:05:00 GMT",
                "2025-01-17T16:05:00Z",
                "instant",
            ),
            (
                "Fri, 17 Jan 2025 16:05:00 +0300",
                "2025-01-17T16:05:00+03:00",
                "instant",
            ),
            ("January 17, 2025", "2025-01-17", "day"),
            ("Jan. 17, 2025 4:05 pm ET", "2025-01-17T16:05", "minute"),
            (
                "Published 17th January 2025 at 12:05 a.m.",
                "2025-01-17T00:05",
                "minute",
            ),
            ("2 March 2026, 21:40", "2026-03-02T21:40", "minute"),
            ("الجمعة، 17 يناير 2025", "2025-01-17", "day"),
            ("١٧ كانون الثاني ٢٠٢٥", "2025-01-17", "day"),
            (
                "17 يناير/كانون الثاني 2025 - 4:05 مساءً",
                "2025-01-17T16:05",
                "minute",
            ),
            ("تشرين الأول 3, 2024", "2024-10-03", "day"),
            ("الأربعاء ٢٨ أيار ٢٠٢٥ ٠٩:٣٠", "2025-05-28T09:30", "minute"),
            ("2025年1月17日 16:05", "2025-01-17T16:05", "minute"),
            ("27.01.2022", "2022-01-27", "day"),
            (
                "渡辺洋介2025年1月13日 21時37分",
                "2025-01-13T21:37",
                "minute",
            ),
            (
                "Source: Ledger 2023-11-17 15:13",
                "2023-11-17T15:13",
                "minute",
            ),
            ("Do 25.04.24 | 14:07 Uhr", "2024-04-25T14:07", "minute"),
            ("Erschienen am: 1.11.2023", "2023-11-01", "day"),
            ("2.9.2020 klo 12.45", "2020-09-02T12:45", "minute"),
            ("10.12.2022, 07:00:03", "2022-12-10T07:00:03", "minute"),
            ("Desk • 17/02/2022", "2022-02-17", "day"),
            ("02/17/2022", "2022-02-17", "day"),
            ("27. Januar 2022", "2022-01-27", "day"),
            (
                "Veröffentlicht am 13. Mai 2026 um 15:44",
                "2026-05-13T15:44",
                "minute",
            ),
            ("le 1er août 2020 à 7h05", "2020-08-01T07:05", "minute"),
            ("mar. 3 mayo 2020", "2020-05-03", "day"),
            ("3 de março de 2020", "2020-03-03", "day"),
            ("9 мая 2024, 18:00", "2024-05-09T18:00", "minute"),
            ("Mar 3, 2020", "2020-03-03", "day"),
            ("۱۷ ژانویه ۲۰۲۵ - ۱۶:۰۵", "2025-01-17T16:05", "minute"),
            ("جمعہ 17 جنوری 2025", "2025-01-17", "day"),
            ("17 בינואר 2025, 16:05", "2025-01-17T16:05", "minute"),
            ("१७ जनवरी २०२५", "2025-01-17", "day"),
        ];
        for (raw, text, precision) in rows {
            let moment = parse(raw).unwrap_or_else(|| panic!("{raw}"));
            assert_eq!(
                (moment.text.as_str(), moment.precision),
                (text, precision),
                "{raw}"
            );
        }
    }

    #[test]
    fn no_dates() {
        let rows = [
            "",
            "2025",
            "31 February 2025",
            "2025-13-01",
            "03/04/2026",
            "version 1.2.3000001",
            "31.02.2022",
            "1.2.34",
            "10.11.12.13",
            "May we ask",
            "17 March",
            "99999999999999999999",
            "the marching band of 2025",
            "1737122700x",
            "٢",
        ];
        for raw in rows {
            assert_eq!(parse(raw), None, "{raw}");
        }
    }
}
