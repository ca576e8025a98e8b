//! The JSON-LD objects that speak of a page's story, and what they say of its use.

use super::super::json_ld::{self, Typed, plain, strings};
use super::{Access, Credit, Editorial, joined};
use serde_json::Value;
use std::collections::HashMap;
use url::Url;

/// Objects that speak of a page's story, the surest first.
pub(super) struct Subject<'a, 'v> {
    objects: &'a [Typed<'v>],
    about: Vec<Typed<'v>>,
    by_id: HashMap<&'v str, Typed<'v>>,
    base: &'a Url,
}

impl<'a, 'v> Subject<'a, 'v> {
    /// The object of the story, or all stories that are no entry of a list; then the page's own.
    pub(super) fn new(objects: &'a [Typed<'v>], chosen: Option<Typed<'v>>, base: &'a Url) -> Self {
        let own = || objects.iter().filter(|typed| !typed.listed).copied();
        let mut about: Vec<_> = chosen.into_iter().collect();
        if about.is_empty() {
            about.extend(own().filter(|typed| typed.is_article()));
        }
        about.extend(own().filter(|typed| !typed.is_article() && typed.types().any(is_page)));
        Self {
            objects,
            about,
            by_id: json_ld::named(objects),
            base,
        }
    }

    /// What the first object says that says something.
    fn first<T>(&self, of: impl FnMut(&Typed<'v>) -> Option<T>) -> Option<T> {
        self.about.iter().find_map(of)
    }

    pub(super) fn access(&self) -> Access {
        let mut selectors = Vec::new();
        for part in self.about.iter().flat_map(|typed| self.parts(*typed)) {
            if part.get("isAccessibleForFree").and_then(free) == Some(false) {
                let all = strings(part.get("cssSelector"));
                selectors.extend(all.map(|text| text.trim().to_owned()));
            }
        }
        selectors.retain(|selector| !selector.is_empty());
        let mut seen = std::collections::HashSet::new();
        selectors.retain(|selector| seen.insert(selector.clone()));
        Access {
            is_free: self.first(|typed| typed.object.get("isAccessibleForFree").and_then(free)),
            paywalled_selectors: selectors,
        }
    }

    fn parts(&self, typed: Typed<'v>) -> impl Iterator<Item = &'v serde_json::Map<String, Value>> {
        items(typed.object.get("hasPart")).filter_map(|part| {
            let part = part.as_object()?;
            let id = part.get("@id").and_then(Value::as_str);
            let named = id.and_then(|id| self.by_id.get(id));
            let says = part.contains_key("isAccessibleForFree");
            let named = named.filter(|_| !says);
            Some(named.map_or(part, |typed| typed.object))
        })
    }

    pub(super) fn credit(&self) -> Credit {
        let address = |key: &str| self.first(|typed| self.address(typed.object.get(key)));
        let text = |key: &str| self.first(|typed| typed.text(key));
        let holder = |typed: &Typed<'v>| {
            let names = json_ld::names(typed.object.get("copyrightHolder"), &self.by_id);
            names.into_iter().next().map(|(name, _)| name)
        };
        Credit {
            license: address("license"),
            usage_info: address("usageInfo"),
            acquire_license_page: address("acquireLicensePage"),
            copyright_holder: self.first(holder),
            copyright_year: self.first(|typed| year(typed.object.get("copyrightYear")?)),
            copyright_notice: text("copyrightNotice"),
            credit_text: text("creditText"),
        }
    }

    /// An address, given as text or as an object that has one; text that is none stays as it is.
    fn address(&self, value: Option<&Value>) -> Option<String> {
        let found = items(value).find_map(|item| match item {
            Value::String(text) => Some(text.as_str()),
            Value::Object(object) => ["url", "@id", "@value", "name"]
                .iter()
                .find_map(|key| object.get(*key)?.as_str()),
            _ => None,
        })?;
        let text = plain(found);
        let is_path = text.starts_with('/') || text.contains("://");
        let address = if is_path {
            joined(self.base, &text)
        } else {
            None
        };
        Some(address.unwrap_or(text)).filter(|text| !text.is_empty())
    }

    pub(super) fn editorial(&self) -> Editorial {
        let corrections = self.first(|typed| {
            let found = texts(typed.object.get("correction"));
            (!found.is_empty()).then_some(found)
        });
        let reviews = self.objects.iter();
        Editorial {
            corrections: corrections.unwrap_or_default(),
            backstory: self.first(|typed| texts(typed.object.get("backstory")).into_iter().next()),
            claim_reviews: reviews
                .filter(|typed| typed.types().any(|name| name == "ClaimReview"))
                .count(),
        }
    }
}

/// Types of the page itself, or of a work that is not told more closely.
pub(super) fn is_page(name: &str) -> bool {
    matches!(name, "WebPage" | "ItemPage" | "CreativeWork")
}

/// Whether something is free, as sites write it: `false`, `"False"`, `http://schema.org/False`;
/// of several the stricter.
fn free(value: &Value) -> Option<bool> {
    let said = items(Some(value)).filter_map(|item| match item {
        Value::Bool(free) => Some(*free),
        Value::String(text) => named_free(text),
        Value::Object(object) => {
            let word = object.get("@value").or_else(|| object.get("@id"))?;
            word.as_bool().or_else(|| named_free(word.as_str()?))
        }
        _ => None,
    });
    said.min()
}

/// As [`free`], for one word.
pub(super) fn named_free(text: &str) -> Option<bool> {
    let word = text
        .trim()
        .rsplit(['/', ':', '#'])
        .next()
        .unwrap_or_default();
    let is = |other: &str| word.trim().eq_ignore_ascii_case(other);
    match (is("false"), is("true")) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    }
}

fn year(value: &Value) -> Option<i64> {
    let year = value.as_i64();
    year.or_else(|| value.as_str()?.trim().parse().ok())
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let items = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    items.iter()
}

/// Texts, given as such or as objects that hold one (`CorrectionComment`).
fn texts(value: Option<&Value>) -> Vec<String> {
    let text = |item: &Value| match item {
        Value::String(text) => Some(plain(text)),
        Value::Object(object) => ["text", "description", "@value", "name", "url"]
            .iter()
            .find_map(|key| object.get(*key)?.as_str())
            .map(plain),
        _ => None,
    };
    let texts = items(value).filter_map(text);
    texts.filter(|text| !text.is_empty()).collect()
}
