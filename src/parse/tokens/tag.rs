//! Tag names and attributes (WHATWG HTML 13.2.5.8 and 13.2.5.32 to 40).

use super::{Cutter, is_space};
use crate::parse::entities::Place;
use html5ever::interface::Attribute;
use html5ever::tokenizer::TokenSink;
use html5ever::{LocalName, QualName, ns};
use std::borrow::Cow;

/// Most attributes that a tag keeps: each new one is compared with all of them.
pub(super) const MOST: usize = 256;

/// The attributes of a tag.
#[derive(Default)]
pub(super) struct Found {
    pub(super) all: Vec<Attribute>,
    pub(super) self_closing: bool,
    /// Whether an attribute came twice, of which the first counts.
    pub(super) twice: bool,
}

impl<S: TokenSink> Cutter<'_, S> {
    /// Reads the name of a tag.
    pub(super) fn tag_name(&mut self) -> LocalName {
        let start = self.at;
        self.skip_until(|byte| is_space(byte) || matches!(byte, b'/' | b'>'));
        local_name(&self.text[start..self.at])
    }

    /// Reads the attributes of a tag and its end; `None` when the page ends before the tag
    /// does, which makes it none.
    pub(super) fn attributes(&mut self) -> Option<Found> {
        let mut found = Found::default();
        while let Some(closing) = self.next_attribute()? {
            if closing {
                found.self_closing = true;
                return Some(found);
            }
            let (name, value) = self.attribute();
            if found.all.len() >= MOST {
                continue;
            }
            let local = local_name(&self.text[name.0..name.1]);
            if found.all.iter().any(|known| known.name.local == local) {
                found.twice = true;
                continue;
            }
            let value = self.shared(value.0, value.1, Some(Place::Attribute));
            let name = QualName::new(None, ns!(), local);
            found.all.push(Attribute { name, value });
        }
        Some(found)
    }

    /// Passes over the attributes of a tag and its end; false when the page ends before.
    pub(super) fn skip_attributes(&mut self) -> bool {
        while let Some(next) = self.next_attribute() {
            match next {
                Some(false) => {
                    self.attribute();
                }
                Some(true) | None => return true,
            }
        }
        false
    }

    /// Moves to the next attribute: `Some(Some(false))` when there is one, `Some(None)` at
    /// the tag's end, `Some(Some(true))` at one with a slash, `None` at the page's end.
    #[expect(clippy::option_option, reason = "the outer one is the page's end")]
    fn next_attribute(&mut self) -> Option<Option<bool>> {
        loop {
            self.skip_until(|byte| !is_space(byte));
            match self.byte(self.at)? {
                b'>' => {
                    self.at += 1;
                    return Some(None);
                }
                b'/' if self.byte(self.at + 1) == Some(b'>') => {
                    self.at += 2;
                    return Some(Some(true));
                }
                b'/' => self.at += 1,
                _ => return Some(Some(false)),
            }
        }
    }

    /// Reads one attribute: where its name and its value stand.
    fn attribute(&mut self) -> ((usize, usize), (usize, usize)) {
        let start = self.at;
        // An equals sign in front belongs to the name.
        self.at += usize::from(self.byte(start) == Some(b'='));
        self.skip_until(|byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='));
        let name = (start, self.at);
        self.skip_until(|byte| !is_space(byte));
        if self.byte(self.at) != Some(b'=') {
            return (name, (start, start));
        }
        self.at += 1;
        self.skip_until(|byte| !is_space(byte));
        (name, self.value())
    }

    fn value(&mut self) -> (usize, usize) {
        let quote = self
            .byte(self.at)
            .filter(|byte| matches!(byte, b'"' | b'\''));
        let Some(quote) = quote else {
            let start = self.at;
            self.skip_until(|byte| is_space(byte) || byte == b'>');
            return (start, self.at);
        };
        self.at += 1;
        let start = self.at;
        self.skip_until(|byte| byte == quote);
        let end = self.at;
        self.at = (end + 1).min(self.text.len());
        (start, end)
    }

    fn skip_until(&mut self, stops: impl Fn(u8) -> bool) {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().position(|&byte| stops(byte));
        self.at += length.unwrap_or(rest.len());
    }
}

/// A name in lower case; letters beyond ASCII stay as they are.
fn local_name(raw: &str) -> LocalName {
    let plain = !raw
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || byte == 0);
    let name = if plain {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(raw.to_ascii_lowercase().replace('\0', "\u{fffd}"))
    };
    LocalName::from(name)
}
