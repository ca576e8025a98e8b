//! What holds for the sled frontier beyond the contract: damage, rebuilding, threads.

use super::*;
use crate::frontier::conformance::{self, Subject};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

const SALT: u64 = 0x5eed;

/// A frontier in a folder that is copied at each crash, as a kill leaves it: what was committed
/// is in the files, what was staged is not.
struct Killed {
    folder: TempDir,
    lives: u32,
    frontier: Option<SledFrontier>,
}

impl Killed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (frontier, mark) = SledFrontier::open(&folder.path().join("0"), SALT).unwrap();
        assert_eq!(mark, 0);
        Self {
            folder,
            lives: 0,
            frontier: Some(frontier),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.lives.to_string())
    }
}

impl Subject for Killed {
    type F = SledFrontier;

    fn frontier(&self) -> &SledFrontier {
        self.frontier.as_ref().unwrap()
    }

    fn crash(&mut self, visited: &[NormalUrl]) -> u64 {
        let before = self.path();
        self.lives += 1;
        copy(&before, &self.path());
        self.frontier = None;
        fs::remove_dir_all(before).unwrap();
        let (frontier, mark) = SledFrontier::open(&self.path(), SALT).unwrap();
        for url in visited {
            frontier.note_seen(url);
        }
        self.frontier = Some(frontier);
        mark
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    conformance::suite(Killed::new).await;
}

#[test]
fn it_agrees_with_the_model_under_random_operations() {
    conformance::random_operations(48, Killed::new);
}
