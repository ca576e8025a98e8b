//! What goes wrong for a user, and what is said about it: an exit code, the thing by its name,
//! and what to do next.

use crate::support::answer::Answer;
use crate::support::news::stories;
use crate::support::site::Site;
use crate::support::user::{Ended, User};

/// An error by its first words, with advice.
#[track_caller]
fn told(ended: &Ended, code: i32, error: &str, hint: &str) {
    ended.exits(code).says(&format!("error: {error}"));
    ended.says(&format!("hint: {hint}"));
    assert!(ended.stdout.is_empty());
}

#[tokio::test]
async fn a_wrong_configuration_is_told_whole() {
    let text = "[politeness]\nmin_dleay = \"2s\"\nmax_refusals = 0\n";
    let user = User::new().file("crawl.toml", text);
    let ended = user.runs("export").await;
    let whole = "\
error: crawl.toml:2: unknown key `politeness.min_dleay`
hint: did you mean `min_delay`?
error: crawl.toml:3: `politeness.max_refusals`: `0` is too small, the least is `1`
";
    assert_eq!(ended.exits(2).stderr, whole);
}

#[tokio::test]
async fn a_wrong_value_is_told_wherever_it_was_set() {
    let user = User::new().set("GLEANER_MIN_DELAY", "soon");
    let ended = user.runs("crawl http://127.0.0.1:1/").await;
    ended.exits(2).says("GLEANER_MIN_DELAY").says("`soon`");
    let ended = User::new()
        .runs("crawl http://127.0.0.1:1/ --depth deep")
        .await;
    ended.exits(2).says("--depth").says("`deep`");
    let user = User::new().set("GLEANER_MIN_DLEAY", "9s");
    told(
        &user.runs("crawl http://127.0.0.1:1/").await,
        2,
        "`GLEANER_MIN_DLEAY`: no setting has this variable",
        "did you mean `GLEANER_MIN_DELAY`?",
    );
}

#[tokio::test]
async fn a_stopped_crawl_does_not_stop_those_who_ask() {
    let site = Site::new().news(&stories(3)).holds_once("/story/1");
    let site = site.start().await;
    let user = User::quick();
    let crawl = user.starts(&format!("crawl {}", site.url("/")));
    site.is_asked_for("/story/1").await;
    crawl.signal("STOP");
    let ended = user.runs("status").await;
    ended.exits(0);
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(
        said.contains("a crawl is at work and does not answer"),
        "{said}"
    );
    crawl.kill();
    let said = String::from_utf8(user.runs("status").await.stdout).unwrap();
    assert!(said.contains("interrupted"), "{said}");
}

#[tokio::test]
async fn a_named_file_that_is_missing() {
    let ended = User::new().runs("status --config other.toml").await;
    let error = "cannot read `other.toml`: No such file or directory";
    told(&ended, 2, error, "`--config` names the settings file");
}

#[tokio::test]
async fn no_data_folder() {
    let user = User::new();
    for command in ["export", "status"] {
        let ended = user.runs(command).await;
        let error = "`crawl-data/articles.db` does not exist";
        told(&ended, 2, error, "`gleaner crawl` makes a data folder");
    }
    let ended = user.runs("resume --contact a@b.example").await;
    told(
        &ended,
        2,
        "there is no data folder `crawl-data`",
        "`gleaner crawl` makes one",
    );
    assert!(user.names().is_empty());
}

#[tokio::test]
async fn nothing_to_resume() {
    let site = Site::new().news(&stories(1)).start().await;
    let user = User::quick();
    let (error, hint) = (
        "no crawl was begun in `crawl-data` yet",
        "`gleaner crawl SEEDS` begins one",
    );
    std::fs::create_dir(user.path("crawl-data")).unwrap();
    for words in ["resume", "repair"] {
        told(&user.runs(words).await, 2, error, hint);
    }
    assert!(user.path("crawl-data").read_dir().unwrap().next().is_none());
    user.runs(&format!("crawl {}", site.url("/")))
        .await
        .exits(0);
    let ended = user.runs("resume").await;
    ended
        .exits(0)
        .says("nothing to resume: the last crawl finished");
    // As a kill leaves it that comes before the first run has begun.
    let database = rusqlite::Connection::open(user.path("crawl-data/articles.db")).unwrap();
    database.execute("DELETE FROM runs", []).unwrap();
    drop(database);
    told(&user.runs("resume").await, 2, error, hint);
}

#[tokio::test]
async fn no_seeds() {
    let user = User::quick().file("empty.txt", "# none yet\n\n");
    for words in ["crawl", "crawl empty.txt"] {
        told(
            &user.runs(words).await,
            2,
            "there are no seeds",
            "name a URL or a seed file",
        );
    }
    assert_eq!(user.names(), ["empty.txt"]);
}

#[tokio::test]
async fn seed_files_that_cannot_be_read() {
    let user = User::quick();
    std::fs::create_dir(user.path("folder")).unwrap();
    for (words, error, hint) in [
        (
            "crawl missing.txt",
            "cannot read the seed file `missing.txt`: ",
            "write `https://missing.txt/` if",
        ),
        (
            "crawl folder",
            "cannot read the seed file `folder`: ",
            "this is a folder",
        ),
        (
            "crawl http:/paper.example/",
            "cannot read the seed file",
            "",
        ),
    ] {
        told(&user.runs(words).await, 2, error, hint);
    }
    assert_eq!(user.names(), ["folder"]);
}

#[tokio::test]
async fn no_contact_for_a_public_host() {
    let user = User::new().file("seeds.txt", "paper.example\nhttp://127.0.0.1:9/");
    let ended = user.runs("crawl seeds.txt").await;
    told(
        &ended,
        2,
        "no contact is set",
        "set `contact` in crawl.toml",
    );
    assert_eq!(user.names(), ["seeds.txt"]);
}

#[tokio::test]
async fn a_data_folder_of_a_newer_gleaner() {
    let site = Site::new().news(&stories(1)).start().await;
    let user = User::quick();
    let crawl = format!("crawl {}", site.url("/"));
    user.runs(&crawl).await.exits(0);
    let path = user.path("crawl-data/articles.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let before = std::fs::read(&path).unwrap();
    for words in [crawl.as_str(), "resume", "export", "status", "repair"] {
        let ended = user.runs(words).await;
        let error = "`crawl-data/articles.db` has schema number 99";
        told(&ended, 1, error, "use the gleaner that wrote it");
    }
    assert!(before == std::fs::read(&path).unwrap(), "it was changed");
}

#[tokio::test]
async fn a_second_crawl_on_the_same_folder() {
    let site = Site::new().news(&stories(3)).holds_once("/story/1");
    let site = site.start().await;
    let user = User::quick();
    let crawl = format!("crawl {}", site.url("/"));
    let first = user.starts(&crawl);
    site.is_asked_for("/story/1").await;
    for words in [crawl.as_str(), "resume", "repair"] {
        let ended = user.runs(words).await;
        let error = "another crawl works on `crawl-data/gleaner.lock`: process ";
        let error = format!("{error}{}", first.id());
        told(
            &ended,
            1,
            &error,
            "`gleaner status --data crawl-data` tells",
        );
    }
    // Readers are not kept out.
    user.runs("status").await.exits(0);
    user.runs("export").await.exits(0);
    // Nor is anybody once it is gone, however it went.
    first.kill();
    user.runs("resume").await.exits(0);
    assert_eq!(user.stories(&site).await.len(), 3);
}

#[tokio::test]
async fn a_name_that_does_not_exist() {
    let site = Site::new().news(&stories(1)).start().await;
    let user = User::quick()
        .set("GLEANER_CONTACT", "https://gleaner.example/about")
        .set("GLEANER_POLITENESS_ROBOTS_TRIES", "1");
    let ended = user
        .runs(&format!("crawl http://name.invalid/ {}", site.url("/")))
        .await;
    ended.exits(3).says("name.invalid");
    assert_eq!(user.stories(&site).await, ["/story/0"]);
}

#[tokio::test]
async fn rubbish_in_the_place_of_pages() {
    let noise: Vec<u8> = (0u32..60_000)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 23).to_le_bytes()[0])
        .collect();
    let mut cut = stories(1)[0].html().into_bytes();
    cut.truncate(700);
    let page = |bytes: &[u8]| Answer::html(bytes);
    let names = ["noise", "zeros", "angles", "cut", "nested", "empty"];
    let links: Vec<String> = names
        .iter()
        .map(|name| format!("<a href='/{name}'>Read all about {name}</a> "))
        .collect();
    let good = stories(1);
    let site = Site::new()
        .page("/", &format!("{}{}", links.concat(), good[0].link()))
        .answer("/noise", page(&noise))
        .answer("/zeros", page(&[0; 5_000]))
        .answer("/angles", page(&b"<".repeat(20_000)))
        .answer("/cut", page(&cut))
        .answer("/nested", page(&b"<div><p><b>".repeat(20_000)))
        .answer("/empty", page(b""))
        .stories(&good)
        .start()
        .await;
    let user = User::quick();
    user.runs(&format!("crawl {}", site.url("/")))
        .await
        .exits(0);
    for name in names {
        assert!(site.targets().contains(&format!("/{name}")), "{name}");
    }
    // Half a story with its text is a story; the rest is none.
    assert_eq!(user.stories(&site).await, ["/cut", "/story/0"]);
}
