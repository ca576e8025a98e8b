//! What an operator publishes: the key directory and the signature agent card.

use super::{Component, Key, Parameter, PublicKey, sign};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

/// Where the directory is looked for, below the operator's origin.
pub const DIRECTORY_PATH: &str = "/.well-known/http-message-signatures-directory";
/// Its media type.
pub const DIRECTORY_TYPE: &str = "application/http-message-signatures-directory+json";

/// A directory of one key: the document, and the headers that it is to be answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// The body, to be served byte for byte.
    pub body: String,
    /// `Content-Type`, `Content-Digest`, and the signature by the key itself.
    pub headers: [(&'static str, String); 4],
}

impl Directory {
    /// The directory of `key` for the authority that serves it, signed for the time between
    /// `created` and `expires` (seconds since 1970).
    #[must_use]
    pub fn new(key: &Key, authority: &str, created: i64, expires: i64) -> Self {
        let body = json!({ "keys": [entry(key.public())] }).to_string();
        let hash = STANDARD.encode(digest(&SHA256, body.as_bytes()));
        let content_digest = format!("sha-256=:{hash}:");
        let components = [
            Component::new("\"@authority\";req", authority),
            Component::new("\"content-digest\"", &*content_digest),
        ];
        let tag = "http-message-signatures-directory";
        let parameters = [
            Parameter::Time("created", created),
            Parameter::Time("expires", expires),
            Parameter::Text("keyid", key.public().id().to_owned()),
            Parameter::Text("tag", tag.to_owned()),
        ];
        let signed = sign(key, "binding", &components, &parameters);
        Self {
            body,
            headers: [
                ("Content-Type", DIRECTORY_TYPE.to_owned()),
                ("Content-Digest", content_digest),
                ("Signature-Input", signed.input),
                ("Signature", signed.signature),
            ],
        }
    }
}

fn entry(key: &PublicKey) -> Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": key.id(),
        "x": key.x(),
        "use": "sig",
    })
}

/// What a signature agent card says of the crawler (draft-meunier-webbotauth-registry).
#[derive(Clone, Copy, Debug)]
pub struct Card<'a> {
    /// The operator's origin.
    pub origin: &'a str,
    /// A page or a mailbox.
    pub contact: &'a str,
    /// The `User-Agent` as it is sent.
    pub user_agent: &'a str,
    /// Seconds between two requests to one site, at least.
    pub gap: f64,
}

impl Card<'_> {
    /// The card as a document.
    #[must_use]
    pub fn document(&self) -> Value {
        let contact = if self.contact.contains("://") || self.contact.starts_with("mailto:") {
            self.contact.to_owned()
        } else {
            format!("mailto:{}", self.contact)
        };
        json!({
            "client_id": self.origin,
            "client_name": "gleaner",
            "contacts": [contact],
            "jwks_uri": format!("{}{DIRECTORY_PATH}", self.origin),
            "web_bot_auth": {
                "expected-user-agent": self.user_agent,
                "rfc9309-product-token": "gleaner",
                "rfc9309-compliance": ["User-Agent", "Allow", "Disallow", "Content-Usage"],
                "trigger": "crawler",
                "purpose": "news articles",
                "rate-expectation": format!("one request in {} s per site", self.gap),
            },
        })
    }
}
