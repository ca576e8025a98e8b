//! Validators: asking for a page only if it has changed (RFC 9110 13.1).

use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, HeaderValue};

/// A longer validator is not worth keeping, nor sending.
const MOST_BYTES: usize = 1024;

/// What a server gave to tell this version of a page from others, word for word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag`, quotes and all.
    pub etag: Option<String>,
    /// The `Last-Modified`.
    pub last_modified: Option<String>,
}

impl Validators {
    /// The validators in the head of an answer, if it has any.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name: HeaderName| {
            let value = headers.get(name)?.to_str().ok()?.trim();
            (!value.is_empty() && value.len() <= MOST_BYTES).then(|| value.to_owned())
        };
        let found = Self {
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
        };
        (found != Self::default()).then_some(found)
    }

    /// Adds them to a request; both, since servers that know one often ignore the other. Says
    /// whether there was one to add.
    pub(super) fn ask(&self, headers: &mut HeaderMap) -> bool {
        let pairs = [
            (IF_NONE_MATCH, &self.etag),
            (IF_MODIFIED_SINCE, &self.last_modified),
        ];
        let mut asked = false;
        for (name, text) in pairs {
            let value = text.as_deref().map(HeaderValue::from_str);
            if let Some(Ok(value)) = value {
                headers.insert(name, value);
                asked = true;
            }
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validators_go_back_word_for_word() {
        let mut answer = HeaderMap::new();
        answer.insert(ETAG, HeaderValue::from_static("W/\"a-1\""));
        answer.insert(LAST_MODIFIED, HeaderValue::from_static("yesterday"));
        let validators = Validators::of(&answer).unwrap();
        let mut request = HeaderMap::new();
        assert!(validators.ask(&mut request));
        assert_eq!(request[IF_NONE_MATCH], "W/\"a-1\"");
        assert_eq!(request[IF_MODIFIED_SINCE], "yesterday");
    }

    #[test]
    fn no_validators_no_condition() {
        let mut answer = HeaderMap::new();
        answer.insert(ETAG, HeaderValue::from_static(""));
        assert_eq!(Validators::of(&answer), None);
        let broken = Validators {
            etag: Some("a\nb".into()),
            last_modified: None,
        };
        assert!(!broken.ask(&mut HeaderMap::new()));
    }
}
