//! HTML tokens (WHATWG HTML 13.2.5), cut out of a text that is all there.
//!
//! Handed the text of a page; tells html5ever's tree builder what stands in it. Text and
//! attribute values share the page's own memory, which makes this several times as fast as
//! html5ever's own tokenizer, which reads a stream. What comes of it is the same tree but for
//! attributes beyond [`tag::MOST`].

mod doctype;
mod raw;
mod tag;

use super::entities;
use html5ever::LocalName;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use std::borrow::Cow;

/// Reads a whole page into a sink.
pub(super) fn read<S: TokenSink>(page: &str, sink: &S) {
    let text = with_line_feeds(page.strip_prefix('\u{feff}').unwrap_or(page));
    let mut cutter = Cutter {
        text: &text,
        whole: StrTendril::from_slice(&text),
        at: 0,
        sink,
    };
    while cutter.at < text.len() {
        cutter.text();
        cutter.markup();
    }
    let _ = cutter.tell(Token::EOFToken);
    sink.end();
}

/// Line ends in one form (WHATWG HTML 13.2.3.5).
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

struct Cutter<'t, S> {
    text: &'t str,
    /// The same text in the form that tokens share.
    whole: StrTendril,
    at: usize,
    sink: &'t S,
}

/// How a piece of text is to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// With character references; NUL is told apart.
    Data,
    /// Without references; NUL is told apart.
    Cdata,
    /// With references; NUL is replaced.
    Escapable,
    /// As it is, but for NUL.
    Raw,
}

impl<'t, S: TokenSink> Cutter<'t, S> {
    fn tell(&self, token: Token) -> TokenSinkResult<S::Handle> {
        self.sink.process_token(token, 1)
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Reads text up to the next markup (13.2.5.1).
    fn text(&mut self) {
        let start = self.at;
        while let Some(next) = self.rest().find('<') {
            self.at += next;
            match (self.byte(self.at + 1), self.byte(self.at + 2)) {
                (Some(b'!' | b'?'), _) | (Some(b'/'), Some(_)) => break,
                (Some(letter), _) if letter.is_ascii_alphabetic() => break,
                _ => self.at += 1,
            }
        }
        if !self.begins_markup() {
            self.at = self.text.len();
        }
        self.tell_text(start, self.at, Reading::Data);
    }

    fn begins_markup(&self) -> bool {
        self.byte(self.at) == Some(b'<')
    }

    /// Reads the markup that begins here, and what its kind says of the text behind it.
    fn markup(&mut self) {
        match (self.byte(self.at + 1), self.byte(self.at + 2)) {
            (Some(b'!'), _) => self.declaration(),
            (Some(b'/'), Some(b'>')) => self.at += 3,
            (Some(b'/'), Some(letter)) if letter.is_ascii_alphabetic() => self.end_tag(),
            (Some(b'/'), _) => self.bogus_comment(self.at + 2),
            (Some(b'?'), _) => self.bogus_comment(self.at + 1),
            (Some(_), _) => self.start_tag(),
            (None, _) => {}
        }
    }

    /// Comments, document types and CDATA (13.2.5.42).
    fn declaration(&mut self) {
        let rest = &self.rest()[2..];
        if let Some(comment) = rest.strip_prefix("--") {
            let start = self.at + 4;
            let (text, length) = comment_length(comment);
            self.tell_comment(start, start + text);
            self.at = start + length;
        } else if has_prefix(rest, "doctype") {
            self.doctype();
        } else if rest.starts_with("[CDATA[")
            && self
                .sink
                .adjusted_current_node_present_but_not_in_html_namespace()
        {
            let start = self.at + 9;
            self.skip_behind("]]>");
            let ended = self.text[start..self.at].ends_with("]]>");
            let end = self.at - if ended { 3 } else { 0 };
            self.tell_text(start, end, Reading::Cdata);
        } else {
            self.bogus_comment(self.at + 2);
        }
    }

    fn bogus_comment(&mut self, start: usize) {
        self.skip_behind(">");
        let ended = self.text[start..self.at].ends_with('>');
        self.tell_comment(start, self.at - usize::from(ended));
    }

    fn tell_comment(&self, start: usize, end: usize) {
        let _ = self.tell(Token::CommentToken(self.shared(start, end, None)));
    }

    fn skip_behind(&mut self, end: &str) {
        let found = self.rest().find(end);
        self.at = found.map_or(self.text.len(), |found| self.at + found + end.len());
    }

    fn start_tag(&mut self) {
        self.at += 1;
        let name = self.tag_name();
        let Some(found) = self.attributes() else {
            return;
        };
        let tag = Tag {
            kind: TagKind::StartTag,
            name: name.clone(),
            self_closing: found.self_closing,
            attrs: found.all,
            had_duplicate_attributes: found.twice,
        };
        match self.tell(Token::TagToken(tag)) {
            TokenSinkResult::RawData(kind) => self.raw(kind, &name),
            TokenSinkResult::Plaintext => {
                let start = std::mem::replace(&mut self.at, self.text.len());
                self.tell_text(start, self.text.len(), Reading::Raw);
            }
            _ => {}
        }
    }

    fn end_tag(&mut self) {
        self.at += 2;
        let name = self.tag_name();
        self.end(name);
    }

    fn end(&mut self, name: LocalName) {
        if self.skip_attributes() {
            let tag = Tag {
                kind: TagKind::EndTag,
                name,
                self_closing: false,
                attrs: Vec::new(),
                had_duplicate_attributes: false,
            };
            let _ = self.tell(Token::TagToken(tag));
        }
    }

    /// The text of an element that holds no markup, and its end tag (13.2.5.2 to 4).
    fn raw(&mut self, kind: RawKind, name: &LocalName) {
        let rest = self.rest();
        let found = match kind {
            RawKind::Rcdata | RawKind::Rawtext => raw::end(rest, name),
            RawKind::ScriptData | RawKind::ScriptDataEscaped(_) => raw::script_end(rest),
        };
        let reading = match kind {
            RawKind::Rcdata => Reading::Escapable,
            _ => Reading::Raw,
        };
        let end = found.map_or(self.text.len(), |found| self.at + found);
        self.tell_text(self.at, end, reading);
        self.at = end;
        if found.is_some() {
            self.at += 2 + name.len();
            self.end(name.clone());
        }
    }

    fn tell_text(&self, start: usize, end: usize, reading: Reading) {
        let text = &self.text[start..end];
        if text.is_empty() {
            return;
        }
        let parted = matches!(reading, Reading::Data | Reading::Cdata);
        if !parted || !text.contains('\0') {
            let refers = matches!(reading, Reading::Data | Reading::Escapable);
            let text = self.shared(start, end, refers.then_some(entities::Place::Text));
            let _ = self.tell(Token::CharacterTokens(text));
            return;
        }
        let mut at = start;
        for piece in text.split('\0') {
            if at > start {
                let _ = self.tell(Token::NullCharacterToken);
            }
            let inside = match reading {
                Reading::Data => Reading::Escapable,
                _ => Reading::Raw,
            };
            self.tell_text(at, at + piece.len(), inside);
            at += piece.len() + 1;
        }
    }

    /// A piece of the text as a token holds it; copied only where it reads differently.
    fn shared(&self, start: usize, end: usize, refers: Option<entities::Place>) -> StrTendril {
        let text = &self.text[start..end];
        let refers = refers.filter(|_| text.contains('&'));
        if refers.is_some() || text.contains('\0') {
            let text = match refers {
                Some(place) => entities::decode_html(text, place),
                None => text.to_owned(),
            };
            return StrTendril::from_slice(&text.replace('\0', "\u{fffd}"));
        }
        // A page is far below 4 GB; what could not be counted would be left out.
        let place = u32::try_from(start)
            .ok()
            .zip(u32::try_from(end - start).ok());
        place.map_or_else(StrTendril::new, |(start, length)| {
            self.whole.subtendril(start, length)
        })
    }
}

/// How long the text of a comment is, and all of it from behind its `<!--` (13.2.5.43 to 52).
fn comment_length(text: &str) -> (usize, usize) {
    for at_once in [">", "->"] {
        if text.starts_with(at_once) {
            return (0, at_once.len());
        }
    }
    let mut at = 0;
    while let Some(found) = text[at..].find("--") {
        at += found;
        match text.as_bytes().get(at + 2..) {
            Some([b'>', ..]) => return (at, at + 3),
            Some([b'!', b'>', ..]) => return (at, at + 4),
            _ => at += 1,
        }
    }
    // At the end of a page, a beginning of the end is one.
    let endings = ["--!", "--", "-"].into_iter();
    let ending = endings.into_iter().find(|ending| text.ends_with(ending));
    (text.len() - ending.map_or(0, str::len), text.len())
}

/// Whether a text begins so, in letters of any case.
fn has_prefix(text: &str, prefix: &str) -> bool {
    let start = text.as_bytes().get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// White space between the parts of a tag.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c')
}

#[cfg(test)]
mod tests;
