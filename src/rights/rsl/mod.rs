//! RSL 1.0 terms: what a licence document permits and prohibits for one URL.

mod document;

use document::{Content, Document};
use url::Url;

/// What terms say of one usage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing.
    #[default]
    Unlisted,
    /// It is permitted.
    Permitted,
    /// It is prohibited, or both.
    Prohibited,
}

/// A usage that terms speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    AiTrain,
    AiInput,
    AiIndex,
    Search,
}

impl Usage {
    const ALL: [Self; 4] = [Self::AiTrain, Self::AiInput, Self::AiIndex, Self::Search];

    /// What a token of a document stands for (RSL 1.0 3.4.1.1).
    fn of_token(token: &str) -> &'static [Self] {
        match token {
            "all" => &Self::ALL,
            "ai-all" => &Self::ALL[..3],
            "ai-train" => &Self::ALL[..1],
            "ai-input" => &Self::ALL[1..2],
            "ai-index" => &Self::ALL[2..3],
            "search" => &Self::ALL[3..],
            _ => &[],
        }
    }
}

/// What a document says of a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Terms {
    words: [Word; 4],
    /// A list of what is permitted stands there: all else is not licensed.
    pub(super) exclusive: bool,
    /// The licence server that a token is to be had from, even for what is free.
    pub(super) server: Option<String>,
    /// What is to be paid with: `free`, or kinds of payment.
    pub(super) payment: Vec<String>,
}

impl Terms {
    pub(super) fn of(&self, usage: Usage) -> Word {
        self.words[usage as usize]
    }

    /// Whether it may be used as it is: no token, and nothing to pay but a mention.
    pub(super) fn is_free(&self) -> bool {
        let free = |kind: &String| matches!(kind.as_str(), "free" | "attribution" | "contribution");
        self.server.is_none() && self.payment.iter().all(free)
    }
}

/// What came of reading a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Evaluated {
    /// It is no RSL.
    Invalid,
    /// It does not speak of the URL.
    Unmatched,
    /// It does.
    Terms(Terms),
}

/// Evaluates a document for a URL. Of the contents that match, one with a narrower path stands
/// above one with a wider; in equals the stricter word counts.
pub(super) fn evaluate(document: &str, url: &Url) -> Evaluated {
    let Some(document) = Document::parse(document) else {
        return Evaluated::Invalid;
    };
    let contents = document.contents.iter();
    let mut matching: Vec<_> = contents
        .filter_map(|content| Some((content.width(url)?, content)))
        .collect();
    matching.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let mut terms = match matching.first() {
        Some(_) => Terms::default(),
        None => return Evaluated::Unmatched,
    };
    let mut undecided = Usage::ALL.to_vec();
    for scope in matching.chunk_by(|a, b| a.0 == b.0) {
        terms.add(scope, &mut undecided);
    }
    if terms.payment.is_empty() {
        terms.payment.push("free".to_owned());
    }
    Evaluated::Terms(terms)
}

impl Terms {
    /// Adds contents of one width: usages that narrower ones have decided stay so.
    fn add(&mut self, scope: &[(u32, &Content)], undecided: &mut Vec<Usage>) {
        let contents = || scope.iter().map(|(_, content)| content);
        let exclusive = contents().any(|content| content.exclusive);
        undecided.retain(|usage| {
            let says = |list: fn(&Content) -> &[Usage]| contents().any(|c| list(c).contains(usage));
            let word = match (says(|c| &c.prohibits), says(|c| &c.permits)) {
                (true, _) => Word::Prohibited,
                (_, true) => Word::Permitted,
                _ => Word::Unlisted,
            };
            self.words[*usage as usize] = word;
            word == Word::Unlisted && !exclusive
        });
        self.exclusive |= exclusive;
        let server = contents().find_map(|content| content.server.clone());
        self.server = self.server.take().or(server);
        if self.payment.is_empty() {
            for kind in contents().flat_map(|content| &content.payments) {
                if !self.payment.contains(kind) {
                    self.payment.push(kind.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(contents: &str) -> String {
        let url = Url::parse("https://ledger.example/city/ferry.html").unwrap();
        let document = format!("<rsl xmlns='https://rslstandard.org/rsl'>{contents}</rsl>");
        let terms = match evaluate(&document, &url) {
            Evaluated::Terms(terms) => terms,
            other => return format!("{other:?}"),
        };
        let letter = |usage| match terms.of(usage) {
            Word::Permitted => '+',
            Word::Prohibited => '-',
            Word::Unlisted => '.',
        };
        let words: String = Usage::ALL.map(letter).iter().collect();
        let server = terms.server.iter().map(String::as_str);
        let rest: Vec<_> = terms
            .payment
            .iter()
            .map(String::as_str)
            .chain(server)
            .collect();
        format!("{words} {}", rest.join(" "))
    }

    /// Training, input, index, search; then payment and server.
    #[test]
    fn terms_for_a_url() {
        let permits = |what: &str| format!("<permits type='usage'>{what}</permits>");
        let prohibits = |what: &str| format!("<prohibits type='usage'>{what}</prohibits>");
        let content = |at: &str, inner: &str| {
            format!("<content url='{at}'><license>{inner}</license></content>")
        };
        let rows = [
            (content("/", &permits("all")), "++++ free"),
            (content("/", &permits("ai-all")), "+++. free"),
            (content("/", &(permits("all") + &prohibits("ai-input"))), "+-++ free"),
            (content("/", &(permits("search,ai-index") + "<permits type='geo'>DE</permits>")), "..++ free"),
            (content("/", &permits("all")) + &content("/city/*.html$", &prohibits("ai-all")), "---+ free"),
            (content("/", &permits("all")) + &content("/city/", &permits("search")), "...+ free"),
            (content("/", &permits("all")) + &content("/", &prohibits("search")), "+++- free"),
            (content("", &prohibits("all")), "---- free"),
            (content("https://ledger.example/city", &permits("search")), "...+ free"),
            (content("https://other.example/", &permits("search")), "Unmatched"),
            (content("/sport/", &permits("search")), "Unmatched"),
            (
                "<content url='/' server='https://lic.example'><license><payment type='crawl'><amount currency='EUR'>1</amount></payment><payment type='use'/></license></content>".to_owned(),
                ".... crawl use https://lic.example",
            ),
            ("<x:content xmlns:x='urn:x' url='/'/>".to_owned(), "Unmatched"),
            ("<content url='/'>".to_owned(), "Invalid"),
        ];
        for (contents, expected) in rows {
            assert_eq!(shown(&contents), expected, "{contents}");
        }
    }
}
