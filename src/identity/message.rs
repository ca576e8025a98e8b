//! One HTTP message signature: its base, its parameters and the two headers (RFC 9421 2.5, 3.1, 4).

use super::Key;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// A part of the message that a signature covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its identifier as it stands in the signature's input: quoted, its parameters after it.
    pub id: String,
    /// Its value in this message.
    pub value: String,
}

impl Component {
    /// A component by its quoted identifier.
    #[must_use]
    pub fn new(id: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            value: value.into(),
        }
    }
}

/// A parameter of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// `created`, `expires`: seconds since 1970.
    Time(&'static str, i64),
    /// `keyid`, `alg`, `nonce`, `tag`.
    Text(&'static str, String),
}

/// A signature, and what it was made over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What was signed.
    pub base: String,
    /// The `Signature-Input` header.
    pub input: String,
    /// The `Signature` header.
    pub signature: String,
}

/// Signs `components`, in their order, with `parameters`, in theirs.
#[must_use]
pub fn sign(key: &Key, label: &str, components: &[Component], parameters: &[Parameter]) -> Signed {
    let parameters = serialized(components, parameters);
    let base = base(components, &parameters);
    let signature = STANDARD.encode(key.sign(base.as_bytes()));
    Signed {
        input: format!("{label}={parameters}"),
        signature: format!("{label}=:{signature}:"),
        base,
    }
}

/// The signature base: a line for each component, the parameters last, no line feed at the end.
pub(super) fn base(components: &[Component], parameters: &str) -> String {
    let mut base = String::new();
    for Component { id, value } in components {
        let _ = writeln!(base, "{id}: {value}");
    }
    base + "\"@signature-params\": " + parameters
}

fn serialized(components: &[Component], parameters: &[Parameter]) -> String {
    let ids: Vec<&str> = components.iter().map(|part| part.id.as_str()).collect();
    let mut text = format!("({})", ids.join(" "));
    for parameter in parameters {
        let _ = match parameter {
            Parameter::Time(name, seconds) => write!(text, ";{name}={seconds}"),
            Parameter::Text(name, value) => write!(text, ";{name}={}", quoted(value)),
        };
    }
    text
}

/// A string of structured fields (RFC 9651 3.3.3); what it cannot hold is left out.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars().filter(|c| matches!(c, ' '..='~')) {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted + "\""
}
