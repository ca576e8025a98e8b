//! Durations and sizes as people write them: `2s`, `500ms`, `1h30m`; `10MiB`, `1GB`.

use std::time::Duration;

/// Nanoseconds in a unit of time, the longest first.
const TIMES: [(&str, u128); 5] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// Bytes in a unit of size, the largest first; `Ki` and the like are powers of 1024.
const SIZES: [(&str, u128); 9] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("KB", 1_000),
    ("B", 1),
];

/// A thousand years: longer than any wait that is meant, short enough to add to any time.
const LONGEST: u128 = 1_000 * 365 * 86_400_000_000_000;

/// Why a text is not a duration or a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A number alone.
    NoUnit,
    /// Anything else.
    Other,
}

/// Reads a duration: numbers with units, added up (`1h30m`); `0` needs none.
pub(super) fn duration(text: &str) -> Result<Duration, Unreadable> {
    let nanos = sum(text, &TIMES)?;
    if nanos > LONGEST {
        return Err(Unreadable::Other);
    }
    let whole = u64::try_from(nanos / 1_000_000_000).map_err(|_| Unreadable::Other)?;
    let rest = u32::try_from(nanos % 1_000_000_000).map_err(|_| Unreadable::Other)?;
    Ok(Duration::new(whole, rest))
}

/// Reads a size in bytes.
pub(super) fn size(text: &str) -> Result<u64, Unreadable> {
    u64::try_from(sum(text, &SIZES)?).map_err(|_| Unreadable::Other)
}

/// Writes a duration in the form that the file has, to the millisecond.
#[must_use]
pub fn show_duration(time: Duration) -> String {
    let (mut shown, mut left) = (String::new(), time.as_millis() * 1_000_000);
    for (unit, nanos) in TIMES {
        if left >= nanos {
            shown = format!("{shown}{}{unit}", left / nanos);
            left %= nanos;
        }
    }
    if shown.is_empty() {
        shown.push_str("0s");
    }
    shown
}

/// Writes a size in the form that the file has: in the largest unit that leaves no fraction.
#[must_use]
pub fn show_size(bytes: u64) -> String {
    let bytes = u128::from(bytes);
    let fits = |&(_, unit): &(&str, u128)| bytes >= unit && bytes % unit == 0;
    let (name, unit) = SIZES.into_iter().find(fits).unwrap_or(("B", 1));
    format!("{}{name}", bytes / unit)
}

fn sum(text: &str, units: &[(&str, u128)]) -> Result<u128, Unreadable> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(Unreadable::Other);
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let number_ends = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, after) = rest.split_at(number_ends.unwrap_or(rest.len()));
        let unit_ends = after.find(|c: char| c.is_ascii_digit());
        let (unit, after) = after.split_at(unit_ends.unwrap_or(after.len()));
        let part = part(number, unit.trim(), units)?;
        total = total.checked_add(part).ok_or(Unreadable::Other)?;
        rest = after;
    }
    Ok(total)
}

fn part(number: &str, unit: &str, units: &[(&str, u128)]) -> Result<u128, Unreadable> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u128 = whole.parse().map_err(|_| Unreadable::Other)?;
    if fraction.len() > 9 || number.ends_with('.') {
        return Err(Unreadable::Other);
    }
    if unit.is_empty() {
        let zero = whole == 0 && fraction.is_empty();
        return if zero { Ok(0) } else { Err(Unreadable::NoUnit) };
    }
    let known = units
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit));
    let &(_, scale) = known.ok_or(Unreadable::Other)?;
    let parts: u128 = format!("0{fraction}")
        .parse()
        .map_err(|_| Unreadable::Other)?;
    let tens = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let whole = whole.checked_mul(scale).ok_or(Unreadable::Other)?;
    Ok(whole.saturating_add(parts * scale / tens))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, millis) in [
            ("2s", 2_000),
            ("500ms", 500),
            ("10m", 600_000),
            ("24h", 86_400_000),
            ("0s", 0),
            ("0", 0),
            ("1.5s", 1_500),
            ("1h30m", 5_400_000),
            (" 2 s ", 2_000),
            ("7d", 604_800_000),
            ("0.25MS", 0),
        ] {
            let read = duration(text).map(|time| time.as_millis());
            assert_eq!(read, Ok(millis), "{text}");
        }
        assert_eq!(duration("2"), Err(Unreadable::NoUnit));
        assert_eq!(duration("1s5"), Err(Unreadable::NoUnit));
        for text in [
            "",
            "s",
            "2 parsecs",
            "-2s",
            "1.s",
            ".5s",
            "1..2s",
            "99999999999999999999d",
            "1001000d",
            "٢s",
            "1.0000000001s",
            "340282366920938463463374607431768211455s1s",
        ] {
            assert_eq!(duration(text), Err(Unreadable::Other), "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("10MiB", 10 << 20),
            ("512KiB", 512 << 10),
            ("1GB", 1_000_000_000),
            ("1.5KiB", 1_536),
            ("7b", 7),
            ("0", 0),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        assert_eq!(size("10"), Err(Unreadable::NoUnit));
        assert_eq!(size("10M"), Err(Unreadable::Other));
        assert_eq!(size("99999999TiB"), Err(Unreadable::Other));
    }

    #[test]
    fn what_is_shown_reads_back() {
        for millis in [0, 1, 500, 2_000, 5_400_000, 90_061_001] {
            let time = Duration::from_millis(millis);
            assert_eq!(duration(&show_duration(time)), Ok(time));
        }
        for bytes in [0, 1, 1_000, 1_024, 1_500, 10 << 20, u64::MAX] {
            assert_eq!(size(&show_size(bytes)), Ok(bytes));
        }
        assert_eq!(show_size(10 << 20), "10MiB");
        assert_eq!(show_duration(Duration::from_mins(90)), "1h30m");
    }
}
