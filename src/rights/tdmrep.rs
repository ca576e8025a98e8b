//! `/.well-known/tdmrep.json` (`TDMRep`, final report of 2024-05-10): rules by location, of which
//! the first that matches counts.

use crate::politeness::Pattern;
use serde_json::{Map, Value};
use url::{Position, Url};

/// The rules of a site.
#[derive(Clone, Debug, Default)]
pub struct TdmFile(Box<[Rule]>);

#[derive(Clone, Debug)]
struct Rule {
    location: Pattern,
    reserved: bool,
    policy: Option<Box<str>>,
}

impl TdmFile {
    /// Reads a file. A page that is served in its place says nothing; neither does a rule that
    /// lacks a location or a reservation. Whatever is read leniently reserves: a rule that stands
    /// alone, a `"1"`.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let rules = match serde_json::from_slice(body) {
            Ok(Value::Array(rules)) => rules,
            Ok(rule @ Value::Object(_)) => vec![rule],
            _ => Vec::new(),
        };
        let rules = rules.iter().filter_map(Value::as_object);
        Self(rules.filter_map(Rule::read).collect())
    }

    /// Whether it says anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The reservation of a URL and the address of its terms; `None` when no rule matches.
    pub(super) fn of(&self, url: &Url) -> Option<(bool, Option<&str>)> {
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let mut rules = self.0.iter();
        let rule = rules.find(|rule| rule.location.matches(target))?;
        Some((rule.reserved, rule.policy.as_deref()))
    }
}

impl Rule {
    fn read(rule: &Map<String, Value>) -> Option<Self> {
        let reserved = match rule.get("tdm-reservation")? {
            Value::Number(number) if number.as_f64() == Some(1.0) => true,
            Value::Number(number) if number.as_f64() == Some(0.0) => false,
            Value::String(text) if text.trim() == "1" => true,
            _ => return None,
        };
        let policy = rule.get("tdm-policy").and_then(Value::as_str);
        let policy = policy.map(str::trim).filter(|policy| !policy.is_empty());
        Some(Self {
            location: Pattern::compile(rule.get("location")?.as_str()?.trim())?,
            reserved,
            policy: policy.map(Into::into),
        })
    }
}
