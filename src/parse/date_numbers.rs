//! Days that are written in numbers only: day first, or in an address.

use super::date::{Moment, civil, in_words_time, number, of_day};
use jiff::civil::Date;

/// Day, month and year as numbers somewhere in a text. Between points the day comes first;
/// between slashes that is known only where a number is no month.
pub(super) fn in_numbers(text: &str) -> Option<Moment> {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[at..];
        if let Some((date, behind)) = numbers(rest) {
            return Some(in_words_time(date, behind));
        }
        rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "./:".contains(c));
    }
    None
}

fn numbers(text: &str) -> Option<(Date, &str)> {
    let (first, rest) = number(text, 1, 2)?;
    let separator = rest.chars().next().filter(|c| matches!(c, '.' | '/'))?;
    let rest = rest[1..].trim_start();
    let (second, rest) = number(rest, 1, 2)?;
    let rest = rest.strip_prefix(separator)?.trim_start();
    let (year, rest) = match number(rest, 4, 4) {
        Some(whole) => whole,
        None if separator == '.' => short_year(text, rest)?,
        None => return None,
    };
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let date = match (separator, first > 12, second > 12) {
        ('.', ..) | ('/', true, false) => civil(year, second, first)?,
        ('/', false, true) => civil(year, first, second)?,
        _ => return None,
    };
    Some((date, rest))
}

/// A year of two digits, behind a day and a month of two digits each: `25.04.24`.
fn short_year<'t>(text: &str, rest: &'t str) -> Option<(i32, &'t str)> {
    let whole = number(text, 2, 2).is_some()
        && text
            .get(3..)
            .is_some_and(|month| number(month, 2, 2).is_some());
    let (year, rest) = number(rest, 2, 2)?;
    let ends = !rest.starts_with(['.', '-', '/']) || rest.starts_with(". ");
    (whole && ends).then_some((2_000 + year, rest))
}

/// The day that stands in an address: `/2026/03/02/` or `20260302` between other marks.
pub(super) fn in_path(path: &str) -> Option<Moment> {
    let parts: Vec<&str> = path.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let digits = |part: &str, length: usize| {
        let fits = part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| part.parse::<i32>().ok()).flatten()
    };
    let plausible = |year: i32| (1_995..=2_100).contains(&year);
    let whole = parts.iter().find_map(|part| {
        let number = digits(part, 8).filter(|number| plausible(number / 10_000))?;
        civil(number / 10_000, number / 100 % 100, number % 100)
    });
    let parted = || {
        parts.windows(3).find_map(|three| {
            let year = digits(three[0], 4).filter(|year| plausible(*year))?;
            let short = |part| digits(part, 2).or_else(|| digits(part, 1));
            civil(year, short(three[1])?, short(three[2])?)
        })
    };
    whole.or_else(parted).map(of_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_addresses() {
        let rows = [
            ("/2026/03/02/ferry", Some("2026-03-02")),
            ("/news/20260302/ferry", Some("2026-03-02")),
            ("/2026/3/2", Some("2026-03-02")),
            ("/news-2026-03-02.html", Some("2026-03-02")),
            ("/2026/03/ferry", None),
            ("/article/99999999", None),
            ("/2026/13/02/", None),
        ];
        for (path, day) in rows {
            let found = in_path(path).map(|moment| moment.text);
            assert_eq!(found.as_deref(), day, "{path}");
        }
    }
}
