//! The three headers that sign a request (draft-ietf-webbotauth-httpsig-protocol).

use super::message::quoted;
use super::{Component, Key, KeyError, Parameter, sign};
use crate::config;
use std::path::PathBuf;
use url::{Position, Url};

/// Seconds for which a signature is good: a fresh one is made for each request and each hop, so
/// it need only outlast the way there and the clocks' differences.
const LIFETIME: i64 = 60;
const LABEL: &str = "sig1";

/// The two ways in which servers read `Signature-Agent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Form {
    /// A dictionary whose member bears the signature's label: the drafts of 2026.
    #[default]
    Dictionary,
    /// A bare string: what servers of 2025 know.
    Legacy,
}

/// Why requests cannot be signed as the settings ask.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The key cannot be used.
    #[error("`identity.key` cannot be used: `{path}`\nhint: `gleaner identity new` makes a key")]
    Key {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// Nobody could find the public key.
    #[error(
        "`identity.key` is set and `identity.agent` is not\nhint: set it to the URL at which the public key is published"
    )]
    NoAgent,
}

/// Signs requests with one key.
#[derive(Debug)]
pub struct Signer {
    key: Key,
    agent: String,
    form: Form,
}

impl Signer {
    /// The signer that the settings ask for; none without a key.
    ///
    /// # Errors
    /// When the key cannot be used, or nobody could find its public half.
    pub fn of(settings: &config::Identity) -> Result<Option<Self>, IdentityError> {
        let Some(path) = &settings.key else {
            return Ok(None);
        };
        let key = Key::read(path).map_err(|source| IdentityError::Key {
            path: path.clone(),
            source,
        })?;
        let agent = settings.agent.clone().ok_or(IdentityError::NoAgent)?;
        let form = if settings.legacy {
            Form::Legacy
        } else {
            Form::Dictionary
        };
        Ok(Some(Self::new(key, agent, form)))
    }

    /// A signer whose key others find at the URL `agent`.
    #[must_use]
    pub fn new(key: Key, agent: String, form: Form) -> Self {
        Self { key, agent, form }
    }

    /// `Signature-Agent`, `Signature-Input` and `Signature` of a GET of `url` at `now` (seconds
    /// since 1970). Plain http gets none: anybody on the way could use the signature again.
    #[must_use]
    pub fn headers(&self, url: &Url, now: i64) -> Option<[(&'static str, String); 3]> {
        if url.scheme() != "https" {
            return None;
        }
        let (agent, components) = self.covered(url);
        let text = |name, value: &str| Parameter::Text(name, value.to_owned());
        let parameters = [
            Parameter::Time("created", now),
            Parameter::Time("expires", now + LIFETIME),
            text("keyid", self.key.public().id()),
            text("alg", "ed25519"),
            text("tag", "web-bot-auth"),
        ];
        let signed = sign(&self.key, LABEL, &components, &parameters);
        Some([
            ("signature-agent", agent),
            ("signature-input", signed.input),
            ("signature", signed.signature),
        ])
    }

    /// The value of `Signature-Agent`, and what the signature covers. Of a dictionary the one
    /// member is covered, not the header (RFC 9421 2.1.2).
    fn covered(&self, url: &Url) -> (String, Vec<Component>) {
        let agent = quoted(&self.agent);
        let authority = Component::new("\"@authority\"", authority(url));
        match self.form {
            Form::Dictionary => {
                let member = format!("\"signature-agent\";key=\"{LABEL}\"");
                let components = vec![
                    authority,
                    Component::new("\"@method\"", "GET"),
                    Component::new("\"@path\"", url.path()),
                    Component::new(member, agent.clone()),
                ];
                (format!("{LABEL}={agent}"), components)
            }
            Form::Legacy => {
                let whole = Component::new("\"signature-agent\"", agent.clone());
                (agent, vec![authority, whole])
            }
        }
    }
}

/// Host and port, the port left out where it is the scheme's own (RFC 9421 2.2.3).
fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}
