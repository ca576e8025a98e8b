//! What a log was found to keep, for a person.

use super::{Shown, grouped, plural, table};
use crate::inspect::{Breach, Verification};

/// What was checked, and the breach or that there is none.
#[must_use]
pub fn render_verify(found: &Verification) -> String {
    let row = |count: u64, what: &str| vec![grouped(count), what.to_owned()];
    let mut rows = vec![
        row(found.requests, "requests, each alone in its budget unit"),
        row(
            found.gaps,
            "gaps from the end of an answer to the next request",
        ),
        row(found.pages, "pages held against the robots.txt in force"),
        row(found.back_offs, "pauses after refusals and failures"),
        row(found.retry_afters, "silences asked for with Retry-After"),
        row(found.restarts, "first requests after a restart"),
    ];
    if found.unproven > 0 {
        let old = "visits not checked: they are older than what they would be checked with";
        rows.push(row(found.unproven, old));
    }
    let units = plural(found.budget_units, "budget unit");
    let verdict = match &found.breach {
        None => format!("no breach in {units}\n"),
        Some(breach) => told(breach),
    };
    format!("checked\n{}{verdict}", table("  ", "><", &rows))
}

fn told(breach: &Breach) -> String {
    let gap = match (breach.needed_ms, breach.found_ms) {
        (Some(needed), Some(found)) => format!(": a gap of {found} ms, {needed} ms were needed"),
        (None, Some(found)) => format!(": a gap of {found} ms"),
        _ => String::new(),
    };
    format!(
        "BREACH at visit {} of {}\n  {}\n  {}{gap}\n  {}\n",
        breach.visit,
        Shown(&breach.unit),
        Shown(&breach.url),
        breach.rule.label(),
        Shown(&breach.said)
    )
}
