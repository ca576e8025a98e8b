//! The end of a run, as a small table.

use super::{Shown, grouped, human_bytes, human_time, plural};
use crate::stats::{Ending, Summary};

/// Reasons and sites shown at most; the rest is counted in one line.
const ROWS: usize = 12;

/// The summary for a person: how the run ended, what it brought, what it left out and why,
/// which sites were slow, and the command to type next.
#[must_use]
pub fn render(summary: &Summary) -> String {
    let blocks = [
        headline(summary),
        figures(summary),
        reasons(summary),
        failed(summary),
        slowest(summary),
    ];
    let mut text: Vec<String> = blocks
        .into_iter()
        .filter(|block| !block.is_empty())
        .collect();
    text.extend(
        summary
            .next
            .as_ref()
            .map(|next| format!("next: {}\n", Shown(next))),
    );
    text.join("\n")
}

fn headline(summary: &Summary) -> String {
    let time = human_time(summary.elapsed_ms);
    match summary.ending {
        Ending::Finished => format!("finished in {time}\n"),
        Ending::Interrupted => {
            format!("interrupted after {time}; all that was collected is kept\n")
        }
        limit => format!("stopped at {} after {time}\n", limit.label()),
    }
}

fn figures(summary: &Summary) -> String {
    let of = |number: u64, what: &str| format!("{} {what}", grouped(number));
    table(
        "  ",
        "<>< ",
        &[
            vec![
                "pages".into(),
                grouped(summary.pages),
                format!(
                    "in {}, {}, {}",
                    plural(summary.requests, "request"),
                    plural(summary.sites, "site"),
                    human_bytes(summary.bytes)
                ),
            ],
            vec![
                "articles".into(),
                grouped(summary.new_articles),
                format!(
                    "new; {}, {}",
                    plural(summary.new_versions, "new version"),
                    of(summary.unchanged_articles, "as before")
                ),
            ],
            vec![
                "queued".into(),
                grouped(summary.queued),
                "for the next run".into(),
            ],
        ],
    )
}

fn reasons(summary: &Summary) -> String {
    let rows = summary
        .reasons
        .iter()
        .map(|one| vec![one.reason.clone(), grouped(one.count)]);
    block("not taken as they are", "<>", rows)
}

fn failed(summary: &Summary) -> String {
    let rows = summary
        .failed_sites
        .iter()
        .map(|one| vec![one.site.clone(), one.why.clone()]);
    block("sites given up in this run", "<<", rows)
}

fn slowest(summary: &Summary) -> String {
    let rows = summary.slowest_sites.iter().map(|one| {
        vec![
            one.site.clone(),
            format!("{} on average", human_time(one.mean_ms)),
            format!("{} at most", human_time(one.slowest_ms)),
            plural(one.pages, "page"),
        ]
    });
    block("slowest sites", "<>>>", rows)
}

fn block(title: &str, columns: &str, rows: impl ExactSizeIterator<Item = Vec<String>>) -> String {
    let all = rows.len();
    let rows: Vec<Vec<String>> = rows.take(ROWS).collect();
    if rows.is_empty() {
        return String::new();
    }
    let more = match all - rows.len() {
        0 => String::new(),
        more => format!("  and {more} more (`--json` shows all)\n"),
    };
    format!("{title}\n{}{more}", table("  ", columns, &rows))
}

/// Rows with their columns aligned, to the left (`<`) or the right (`>`); two spaces between.
#[must_use]
pub fn table(indent: &str, columns: &str, rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| Shown(cell).to_string()).collect())
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<(char, usize)> = columns
        .chars()
        .enumerate()
        .map(|(at, side)| (side, width(at)))
        .collect();
    let mut out = String::new();
    for row in rows {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, &(side, width))| match side {
                '>' => format!("{cell:>width$}"),
                _ => format!("{cell:<width$}"),
            });
        let line = cells.collect::<Vec<_>>().join("  ");
        out = format!("{out}{indent}{}\n", line.trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::BudgetUnit;
    use crate::stats::{Stats, Visited};

    #[test]
    fn a_run_in_a_table() {
        let (fast, slow) = (
            BudgetUnit::stored("fast.example"),
            BudgetUnit::stored("slow.example"),
        );
        let mut stats = Stats::default();
        let visit = |site, outcome, reason| Visited {
            site,
            robots: false,
            outcome,
            reason,
            settled: true,
            bytes: 60_000,
            article: outcome == "ok",
        };
        for _ in 0..1_200 {
            stats.visited(&visit(&fast, "ok", None));
        }
        stats.visited(&visit(&slow, "refused", Some("404")));
        stats.stored(1_100, 4);
        stats.answered(&fast, 40);
        stats.answered(&slow, 8_400);
        stats.site_failed(&slow, "robots_unreachable\u{1b}[2J");
        let mut summary = stats.summary(Ending::MaxPages, 725_000, 17);
        summary.next = Some("gleaner resume".to_owned());
        let wanted = "\
stopped at max_pages after 12m05s

  pages     1,200  in 1,201 requests, 2 sites, 72.0 MB
  articles  1,100  new; 4 new versions, 96 as before
  queued       17  for the next run

not taken as they are
  404  1

sites given up in this run
  slow.example  robots_unreachable\\u{1b}[2J

slowest sites
  slow.example  8.4 s on average  8.4 s at most      0 pages
  fast.example  40 ms on average  40 ms at most  1,200 pages

next: gleaner resume
";
        assert_eq!(render(&summary), wanted);
    }

    #[test]
    fn an_empty_run_is_short() {
        let summary = Stats::default().summary(Ending::Finished, 0, 0);
        assert_eq!(render(&summary).lines().count(), 5);
    }
}
