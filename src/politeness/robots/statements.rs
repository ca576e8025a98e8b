//! What a robots.txt says of the use of pages, beyond who may ask for them: Content-Usage
//! (draft-ietf-aipref-attach), Content-Signal, License (RSL 1.0 4), LLM-Policy, and rules that
//! shut out the agents of AI companies by name. Which of these lines speak of a URL is told here;
//! what they mean is left to others.

use super::groups::{Group, Groups};
use super::matcher::{Matcher, Read};
use super::{Pattern, octets};

/// What an agent of an AI company fetches pages for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AiUse {
    /// To train models.
    Training,
    /// To answer from them.
    Retrieval,
    /// Because a user asked for that page.
    User,
}

/// An agent whose groups are kept as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AiAgent {
    /// Its product token.
    pub token: &'static str,
    /// What it is for.
    pub usage: AiUse,
}

const fn agent(token: &'static str, usage: AiUse) -> AiAgent {
    AiAgent { token, usage }
}

impl AiAgent {
    /// Those that are known, the control tokens that send no requests among them.
    pub const ALL: [Self; 16] = [
        agent("GPTBot", AiUse::Training),
        agent("ClaudeBot", AiUse::Training),
        agent("CCBot", AiUse::Training),
        agent("Google-Extended", AiUse::Training),
        agent("Applebot-Extended", AiUse::Training),
        agent("meta-externalagent", AiUse::Training),
        agent("Bytespider", AiUse::Training),
        agent("Amazonbot", AiUse::Training),
        agent("anthropic-ai", AiUse::Training),
        agent("cohere-ai", AiUse::Training),
        agent("OAI-SearchBot", AiUse::Retrieval),
        agent("Claude-SearchBot", AiUse::Retrieval),
        agent("PerplexityBot", AiUse::Retrieval),
        agent("ChatGPT-User", AiUse::User),
        agent("Claude-User", AiUse::User),
        agent("Perplexity-User", AiUse::User),
    ];
}

/// Most agents that can be watched: a bit each.
const MOST: usize = 64;

/// The bits of an agent; none when it is not watched.
pub(super) fn bits(name: &str, watched: &[String]) -> u64 {
    let known = AiAgent::ALL.iter().map(|agent| agent.token);
    let all = known.chain(watched.iter().map(String::as_str)).take(MOST);
    all.enumerate()
        .filter(|(_, token)| token.eq_ignore_ascii_case(name))
        .fold(0, |bits, (bit, _)| bits | 1 << bit)
}

/// What kind of statement a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// `Content-Usage`.
    ContentUsage,
    /// `Content-Signal`.
    ContentSignal,
    /// `License`.
    License,
    /// `LLM-Policy`.
    LlmPolicy,
}

/// Where in a robots.txt a line stands that speaks to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Before all groups.
    Global,
    /// In a group of `*`.
    Star,
    /// In a group of `*`, though another names us: that one says nothing of the kind.
    Fallback,
    /// In a group that names us.
    Named,
}

/// A line that speaks of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What kind of statement it is.
    pub kind: LineKind,
    /// Where it stands.
    pub scope: Scope,
    /// The path that it names, as written; empty when it names none.
    pub path: String,
    /// What it says.
    pub value: String,
}

/// What a robots.txt says of a URL's use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RobotsSays {
    /// Whether we may ask for it.
    pub allowed: bool,
    /// The lines that speak of it.
    pub lines: Vec<Line>,
    /// Watched agents that may not ask for it, by a group that names them.
    pub blocked: Vec<String>,
    /// Agents that are named and not known, as written: a word that means something later may be
    /// among them.
    pub strangers: Vec<String>,
}

/// A line as it was read.
#[derive(Debug)]
pub(super) struct Said {
    kind: LineKind,
    path: Box<str>,
    value: Box<str>,
}

impl Said {
    /// Content-Usage may name a path, which begins with `/` and ends at the first blank.
    pub(super) fn new(kind: LineKind, value: &str) -> Self {
        let named = kind == LineKind::ContentUsage && value.starts_with('/');
        let end = value.find([' ', '\t']).unwrap_or(value.len());
        let (path, value) = value.split_at(if named { end } else { 0 });
        Self {
            kind,
            path: path.into(),
            value: value.trim().into(),
        }
    }

    fn line(&self, scope: Scope) -> Line {
        Line {
            kind: self.kind,
            scope,
            path: self.path.to_string(),
            value: self.value.to_string(),
        }
    }
}

/// What a robots.txt says, kept as small as can be.
#[derive(Debug, Default)]
pub(super) struct Statements {
    /// Content-Usage of the groups that bind us, and the paths that they name.
    usages: Box<[(Said, Option<Pattern>)]>,
    /// The rules that bind us where Content-Usage ends a run of agent lines, if others do then.
    usage_rules: Option<Matcher>,
    /// Whether it is a group naming us that binds: in that reading, and in RFC 9309's.
    named: [bool; 2],
    ours: Box<[Said]>,
    star: Box<[Said]>,
    global: Box<[Said]>,
    blocks: Box<[(u64, Blocked)]>,
    watched: Box<[String]>,
    strangers: Box<[String]>,
}

/// What is closed to watched agents.
#[derive(Debug)]
enum Blocked {
    Everything,
    /// What is closed to us.
    AsWeAre,
    By(Matcher),
}

impl Statements {
    /// Takes what the groups say out of them; `other` is the reading in which Content-Usage ends
    /// a run of agent lines.
    pub(super) fn of_groups(
        groups: &mut Groups<'_>,
        other: Option<Groups<'_>>,
    ) -> Option<Box<Self>> {
        let blocks = blocks(groups);
        let named = groups.all.iter().any(|group| group.named);
        let own = take(&mut groups.all, |group| group.named);
        let star = take(&mut groups.all, |group| group.star && !group.named);
        let mut found = Self {
            named: [named; 2],
            ours: own.into(),
            star: star.into(),
            global: std::mem::take(&mut groups.global).into(),
            blocks,
            watched: groups.watched().into(),
            strangers: std::mem::take(&mut groups.strangers).into(),
            ..Self::default()
        };
        match other {
            Some(other) => found.usage_of(other),
            None => found.usages_of_ours(),
        }
        (!found.is_empty()).then(|| Box::new(found))
    }

    fn usages_of_ours(&mut self) {
        let from = if self.named[1] {
            &mut self.ours
        } else {
            &mut self.star
        };
        let all = std::mem::take(from).into_iter();
        let (usages, rest): (Vec<_>, Vec<_>) =
            all.partition(|said| said.kind == LineKind::ContentUsage);
        *from = rest.into();
        self.usages = compiled(usages);
    }

    fn usage_of(&mut self, mut other: Groups<'_>) {
        let binds = other.binds();
        self.named[0] = other.all.iter().any(|group| group.named);
        let mut said = take(&mut other.all, &binds);
        said.retain(|said| said.kind == LineKind::ContentUsage);
        self.usages = compiled(said);
        let ours = other.all.into_iter().filter(|group| binds(group));
        self.usage_rules = Some(Matcher::new(ours.flat_map(|g| g.asks.rules).collect()));
    }

    fn is_empty(&self) -> bool {
        let lines = [&self.ours, &self.star, &self.global];
        self.usages.is_empty()
            && lines.iter().all(|lines| lines.is_empty())
            && self.blocks.is_empty()
            && self.strangers.is_empty()
    }

    /// What is said of a path with its query; `rules` are those that bind us.
    pub(super) fn of(&self, target: &str, allowed: bool, rules: &Matcher) -> RobotsSays {
        let mut lines = self.usages(target, allowed);
        for kind in [
            LineKind::ContentSignal,
            LineKind::License,
            LineKind::LlmPolicy,
        ] {
            self.add_nearest(kind, &mut lines);
        }
        RobotsSays {
            allowed,
            lines,
            blocked: self.blocked(target, allowed, rules),
            strangers: self.strangers.to_vec(),
        }
    }

    /// The longest path that matches replaces the shorter ones; equals add up; what may not be
    /// fetched has none (aipref-attach 3).
    fn usages(&self, target: &str, allowed: bool) -> Vec<Line> {
        let may_fetch = match &self.usage_rules {
            Some(rules) => allows(rules, target),
            None => allowed,
        };
        if !may_fetch {
            return Vec::new();
        }
        let weight = |pattern: &Option<Pattern>| pattern.as_ref().map_or(0, |p| p.weight);
        let matching = || {
            self.usages.iter().filter(|(_, pattern)| {
                let pattern = pattern.as_ref();
                pattern.is_none_or(|pattern| pattern.matches(target))
            })
        };
        let longest = matching().map(|(_, pattern)| weight(pattern)).max();
        let scope = if self.named[0] {
            Scope::Named
        } else {
            Scope::Star
        };
        matching()
            .filter(|(_, pattern)| Some(weight(pattern)) == longest)
            .map(|(said, _)| said.line(scope))
            .collect()
    }

    /// Signals of `*` hold where a group of ours has none, and the global ones where neither has.
    /// A License in the group that binds us replaces the global ones (RSL 1.0 4).
    fn add_nearest(&self, kind: LineKind, lines: &mut Vec<Line>) {
        let star = if self.named[1] {
            Scope::Fallback
        } else {
            Scope::Star
        };
        let falls_back = kind != LineKind::License || !self.named[1];
        let places = [
            (&self.ours, Scope::Named, true),
            (&self.star, star, falls_back),
            (&self.global, Scope::Global, true),
        ];
        for (said, scope, _) in places.into_iter().filter(|(.., counts)| *counts) {
            let before = lines.len();
            let of_kind = said.iter().filter(|said| said.kind == kind);
            lines.extend(of_kind.map(|said| said.line(scope)));
            if lines.len() > before {
                return;
            }
        }
    }

    fn blocked(&self, target: &str, allowed: bool, rules: &Matcher) -> Vec<String> {
        let known = AiAgent::ALL.iter().map(|agent| agent.token);
        let tokens = known.chain(self.watched.iter().map(String::as_str));
        let mut bits = 0;
        for (own, what) in &self.blocks {
            let closed = match what {
                Blocked::Everything => true,
                Blocked::AsWeAre if rules.len() == 0 => false,
                Blocked::AsWeAre => !allowed,
                Blocked::By(rules) => !allows(rules, target),
            };
            bits |= if closed { *own } else { 0 };
        }
        let tokens = tokens.take(MOST).enumerate();
        let mut names: Vec<String> = tokens
            .filter(|(bit, _)| bits & (1 << bit) != 0)
            .map(|(_, token)| token.to_owned())
            .collect();
        names.sort_unstable();
        names
    }
}

fn allows(rules: &Matcher, target: &str) -> bool {
    let rule = rules.deciding(&octets::target(target));
    rule.is_none_or(|rule| rule.allow)
}

fn take(groups: &mut [Group], of: impl Fn(&Group) -> bool) -> Vec<Said> {
    let groups = groups.iter_mut().filter(|group| of(group));
    groups
        .flat_map(|group| std::mem::take(&mut group.says))
        .collect()
}

fn compiled(usages: Vec<Said>) -> Box<[(Said, Option<Pattern>)]> {
    let usages = usages.into_iter();
    usages
        .map(|said| {
            let pattern = Pattern::compile(&said.path);
            (said, pattern)
        })
        .collect()
}

/// What is closed to each set of watched agents that stand in the same groups.
fn blocks(groups: &Groups<'_>) -> Box<[(u64, Blocked)]> {
    let binds = groups.binds();
    let ours: Vec<usize> = places(&groups.all, &binds);
    let mut found: Vec<(u64, Vec<usize>)> = Vec::new();
    let mut open = groups
        .all
        .iter()
        .fold(0, |bits, group| bits | group.watched);
    while open != 0 {
        let bit = open & open.wrapping_neg();
        open &= !bit;
        let places = places(&groups.all, |group| group.watched & bit != 0);
        match found.iter_mut().find(|(_, known)| *known == places) {
            Some((bits, _)) => *bits |= bit,
            None => found.push((bit, places)),
        }
    }
    let blocked = |places: &[usize]| {
        if places == ours {
            return Some(Blocked::AsWeAre);
        }
        let rules = places.iter().flat_map(|at| &groups.all[*at].asks.rules);
        of_rules(rules.cloned().collect())
    };
    let sets = found.iter();
    sets.filter_map(|(bits, places)| Some((*bits, blocked(places)?)))
        .collect()
}

fn places(groups: &[Group], of: impl Fn(&Group) -> bool) -> Vec<usize> {
    let groups = groups.iter().enumerate();
    groups
        .filter(|(_, group)| of(group))
        .map(|(at, _)| at)
        .collect()
}

/// Most such groups are one `Disallow: /`.
fn of_rules(rules: Vec<Read>) -> Option<Blocked> {
    if rules.iter().all(|(_, allow, _)| *allow) {
        return None;
    }
    match &rules[..] {
        [(pattern, ..)] if pattern.text == "/" && !pattern.anchored => Some(Blocked::Everything),
        _ => Some(Blocked::By(Matcher::new(rules))),
    }
}
