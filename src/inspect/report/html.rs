//! The report as one HTML page: nothing is loaded, nothing runs, it prints well, and what sites
//! wrote can neither break out of its place nor turn the text beside it round.

use super::{PolitenessReport, RobotsInForce, RunTreatment, SiteTreatment};
use crate::terminal::{Shown, grouped, human_bytes, human_time, plural};
use jiff::Timestamp;
use std::fmt::{self, Display, Formatter};

const HEAD: &str = "<!doctype html>
<html lang=\"en\" dir=\"ltr\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<meta name=\"robots\" content=\"noindex\">
<title>How your site was crawled</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1rem }
th, td { text-align: start; vertical-align: top; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid #ccc }
td.n { text-align: end; font-variant-numeric: tabular-nums }
pre { border: 1px solid #ccc; padding: .5rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
bdi, pre { unicode-bidi: isolate }
h2 { margin-top: 3rem }
.breach { font-weight: bold }
@media print { body { margin: 0; max-width: none; font-size: 11pt } h2, h3 { break-after: avoid } tr { break-inside: avoid } }
</style>
</head>
<body>
";

/// A self-contained page.
#[must_use]
pub fn render_report(report: &PolitenessReport) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("<h1>How your site was crawled</h1>\n<p>Recomputed from the log of every request. A gap is the time from the end of an answer to the start of the next request of the same site, whatever that asks for. Times are UTC.</p>\n");
    for site in &report.sites {
        page.push_str(&of_site(site));
    }
    if report.sites.is_empty() {
        page.push_str("<p>No request is logged.</p>\n");
    }
    if report.unproven > 0 {
        let visits = plural(report.unproven, "visit");
        let why = "older than what they would be checked with";
        page.extend(["<p>", &visits, " left out: ", why, ".</p>\n"]);
    }
    let by = Escaped(&report.made_by).to_string();
    page.extend(["<p>Made by ", &by, ".</p>\n</body>\n</html>\n"]);
    page
}

fn of_site(site: &SiteTreatment) -> String {
    let runs: String = site.runs.iter().map(of_run).collect();
    format!("<h2><bdi>{}</bdi></h2>\n{runs}", Escaped(&site.site))
}

fn of_run(run: &RunTreatment) -> String {
    let (from, to) = (time(run.from), time(run.to));
    let head = format!("<h3>Run {}: {from} to {to}</h3>\n", run.run);
    let robots: String = run.robots.iter().map(of_robots).collect();
    [head, figures(run), gaps(run), kept_out(run), robots].concat()
}

fn figures(run: &RunTreatment) -> String {
    let share = format!(
        "{} ({:.1} %)",
        grouped(run.not_modified),
        run.not_modified_share * 100.0
    );
    let obeyed = format!("{} of {}", run.retry_after_obeyed, run.retry_after_asked);
    let set = format!(
        "{}, and {} times as long as the last answers took",
        human_time(run.min_delay_ms),
        run.delay_factor
    );
    let mut rows = vec![
        ("Named in robots.txt", run.agent.clone()),
        ("Requests", grouped(run.requests)),
        ("Bytes received", human_bytes(run.bytes)),
        ("Most requests open at once", run.most_open.to_string()),
        ("Least gap that was set", set),
        ("Answers &ldquo;not modified&rdquo; (304)", share),
        ("Retry-After obeyed", obeyed),
        ("Pauses after refusals and failures", grouped(run.back_offs)),
    ];
    let refused = run.refused_by_site.iter();
    let refused: Vec<String> = refused
        .map(|(status, count)| format!("{status}: {}", grouped(*count)))
        .collect();
    if !refused.is_empty() {
        rows.push(("Requests that you refused, by status", refused.join(", ")));
    }
    let breaches = run.breaches.iter();
    let breaches: Vec<String> = breaches
        .map(|(rule, count)| format!("{rule}: {}", grouped(*count)))
        .collect();
    let breaches = if breaches.is_empty() {
        "none".to_owned()
    } else {
        breaches.join(", ")
    };
    rows.push(("Rules broken", breaches));
    let row = |(name, value): &(&str, String)| {
        format!(
            "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>\n",
            Escaped(value)
        )
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<table>\n{rows}</table>\n")
}

fn gaps(run: &RunTreatment) -> String {
    let told = |gap: Option<i64>| gap.map_or_else(|| "&ndash;".to_owned(), |ms| format!("{ms} ms"));
    let rows = run.gaps.iter().map(|(kind, gaps)| {
        format!(
            "<tr><td>{kind}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
            grouped(gaps.requests),
            told(gaps.smallest_ms),
            told(gaps.median_ms)
        )
    });
    let rows: String = rows.collect();
    if rows.is_empty() {
        return rows;
    }
    format!(
        "<table>\n<tr><th>Before a</th><th>Requests</th><th>Smallest gap</th><th>Median gap</th></tr>\n{rows}</table>\n"
    )
}

fn kept_out(run: &RunTreatment) -> String {
    let rows = run.refused_by_us.iter().map(|(rule, count)| {
        let (rule, count) = (Escaped(rule), grouped(*count));
        format!("<tr><td><bdi>{rule}</bdi></td><td class=\"n\">{count}</td></tr>\n")
    });
    let rows: String = rows.collect();
    if rows.is_empty() {
        return rows;
    }
    format!("<table>\n<tr><th>Not asked for, by rule</th><th>URLs</th></tr>\n{rows}</table>\n")
}

fn of_robots(robots: &RobotsInForce) -> String {
    let (unit, fetched) = (Escaped(&robots.unit), time(robots.fetched));
    let lines: Vec<String> = robots
        .body
        .lines()
        .map(|line| Escaped(line).to_string())
        .collect();
    let body = if lines.is_empty() {
        String::new()
    } else {
        format!("<pre dir=\"ltr\">{}</pre>\n", lines.join("\n"))
    };
    let status = robots.status;
    format!(
        "<p>robots.txt of <bdi>{unit}</bdi>, status {status}, in force from {fetched} (visit {}):</p>\n{body}",
        robots.visit
    )
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "?".to_owned(), |at| format!("{at:.3}"))
}

/// Text among HTML; what would turn the writing round is shown as an escape.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for letter in Shown(self.0).to_string().chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::report::Gaps;

    #[test]
    fn what_sites_wrote_stays_in_its_place() {
        let evil = "<script>alert('1')</script>\u{202e}&\"";
        let run = RunTreatment {
            robots: vec![RobotsInForce {
                unit: evil.into(),
                fetched: None,
                visit: 1,
                status: 200,
                body: format!("User-agent: *\nDisallow: /سر{evil}\n"),
            }],
            refused_by_us: [(evil.to_owned(), 2)].into(),
            gaps: [("page", Gaps::default())].into(),
            agent: evil.into(),
            ..RunTreatment::default()
        };
        let site = SiteTreatment {
            site: evil.into(),
            runs: vec![run],
        };
        let page = render_report(&PolitenessReport {
            made_by: evil.into(),
            unproven: 1,
            sites: vec![site],
        });
        assert!(
            !page.contains("<script") && !page.contains('\u{202e}'),
            "{page}"
        );
        assert!(
            page.contains("User-agent: *\nDisallow: /سر&lt;script&gt;"),
            "{page}"
        );
        assert_eq!(page.matches("&lt;script&gt;").count(), 6);
    }
}
