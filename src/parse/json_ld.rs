//! JSON-LD as sites write it: read, repaired where that is cheap, flattened, and the one
//! object chosen that speaks of this page.

use super::entities;
use super::walk::spaced;
use serde_json::{Map, Value};
use std::collections::HashMap;

type Object = Map<String, Value>;

/// All objects of a page's JSON-LD.
#[derive(Default)]
pub(super) struct JsonLd {
    roots: Vec<Value>,
    /// Scripts that could not be read.
    pub(super) broken: usize,
}

/// An object with a type, in document order.
#[derive(Clone, Copy)]
pub(super) struct Typed<'v> {
    pub(super) object: &'v Object,
    /// Whether it is an entry of a list or part of something else.
    pub(super) listed: bool,
}

impl JsonLd {
    pub(super) fn read(scripts: &[&str]) -> Self {
        let mut all = Self::default();
        for script in scripts {
            match read_script(script) {
                Some(values) => all.roots.extend(values),
                None => all.broken += 1,
            }
        }
        all
    }

    /// Every object with a `@type`.
    pub(super) fn objects(&self) -> Vec<Typed<'_>> {
        let mut found = Vec::new();
        let mut open: Vec<(&Value, bool)> = self.roots.iter().rev().map(|v| (v, false)).collect();
        while let Some((value, listed)) = open.pop() {
            match value {
                Value::Array(items) => open.extend(items.iter().rev().map(|v| (v, listed))),
                Value::Object(object) => {
                    if object.contains_key("@type") {
                        found.push(Typed { object, listed });
                    }
                    for key in ["item", "blogPost", "hasPart", "itemListElement"] {
                        open.extend(object.get(key).map(|v| (v, true)));
                    }
                    for key in ["mainEntity", "mainEntityOfPage", "@graph"] {
                        open.extend(object.get(key).map(|v| (v, listed)));
                    }
                }
                _ => {}
            }
        }
        found
    }
}

impl<'v> Typed<'v> {
    /// Its types, without a schema.org prefix.
    pub(super) fn types(self) -> impl Iterator<Item = &'v str> {
        let types = strings(self.object.get("@type"));
        types.map(|name| name.rsplit(['/', ':', '#']).next().unwrap_or(name))
    }

    /// Whether it is a story of any kind.
    pub(super) fn is_article(self) -> bool {
        self.types().any(|name| {
            matches!(
                name,
                "Article" | "BlogPosting" | "LiveBlogPosting" | "Report"
            ) || name.ends_with("NewsArticle")
        })
    }

    /// A text property.
    pub(super) fn text(self, key: &str) -> Option<String> {
        let text = strings(self.object.get(key)).next()?;
        Some(plain(text)).filter(|text| !text.is_empty())
    }

    /// A property of texts, as a list or as one text with commas.
    pub(super) fn texts(self, key: &str) -> Vec<String> {
        let all = strings(self.object.get(key)).flat_map(|text| text.split([',', '،']));
        all.map(plain).filter(|text| !text.is_empty()).collect()
    }

    /// The addresses that it says it is about.
    pub(super) fn addresses(self) -> Vec<&'v str> {
        let mut found = Vec::new();
        for key in ["url", "@id", "mainEntityOfPage"] {
            match self.object.get(key) {
                Some(Value::String(text)) => found.push(text.as_str()),
                Some(Value::Object(page)) => {
                    found.extend(strings(page.get("@id")));
                    found.extend(strings(page.get("url")));
                }
                _ => {}
            }
        }
        found
    }
}

/// Names by `@id`, for objects that only refer to another.
pub(super) fn named<'v>(objects: &[Typed<'v>]) -> HashMap<&'v str, Typed<'v>> {
    let with_id = |typed: &Typed<'v>| Some((typed.object.get("@id")?.as_str()?, *typed));
    objects.iter().filter_map(with_id).collect()
}

/// The names of persons or organisations that a property holds, and whether each is an
/// organisation.
pub(super) fn names(
    value: Option<&Value>,
    by_id: &HashMap<&str, Typed<'_>>,
) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = value.into_iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::String(name) => found.push((plain(name), false)),
            Value::Array(items) => open.extend(items.iter().rev()),
            Value::Object(object) => {
                let typed = Typed {
                    object,
                    listed: false,
                };
                let typed = match (object.get("name"), object.get("@id")) {
                    (None, Some(Value::String(id))) => *by_id.get(id.as_str()).unwrap_or(&typed),
                    _ => typed,
                };
                let organisation = typed.types().any(|name| name.ends_with("Organization"));
                let names = strings(typed.object.get("name"));
                found.extend(names.map(|name| (plain(name), organisation)));
            }
            _ => {}
        }
    }
    found.retain(|(name, _)| !name.is_empty());
    found
}

pub(super) fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    items.iter().filter_map(|item| match item {
        Value::String(text) => Some(text.as_str()),
        Value::Object(object) => object.get("@value").and_then(Value::as_str),
        _ => None,
    })
}

/// Many systems escape for HTML before they write JSON.
pub(super) fn plain(text: &str) -> String {
    spaced(&entities::decode(text))
}

fn read_script(script: &str) -> Option<Vec<Value>> {
    let bare = unwrapped(script);
    if let Ok(value) = serde_json::from_str(bare) {
        return Some(vec![value]);
    }
    if bare.is_empty() {
        return Some(Vec::new());
    }
    let unescaped = if bare.contains('"') {
        bare.into()
    } else {
        entities::decode(bare)
    };
    let repaired = repaired(&unescaped);
    // Objects one after the other, with or without commas between them.
    let mut values = Vec::new();
    let mut rest = repaired.as_str();
    while let Some(start) = rest.find(['{', '[']) {
        let mut stream = serde_json::Deserializer::from_str(&rest[start..]).into_iter();
        let Some(Ok(value)) = stream.next() else {
            break;
        };
        values.push(value);
        rest = &rest[start + stream.byte_offset()..];
    }
    (!values.is_empty()).then_some(values)
}

/// Takes off comment and CDATA wrappers and a closing semicolon.
fn unwrapped(script: &str) -> &str {
    const OPENERS: [&str; 6] = [
        "<!--",
        "//<![CDATA[",
        "/*<![CDATA[*/",
        "<![CDATA[",
        "// <![CDATA[",
        "/* <![CDATA[ */",
    ];
    const CLOSERS: [&str; 7] = ["-->", "//]]>", "/*]]>*/", "]]>", "// ]]>", "//", ";"];
    let mut bare = script.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    while let Some(inner) = OPENERS.iter().find_map(|opener| bare.strip_prefix(opener)) {
        bare = inner.trim_start();
    }
    while let Some(inner) = CLOSERS.iter().find_map(|closer| bare.strip_suffix(closer)) {
        bare = inner.trim_end();
    }
    bare
}

/// JSON with small faults, read after the repairs that JSON-LD gets.
pub(super) fn mended(broken: &str) -> Option<Value> {
    serde_json::from_str(&repaired(broken)).ok()
}

/// Escapes raw control characters and stray quotes inside strings, drops commas before a
/// closing bracket and backslashes that escape nothing.
fn repaired(broken: &str) -> String {
    let mut out = String::with_capacity(broken.len() + 16);
    let mut in_string = false;
    let mut rest = broken;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = after;
        match c {
            '"' if in_string && !ends_string(after) => out.push_str("\\\""),
            '"' => {
                in_string = !in_string;
                out.push('"');
            }
            '\\' if in_string => {
                let Some(next) = after.chars().next() else {
                    break;
                };
                if matches!(next, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') {
                    out.push('\\');
                    out.push(next);
                }
                rest = &after[next.len_utf8()..];
                if !out.ends_with(next) {
                    out.push(next);
                }
            }
            c if in_string && c < ' ' => out.push(' '),
            ',' if !in_string && after.trim_start().starts_with(['}', ']']) => {}
            c => out.push(c),
        }
    }
    out
}

/// Whether a quote with this behind it can end a string.
fn ends_string(after: &str) -> bool {
    let after = after.trim_start();
    match after.as_bytes().first() {
        None | Some(b':' | b'}' | b']') => true,
        Some(b',') => {
            let next = after[1..].trim_start();
            next.starts_with(['"', '{', '[', ']', '}', '-'])
                || next.starts_with(|c: char| c.is_ascii_alphanumeric())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_faults_are_repaired() {
        let rows = [
            (r#"{"@type":"NewsArticle","headline":"a b"}"#, "a b"),
            ("{\"@type\":\"NewsArticle\",\"headline\":\"a\n\tb\"}", "a b"),
            (
                r#"{"@type":"NewsArticle","headline":"a b","x":["y",],}; "#,
                "a b",
            ),
            (
                "\n//<![CDATA[\n{\"@type\":\"NewsArticle\",\"headline\":\"a b\"}\n//]]>\n",
                "a b",
            ),
            (
                "<!--\n{\"@type\":\"NewsArticle\",\"headline\":\"a b\"}\n-->",
                "a b",
            ),
            (
                r#"{"@type":"NewsArticle","x":"he said "no" once","headline":"a b"}"#,
                "a b",
            ),
            (
                "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;headline&quot;:&quot;a b&quot;}",
                "a b",
            ),
            (
                r#"{"@type":"NewsArticle","x":"C:\d","headline":"a b"}"#,
                "a b",
            ),
            (
                r#"{"@type":"WebSite"}{"@type":"NewsArticle","headline":"a b"}"#,
                "a b",
            ),
            (
                r#"{"@type":"WebSite"},{"@type":"NewsArticle","headline":"a b"}"#,
                "a b",
            ),
            (
                r#"{"@graph":[{"@type":["Thing","NewsArticle"],"headline":"a &amp; b"}]}"#,
                "a & b",
            ),
        ];
        for (script, headline) in rows {
            let ld = JsonLd::read(&["{ not json at all }", script]);
            assert_eq!(ld.broken, 1, "{script}");
            let objects = ld.objects();
            let article = objects.iter().find(|typed| typed.is_article()).unwrap();
            assert_eq!(
                article.text("headline").as_deref(),
                Some(headline),
                "{script}"
            );
        }
    }

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        let deep = "[".repeat(100_000);
        assert_eq!(JsonLd::read(&[&deep]).broken, 1);
    }

    #[test]
    fn names_by_reference() {
        let ld = JsonLd::read(&[
            r##"{"@graph":[{"@type":"Article","author":[{"@id":"#p"},"Bo","",{"@type":"Organization","name":"Org"}]},{"@type":"Person","@id":"#p","name":"Ada"}]}"##,
        ]);
        let objects = ld.objects();
        let by_id = named(&objects);
        let names = names(objects[0].object.get("author"), &by_id);
        let expected = [("Ada", false), ("Bo", false), ("Org", true)];
        let expected: Vec<_> = expected
            .iter()
            .map(|(n, o)| ((*n).to_owned(), *o))
            .collect();
        assert_eq!(names, expected);
    }
}
