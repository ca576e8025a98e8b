//! XML as it is served: illegal characters, HTML entities, stray `<` and `&`, tags that do
//! not match, files that end in the middle. What can be read is read.

use super::entities;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// One step through a document.
pub(super) enum Piece<'x> {
    Open(Tag<'x>),
    /// Text with its references undone, possibly in several pieces.
    Text(Cow<'x, str>),
    Close(Name<'x>),
}

/// An element's or attribute's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name<'x> {
    pub(super) prefix: &'x str,
    pub(super) local: &'x str,
}

/// A start tag.
pub(super) struct Tag<'x> {
    start: BytesStart<'x>,
}

/// Steps through a document up to its end or its first fault beyond repair.
pub(super) struct Pieces<'x> {
    reader: Reader<&'x [u8]>,
    /// An empty element's end, which follows its start.
    pending: Option<BytesStart<'x>>,
    last: Option<Event<'x>>,
    /// What stopped the reading before the end.
    pub(super) fault: Option<String>,
}

impl<'x> Pieces<'x> {
    /// Reads a document that [`cleaned`] has prepared.
    pub(super) fn of(text: &'x str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        config.expand_empty_elements = false;
        Self {
            reader,
            pending: None,
            last: None,
            fault: None,
        }
    }

    /// The next step.
    pub(super) fn next(&mut self) -> Option<Piece<'_>> {
        if let Some(start) = self.pending.take() {
            self.last = Some(Event::End(start.to_end().into_owned()));
            return self.close();
        }
        loop {
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    self.fault = Some(error.to_string());
                    return None;
                }
            };
            match event {
                Event::Start(start) => return Some(Piece::Open(Tag { start })),
                Event::Empty(start) => {
                    self.pending = Some(start.clone());
                    return Some(Piece::Open(Tag { start }));
                }
                Event::End(_) => {
                    self.last = Some(event);
                    return self.close();
                }
                Event::Text(text) => return Some(Piece::Text(text.into_inner())),
                Event::CData(data) => return Some(Piece::Text(data.into_inner())),
                Event::GeneralRef(name) => {
                    let reference = format!("&{};", &*name);
                    return Some(Piece::Text(
                        entities::decode(&reference).into_owned().into(),
                    ));
                }
                Event::Eof => return None,
                _ => {}
            }
        }
    }

    fn close(&self) -> Option<Piece<'_>> {
        match &self.last {
            Some(Event::End(end)) => Some(Piece::Close(Name::of(end.name().into_inner()))),
            _ => None,
        }
    }
}

impl Tag<'_> {
    pub(super) fn name(&self) -> Name<'_> {
        Name::of(self.start.name().into_inner())
    }

    /// The value of an attribute, its references undone.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.html_attributes();
        let attributes = attributes.with_checks(false);
        let found = attributes
            .flatten()
            .find(|attribute| attribute.key.into_inner() == name)?;
        Some(entities::decode(&found.value).into_owned())
    }
}

impl<'x> Name<'x> {
    fn of(raw: &'x str) -> Self {
        let (prefix, local) = raw.rsplit_once(':').unwrap_or(("", raw));
        Self { prefix, local }
    }
}

/// Takes out characters that XML 1.0 forbids, and escapes each `<` that begins no tag.
pub(super) fn cleaned(text: &str) -> Cow<'_, str> {
    let fine = !text.bytes().any(is_illegal) && stray(text, 0).is_none();
    if fine {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut from = 0;
    while let Some(at) = stray(text, from) {
        push_legal(&mut out, &text[from..at]);
        out.push_str("&lt;");
        from = at + 1;
    }
    push_legal(&mut out, &text[from..]);
    Cow::Owned(out)
}

fn push_legal(out: &mut String, text: &str) {
    out.extend(
        text.chars()
            .filter(|c| !u8::try_from(*c).is_ok_and(is_illegal)),
    );
}

fn is_illegal(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')
}

/// The next `<` from here on that begins no tag, outside of CDATA and comments.
fn stray(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|&b| b == b'<')?;
        let rest = &text[at..];
        let closer = if rest.starts_with("<![CDATA[") {
            "]]>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else {
            let next = bytes.get(at + 1)?;
            if !next.is_ascii_alphabetic()
                && !matches!(next, b'/' | b'!' | b'?' | b'_')
                && *next < 0x80
            {
                return Some(at);
            }
            at += 1;
            continue;
        };
        at += rest.find(closer)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(xml: &str) -> String {
        let clean = cleaned(xml);
        let mut pieces = Pieces::of(&clean);
        let mut out = String::new();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Open(tag) => {
                    out.push('(');
                    out.push_str(tag.name().local);
                    out.extend(tag.attribute("a").map(|value| format!("={value}")));
                    out.push(' ');
                }
                Piece::Text(text) => out.push_str(&text),
                Piece::Close(_) => out.push(')'),
            }
        }
        out
    }

    #[test]
    fn faults_are_read_over() {
        let rows = [
            ("<x:a><b a='1&amp;2'/>t</x:a>", "(a (b=1&2 )t)"),
            ("<a>x&nbsp;y&#8217;&bogus;</a>", "(a x\u{a0}y’&bogus;)"),
            ("<a>1 < 2 & 3</a>", "(a 1 < 2 & 3)"),
            ("<a><![CDATA[<b> < &amp;]]></a>", "(a <b> < &amp;)"),
            ("<a>v\u{b}t\0</a>", "(a vt)"),
            ("<a><b>x</a>", "(a (b x)"),
            ("<a>x</a></b>", "(a x))"),
            ("<a>x<b", "(a x"),
            ("<a b=1 a=2>x</a>", "(a=2 x)"),
            ("<a>x<", "(a x"),
        ];
        for (xml, expected) in rows {
            assert_eq!(outline(xml), expected, "{xml}");
        }
    }
}
