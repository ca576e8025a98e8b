//! A process killed at any moment: what it was told is committed is there, whole.

use super::*;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

const FOLDER: &str = "GLEANER_TEST_KILLED_FOLDER";
/// Links that a group admits; half as many are settled in it.
const GROUP: u32 = 100;

/// Not a test of its own: the process that
/// `a_kill_loses_nothing_that_was_acknowledged` kills.
#[test]
#[ignore = "runs until it is killed"]
fn commits_for_ever() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let (frontier, mark) = SledFrontier::open(Path::new(&folder), SALT).unwrap();
    let mut out = std::io::stdout();
    for group in u32::try_from(mark).unwrap().. {
        let links = (0..GROUP).map(|n| link(1, group * GROUP + n)).collect();
        now(frontier.admit(links)).unwrap();
        let unit = link(1, 0).url.budget_unit();
        // Links are claimable from the next group on, so the first group settles none.
        for _ in 0..if group == 0 { 0 } else { GROUP / 2 } {
            let entry = claim(&frontier, &unit).unwrap();
            now(frontier.settle(&entry.link, Settled::Done)).unwrap();
        }
        now(frontier.commit(u64::from(group) + 1)).unwrap();
        writeln!(out, "\nmark {}", group + 1).unwrap();
    }
}

fn start(folder: &Path) -> Child {
    let name = "frontier::sled::tests::killing::commits_for_ever";
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills the process once it has acknowledged `commits` more groups; the last one that it did.
fn kill_after(mut child: Child, commits: usize) -> u64 {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut marks = lines.filter_map(|line| line.unwrap().strip_prefix("mark ")?.parse().ok());
    let acknowledged = marks.by_ref().take(commits).last().unwrap();
    child.kill().unwrap();
    let acknowledged = marks.last().unwrap_or(acknowledged);
    child.wait().unwrap();
    acknowledged
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier");
    for commits in [1, 40, 7, 90, 23, 151] {
        let acknowledged = kill_after(start(&path), commits);
        let (frontier, mark) = SledFrontier::open(&path, SALT).unwrap();
        assert!(
            mark >= acknowledged,
            "{acknowledged} was acknowledged, {mark} is there"
        );
        let groups = u32::try_from(mark).unwrap();
        let left = (groups - 1) * GROUP / 2..groups * GROUP;
        let mut left: Vec<String> = left.map(|n| link(1, n).url.to_string()).collect();
        left.sort();
        assert_eq!(contents(&frontier), left, "mark {mark}");
    }
}
