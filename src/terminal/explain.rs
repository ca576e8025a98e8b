//! Errors as a person reads them.

use super::Shown;
use std::error::Error;

/// What marks advice in an error's own text; it stands on a line of its own.
const HINT: &str = "hint: ";

/// An error with its causes, once each, and the advice that any of them holds:
///
/// ```text
/// error: cannot read `crawl.toml`: permission denied
/// hint: …
/// ```
///
/// An error whose text has several lines is several errors. Nothing in it steers the terminal.
#[must_use]
pub fn explain(error: &(dyn Error + 'static)) -> String {
    let mut lines = Vec::new();
    for line in error.to_string().lines() {
        if line.starts_with(HINT) {
            lines.push(Shown(line).to_string());
        } else if !line.is_empty() {
            lines.push(format!("error: {}", Shown(line)));
        }
    }
    let mut hints = Vec::new();
    let mut said = error.to_string();
    for cause in causes(error) {
        let text = cause.to_string();
        let (advice, causes): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with(HINT));
        let cause = causes.join(", ");
        // Some errors of other crates repeat their cause in their own text.
        if let Some(last) = last_error(&mut lines).filter(|_| !said.contains(&cause)) {
            last.push_str(": ");
            last.push_str(&Shown(&cause).to_string());
        }
        hints.extend(advice.into_iter().map(|line| Shown(line).to_string()));
        said = cause;
    }
    lines.extend(hints);
    lines.join("\n")
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |error: &&'a (dyn Error + 'static)| {
        (**error).source()
    })
}

fn last_error(lines: &mut [String]) -> Option<&mut String> {
    let errors = lines.iter_mut().rev();
    errors.into_iter().find(|line| line.starts_with("error: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Plain {
        text: &'static str,
        source: Option<Box<Plain>>,
    }

    fn chain(texts: &[&'static str]) -> Option<Box<Plain>> {
        let (text, rest) = texts.split_first()?;
        Some(Box::new(Plain {
            text,
            source: chain(rest),
        }))
    }

    #[test]
    fn causes_once_and_advice_last() {
        for (texts, said) in [
            (vec!["no seeds"], "error: no seeds"),
            (
                vec!["cannot read `a`", "it is a folder"],
                "error: cannot read `a`: it is a folder",
            ),
            (
                vec!["cannot read `a`: it is a folder", "it is a folder"],
                "error: cannot read `a`: it is a folder",
            ),
            (
                vec!["cannot open\nhint: close it", "in use\nhint: wait"],
                "error: cannot open: in use\nhint: close it\nhint: wait",
            ),
            (
                vec!["one\nhint: do this\ntwo"],
                "error: one\nhint: do this\nerror: two",
            ),
            (vec!["page says \u{1b}[2J"], "error: page says \\u{1b}[2J"),
        ] {
            assert_eq!(explain(&*chain(&texts).unwrap()), said);
        }
    }
}
