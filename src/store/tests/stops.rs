//! What was acknowledged is there after a kill, a full disk, damage.

use super::*;

#[test]
fn what_was_acknowledged_is_there_after_a_stop_without_finish() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    let arabic = "سوق السمك: «افتتاح»، وأسعار جديدة\nمُحَمَّد \u{200f}٢٠٢٦";
    let receipt = store
        .append(&[
            visited("http://a.example/"),
            story("http://a.example/1", "عنوان", arabic, None),
        ])
        .unwrap();
    assert_eq!(
        (receipt.mark, receipt.new_articles, receipt.new_versions),
        (2, 1, 0)
    );
    let copied = copy(&folder);
    let store = open(&copied);
    assert_eq!(store.mark(), 2);
    assert_eq!(store.visited().count(), 2);
    let reader = reader(&copied);
    let row = reader.articles().unwrap().next().unwrap().unwrap();
    assert_eq!(row.fields().unwrap()["text"], arabic);
    assert_eq!(
        (row.id.len(), row.via.as_str(), row.site.as_str()),
        (26, "front", "a.example")
    );
}

#[test]
fn a_kill_between_archive_and_commit_leaves_no_half_group() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store.append(&[visited("http://a.example/1")]).unwrap();
    let committed = fs::metadata(&segments(&folder)[0]).unwrap().len();
    let killed = copy(&folder);
    // The next group's records reached the file, its transaction did not happen.
    let mut file = File::options()
        .append(true)
        .open(&segments(&killed)[0])
        .unwrap();
    file.write_all(&[0x1f, 0x8b, 8, 0, 1, 2, 3]).unwrap();
    let mut store = open(&killed);
    assert!(store.notices().is_empty());
    assert_eq!(
        fs::metadata(&segments(&killed)[0]).unwrap().len(),
        committed
    );
    store.append(&[visited("http://a.example/2")]).unwrap();
    store.finish(RunState::Finished, "", NOW).unwrap();
    assert_eq!(check_members(&segments(&killed)[0]), 5);
}

#[test]
fn a_kill_around_the_renaming_of_a_segment_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store.append(&[visited("http://a.example/1")]).unwrap();
    let renamed = copy(&folder);
    let open_name = segments(&renamed).remove(0);
    fs::rename(&open_name, open_name.with_extension("")).unwrap();
    let mut store = open(&renamed);
    assert!(store.notices().is_empty());
    store.append(&[visited("http://a.example/2")]).unwrap();
    store.finish(RunState::Finished, "", NOW).unwrap();
    let found = segments(&renamed);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|path| check_members(path) == 3));
}

#[test]
fn a_segment_shorter_than_committed_is_cut_to_whole_records_and_said() {
    for cut in [7, u64::MAX] {
        let folder = TempDir::new().unwrap();
        let mut store = open(&folder);
        store.append(&[visited("http://a.example/1")]).unwrap();
        store
            .append(&[story("http://a.example/2", "T", &text("x"), None)])
            .unwrap();
        drop(store);
        let path = segments(&folder).remove(0);
        let length = fs::metadata(&path).unwrap().len();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(length.saturating_sub(cut)).unwrap();
        let mut store = open(&folder);
        assert!(
            store.notices()[0].contains(&*path.to_string_lossy()),
            "{:?}",
            store.notices()
        );
        store.append(&[visited("http://a.example/3")]).unwrap();
        store.finish(RunState::Finished, "", NOW).unwrap();
        assert!(
            segments(&folder)
                .iter()
                .all(|path| check_members(path) == 3)
        );
        let row = reader(&folder).articles().unwrap().next().unwrap().unwrap();
        assert_eq!(row.warc, None, "its record is lost");
        assert!(open(&folder).notices().is_empty(), "it is said once");
    }
}

#[test]
fn a_segment_that_is_missing_is_said_and_may_come_back() {
    for closed in [false, true] {
        let folder = TempDir::new().unwrap();
        let mut store = open(&folder);
        let page = || story("http://a.example/1", "T", &text("x"), None);
        store.append(&[page()]).unwrap();
        if closed {
            store.finish(RunState::Finished, "", NOW).unwrap();
        }
        drop(store);
        let path = segments(&folder).remove(0);
        let away = folder.path().join("away");
        fs::rename(&path, &away).unwrap();
        let name = path.to_string_lossy().replace(".open", "");
        for _ in 0..2 {
            let store = open(&folder);
            assert!(store.notices()[0].contains(&name), "{:?}", store.notices());
        }
        // The same page again: its record stands for itself, not for one that is not there.
        let mut store = open(&folder);
        store.append(&[page()]).unwrap();
        store.finish(RunState::Finished, "", NOW).unwrap();
        let other = segments(&folder).remove(0);
        assert_eq!(records(&other, "revisit"), 0);
        drop(store);
        fs::rename(&away, &path).unwrap();
        assert_eq!(open(&folder).notices(), [] as [String; 0]);
        assert_eq!(segments(&folder).len(), 2);
        assert!(
            segments(&folder)
                .iter()
                .all(|path| check_members(path) == 3)
        );
        let row = reader(&folder).articles().unwrap().next().unwrap().unwrap();
        assert!(row.warc.is_some_and(|(file, ..)| name.ends_with(&file)));
    }
}

/// How many records of a type a segment holds.
fn records(path: &Path, kind: &str) -> usize {
    let mut bytes = String::new();
    let file = File::open(path).unwrap();
    let mut whole = flate2::read::MultiGzDecoder::new(file);
    std::io::Read::read_to_string(&mut whole, &mut bytes).unwrap();
    bytes.matches(&format!("WARC-Type: {kind}\r\n")).count()
}

#[test]
fn what_others_add_to_a_closed_segment_is_cut_off_and_said() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store.append(&[visited("http://a.example/1")]).unwrap();
    store.finish(RunState::Finished, "", NOW).unwrap();
    drop(store);
    let path = segments(&folder).remove(0);
    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(&[0x5a; 64]).unwrap();
    let store = open(&folder);
    let said = &store.notices()[0];
    assert!(
        said.contains(&*path.to_string_lossy()) && said.contains("64 bytes"),
        "{said}"
    );
    assert_eq!(check_members(&path), 3);
}

#[test]
fn a_database_that_is_missing_beside_what_belongs_to_it_is_said() {
    for left in ["articles.db-wal", "warc", "frontier"] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(left);
        if left.ends_with("wal") {
            fs::write(&path, "log").unwrap();
        } else {
            fs::create_dir(&path).unwrap();
        }
        assert!(Store::is_in(folder.path()));
        let said = try_open(&folder).err().unwrap().to_string();
        assert!(
            said.contains("articles.db") && said.contains(left),
            "{said}"
        );
        assert!(said.contains("hint: "), "{said}");
    }
    assert!(!Store::is_in(TempDir::new().unwrap().path()));
}

#[test]
fn a_full_segment_is_closed_and_another_begun() {
    let folder = TempDir::new().unwrap();
    let config = config::Store {
        warc_segment: 1,
        ..config::Store::default()
    };
    let mut store = Store::open(folder.path(), &config, NOW).unwrap();
    for i in 0..3 {
        store
            .append(&[visited(&format!("http://a.example/{i}"))])
            .unwrap();
    }
    let names: Vec<String> = segments(&folder)
        .iter()
        .map(|p| p.to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.iter().filter(|n| n.ends_with(".warc.gz")).count(), 2);
    assert_eq!(
        names
            .iter()
            .filter(|n| n.ends_with(".warc.gz.open"))
            .count(),
        1
    );
    assert!(
        segments(&folder)
            .iter()
            .all(|path| check_members(path) == 3)
    );
}

#[test]
fn a_group_that_could_not_be_written_is_gone_whole_and_can_be_written_again() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store.append(&[visited("http://a.example/1")]).unwrap();
    let before = fs::metadata(&segments(&folder)[0]).unwrap().len();
    // As a full disk would: SQLite may not take another page.
    let pages: i64 = store
        .conn
        .query_row("PRAGMA page_count", [], |r| r.get(0))
        .unwrap();
    let limit = |store: &Store, pages: i64| {
        store
            .conn
            .pragma_update(None, "max_page_count", pages)
            .unwrap_or(());
    };
    limit(&store, pages);
    let noise: Vec<String> = (0..40_000_u64)
        .map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string())
        .collect();
    let noise = noise.join(" ");
    let group = [
        visited("http://a.example/2"),
        story("http://a.example/3", "T", &noise, None),
    ];
    let error = store.append(&group).unwrap_err();
    assert!(error.is_full(), "{error}");
    assert!(error.to_string().contains("articles.db"), "{error}");
    assert_eq!(fs::metadata(&segments(&folder)[0]).unwrap().len(), before);
    assert_eq!(stories(&folder), []);
    assert_eq!(open(&copy(&folder)).mark(), 1);
    limit(&store, 1 << 30);
    assert_eq!(store.append(&group).unwrap().mark, 3);
    assert_eq!(check_members(&segments(&folder)[0]), 7);
}

#[test]
fn a_damaged_or_foreign_database_is_named_and_left_as_it_is() {
    type Hurt = fn(&Path);
    let hurts: &[(&str, Hurt)] = &[
        ("empty", |p| {
            File::options()
                .write(true)
                .open(p)
                .unwrap()
                .set_len(0)
                .unwrap();
        }),
        ("cut", |p| {
            let file = File::options().write(true).open(p).unwrap();
            file.set_len(file.metadata().unwrap().len() - 7).unwrap();
        }),
        ("zeros", |p| fs::write(p, vec![0; 50_000]).unwrap()),
        ("garbage", |p| {
            fs::write(p, "no database".repeat(900)).unwrap();
        }),
        ("foreign", |p| {
            fs::remove_file(p).unwrap();
            Connection::open(p)
                .unwrap()
                .execute_batch("CREATE TABLE t (x)")
                .unwrap();
        }),
        ("newer", |p| {
            Connection::open(p)
                .unwrap()
                .pragma_update(None, "user_version", 99)
                .unwrap();
        }),
    ];
    for (name, hurt) in hurts {
        let folder = TempDir::new().unwrap();
        let mut store = open(&folder);
        store
            .append(&[story("http://a.example/1", "T", &text("x"), None)])
            .unwrap();
        store.finish(RunState::Finished, "", NOW).unwrap();
        drop(store);
        let path = folder.path().join(DATABASE);
        hurt(&path);
        let before = fs::read(&path).unwrap();
        for error in [
            try_open(&folder).err().unwrap(),
            Reader::open(folder.path()).err().unwrap(),
        ] {
            let message = error.to_string();
            assert!(
                message.contains("articles.db") && message.contains("hint:"),
                "{name}: {message}"
            );
        }
        assert_eq!(fs::read(&path).unwrap(), before, "{name}");
    }
}

#[test]
fn garbage_at_the_end_and_leftovers_beside_are_survived() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    store
        .append(&[story("http://a.example/1", "T", &text("x"), None)])
        .unwrap();
    let killed = copy(&folder);
    for name in fs::read_dir(killed.path())
        .unwrap()
        .map(|e| e.unwrap().path())
    {
        if name.is_file() {
            fs::write(folder::beside(&name, ".tmp"), "leftover").unwrap();
            let mut file = File::options().append(true).open(&name).unwrap();
            file.write_all(&[0x5a; 64]).unwrap();
        }
    }
    fs::write(killed.path().join("articles.db.new"), "half a database").unwrap();
    let mut store = open(&killed);
    assert_eq!(stories(&killed).len(), 1);
    store
        .append(&[story("http://a.example/2", "U", &text("y"), None)])
        .unwrap();
    drop(store);
    open(&killed);
    assert_eq!(stories(&killed).len(), 2);
}

#[test]
fn a_checkpoint_that_was_interrupted_is_no_damage() {
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    for i in 0..50 {
        store
            .append(&[story(
                &format!("http://a.example/{i}"),
                "T",
                &text(&format!("w{i}")),
                None,
            )])
            .unwrap();
    }
    let killed = copy(&folder);
    // What a checkpoint writes first is page 1, with the new length of the file.
    let conn = Connection::open(folder.path().join(DATABASE)).unwrap();
    conn.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(()))
        .unwrap();
    let whole = fs::read(folder.path().join(DATABASE)).unwrap();
    let path = killed.path().join(DATABASE);
    let mut half = fs::read(&path).unwrap();
    half[..4096].copy_from_slice(&whole[..4096]);
    fs::write(&path, half).unwrap();
    let without_log = copy(&killed);
    fs::remove_file(folder::beside(&without_log.path().join(DATABASE), "-wal")).unwrap();
    let error = try_open(&without_log).err().unwrap();
    assert!(error.to_string().contains("cut short"), "{error}");
    assert_eq!(open(&killed).mark(), 50);
    assert_eq!(stories(&killed).len(), 50);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&file.join("data"), &config::Store::default(), NOW)
        .err()
        .unwrap();
    assert!(error.to_string().contains("file/data"), "{error}");
    let error = Reader::open(folder.path()).err().unwrap();
    assert!(error.to_string().contains("articles.db"), "{error}");
}
