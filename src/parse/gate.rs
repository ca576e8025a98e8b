//! Whether a page is a story, or one of the many others that a site has.

use super::body::Body;
use super::meta::Meta;
use super::page::{MarkKind, Page};
use crate::normal::NormalUrl;

/// Text that a page must have to be a story when nothing but its text says so, counted as in
/// `spread::Spread`.
const ENOUGH: usize = 220;
/// The same below a headline: two short paragraphs.
const ENOUGH_HEADED: usize = 110;
/// The same when the page says that it is a story.
const ENOUGH_DECLARED: usize = 30;
/// Text that a listing has for each story that it presents, at most.
const TEASER: usize = 220;

/// Whether a page with this body is a story. Fronts, sections and tags show many stories;
/// their own text is short or linked.
pub(super) fn is_story(page: &Page<'_>, meta: &Meta, body: &Body, url: &NormalUrl) -> bool {
    let unlinked = body.text - body.linked;
    let listing = body.teasers >= 3 && unlinked < body.teasers * TEASER;
    let bound = if meta.og_article { 65 } else { 40 };
    let linked = body.linked * 100 > body.text * bound;
    let home = url.url().path() == "/" && url.url().query().is_none();
    if meta.article {
        return body.text >= ENOUGH_DECLARED && !(home && (listing || linked));
    }
    let is_list = |name: &String| {
        let lists = [
            "CollectionPage",
            "SearchResultsPage",
            "ProfilePage",
            "AboutPage",
            "ContactPage",
        ];
        lists.contains(&name.as_str())
    };
    if listing || linked || home || meta.types.iter().any(is_list) {
        return false;
    }
    if meta.og_article {
        return body.text >= ENOUGH_DECLARED * 2;
    }
    let declared = body.hint > 0 || page.blocks[body.block].tag == "article";
    let headed = page
        .marks
        .iter()
        .any(|mark| mark.kind == MarkKind::Heading(1));
    let enough = if declared || headed {
        ENOUGH_HEADED
    } else {
        ENOUGH
    };
    body.text >= enough && !is_about_the_site(url)
}

/// Pages that every site has and that are no story.
fn is_about_the_site(url: &NormalUrl) -> bool {
    const NAMES: [&str; 18] = [
        "about",
        "about-us",
        "aboutus",
        "contact",
        "contact-us",
        "contactus",
        "cookie-policy",
        "cookies",
        "faq",
        "help",
        "impressum",
        "imprint",
        "legal",
        "privacy",
        "privacy-policy",
        "terms",
        "terms-of-service",
        "terms-of-use",
    ];
    let mut segments = url.url().path().trim_end_matches('/').rsplit('/');
    let last = segments.next().unwrap_or_default();
    let name = last.split('.').next().unwrap_or_default();
    NAMES.binary_search(&name).is_ok()
}
