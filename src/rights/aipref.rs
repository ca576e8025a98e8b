//! Content-Usage: IETF AIPREF, as draft-ietf-aipref-vocab-08 words it. A header speaks of the
//! answer's content, a line of robots.txt of the paths that it names.

use super::lines;
use super::uses::{Answer, Use};
use crate::parse::structured::{self, Bare};
use crate::politeness::{LineKind, RobotsSays};
use http::HeaderMap;

/// Answers by use: what one place says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Preferences {
    pub(super) train_ai: Answer,
    pub(super) ai_use: Answer,
    pub(super) search: Answer,
}

impl Preferences {
    /// Reads a dictionary of labels. Unknown labels, parameters, and values other than the tokens
    /// `y` and `n` say nothing; a fault silences all of it (vocab-08 6).
    fn read(field: &str) -> Self {
        let mut found = Self::default();
        for (label, value) in structured::dictionary(field).unwrap_or_default() {
            let answer = match value {
                Bare::Token(word) if word == "y" => Answer::Yes,
                Bare::Token(word) if word == "n" => Answer::No,
                _ => continue,
            };
            match label.as_str() {
                "train-ai" => found.train_ai = answer,
                "ai-use" => found.ai_use = answer,
                "search" => found.search = answer,
                _ => {}
            }
        }
        found
    }

    /// Any no is a no.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            train_ai: self.train_ai.max(other.train_ai),
            ai_use: self.ai_use.max(other.ai_use),
            search: self.search.max(other.search),
        }
    }

    /// The same by the names of our record.
    pub(super) fn uses(self) -> [(Use, Answer); 3] {
        [
            (Use::AiTrain, self.train_ai),
            (Use::AiInput, self.ai_use),
            (Use::Search, self.search),
        ]
    }
}

/// What the headers say; several are one dictionary, in which the last of a label counts.
pub(super) fn of_headers(headers: &HeaderMap) -> Preferences {
    let all: Vec<_> = lines(headers, "content-usage").collect();
    Preferences::read(&all.join(", "))
}

/// What the lines of a robots.txt say that matched the URL's path.
pub(super) fn of_robots(says: &RobotsSays) -> Preferences {
    let usages = says
        .lines
        .iter()
        .filter(|line| line.kind == LineKind::ContentUsage);
    usages.fold(Preferences::default(), |all, line| {
        all.and(Preferences::read(&line.value))
    })
}
