//! Retry-After as a moment (RFC 9110 10.2.3), read apart from `politeness`.

use crate::clock::Millis;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

/// Until when an answer that ended at `ended` asks us to stay away: seconds, or a date in one of
/// its three forms (RFC 9110 5.6.7). `None` when it says nothing that can be read, or a past time.
pub(super) fn until(text: &str, ended: Millis) -> Option<Millis> {
    let text = text.trim();
    let until = match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true if text.is_empty() => return None,
        true => {
            let seconds: u64 = text.parse().unwrap_or(u64::MAX);
            ended.saturating_add(seconds.saturating_mul(1_000))
        }
        false => date(text)?,
    };
    (until > ended).then_some(until)
}

fn date(text: &str) -> Option<Millis> {
    let stamp = match rfc2822::parse(text) {
        Ok(stamp) => stamp.timestamp(),
        Err(_) => old_date(text)?,
    };
    u64::try_from(stamp.as_millisecond()).ok()
}

/// RFC 850's form, and asctime's.
fn old_date(text: &str) -> Option<jiff::Timestamp> {
    let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let at = forms
        .iter()
        .find_map(|form| DateTime::strptime(form, text).ok())?;
    TimeZone::UTC.to_timestamp(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_moments_and_garbage_is_none() {
        let date = 784_111_777_000;
        let ended = date - 60_000;
        for (text, until_then) in [
            ("3", Some(ended + 3_000)),
            (" 120 ", Some(ended + 120_000)),
            ("0", None),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(date)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(date)),
            ("Sun Nov  6 08:49:37 1994", Some(date)),
            ("Sun, 06 Nov 1994 08:40:37 GMT", None),
            ("", None),
            ("soon", None),
            ("-5", None),
            ("1.5", None),
        ] {
            assert_eq!(until(text, ended), until_then, "{text}");
        }
    }
}
