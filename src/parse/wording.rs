//! Lines that are furniture by their wording, in the languages that we have met: invitations
//! to other stories, sharing, consent to tracking.

/// Longest line that is judged by how it begins, in characters.
const SHORT: usize = 160;

const INVITATIONS: &[&str] = &[
    "read also",
    "also read",
    "see also",
    "read more",
    "related:",
    "more on this",
    "watch:",
    "اقرأ أيض",
    "إقرأ أيض",
    "اقرأ ايض",
    "اقرا ايض",
    "إقرأ المزيد",
    "اقرأ المزيد",
    "شاهد أيض",
    "للمزيد",
    "lire aussi",
    "à lire aussi",
    "lesen sie auch",
    "lea también",
    "leer también",
    "leggi anche",
];

const WHOLE_LINES: &[&str] = &[
    "share",
    "tweet",
    "print",
    "email",
    "advertisement",
    "share this article",
    "follow us",
    "شارك",
    "مشاركة",
    "طباعة",
    "إعلان",
    "تابعونا",
    "اعلان",
];

const CONSENT: &[&str] = &[
    "cookie",
    "our partners",
    " partners ",
    "legitimate interest",
    "personal data",
    "privacy policy",
    "your consent",
    "your choices",
    "vendors",
    "ملفات تعريف الارتباط",
    "سياسة الخصوصية",
];

/// No notice lacks all of these; their first letter may be a capital.
const CONSENT_KEYS: &[&str] = &["ookie", "rivacy", "artners", "الخصوصية"];

const RIGHTS: &[&str] = &[
    "all rights reserved",
    "جميع الحقوق محفوظة",
    "كل الحقوق محفوظة",
    "©",
];

const RELATED: &[&str] = &[
    "related",
    "read also",
    "see also",
    "more on",
    "more from",
    "recommended",
    "you may also",
    "ذات صلة",
    "ذات الصلة",
    "اقرأ أيض",
    "إقرأ أيض",
    "قد يهمك",
    "متعلقة",
    "مواضيع",
    "à lire",
    "lire aussi",
];

const PREVIOUS: &[&str] = &["previous", "السابق", "précédent", "anterior"];
const NEXT: &[&str] = &["next", "التالي", "suivant", "siguiente"];

/// Whether a block of text is furniture, wherever it stands.
pub(super) fn is_furniture(text: &str) -> bool {
    // How it begins is enough, for most of the text of a page.
    let end = text.char_indices().nth(SHORT);
    let lower = text[..end.map_or(text.len(), |(at, _)| at)].to_lowercase();
    let lower = lower.as_str();
    let begins = |starts: &[&str]| starts.iter().any(|start| lower.starts_with(start));
    let short = end.is_none() && (begins(INVITATIONS) || WHOLE_LINES.contains(&lower));
    short || begins(RIGHTS) || is_consent(text)
}

/// Three phrases of the trade make a consent notice, of which a story about one has fewer.
fn is_consent(text: &str) -> bool {
    let is_likely = CONSENT_KEYS.iter().any(|key| text.contains(key));
    if !is_likely {
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

/// Which story a short text before a link says that it leads to: `previous` or `next`.
pub(super) fn labels(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.is_empty() || text.len() > 60 {
        return None;
    }
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(PREVIOUS) {
        return Some("previous");
    }
    has(NEXT).then_some("next")
}
