//! Test vectors that are shared with other projects and are no part of this one.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The rows of a file of JSON lines.
pub(crate) fn rows(text: &str) -> Vec<Value> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// The rows of a shared file such as `robots/vectors.jsonl`, out of the folder that
/// `GLEANER_SHARED` names or that lies beside the project's; `None` where the project is built
/// alone. A folder that is named must have it.
pub(crate) fn shared(name: &str) -> Option<Vec<Value>> {
    let named = std::env::var_os("GLEANER_SHARED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = named.clone().unwrap_or_else(beside).join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(rows(&text)),
        Err(why) if named.is_some() => panic!("{}: {why}", path.display()),
        Err(_) => None,
    }
}
