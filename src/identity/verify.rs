//! What a server makes of a signed request: our own check that what we send can be verified.

use super::message::base;
use super::{Component, PublicKey};
use sfv::{BareItem, Dictionary, FieldType, InnerList, Item, ListEntry, Parser};

/// The longest time for which a signature may be good, in seconds (a day).
const LONGEST: i64 = 86_400;

/// A request, as its server sees it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Host and port, lower case, without the scheme's own port.
    pub authority: &'a str,
    /// The method.
    pub method: &'a str,
    /// The path without the query.
    pub path: &'a str,
    /// The headers, in their order.
    pub headers: &'a [(String, String)],
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The holder of the key sent this request.
    Verified,
    /// The signature says nothing: why.
    Invalid(&'static str),
    /// The signature is in good form, by a key that is not known: why.
    Unverified(&'static str),
}

/// Checks the Web Bot Auth signature of a request at `now` (seconds since 1970) against one key.
#[must_use]
pub fn verify(asked: &Asked<'_>, key: &PublicKey, now: i64) -> Verdict {
    match checked(asked, key, now) {
        Ok(()) => Verdict::Verified,
        Err(verdict) => verdict,
    }
}

fn checked(asked: &Asked<'_>, key: &PublicKey, now: i64) -> Result<(), Verdict> {
    let inputs = asked.dictionary("signature-input")?;
    let signatures = asked.dictionary("signature")?;
    let ours = inputs.iter().find_map(|(label, entry)| match entry {
        ListEntry::InnerList(list) if text(list, "tag") == Some("web-bot-auth") => {
            Some((label, list))
        }
        _ => None,
    });
    let (label, list) = ours.ok_or(Verdict::Invalid("no-web-bot-auth-signature"))?;
    let signature = match signatures.get(label) {
        Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
        _ => None,
    };
    let signature = signature.ok_or(Verdict::Invalid("no-signature"))?;
    covers_enough(list, asked)?;
    is_timely(list, now)?;
    if text(list, "alg").is_some_and(|alg| alg != "ed25519") {
        return Err(Verdict::Invalid("wrong-algorithm"));
    }
    match text(list, "keyid") {
        Some(id) if id == key.id() => {}
        Some(_) => return Err(Verdict::Unverified("unknown-key")),
        None => return Err(Verdict::Invalid("no-key-id")),
    }
    let components = list.items.iter().map(|item| asked.component(item));
    let components = components.collect::<Result<Vec<_>, _>>()?;
    let base = base(&components, &parameters(list));
    if key.signed(base.as_bytes(), signature) {
        Ok(())
    } else {
        Err(Verdict::Invalid("bad-signature"))
    }
}

/// The target must be covered, and `Signature-Agent` wherever it was sent.
fn covers_enough(list: &InnerList, asked: &Asked<'_>) -> Result<(), Verdict> {
    let covers = |name: &str| list.items.iter().any(|item| id(item) == Some(name));
    if !covers("@authority") && !covers("@target-uri") {
        return Err(Verdict::Invalid("target-not-covered"));
    }
    if asked.header("signature-agent").is_some() && !covers("signature-agent") {
        return Err(Verdict::Invalid("signature-agent-not-covered"));
    }
    Ok(())
}

fn is_timely(list: &InnerList, now: i64) -> Result<(), Verdict> {
    let time = |name| parameter(list, name)?.as_integer().map(i64::from);
    let (Some(created), Some(expires)) = (time("created"), time("expires")) else {
        return Err(Verdict::Invalid("no-times"));
    };
    if expires <= now {
        return Err(Verdict::Invalid("expired"));
    }
    if created > now {
        return Err(Verdict::Invalid("not-yet-valid"));
    }
    if expires - created > LONGEST {
        return Err(Verdict::Invalid("lifetime-too-long"));
    }
    Ok(())
}

impl Asked<'_> {
    /// The values of a header, joined as one (RFC 9110 5.3).
    fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    fn dictionary(&self, name: &str) -> Result<Dictionary, Verdict> {
        let value = self.header(name).ok_or(Verdict::Invalid("not-signed"))?;
        let parsed = Parser::new(&value).parse();
        parsed.map_err(|_| Verdict::Invalid("malformed"))
    }

    /// A covered component with its value in this request (RFC 9421 2.1, 2.2).
    fn component(&self, item: &Item) -> Result<Component, Verdict> {
        let unknown = Verdict::Invalid("unknown-component");
        let name = id(item).ok_or(unknown)?;
        let value = match (name, item.params.get("key")) {
            ("@authority", None) => self.authority.to_owned(),
            ("@method", None) => self.method.to_owned(),
            ("@path", None) => self.path.to_owned(),
            (name, Some(key)) if !name.starts_with('@') => {
                let key = key.as_string().ok_or(unknown)?;
                let dictionary = self.dictionary(name)?;
                let member = dictionary.get(key.as_str()).ok_or(unknown)?;
                serialized(member)
            }
            (name, None) if !name.starts_with('@') => self.header(name).ok_or(unknown)?,
            _ => return Err(unknown),
        };
        Ok(Component::new(item.serialize(), value))
    }
}

fn id(item: &Item) -> Option<&str> {
    item.bare_item.as_string().map(sfv::StringRef::as_str)
}

fn parameter<'a>(list: &'a InnerList, name: &str) -> Option<&'a BareItem> {
    list.params.get(name)
}

fn text<'a>(list: &'a InnerList, name: &str) -> Option<&'a str> {
    Some(parameter(list, name)?.as_string()?.as_str())
}

fn parameters(list: &InnerList) -> String {
    serialized(&ListEntry::InnerList(list.clone()))
}

/// A member by itself: that of a list of one.
fn serialized(member: &ListEntry) -> String {
    vec![member.clone()].serialize().unwrap_or_default()
}
