//! Signs of overload: Retry-After, and pauses that grow while a site keeps refusing.

use crate::clock::Millis;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The longest pause of our own making.
pub(super) const LONGEST_REFUSED: Millis = 3_600_000;
/// The longest pause after connections that brought no answer.
pub(super) const LONGEST_FAILED: Millis = 600_000;
/// A site that asks for a longer silence is left alone for this run.
pub(super) const LONGEST_ASKED: Millis = 86_400_000;
/// The shortest pause, for sites whose gap is zero.
const SHORTEST: Millis = 1_000;

/// How long a Retry-After asks us to wait, in milliseconds (RFC 9110 10.2.3): seconds or a date
/// in any of the three forms (RFC 9110 5.6.7). Garbage is `None`.
pub(super) fn retry_after(text: &str, now: Millis) -> Option<Millis> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: u64 = text.parse().unwrap_or(u64::MAX);
        return Some(seconds.saturating_mul(1000));
    }
    Some(http_date(text, now)?.saturating_sub(now))
}

/// The next pause after one of `last` milliseconds (0: none), where `gap` is the usual one: at
/// least twice the last, and up to a quarter more, so that crawlers don't return in step.
/// `seed` makes the quarter differ from site to site and time to time.
pub(super) fn doubled(last: Millis, gap: Millis, seed: u64, longest: Millis) -> Millis {
    let twice = last.max(gap).max(SHORTEST / 2).saturating_mul(2);
    let quarter = twice / 4 + 1;
    twice.saturating_add(seed % quarter).min(longest.max(gap))
}

/// An IMF-fixdate, RFC 850 date or asctime date, in milliseconds since 1970.
fn http_date(text: &str, now: Millis) -> Option<Millis> {
    let mut words = text.split([' ', ',', '-']).filter(|word| !word.is_empty());
    words
        .next()
        .filter(|day| day.len() >= 3 && day.is_ascii())?;
    let (mut figures, mut month, mut time) = (Vec::new(), None, None);
    for word in words {
        if word.contains(':') {
            time = time.or(Some(clock_time(word)?));
        } else if let Ok(number) = word.parse::<i16>() {
            figures.push((number, word.len()));
        } else if word != "GMT" && word != "UTC" {
            month = month.or(Some(month_of(word)?));
        }
    }
    let [(day, _), (year, digits)] = figures[..] else {
        return None;
    };
    let year = if digits == 2 {
        full_year(year, now)?
    } else {
        year
    };
    let (hour, minute, second) = time?;
    let at = DateTime::new(
        year,
        month?,
        i8::try_from(day).ok()?,
        hour,
        minute,
        second,
        0,
    )
    .ok()?;
    let moment = TimeZone::UTC.to_timestamp(at).ok()?.as_millisecond();
    Some(u64::try_from(moment).unwrap_or(0))
}

fn clock_time(word: &str) -> Option<(i8, i8, i8)> {
    let mut parts = word.split(':').map(|part| part.parse::<i8>().ok());
    let time = (parts.next()??, parts.next()??, parts.next()??.min(59));
    parts.next().is_none().then_some(time)
}

fn month_of(word: &str) -> Option<i8> {
    let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let word = word.to_ascii_lowercase();
    let index = months.iter().position(|month| *month == word)?;
    i8::try_from(index + 1).ok()
}

/// A two-digit year is in the past when it would be more than 50 years ahead (RFC 9110 5.6.7).
fn full_year(year: i16, now: Millis) -> Option<i16> {
    let now = jiff::Timestamp::from_millisecond(i64::try_from(now).ok()?).ok()?;
    let this = TimeZone::UTC.to_datetime(now).year();
    let guess = this / 100 * 100 + year;
    Some(if guess > this + 50 {
        guess - 100
    } else {
        guess
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1994-11-06T08:49:37Z, the moment of RFC 9110's examples.
    const EXAMPLE: Millis = 784_111_777_000;

    #[test]
    fn retry_after_in_all_its_forms() {
        let now = EXAMPLE - 60_000;
        for (text, wait) in [
            ("3", Some(3_000)),
            (" 120 ", Some(120_000)),
            ("0", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(60_000)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(60_000)),
            ("Sun Nov  6 08:49:37 1994", Some(60_000)),
            ("Sun, 06 Nov 1994 08:47:37 GMT", Some(0)),
            ("", None),
            ("soon", None),
            ("-5", None),
            ("1.5", None),
            ("Sun, 06 Nov 1994", None),
            ("Sun, 31 Feb 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 8:49 GMT", None),
            ("Sun, 06 Foo 1994 08:49:37 GMT", None),
        ] {
            assert_eq!(retry_after(text, now), wait, "{text}");
        }
    }

    #[test]
    fn two_digit_years_stand_near_now() {
        let now = 1_750_000_000_000; // 2025
        assert_eq!(full_year(99, now), Some(1999));
        assert_eq!(full_year(30, now), Some(2030));
        assert_eq!(full_year(75, now), Some(2075));
    }

    #[test]
    fn pauses_double_with_jitter_up_to_the_longest() {
        let mut last = 0;
        for seed in 0..30 {
            let next = doubled(last, 2_000, seed * 7919, LONGEST_REFUSED);
            assert!(next >= (last * 2).min(LONGEST_REFUSED) && next >= 4_000.min(LONGEST_REFUSED));
            assert!(next <= (last.max(2_000) * 5 / 2 + 1).min(LONGEST_REFUSED));
            last = next;
        }
        assert_eq!(last, LONGEST_REFUSED);
        assert!((1_000..=1_250).contains(&doubled(0, 0, 42, LONGEST_REFUSED)));
    }
}
