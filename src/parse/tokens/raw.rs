//! Where the text of elements without markup ends (WHATWG HTML 13.2.5.9 to 31).

use super::{has_prefix, is_space};

/// Where the end tag of this name begins in a text.
pub(super) fn end(text: &str, name: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].find("</")?;
        if is_tag(&text[at + 2..], name) {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether a tag of this name stands here, behind its `<` or `</`.
fn is_tag(text: &str, name: &str) -> bool {
    let behind = text.as_bytes().get(name.len());
    has_prefix(text, name) && behind.is_some_and(|&b| is_space(b) || matches!(b, b'/' | b'>'))
}

/// What a script is inside of, where that hides its end tag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    /// `<!--`
    Comment,
    /// `<script` behind `<!--`
    Script,
}

/// Where the end tag of a script begins. Behind `<!--` a `<script` hides the next end tag.
pub(super) fn script_end(text: &str) -> Option<usize> {
    let mut inside = Inside::Nothing;
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let next = if inside == Inside::Nothing {
            rest.find('<')
        } else {
            rest.find(['<', '-'])
        };
        at += next?;
        let rest = &text[at..];
        let mut length = 1;
        if rest.starts_with("-->") && inside != Inside::Nothing {
            inside = Inside::Nothing;
            length = 3;
        } else if rest.starts_with("<!--") && inside == Inside::Nothing {
            inside = Inside::Comment;
            // Its dashes may be those of its end.
            length = 2;
        } else if rest.starts_with("</") && is_tag(&rest[2..], "script") {
            if inside != Inside::Script {
                return Some(at);
            }
            inside = Inside::Comment;
        } else if rest.starts_with('<') && inside == Inside::Comment && is_tag(&rest[1..], "script")
        {
            inside = Inside::Script;
        }
        at += length;
    }
}
