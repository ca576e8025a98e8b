//! Whether a page is a story, or one of the many others that a site has.

use super::absent;
use super::body::Body;
use super::headline;
use super::meta::Meta;
use super::page::{MarkKind, Page};
use super::teasers::{self, TEASER};
use super::walk::text_of;
use crate::normal::NormalUrl;

/// Text that a page must have to be a story when nothing but its text says so, counted as in
/// `spread::Spread`.
const ENOUGH: usize = 220;
/// The same below a headline: two short paragraphs.
const ENOUGH_HEADED: usize = 110;
/// The same below a headline that is the page's title too, where nothing leads elsewhere.
const ENOUGH_ALONE: usize = 45;
/// The same when the page says that it is a story.
const ENOUGH_DECLARED: usize = 30;

/// Why a page with this body is no story; `None` when it is one. Fronts, sections and tags
/// show many stories; their own text is short or linked.
pub(super) fn no_story(
    page: &Page<'_>,
    meta: &Meta,
    body: &Body,
    url: &NormalUrl,
) -> Option<&'static str> {
    let unlinked = body.text - body.linked;
    let listing = body.teasers >= 3 && unlinked < body.teasers * TEASER;
    let bound = if meta.og_article { 65 } else { 40 };
    let linked = body.linked * 100 > body.text * bound;
    let home = url.url().path() == "/" && url.url().query().is_none();
    let lists = listing
        .then_some("presents other stories")
        .or_else(|| linked.then_some("mostly links"));
    if meta.article {
        return too_short(body, ENOUGH_DECLARED).or(lists.filter(|_| home));
    }
    if lists.is_some() {
        return lists;
    }
    if home {
        return Some("the home page");
    }
    if meta.types.iter().any(|name| is_list(name)) {
        return Some("JSON-LD says that it is a page of another kind");
    }
    if absent::is_absent(page, meta) {
        return Some("says that there is no such page");
    }
    if meta.og_article {
        return too_short(body, ENOUGH_DECLARED * 2);
    }
    let declared = body.hint > 0 || page.blocks[body.block].tag == "article";
    let headed = page
        .marks
        .iter()
        .any(|mark| mark.kind == MarkKind::Heading(1));
    let enough = if page.anchors.is_empty() && is_titled(page) {
        ENOUGH_ALONE
    } else if declared || headed {
        ENOUGH_HEADED
    } else {
        ENOUGH
    };
    let about = || is_about_the_site(url).then_some("a page about the site");
    let rest = || {
        body.text
            .saturating_sub(teasers::presented(page, body, url))
    };
    let shows = || (rest() < enough).then_some("presents other stories");
    too_short(body, enough).or_else(about).or_else(shows)
}

/// Whether the page's title is its main heading.
fn is_titled(page: &Page<'_>) -> bool {
    let Some(title) = &page.title else {
        return false;
    };
    let ones = page.marks.iter();
    let mut ones = ones.filter(|mark| mark.kind == MarkKind::Heading(1));
    ones.any(|mark| headline::same(&text_of(mark.node), title))
}

fn too_short(body: &Body, enough: usize) -> Option<&'static str> {
    (body.text < enough).then_some("too little text")
}

fn is_list(name: &str) -> bool {
    matches!(
        name,
        "CollectionPage" | "SearchResultsPage" | "ProfilePage" | "AboutPage" | "ContactPage"
    )
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
