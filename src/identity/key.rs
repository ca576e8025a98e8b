//! An Ed25519 key and its two forms: the file that stays here, and what others may see.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;

/// Thumbprint of the key printed in RFC 9421 B.1.4: its private half is known to all.
const EXAMPLE: &str = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// The text is no private Ed25519 JWK.
    #[error("not a private Ed25519 key in JWK form: {0}")]
    NotAKey(&'static str),
    /// The key is the public example of RFC 9421.
    #[error("this is the example key of RFC 9421, known to everybody")]
    Example,
    /// The system gives no random numbers.
    #[error("the system gave no random numbers")]
    Random,
}

/// A private Ed25519 key.
#[derive(Debug)]
pub struct Key {
    pair: Ed25519KeyPair,
    seed: [u8; 32],
    public: PublicKey,
}

/// What others may know of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    x: [u8; 32],
    id: String,
}

impl Key {
    /// A new key.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        let filled = SystemRandom::new().fill(&mut seed);
        filled.map_err(|_| KeyError::Random)?;
        Self::of_seed(seed)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// When it cannot be read, holds no key, or holds the example key of RFC 9421.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = fs::read_to_string(path)?;
        let key = Self::from_jwk(&text)?;
        if key.public.id == EXAMPLE {
            return Err(KeyError::Example);
        }
        Ok(key)
    }

    /// Writes the key to a new file that only its owner can read.
    ///
    /// # Errors
    /// When the file is there already, or cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), KeyError> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let jwk = json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "d": URL_SAFE_NO_PAD.encode(self.seed),
            "x": URL_SAFE_NO_PAD.encode(self.public.x),
        });
        let written = options
            .open(path)
            .and_then(|mut file| writeln!(file, "{jwk}"));
        Ok(written?)
    }

    /// Reads a private JWK (RFC 8037 2).
    ///
    /// # Errors
    /// When the text is none.
    pub fn from_jwk(text: &str) -> Result<Self, KeyError> {
        let jwk: Value = serde_json::from_str(text).map_err(|_| KeyError::NotAKey("no JSON"))?;
        let public = PublicKey::of(&jwk).ok_or(KeyError::NotAKey("`x` of `OKP` `Ed25519`"))?;
        let seed = octets(&jwk["d"]).ok_or(KeyError::NotAKey("`d`"))?;
        let key = Self::of_seed(seed)?;
        if key.public == public {
            Ok(key)
        } else {
            Err(KeyError::NotAKey("`x` is not the public half of `d`"))
        }
    }

    fn of_seed(seed: [u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
        let pair = pair.map_err(|_| KeyError::NotAKey("`d`"))?;
        let x = pair.public_key().as_ref().try_into();
        let public = PublicKey::new(x.map_err(|_| KeyError::NotAKey("`d`"))?);
        Ok(Self { pair, seed, public })
    }

    /// What others may know.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The signature of `message`, 64 bytes.
    #[must_use]
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl PublicKey {
    fn new(x: [u8; 32]) -> Self {
        // RFC 7638 3: the required members in the order of their names, without spaces.
        let x64 = URL_SAFE_NO_PAD.encode(x);
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x64}"}}"#);
        let id = URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
        Self { x, id }
    }

    /// The key in a JWK; `None` when it is of another kind.
    #[must_use]
    pub fn of(jwk: &Value) -> Option<Self> {
        let ed25519 = jwk["kty"] == "OKP" && jwk["crv"] == "Ed25519";
        ed25519.then(|| octets(&jwk["x"]).map(Self::new))?
    }

    /// Its JWK thumbprint (RFC 7638) in base64url: the `keyid` of our signatures.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public half in base64url.
    #[must_use]
    pub(super) fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.x)
    }

    /// Whether `signature` is one of `message` by this key.
    #[must_use]
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.x);
        key.verify(message, signature).is_ok()
    }
}

fn octets(value: &Value) -> Option<[u8; 32]> {
    let bytes = URL_SAFE_NO_PAD.decode(value.as_str()?.trim_end_matches('='));
    bytes.ok()?.try_into().ok()
}
