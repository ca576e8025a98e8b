//! Why a URL was asked for, or is not, for a person.

use super::{Shown, human_bytes, human_time, table};
use crate::inspect::{Holds, PastVisit, Why};

/// Visits shown; `--json` has all.
const VISITS: usize = 10;

/// The rules in their order, the visits, what happens next.
#[must_use]
pub fn render_why(why: &Why) -> String {
    let rules: Vec<Vec<String>> = why
        .rules
        .iter()
        .map(|answer| {
            vec![
                answer.rule.to_owned(),
                holds(answer.holds).to_owned(),
                answer.says.clone(),
            ]
        })
        .collect();
    let visits: Vec<Vec<String>> = why.visits.iter().take(VISITS).map(visit).collect();
    let visits = if visits.is_empty() {
        "  none\n".to_owned()
    } else {
        table("  ", "<<<>>", &visits)
    };
    let more = match why.visits.len().saturating_sub(VISITS) {
        0 => String::new(),
        more => format!("  and {more} more (`--json` shows all)\n"),
    };
    format!(
        "{}\n{}visits\n{visits}{more}next: {}\n",
        Shown(&why.url),
        table("  ", "<<<", &rules),
        Shown(&why.next)
    )
}

fn holds(holds: Holds) -> &'static str {
    match holds {
        Holds::Passes => "passes",
        Holds::Waits => "waits",
        Holds::Stops => "STOPS",
        Holds::Unknown => "unknown",
    }
}

fn visit(visit: &PastVisit) -> Vec<String> {
    let status = visit
        .status
        .map_or_else(String::new, |status| format!(" {status}"));
    let reason = visit
        .reason
        .as_ref()
        .map_or_else(String::new, |why| format!(" ({why})"));
    let what = visit.moved_to.as_ref().map(|to| format!("to {to}"));
    vec![
        visit
            .started
            .map_or_else(String::new, |at| format!("{at:.0}")),
        format!("{}{status}{reason}", visit.outcome),
        what.or(visit.kind.clone()).unwrap_or_default(),
        visit.bytes.map_or_else(String::new, human_bytes),
        human_time(visit.ms),
    ]
}
