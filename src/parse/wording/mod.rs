//! Lines that are furniture by their wording, in the languages that we have met: invitations
//! to other stories, sharing, consent to tracking.

mod phrases;

use super::spread::is_wide;
use memchr::memmem::Finder;
use phrases::{
    BYLINES, CONSENT, CONSENT_KEYS, CREDITED_WORDS, CREDITS, INVITATIONS, NEXT, PLACEHOLDERS,
    POSTED, PREVIOUS, PROMOTIONS, RELATED, RIGHTS, WHOLE_LINES,
};
use std::sync::LazyLock;

/// Longest line that is judged by how it begins, in characters.
const SHORT: usize = 160;
/// Longest line that says whose a picture is, in bytes.
const LONGEST_CREDIT: usize = 80;
/// Longest tag in a line of its own, in bytes.
const LONGEST_TAG: usize = 40;
/// Longest label before a link, in words and in bytes.
const LABEL: (usize, usize) = (5, 60);

/// Whether a block of text is furniture, wherever it stands.
pub(super) fn is_furniture(text: &str) -> bool {
    // How it begins is enough, for most of the text of a page.
    let end = text.char_indices().nth(SHORT);
    let lower = text[..end.map_or(text.len(), |(at, _)| at)].to_lowercase();
    if text.starts_with('#') && text.len() <= LONGEST_TAG {
        return true;
    }
    let lower = lower.trim_start_matches(is_ornament);
    let short = end.is_none()
        && (begins(lower, INVITATIONS)
            || begins(lower, PROMOTIONS)
            || is_whole_line(lower)
            || is_credit(lower));
    short || begins(lower, RIGHTS) || begins(lower, PLACEHOLDERS) || is_consent(text)
}

/// Whether a short text invites to another story: `Read also:`.
pub(super) fn invites(text: &str) -> bool {
    let text = text.trim_start_matches(is_ornament);
    text.len() <= SHORT && begins(&text.to_lowercase(), INVITATIONS)
}

fn begins(lower: &str, starts: &[&str]) -> bool {
    // One octet tells most of some hundred phrases apart.
    let first = lower.as_bytes().first();
    let mut alike = starts
        .iter()
        .filter(|start| start.as_bytes().first() == first);
    alike.any(|start| lower.starts_with(start))
}

/// Phrases that are looked for in every block of every page, made ready once.
struct Sought(LazyLock<Vec<Finder<'static>>>);

impl Sought {
    fn is_in(&self, text: &str) -> bool {
        let mut finders = self.0.iter();
        finders.any(|finder| finder.find(text.as_bytes()).is_some())
    }
}

static CREDITED: Sought = Sought(LazyLock::new(|| ready(CREDITED_WORDS)));
static CONSENT_HINTS: Sought = Sought(LazyLock::new(|| ready(CONSENT_KEYS)));

fn ready(phrases: &[&'static str]) -> Vec<Finder<'static>> {
    phrases.iter().map(|phrase| Finder::new(*phrase)).collect()
}

/// Whose a picture is, in a line of its own or behind a caption.
fn is_credit(lower: &str) -> bool {
    let alone = lower.len() <= LONGEST_CREDIT;
    alone && (begins(lower, CREDITS) || lower.ends_with("getty images")) || CREDITED.is_in(lower)
}

fn is_whole_line(lower: &str) -> bool {
    WHOLE_LINES.contains(&lower.trim_end_matches([':', '.', ' ']))
}

/// Arrows, bullets and brackets before the words of a line.
fn is_ornament(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '©' | '【')
}

/// Three phrases of the trade make a consent notice, of which a story about one has fewer.
fn is_consent(text: &str) -> bool {
    if !CONSENT_HINTS.is_in(text) {
        return false;
    }
    let lower = text.to_lowercase();
    CONSENT
        .iter()
        .filter(|phrase| lower.contains(*phrase))
        .count()
        >= 3
}

/// Whether a heading stands over links to other stories.
pub(super) fn heads_related(heading: &str) -> bool {
    let heading = heading.trim();
    if heading.len() > SHORT {
        return false;
    }
    let lower = heading.to_lowercase();
    RELATED.iter().any(|phrase| lower.contains(phrase))
}

/// Whether a line that is no heading begins like one over links to other stories, and is no
/// sentence.
pub(super) fn begins_related(line: &str) -> bool {
    let line = line.trim();
    line.len() <= SHORT
        && !line.ends_with(['.', '؟', '?', '。'])
        && begins(&line.to_lowercase(), RELATED)
}

/// Which story a short text before a link says that it leads to: `previous` or `next`.
pub(super) fn labels(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let short = text.len() <= LABEL.1 && text.split_whitespace().count() <= LABEL.0;
    if text.is_empty() || !short {
        return None;
    }
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| has_word(&lower, word));
    if has(PREVIOUS) {
        return Some("previous");
    }
    has(NEXT).then_some("next")
}

/// What follows the words that open a byline: `By`, `بقلم:`. They may stand behind a date:
/// `Posted on May 1, 2026 by`, `1 May | By`.
pub(super) fn opens_byline(line: &str) -> Option<&str> {
    let behind = |part| BYLINES.iter().find_map(|opener| after_opener(part, opener));
    if let Some(after) = line.split(['|', '·', '•']).find_map(behind) {
        return Some(after);
    }
    let posted = POSTED.iter().any(|verb| after_opener(line, verb).is_some());
    let by = |word: &&str| line.find(*word).map(|at| &line[at + word.len()..]);
    posted
        .then(|| [" by ", " von ", " par ", " por "].iter().find_map(by))
        .flatten()
}

/// What follows an opener at the start of a line, in any case; a longer word is none.
fn after_opener<'l>(line: &'l str, opener: &str) -> Option<&'l str> {
    let mut rest = line.trim_start().chars();
    let same = opener.chars().all(|c| {
        let own = rest.next().map(|own| own.to_lowercase().next());
        own.flatten() == Some(c)
    });
    let rest = rest.as_str();
    let goes_on = rest.starts_with(|c: char| c.is_alphabetic() && !c.is_uppercase());
    let after = rest.trim_start_matches([':', ' ', '：', '\u{a0}']);
    (same && !goes_on && !after.is_empty()).then_some(after)
}

/// Whether a word stands in a text as a whole, where its script has spaces between words.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let unspaced = word.starts_with(is_wide);
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        unspaced
            || ![before, after]
                .into_iter()
                .flatten()
                .any(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn furniture() {
        let rows = [
            ("Read also: Fish market opens again", true),
            ("» اقرأ أيضاً: سوق السمك", true),
            ("یہ بھی پڑھیں: مچھلی منڈی", true),
            ("【関連記事】魚市場が再開", true),
            ("ANZEIGE", true),
            ("© 2026 Ledger", true),
            ("Foto: dpa", true),
            ("The pier in March (Image: Ledger)", true),
            ("# ferries", true),
            ("Tags: ferry, harbour", true),
            ("Sign up for our weekly newsletter.", true),
            (
                "Photography was his life, she said, and the pier his favourite place.",
                false,
            ),
            ("Shares of the ferry company rose.", false),
            ("Prints of the old harbour are on show.", false),
            ("وقال رئيس اللجنة إن الأعمال بلغت نحو مليون دينار", false),
            ("", false),
        ];
        for (text, furniture) in rows {
            assert_eq!(is_furniture(text), furniture, "{text}");
        }
    }

    #[test]
    fn labels_before_links() {
        let rows = [
            ("المقال السابق", Some("previous")),
            ("Previous article:", Some("previous")),
            ("Older", Some("previous")),
            ("خبر قبلی", Some("previous")),
            ("הכתבה הבאה", Some("next")),
            ("上一篇：", Some("previous")),
            ("Next", Some("next")),
            ("The nextdoor app", None),
            ("The board will look at the next timetable in April", None),
            ("", None),
        ];
        for (text, kind) in rows {
            assert_eq!(labels(text), kind, "{text}");
        }
    }
}
