//! Validators: asking for a page only if it has changed (RFC 9110 13.1).

/// What a server gave to tell this version of a page from others, word for word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag`, quotes and all.
    pub etag: Option<String>,
    /// The `Last-Modified`.
    pub last_modified: Option<String>,
}
