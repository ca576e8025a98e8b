//! Which blocks of a story stand behind the publisher's paywall: those whose text is in an element
//! that one of the page's selectors names.

use super::super::Block;
use scraper::{Html, Selector};

/// Most text that is looked at, in bytes: elements can be nested so that each holds all text.
const MOST: usize = 4 << 20;

/// Marks the blocks. A selector that is none names nothing.
pub(in super::super) fn mark(html: &Html, selectors: &[String], blocks: &mut [Block]) {
    let mut closed = String::new();
    for selector in selectors
        .iter()
        .filter_map(|text| Selector::parse(text).ok())
    {
        for element in html.select(&selector) {
            for text in element.text() {
                push_letters(&mut closed, text);
                if closed.len() > MOST {
                    break;
                }
            }
            // What ends one element and begins the next is no text of either.
            closed.push('\n');
        }
    }
    for block in blocks.iter_mut().filter(|block| !block.text.is_empty()) {
        let mut letters = String::new();
        push_letters(&mut letters, &block.text);
        block.paywalled = closed.contains(&letters);
    }
}

/// White space is written otherwise in a block than in its page.
fn push_letters(into: &mut String, text: &str) {
    into.extend(text.chars().filter(|c| !c.is_whitespace()));
}
