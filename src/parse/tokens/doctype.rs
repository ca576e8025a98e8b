//! Document types (WHATWG HTML 13.2.5.53 to 68): what makes a page an old one, whose tables
//! stand inside paragraphs.

use super::{Cutter, has_prefix, is_space};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Doctype, Token, TokenSink};

impl<S: TokenSink> Cutter<'_, S> {
    /// Reads the document type that begins here; the first `>` ends it, quoted or not.
    pub(super) fn doctype(&mut self) {
        let start = self.at + "<!doctype".len();
        self.skip_behind(">");
        let inside = &self.text[start..self.at];
        let mut doctype = of(inside.strip_suffix('>').unwrap_or(inside));
        doctype.force_quirks |= !inside.ends_with('>');
        let _ = self.tell(Token::DoctypeToken(doctype));
    }
}

fn of(text: &str) -> Doctype {
    let text = text.trim_start_matches(is_blank);
    let (name, rest) = text.split_at(text.find(is_blank).unwrap_or(text.len()));
    let rest = rest.trim_start_matches(is_blank);
    let mut doctype = Doctype {
        name: (!name.is_empty()).then(|| tendril(&name.to_ascii_lowercase())),
        public_id: None,
        system_id: None,
        force_quirks: name.is_empty(),
    };
    let system = if has_prefix(rest, "public") {
        let (public, behind) = quoted(&rest[6..]);
        doctype.force_quirks |= public.is_none_or(|(_, ended)| !ended);
        doctype.public_id = public.map(|(id, _)| tendril(id));
        if public.is_none() || behind.trim_start_matches(is_blank).is_empty() {
            return doctype;
        }
        behind
    } else if has_prefix(rest, "system") {
        &rest[6..]
    } else {
        doctype.force_quirks |= !rest.is_empty();
        return doctype;
    };
    let (system, _) = quoted(system);
    doctype.force_quirks |= system.is_none_or(|(_, ended)| !ended);
    doctype.system_id = system.map(|(id, _)| tendril(id));
    doctype
}

/// A quoted text, whether its quote ended, and what stands behind it.
fn quoted(text: &str) -> (Option<(&str, bool)>, &str) {
    let text = text.trim_start_matches(is_blank);
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return (None, text);
    };
    match text[1..].split_once(quote) {
        Some((inside, behind)) => (Some((inside, true)), behind),
        None => (Some((&text[1..], false)), ""),
    }
}

fn is_blank(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_space)
}

fn tendril(text: &str) -> StrTendril {
    StrTendril::from_slice(&text.replace('\0', "\u{fffd}"))
}
