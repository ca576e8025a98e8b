//! What a robots.txt says, for a person.

use super::{human_time, table};
use crate::inspect::RobotsReport;

/// A line for each URL, then what holds for all of them.
#[must_use]
pub fn render_robots(report: &RobotsReport) -> String {
    let rows: Vec<Vec<String>> = report
        .urls
        .iter()
        .map(|judged| {
            let answer = if judged.allowed {
                "allowed"
            } else {
                "forbidden"
            };
            let why = match (judged.line, &judged.rule) {
                (Some(line), Some(rule)) => format!("line {line}: {rule}"),
                _ => "no rule matches".to_owned(),
            };
            vec![answer.to_owned(), judged.url.clone(), why]
        })
        .collect();
    let mut out = table("", "<<<", &rows);
    let gap = match report.gap_ms {
        0 => "none".to_owned(),
        gap => human_time(gap),
    };
    out.push_str(&table("", "<<", &[vec!["crawl delay:".to_owned(), gap]]));
    if let Some((from, to)) = report.visit_time {
        let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let window = format!("{} to {} UTC", time(from), time(to));
        out.push_str(&table("", "<<", &[vec!["visit time:".to_owned(), window]]));
    }
    out
}
