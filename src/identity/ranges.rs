//! The addresses that we crawl from (draft-illyes-aipref-jafar).

use serde_json::{Value, json};
use std::net::IpAddr;

/// Prefixes of addresses, in CIDR form.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ranges {
    /// The prefixes, in their order.
    pub prefixes: Vec<String>,
    /// Entries that were left out: with both kinds of prefix, with none, or with no sound one.
    pub ignored: usize,
}

/// Why there are no ranges.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RangesError {
    /// Not a prefix in CIDR form.
    #[error("`{0}` is not a range of addresses such as `192.0.2.0/28`")]
    NotARange(String),
    /// Not a document of ranges.
    #[error("the document has no list `prefixes`")]
    NoPrefixes,
}

impl Ranges {
    /// Ranges out of what a user typed.
    ///
    /// # Errors
    /// On the first that is none.
    pub fn new(prefixes: &[String]) -> Result<Self, RangesError> {
        let wrong = prefixes.iter().find(|prefix| address(prefix).is_none());
        match wrong {
            Some(wrong) => Err(RangesError::NotARange(wrong.clone())),
            None => Ok(Self {
                prefixes: prefixes.to_vec(),
                ignored: 0,
            }),
        }
    }

    /// Reads a document of ranges.
    ///
    /// # Errors
    /// When it has no list of prefixes.
    pub fn read(document: &Value) -> Result<Self, RangesError> {
        let entries = document["prefixes"].as_array();
        let entries = entries.ok_or(RangesError::NoPrefixes)?;
        let prefixes: Vec<String> = entries.iter().filter_map(prefix).collect();
        let ignored = entries.len() - prefixes.len();
        Ok(Self { prefixes, ignored })
    }

    /// The document to publish; `made` is its time (RFC 3339).
    #[must_use]
    pub fn document(&self, made: &str) -> Value {
        let entry = |prefix: &String| match address(prefix) {
            Some(IpAddr::V6(_)) => json!({ "ipv6Prefix": prefix, "service": "gleaner" }),
            _ => json!({ "ipv4Prefix": prefix, "service": "gleaner" }),
        };
        let prefixes: Vec<Value> = self.prefixes.iter().map(entry).collect();
        json!({ "synctoken": made, "creationTime": made, "prefixes": prefixes })
    }
}

/// The prefix of an entry that has exactly one, of the kind that it says.
fn prefix(entry: &Value) -> Option<String> {
    let (v4, v6) = (&entry["ipv4Prefix"], &entry["ipv6Prefix"]);
    let (text, is_v4) = match (v4.as_str(), v6.as_str()) {
        (Some(text), None) if v6.is_null() => (text, true),
        (None, Some(text)) if v4.is_null() => (text, false),
        _ => return None,
    };
    (address(text)?.is_ipv4() == is_v4).then(|| text.to_owned())
}

/// The address of a prefix with a sound length.
fn address(prefix: &str) -> Option<IpAddr> {
    let (address, length) = prefix.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length: u8 = length.parse().ok()?;
    (length <= most).then_some(address)
}
