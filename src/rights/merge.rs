//! All signals of a page put together, and what follows from them.

use super::content_signal::{self, Level};
use super::record::{Access, AiBlocks, Rights, RobotsTxt, Statement, Stored};
use super::rsl::{self, Evaluated, Terms, Usage, Word};
use super::tdmrep::TdmFile;
use super::uses::{Answer, Use, Uses};
use super::{aipref, licences, lines, payment, tdm};
use crate::parse::{Directives, Imprint};
use crate::politeness::{AiAgent, AiUse, LineKind, RobotsSays, Scope};
use http::HeaderMap;
use jiff::Timestamp;
use url::Url;

/// Most bytes of a statement that are kept.
const LONGEST: usize = 2_000;

/// What we do with pages, and how strictly signals are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What we use pages for: a no to one of these, and no body is stored.
    pub declared: Vec<Use>,
    /// A training agent that is shut out by name counts as a no to training.
    pub strict_ai: bool,
    /// No body is stored of a page of which anything is reserved.
    pub leave_out_reserved: bool,
    /// User-agent names that stand for training, not for a robot.
    pub policy_tokens: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            declared: vec![Use::Search],
            strict_ai: false,
            leave_out_reserved: false,
            policy_tokens: Vec::new(),
        }
    }
}

/// All that is known of one page's use.
#[derive(Clone, Copy, Debug)]
pub struct Signals<'a> {
    /// The page's address.
    pub url: &'a Url,
    /// What the robots.txt in force says of it.
    pub robots: Option<&'a RobotsSays>,
    /// Which robots.txt that was.
    pub robots_txt: Option<&'a RobotsTxt>,
    /// The site's tdmrep.json.
    pub tdm_file: Option<&'a TdmFile>,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers.
    pub headers: &'a HeaderMap,
    /// The answer's body, where it is short: some demands to pay stand in it.
    pub body: &'a [u8],
    /// What headers and page ask of robots.
    pub directives: &'a Directives,
    /// What the page says.
    pub imprint: Option<&'a Imprint>,
    /// RSL documents that a feed gives for this page.
    pub feed_terms: &'a [String],
}

/// Answers and statements as they come in.
#[derive(Default)]
struct Heard {
    uses: Uses,
    level: Option<Level>,
    statements: Vec<Statement>,
}

impl Signals<'_> {
    /// The record of all that is said, as it was at `now`.
    #[must_use]
    pub fn evaluate(&self, policy: &Policy, now: Timestamp) -> Rights {
        let mut heard = Heard::default();
        let tdm = tdm::read(self.tdm_file, self.headers, self.imprint, self.url);
        heard.robots(self, policy);
        heard.headers(self);
        heard.page(self);
        if let (Some(reserved), Some(via)) = (tdm.reservation, &tdm.via) {
            heard.tdm(reserved == 1, via);
        }
        let mut rights = Rights {
            v: 1,
            checked: now.to_string(),
            uses: heard.uses,
            max_use: heard.level.map(|level| level.name().to_owned()),
            store: Stored::Full,
            reason: None,
            statements: heard.statements,
            tdm,
            licences: licences::named(self),
            robots: self.directives.into(),
            ai_blocks: self.robots.map(|says| blocks(says, policy)),
            access: self.access(),
            credit: self
                .imprint
                .map(|page| page.credit.clone())
                .unwrap_or_default(),
            robots_txt: self.robots_txt.cloned(),
        };
        self.decide(&mut rights, heard.level, policy, now);
        rights
    }

    fn access(&self) -> Access {
        let said = self
            .imprint
            .map(|imprint| imprint.access.clone())
            .unwrap_or_default();
        let demand = payment(self.status, self.headers, self.body);
        Access {
            is_free: said.is_free,
            paywalled_selectors: said.paywalled_selectors,
            payment: demand.scheme.is_some().then_some(demand),
        }
    }

    /// What of the page may be stored, and why not more.
    fn decide(&self, rights: &mut Rights, level: Option<Level>, policy: &Policy, now: Timestamp) {
        let mut reasons = Vec::new();
        if self.directives.noindex {
            reasons.push("noindex".to_owned());
        } else if self.directives.hides(now) {
            reasons.push("unavailable_after".to_owned());
        }
        for usage in &policy.declared {
            let standing = rights.uses.of(*usage);
            if standing.is == Answer::No {
                reasons.push(format!(
                    "{}: no by {}",
                    usage.name(),
                    standing.by.join(", ")
                ));
            }
        }
        if level == Some(Level::Immediate) {
            reasons.push("use=immediate".to_owned());
        }
        if policy.leave_out_reserved && rights.is_reserved() {
            reasons.push("reserved".to_owned());
        }
        if !reasons.is_empty() {
            rights.store = Stored::Metadata;
        }
        let stopped = rights
            .access
            .payment
            .as_ref()
            .is_some_and(|p| p.action == "stop");
        if stopped {
            rights.store = Stored::None;
            reasons.insert(0, "payment required".to_owned());
        } else if self.robots.is_some_and(|says| !says.allowed) {
            rights.store = Stored::None;
            reasons.insert(0, "disallowed by robots.txt".to_owned());
        }
        rights.reason = (!reasons.is_empty()).then(|| reasons.join("; "));
    }
}

impl Heard {
    fn say_all(&mut self, said: impl IntoIterator<Item = (Use, Answer)>, by: &str) {
        for (usage, answer) in said {
            self.uses.say(usage, answer, by);
        }
    }

    fn limit(&mut self, level: Option<Level>) {
        self.level = self.level.into_iter().chain(level).min();
    }

    fn robots(&mut self, signals: &Signals<'_>, policy: &Policy) {
        let Some(says) = signals.robots else {
            return;
        };
        self.say_all(aipref::of_robots(says).uses(), "aipref@robots");
        let signal = content_signal::of_robots(says);
        self.say_all(signal.uses(), "content-signal@robots");
        self.limit(signal.level);
        for line in says
            .lines
            .iter()
            .filter(|line| line.kind != LineKind::License)
        {
            let signal = match line.kind {
                LineKind::ContentUsage => "aipref",
                LineKind::ContentSignal => "content-signal",
                _ => "llm-policy",
            };
            let path = Some(line.path.clone()).filter(|path| !path.is_empty());
            self.note(signal, "robots", scope_name(line.scope), path, &line.value);
        }
        for token in says.blocked.iter().filter(|token| is_policy(token, policy)) {
            self.uses
                .say(Use::AiTrain, Answer::No, "policy-token@robots");
            self.note("policy-token", "robots", "global", None, token);
        }
        let training = |token: &&String| {
            let mut known = AiAgent::ALL.iter();
            known.any(|agent| agent.token == **token && agent.usage == AiUse::Training)
        };
        let ours = |usage| policy.declared.contains(&usage);
        let declared = ours(Use::AiTrain) || ours(Use::AiInput);
        if policy.strict_ai && declared && says.blocked.iter().any(|token| training(&token)) {
            self.uses.say(Use::AiTrain, Answer::No, "ai-blocks@robots");
        }
    }

    fn headers(&mut self, signals: &Signals<'_>) {
        let headers = signals.headers;
        self.say_all(aipref::of_headers(headers).uses(), "aipref@header");
        let signal = content_signal::of_headers(headers);
        self.say_all(signal.uses(), "content-signal@header");
        self.limit(signal.level);
        for (name, signal) in [
            ("content-usage", "aipref"),
            ("content-signal", "content-signal"),
            ("x-robots-tag", "robots-meta"),
            ("robots-tag", "robots-meta"),
        ] {
            for line in lines(headers, name) {
                self.note(signal, "header", "resource", None, &line);
            }
        }
        let asked = Directives::of_headers(headers);
        self.directives(&asked, "header");
    }

    fn page(&mut self, signals: &Signals<'_>) {
        let Some(imprint) = signals.imprint else {
            return;
        };
        for content in &imprint.robots {
            self.note("robots-meta", "meta", "resource", None, content);
        }
        // What the headers asked was heard already: what is left is the page's own.
        if !imprint.robots.is_empty() {
            let own = Directives::of_metas(&imprint.robots);
            self.directives(&own, "meta");
        }
        let terms = imprint.rsl.iter().map(|terms| (terms, "html-inline"));
        let terms = terms.chain(signals.feed_terms.iter().map(|terms| (terms, "rss")));
        for (document, via) in terms {
            self.note("rsl", via, "resource", None, document);
            if let Evaluated::Terms(terms) = rsl::evaluate(document, signals.url) {
                self.say_all(granted(&terms), &format!("rsl@{via}"));
            }
        }
    }

    /// Not for AI is neither for training nor as input (`DeviantArt` 2022).
    fn directives(&mut self, asked: &Directives, via: &str) {
        if asked.noai {
            let said = [Use::AiTrain, Use::AiInput].map(|usage| (usage, Answer::No));
            self.say_all(said, &format!("noai@{via}"));
        }
        if asked.noarchive {
            self.uses
                .say(Use::Archive, Answer::No, &format!("noarchive@{via}"));
        }
    }

    /// A reservation of mining reserves what is done by mining.
    fn tdm(&mut self, reserved: bool, via: &str) {
        let by = format!("tdm@{via}");
        if reserved {
            let said = [Use::Tdm, Use::AiTrain, Use::AiInput].map(|usage| (usage, Answer::No));
            self.say_all(said, &by);
        } else {
            self.uses.say(Use::Tdm, Answer::Yes, &by);
        }
    }

    fn note(&mut self, signal: &str, via: &str, scope: &str, path: Option<String>, raw: &str) {
        self.statements.push(Statement {
            signal: signal.to_owned(),
            via: via.to_owned(),
            scope: scope.to_owned(),
            path,
            raw: raw[..raw.floor_char_boundary(LONGEST)].to_owned(),
        });
    }
}

/// What RSL terms come to for us, who ask for no token and pay nothing.
fn granted(terms: &Terms) -> [(Use, Answer); 3] {
    let answer = |usage| match terms.of(usage) {
        Word::Permitted if terms.is_free() => Answer::Yes,
        Word::Permitted | Word::Prohibited => Answer::No,
        Word::Unlisted if terms.exclusive => Answer::No,
        Word::Unlisted => Answer::Unknown,
    };
    [
        (Use::AiTrain, answer(Usage::AiTrain)),
        (Use::AiInput, answer(Usage::AiInput)),
        (Use::Search, answer(Usage::Search)),
    ]
}

fn is_policy(token: &str, policy: &Policy) -> bool {
    let mut tokens = policy.policy_tokens.iter();
    tokens.any(|own| own.eq_ignore_ascii_case(token))
}

fn blocks(says: &RobotsSays, policy: &Policy) -> AiBlocks {
    let named = says
        .blocked
        .iter()
        .filter(|token| !is_policy(token, policy));
    AiBlocks {
        blocked: named.cloned().collect(),
        own: if says.allowed {
            "allowed"
        } else {
            "disallowed"
        }
        .to_owned(),
    }
}

/// Where a line of robots.txt stands, by the names of our record.
pub(super) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Global => "global",
        Scope::Star | Scope::Fallback => "group:*",
        Scope::Named => "group:gleaner",
    }
}
