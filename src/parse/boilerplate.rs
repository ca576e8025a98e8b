//! What an element says of itself: furniture of the site, the body of a story, or a fact
//! such as a byline. Names only; how much text stands where is judged in `body`.

use super::page::MarkKind;
use super::walk::Attributes;

/// What an element is by tag, role, class and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// Nothing in particular.
    Plain,
    /// Called like furniture; believed unless it holds most of the page's text.
    Suspect,
    /// Furniture, whatever it holds.
    Furniture,
}

/// Most names of one element that are looked at.
const MOST_NAMES: usize = 20;
/// Class and id words that name furniture.
const SUSPECTS: &[&str] = &[
    "ad",
    "ads",
    "adv",
    "advert",
    "advertisement",
    "also",
    "author-box",
    "banner",
    "bio",
    "breadcrumb",
    "breadcrumbs",
    "byline",
    "caption",
    "carousel",
    "cmp",
    "comments",
    "consent",
    "cookie",
    "cookies",
    "copyright",
    "credit",
    "crumbs",
    "disqus",
    "footer",
    "gdpr",
    "hidden",
    "login",
    "masthead",
    "menu",
    "modal",
    "mostread",
    "nav",
    "navbar",
    "navigation",
    "newsletter",
    "outbrain",
    "overlay",
    "pager",
    "pagination",
    "popular",
    "popup",
    "print",
    "promo",
    "promotion",
    "readalso",
    "readmore",
    "recirc",
    "recommendations",
    "recommended",
    "related",
    "share",
    "sharebar",
    "sharing",
    "sidebar",
    "signup",
    "skip",
    "social",
    "sponsor",
    "sponsored",
    "subscribe",
    "subscription",
    "taboola",
    "tags",
    "teaser",
    "teasers",
    "ticker",
    "toolbar",
    "tools",
    "trending",
    "widget",
];

/// What an element is.
pub(super) fn nature(tag: &str, attributes: &Attributes<'_>) -> Nature {
    match tag {
        "nav" | "footer" | "aside" | "dialog" | "button" => return Nature::Furniture,
        "body" | "main" | "article" => return Nature::Plain,
        "header" | "form" | "figure" | "figcaption" | "caption" => return Nature::Suspect,
        _ => {}
    }
    if attributes.hidden {
        return Nature::Furniture;
    }
    match attributes.role.trim() {
        "navigation" | "contentinfo" | "dialog" | "alertdialog" | "search" | "menu" | "menubar" => {
            return Nature::Furniture;
        }
        // These are set around whole stories too.
        "complementary" | "banner" | "toolbar" | "tablist" | "alert" => return Nature::Suspect,
        "main" | "article" => return Nature::Plain,
        _ => {}
    }
    if names_furniture(attributes.class) || names_furniture(attributes.id) {
        return Nature::Suspect;
    }
    Nature::Plain
}

fn names_furniture(names: &str) -> bool {
    // `md:hidden` is a rule for some screens and names nothing.
    let mut names = names
        .split_ascii_whitespace()
        .filter(|name| !name.contains([':', '[']));
    names.any(|name| {
        let mut previous = "";
        let mut all = words(name).peekable();
        while let Some(word) = all.next() {
            let of_the_page = matches!(previous, "with" | "has" | "no" | "without" | "hide");
            // `label-hidden` and `overflow-hidden` hide something else, `hidden-mobile` only
            // on some screens.
            let hides_another = word == "hidden"
                && (!matches!(previous, "" | "is" | "js" | "u" | "visually")
                    || all.peek().is_some_and(|next| is_screen(next)));
            let first = previous.is_empty();
            previous = word;
            if !of_the_page && !hides_another && is_suspect(word) && (first || word != "widget") {
                return true;
            }
        }
        false
    })
}

/// Whether a word of a class name is a kind of screen: `hidden-mobile` shows elsewhere.
fn is_screen(word: &str) -> bool {
    matches!(
        word,
        "mobile"
            | "tablet"
            | "desktop"
            | "touch"
            | "phone"
            | "widescreen"
            | "xs"
            | "sm"
            | "md"
            | "lg"
            | "xl"
    )
}

/// Whether an element is called a place for links to related stories.
pub(super) fn is_related(attributes: &Attributes<'_>) -> bool {
    let names = attributes.class.split_ascii_whitespace();
    let mut names = names
        .chain([attributes.id])
        .take(MOST_NAMES)
        .flat_map(words);
    names.any(|word| {
        let start = word.get(..7);
        start.is_some_and(|start| start.eq_ignore_ascii_case("related"))
    })
}

/// Whether an element is called the line above a headline.
pub(super) fn is_kicker(class: &str) -> bool {
    let names = class.split_ascii_whitespace().take(MOST_NAMES);
    names.flat_map(words).any(|word| {
        let lower = word.to_ascii_lowercase();
        matches!(
            lower.as_str(),
            "antetitulo"
                | "dachzeile"
                | "eyebrow"
                | "kicker"
                | "label"
                | "overline"
                | "overtitle"
                | "pretitle"
                | "roofline"
                | "spitzmarke"
                | "supertitle"
                | "topline"
        )
    })
}

fn is_suspect(word: &str) -> bool {
    if word.len() > 16 || word.len() < 2 {
        return false;
    }
    let mut lower = [0_u8; 16];
    let lower = &mut lower[..word.len()];
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    let found = SUSPECTS.binary_search_by(|suspect| suspect.as_bytes().cmp(lower));
    found.is_ok()
}

/// The words of a class name, split at `-`, `_`, `:` and where lower case turns to upper.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['-', '_', ':']);
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let end = (1..bytes.len()).find(|&at| {
            matches!(bytes[at], b'-' | b'_' | b':')
                || (bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase())
        });
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(word)
    })
}

/// How strongly an element says that it is the body of a story: 0 for not at all.
pub(super) fn body_hint(tag: &str, attributes: &Attributes<'_>) -> usize {
    if attributes.itemprop_is("articleBody") || attributes.itemprop_is("reviewBody") {
        return 3;
    }
    if !matches!(tag, "div" | "section" | "article" | "main" | "td") {
        return 0;
    }
    if names_a_body(attributes.class) || names_a_body(attributes.id) {
        return 2;
    }
    usize::from(matches!(tag, "article" | "main"))
}

fn names_a_body(names: &str) -> bool {
    const BODIES: &[&str] = &[
        "articlebody",
        "articlecontent",
        "articletext",
        "contentbody",
        "entrycontent",
        "newsbody",
        "newstext",
        "postbody",
        "postcontent",
        "storybody",
        "storycontent",
        "storytext",
    ];
    names.split_ascii_whitespace().any(|name| {
        if !(8..=40).contains(&name.len()) || name.contains("__") {
            return false;
        }
        let mut plain = name.to_ascii_lowercase();
        plain.retain(|c| c.is_ascii_alphanumeric());
        BODIES.iter().any(|body| plain.ends_with(body))
    })
}

/// The fact that a class names.
pub(super) fn fact(class: &str) -> Option<MarkKind> {
    if class.is_empty() {
        return None;
    }
    let mut all = class.split_ascii_whitespace().flat_map(words);
    all.find_map(|word| match word {
        "byline" | "author" | "authors" | "Byline" | "Author" | "writer" | "authorname"
        | "autor" | "autoren" | "auteur" => Some(MarkKind::Author),
        "date" | "dateline" | "datetime" | "Date" | "timestamp" | "published" | "pubdate"
        | "time" => Some(MarkKind::Date),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspects_are_sorted() {
        assert!(SUSPECTS.is_sorted());
    }

    #[test]
    fn class_names() {
        let rows = [
            ("related", true),
            ("post-related__list", true),
            ("RelatedLinks", true),
            ("relatedLinks", true),
            ("page with-sidebar", false),
            ("elementor-widget-container", false),
            ("widget widget--promo", true),
            ("commentary", false),
            ("article-body__paragraph", false),
            ("no-ads", false),
            ("lg:hidden print:block", false),
            ("is-hidden-mobile", false),
            ("is-hidden", true),
            ("field field--label-hidden", false),
            ("relative overflow-hidden", false),
            ("story__paragraph paywall", false),
            ("", false),
        ];
        for (class, furniture) in rows {
            assert_eq!(names_furniture(class), furniture, "{class}");
        }
    }
}
