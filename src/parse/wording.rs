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

/// No notice lacks all of these.
const CONSENT_KEYS: &[&str] = &["cookie", "privacy", "partners", "الخصوصية"];

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
    let lower = text.to_lowercase();
    if lower.chars().take(SHORT + 1).count() <= SHORT
        && (INVITATIONS.iter().any(|start| lower.starts_with(start))
            || WHOLE_LINES.contains(&lower.as_str()))
    {
        return true;
    }
    RIGHTS.iter().any(|start| lower.starts_with(start)) || is_consent(&lower)
}

/// Three phrases of the trade make a consent notice, of which a story about one has fewer.
fn is_consent(lower: &str) -> bool {
    let is_likely = CONSENT_KEYS.iter().any(|key| lower.contains(key));
    if !is_likely {
        return false;
    }
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

/// Whether a short text labels the link to the story before this one.
pub(super) fn labels_previous(text: &str) -> bool {
    is_label(text, PREVIOUS)
}

/// Whether a short text labels the link to the story after this one.
pub(super) fn labels_next(text: &str) -> bool {
    is_label(text, NEXT)
}

fn is_label(text: &str, words: &[&str]) -> bool {
    let text = text.trim();
    if text.len() > 60 {
        return false;
    }
    let lower = text.to_lowercase();
    words.iter().any(|word| lower.contains(word))
}
