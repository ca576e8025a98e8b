//! The phrases by which furniture is known, in lower case, by what they do. A language that
//! is missing here costs a line too much in a body, never a story.

mod links;
mod notices;
mod signs;

pub(super) use links::{INVITATIONS, NEXT, PREVIOUS, RELATED};
pub(super) use notices::{CONSENT, CONSENT_KEYS, PLACEHOLDERS, PROMOTIONS, RIGHTS, WHOLE_LINES};
pub(super) use signs::{BYLINES, CREDITED_WORDS, CREDITS, POSTED};
