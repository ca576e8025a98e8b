//! Pages that say "not found" with status 200: soft 404s.

use super::meta::Meta;
use super::page::{MarkKind, Page};
use super::walk::text_of;

/// Longest heading that is judged, in characters: a story about missing pages says more.
const SHORT: usize = 45;

/// What such a page says in its heading or title, in the languages that we have met.
const PHRASES: [&str; 25] = [
    "page not found",
    "page cannot be found",
    "page can't be found",
    "page can’t be found",
    "page does not exist",
    "page doesn't exist",
    "page doesn’t exist",
    "page no longer exists",
    "article not found",
    "story not found",
    "404 not found",
    "error 404",
    "404 error",
    "الصفحة غير موجودة",
    "صفحة غير موجودة",
    "لم يتم العثور على الصفحة",
    "المقال غير موجود",
    "page introuvable",
    "página no encontrada",
    "página não encontrada",
    "pagina non trovata",
    "seite nicht gefunden",
    "страница не найдена",
    "sayfa bulunamadı",
    "صفحه یافت نشد",
];

/// Headings and titles that say nothing else.
const WHOLE: [&str; 4] = ["404", "not found", "oops", "خطأ"];

/// Whether the page says that what was asked for is not there. A page that knows when it was
/// published is one that is.
pub(super) fn is_absent(page: &Page<'_>, meta: &Meta) -> bool {
    if meta.published.is_some() {
        return false;
    }
    let headings = page.marks.iter();
    let headings = headings.filter(|mark| matches!(mark.kind, MarkKind::Heading(1 | 2)));
    headings
        .take(3)
        .any(|mark| says_absent(&text_of(mark.node)))
        || page.title.as_deref().is_some_and(title_says_absent)
}

/// The site's name may stand on either side of what the title says.
fn title_says_absent(title: &str) -> bool {
    title.split(['|', '-', '–', '—', '·']).any(says_absent)
}

fn says_absent(text: &str) -> bool {
    let text = text.trim().trim_end_matches(['.', '!', '…']);
    if text.is_empty() || text.chars().nth(SHORT).is_some() {
        return false;
    }
    let lower = text.to_lowercase();
    WHOLE.contains(&lower.as_str()) || PHRASES.iter().any(|phrase| lower.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_that_say_that_nothing_is_there() {
        for (title, absent) in [
            ("Page not found", true),
            ("404", true),
            ("404 - Page Not Found | The Herald", true),
            ("The Herald – Not found", true),
            ("Sorry, this page doesn’t exist!", true),
            ("الصفحة غير موجودة", true),
            ("جريدة الرملة | الصفحة غير موجودة", true),
            ("Страница не найдена", true),
            ("Missing boy not found after third night of search", false),
            ("404 jobs to go at the shipyard", false),
            (
                "The page not found: how a city lost its archive to a server",
                false,
            ),
            ("بحّار لم يعثر عليه", false),
            ("", false),
        ] {
            assert_eq!(title_says_absent(title), absent, "{title}");
        }
    }
}
