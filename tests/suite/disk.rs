//! A disk that is full, or may not be written: a small one in the memory, which only the shell
//! that mounts it sees. Where the system lets nobody mount one, nothing is tested.

use crate::support::news::stories;
use crate::support::site::Site;
use crate::support::user::User;
use std::collections::BTreeSet;
use std::fs;

/// How a line of [`on_small_disk`] ended.
struct Step {
    code: i32,
    said: String,
}

impl Step {
    #[track_caller]
    fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}", self.said);
        self
    }

    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        assert!(self.said.contains(text), "no `{text}` in: {}", self.said);
        self
    }
}

/// Runs lines one after the other, with a disk of `size` mounted at `disk`.
async fn on_small_disk(user: &User, size: &str, lines: &[&str]) -> Option<Vec<Step>> {
    fs::create_dir(user.path("disk")).unwrap();
    let mut script = vec![format!(
        "mount -t tmpfs -o size={size} tmpfs disk || exit 77\n"
    )];
    for (number, line) in lines.iter().enumerate() {
        script.push(format!(
            "{{ {line}; }} >said{number} 2>&1; echo $? >code{number}\n"
        ));
    }
    fs::write(user.path("lines.sh"), script.concat()).unwrap();
    let ended = user
        .types("unshare --map-root-user --mount sh lines.sh")
        .await;
    if ended.code != Some(0) {
        println!("no disk can be mounted here: {}", ended.stderr);
        return None;
    }
    let step = |number: usize| Step {
        code: read(user, &format!("code{number}")).trim().parse().unwrap(),
        said: read(user, &format!("said{number}")),
    };
    Some((0..lines.len()).map(step).collect())
}

fn read(user: &User, name: &str) -> String {
    String::from_utf8(user.read(name)).unwrap()
}

const STORIES: usize = 150;

#[tokio::test]
async fn a_full_disk_loses_nothing_and_the_crawl_goes_on_when_there_is_room() {
    let site = Site::new().news(&stories(STORIES)).start().await;
    // There the database, the log's index, the archive or the frontier finds no room.
    for size in ["60k", "100k", "140k", "300k", "500k"] {
        let user = User::quick();
        let crawl = format!("gleaner crawl {} --data disk/data", site.url("/"));
        let lines = [
            crawl.as_str(),
            "gleaner resume --data disk/data",
            "mount -o remount,size=50m disk",
            "gleaner resume --data disk/data || test $? -eq 2",
            &crawl,
            "gleaner export --data disk/data -o all.jsonl",
        ];
        let Some(steps) = on_small_disk(&user, size, &lines).await else {
            return;
        };
        let full = "error: no space left on the disk that holds `disk/data/";
        let hint = "hint: free some space and start again";
        steps[0].exits(1).says(full).says(hint);
        if steps[1].code != 2 {
            steps[1].exits(1).says(full).says(hint);
        }
        for step in &steps[3..] {
            step.exits(0);
        }
        let exported = read(&user, "all.jsonl");
        assert_eq!(exported.lines().count(), STORIES, "{size}");
        let different: BTreeSet<&str> = exported.lines().collect();
        assert_eq!(different.len(), STORIES, "{size}");
    }
}

#[tokio::test]
async fn an_export_to_a_full_disk_leaves_the_old_file() {
    let site = Site::new().news(&stories(STORIES)).start().await;
    let user = User::quick();
    let crawl = format!("crawl {}", site.url("/"));
    user.runs(&crawl).await.exits(0);
    let lines = [
        "gleaner export -o disk/all.csv --format csv --since 2099-01-01",
        "cp disk/all.csv before",
        "gleaner export -o disk/all.csv --format csv",
        "cmp disk/all.csv before; ls disk",
        "gleaner export >/dev/full",
    ];
    let Some(steps) = on_small_disk(&user, "40k", &lines).await else {
        return;
    };
    steps[0].exits(0);
    let error = "error: cannot write `disk/all.csv`: No space left on device";
    steps[2]
        .exits(1)
        .says(error)
        .says("hint: name a file with `-o`");
    assert_eq!(steps[3].said, "all.csv\n", "the old file, and nothing else");
    steps[4].exits(1).says("error: cannot write `stdout`");
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_is_read_all_the_same() {
    let site = Site::new().news(&stories(3)).start().await;
    let user = User::quick();
    let crawl = format!("gleaner crawl {} --data disk/data", site.url("/"));
    let fresh = format!("{crawl} --fresh");
    let lines = [
        crawl.as_str(),
        "mount -o remount,ro disk",
        "gleaner status --data disk/data",
        "gleaner export --data disk/data",
        &crawl,
        "gleaner resume --data disk/data",
        "gleaner repair --data disk/data",
        &fresh,
        // As a kill leaves it, but without the index that SQLite would make anew.
        "mount -o remount,rw disk && echo newest >disk/data/articles.db-wal && mount -o remount,ro disk",
        "gleaner export --data disk/data",
    ];
    let Some(steps) = on_small_disk(&user, "50m", &lines).await else {
        return;
    };
    for step in &steps[..3] {
        step.exits(0);
    }
    let said = &steps[3].exits(0).said;
    let records = said.lines().filter(|line| line.starts_with('{'));
    assert_eq!(records.count(), 3);
    for step in &steps[4..8] {
        step.exits(1)
            .says(
                "error: cannot use the data folder `disk/data/gleaner.lock`: Read-only file system",
            )
            .says("hint: name a folder that can be written");
    }
    steps[8].exits(0);
    steps[9]
        .exits(1)
        .says("error: `disk/data/articles.db` can't be read where nothing may be written: its newest visits are in `disk/data/articles.db-wal` still")
        .says("hint: copy the data folder");
}
