//! Who we are, in a form that a server can check: requests signed with our key (HTTP Message
//! Signatures, RFC 9421, in the profile Web Bot Auth), and the files that an operator publishes
//! so that others find the key, the crawler's name and its addresses.
//!
//! Pure: keys, URLs and times in, headers and documents out. A signature names us and grants
//! nothing; nothing is signed until a key is configured.

mod directory;
mod key;
mod message;
mod ranges;
mod request;
#[cfg(test)]
mod tests;
mod verify;

pub use directory::{Card, DIRECTORY_PATH, DIRECTORY_TYPE, Directory};
pub use key::{Key, KeyError, PublicKey};
pub use message::{Component, Parameter, Signed, sign};
pub use ranges::{Ranges, RangesError};
pub use request::{Form, IdentityError, Signer};
pub use verify::{Asked, Verdict, verify};
