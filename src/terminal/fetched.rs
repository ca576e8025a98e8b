//! One polite visit, for a person.

use super::{Shown, grouped, human_bytes, plural};
use crate::export::FIELDS;
use crate::inspect::FetchReport;
use serde_json::Value;
use std::fmt::Write;

/// Characters of a field that are shown.
const LONGEST: usize = 300;

/// What was decided, the exchange, what the page yielded. Nothing of it steers the terminal.
#[must_use]
pub fn render_fetch(report: &FetchReport) -> String {
    let mut out = String::new();
    for step in &report.steps {
        line(
            &mut out,
            &format!("{:>6} ms  {}", grouped(step.at_ms), Shown(&step.what)),
        );
    }
    if let Some(why) = &report.refused {
        line(&mut out, &format!("\nnot asked for: {}", Shown(why)));
    }
    exchange(&mut out, report);
    yielded(&mut out, report);
    out
}

fn exchange(out: &mut String, report: &FetchReport) {
    if let Some(request) = &report.request {
        line(out, "");
        for sent in request.lines().filter(|sent| !sent.is_empty()) {
            line(out, &format!("> {}", Shown(sent)));
        }
    }
    if let Some(status) = report.status {
        line(out, &format!("\n< status {status}"));
    }
    for (name, value) in &report.headers {
        line(out, &format!("< {}: {}", Shown(name), Shown(value)));
    }
}

fn yielded(out: &mut String, report: &FetchReport) {
    let Some(outcome) = &report.outcome else {
        return;
    };
    let why = report
        .reason
        .as_ref()
        .map_or_else(String::new, |why| format!(" ({})", Shown(why)));
    line(out, &format!("\noutcome   {outcome}{why}"));
    if let Some(to) = &report.moved_to {
        line(out, &format!("moved to  {}", Shown(to)));
    }
    if let Some((sent, body)) = report.bytes {
        line(
            out,
            &format!(
                "body      {} sent, {} decoded",
                human_bytes(sent),
                human_bytes(body)
            ),
        );
    }
    if let Some(kind) = report.kind {
        let charset = report.charset.as_deref().unwrap_or_default();
        let links = plural(report.links as u64, "link");
        line(
            out,
            &format!("kind      {kind}, {charset}, {links} to follow"),
        );
    }
    match &report.record {
        Some(record) => {
            line(out, "\nrecord");
            for (name, value) in FIELDS.iter().zip(record.values()) {
                field(out, name, value);
            }
        }
        None if report.kind == Some("html") => line(out, "record    none: the page tells no story"),
        None => {}
    }
}

fn field(out: &mut String, name: &str, value: &Value) {
    let text = match value {
        Value::Null => return,
        Value::Array(all) if all.is_empty() => return,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let short: String = text.chars().take(LONGEST).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    line(out, &format!("  {name:<20} {}{more}", Shown(short)));
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}
