//! Damaged folders: an error or the truth, never a panic, never something else.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// A frontier with a history, closed, and what was queued at each of its marks.
struct History {
    folder: TempDir,
    queued: BTreeMap<u64, Vec<String>>,
}

const SITES: u32 = 9;
const GROUPS: u32 = 40;

impl History {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut history = Self {
            queued: BTreeMap::from([(0, Vec::new())]),
            folder,
        };
        let (frontier, _) = SledFrontier::open(&history.path(), SALT).unwrap();
        let mut queued = BTreeSet::new();
        for group in 0..GROUPS {
            let links: Vec<Link> = (0..500).map(|n| link(n % SITES, group * 500 + n)).collect();
            queued.extend(links.iter().map(|link| link.url.to_string()));
            now(frontier.admit(links)).unwrap();
            settle_some(&frontier, group, &mut queued);
            let mark = u64::from(group) + 1;
            now(frontier.commit(mark)).unwrap();
            history
                .queued
                .insert(mark, queued.iter().cloned().collect());
        }
        history
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("frontier")
    }

    fn copy(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(&self.path(), &folder.path().join("frontier"));
        folder
    }

    /// Opens a damaged copy: whatever opens must be the truth about some mark.
    fn open(&self, copy: &TempDir, damage: &str) {
        match SledFrontier::open(&copy.path().join("frontier"), SALT) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok((frontier, mark)) => {
                let queued = self.queued.get(&mark);
                assert_eq!(Some(&contents(&frontier)), queued, "{damage}: mark {mark}");
            }
        }
    }
}

/// Settles 50 links of each site, every seventh of them for another try.
fn settle_some(frontier: &SledFrontier, group: u32, queued: &mut BTreeSet<String>) {
    for site in 0..SITES {
        let unit = link(site, 0).url.budget_unit();
        for n in 0..50 {
            let Some(entry) = claim(frontier, &unit) else {
                break;
            };
            let due = u64::from(group) * 1_000;
            let again = Settled::Again { due, failures: 1 };
            let outcome = if n % 7 == 0 { again } else { Settled::Done };
            now(frontier.settle(&entry.link, outcome)).unwrap();
            if outcome == Settled::Done {
                queued.remove(entry.link.url.as_str());
            }
        }
    }
}

/// Numbers that are the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }
}

/// The files of a frontier, the largest of which is sled's log.
fn files(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path().join("frontier")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[test]
fn a_whole_copy_opens_at_its_mark() {
    let history = History::new();
    let copy = history.copy();
    let (frontier, mark) = SledFrontier::open(&copy.path().join("frontier"), SALT).unwrap();
    assert_eq!(mark, u64::from(GROUPS));
    assert_eq!(&contents(&frontier), &history.queued[&mark]);
}

#[test]
fn a_truncated_file_is_an_error_or_an_older_mark() {
    let (history, mut numbers) = (History::new(), Numbers(1));
    for _ in 0..10 {
        let copy = history.copy();
        let log = copy.path().join("frontier/db");
        let bytes = fs::read(&log).unwrap();
        let length = numbers.below(bytes.len());
        fs::write(&log, &bytes[..length]).unwrap();
        history.open(&copy, &format!("cut to {length}"));
    }
}

#[test]
fn every_file_can_be_cut_to_nothing_or_taken_away() {
    let history = History::new();
    for at in 0..files(&history.copy()).len() {
        let copy = history.copy();
        let file = &files(&copy)[at];
        fs::write(file, b"").unwrap();
        history.open(&copy, &format!("{} emptied", file.display()));
        let copy = history.copy();
        let file = &files(&copy)[at];
        fs::remove_file(file).unwrap();
        history.open(&copy, &format!("{} removed", file.display()));
    }
}

#[test]
fn a_flipped_bit_is_an_error_or_no_matter() {
    let (history, mut numbers) = (History::new(), Numbers(2));
    for round in 0..40 {
        let copy = history.copy();
        let files = files(&copy);
        let log = copy.path().join("frontier/db");
        // Half of the flips hit the log, where it is not empty space.
        let file = if round % 2 == 0 {
            &log
        } else {
            &files[round / 2 % files.len()]
        };
        let mut bytes = fs::read(file).unwrap();
        let used: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        let (at, bit) = (used[numbers.below(used.len())], numbers.below(8));
        bytes[at] ^= 1 << bit;
        fs::write(file, bytes).unwrap();
        history.open(
            &copy,
            &format!("bit {bit} of byte {at} in {}", file.display()),
        );
    }
}

#[test]
fn a_zeroed_block_is_an_error_or_an_older_mark() {
    let (history, mut numbers) = (History::new(), Numbers(3));
    for _ in 0..10 {
        let copy = history.copy();
        let log = copy.path().join("frontier/db");
        let mut bytes = fs::read(&log).unwrap();
        let at = numbers.below(bytes.len() / 4096) * 4096;
        bytes[at..at + 4096].fill(0);
        fs::write(&log, bytes).unwrap();
        history.open(&copy, &format!("block at {at} zeroed"));
    }
}

#[test]
fn another_salt_is_damage() {
    let folder = History::new().copy();
    let path = folder.path().join("frontier");
    let error = SledFrontier::open(&path, SALT + 1).err().unwrap();
    assert!(matches!(error, FrontierError::Damaged { .. }), "{error}");
}

#[test]
fn keys_without_a_mark_are_damage() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).unwrap();
    let mut batch = ::sled::Batch::default();
    batch.insert(b"j\0\0\0\0\0\0\0\x01", b"");
    engine.commit(batch).unwrap();
    drop(engine);
    let error = SledFrontier::open(folder.path(), SALT).err().unwrap();
    assert!(
        error.to_string().ends_with("1 keys, but no mark"),
        "{error}"
    );
}

#[test]
fn a_missing_folder_is_a_new_frontier() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/frontier");
    let (frontier, mark) = SledFrontier::open(&path, SALT).unwrap();
    assert_eq!((mark, frontier.queued()), (0, 0));
}

#[test]
fn a_frontier_that_is_open_elsewhere_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let _open = SledFrontier::open(folder.path(), SALT).unwrap();
    let error = SledFrontier::open(folder.path(), SALT).err().unwrap();
    assert!(matches!(error, FrontierError::Engine { .. }), "{error}");
}
