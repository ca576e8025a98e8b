//! Normalised URLs that were stored, used as the text that they are.
//!
//! A frontier that is rebuilt goes through twenty million of them. To parse each again would be
//! most of its time, for a structure that nothing asks for: the text says whose URL it is.

use super::{BudgetUnit, NormalUrl, UrlError};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The text of a [`NormalUrl`] among stored bytes.
#[derive(Clone, Copy, Debug)]
pub struct StoredUrl<'a> {
    text: &'a str,
    origin: usize,
}

impl<'a> StoredUrl<'a> {
    /// Takes bytes for what they were stored as; `None` when they are no URL of ours, and the
    /// place that they were read from is damaged. With an origin that
    /// [`StoredUrl::budget_unit`] accepts they are a URL, whatever their path is.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        // Counted to the end: a loop that never breaks off is one that takes many at a time.
        let outside = bytes.iter().filter(|byte| !byte.is_ascii_graphic()).count();
        let text = str::from_utf8(bytes).ok().filter(|_| outside == 0)?;
        let host = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))?;
        let path = host.bytes().position(|byte| byte == b'/')?;
        let origin = text.len() - host.len() + path;
        Some(Self { text, origin })
    }

    /// The URL as text.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.text
    }

    /// Scheme, host and port, as far as they are written: what the budget unit hangs on.
    #[must_use]
    pub fn origin(self) -> &'a str {
        &self.text[..self.origin]
    }

    /// As [`NormalUrl::budget_unit`].
    ///
    /// # Errors
    /// When the origin is none.
    pub fn budget_unit(self) -> Result<BudgetUnit, UrlError> {
        Ok(NormalUrl::stored(&self.text[..=self.origin])?.budget_unit())
    }
}

/// The hash by which a data folder knows the URL with this text; `salt` is the folder's, so that no page can
/// craft URLs that collide.
#[must_use]
pub fn salted_hash(url: &[u8], salt: u64) -> u64 {
    xxh3_64_with_seed(url, salt)
}
