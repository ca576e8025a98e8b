use super::*;

fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn one(line: &str) -> Result<(String, Option<u8>, Option<u64>), String> {
    let line = line::parse(line)?.ok_or("nothing")?;
    Ok((line.url.to_string(), line.depth, line.max_pages))
}

#[test]
fn lines_that_are_seeds() {
    for (line, url, depth, max_pages) in [
        (
            "https://n.example/news/",
            "https://n.example/news/",
            None,
            None,
        ),
        ("  http://n.example\t", "http://n.example/", None, None),
        (
            "https://n.example/ depth=2 max_pages=500",
            "https://n.example/",
            Some(2),
            Some(500),
        ),
        (
            "https://n.example/\tmax_pages=1  depth=0",
            "https://n.example/",
            Some(0),
            Some(1),
        ),
        (
            "https://n.example/ depth=255 # as deep as it goes",
            "https://n.example/",
            Some(255),
            None,
        ),
        (
            "https://n.example/ #depth=2",
            "https://n.example/",
            None,
            None,
        ),
        ("https://n.example/#top", "https://n.example/", None, None),
        (
            "https://n.example/a?b=c",
            "https://n.example/a?b=c",
            None,
            None,
        ),
        ("n.example", "https://n.example/", None, None),
        (
            "www.n.example/news depth=1",
            "https://www.n.example/news",
            Some(1),
            None,
        ),
        ("//n.example/news", "https://n.example/news", None, None),
        ("n.example:8443/a", "https://n.example:8443/a", None, None),
        ("localhost:8800", "https://localhost:8800/", None, None),
        (
            "127.0.1.1:8800/feed.xml",
            "https://127.0.1.1:8800/feed.xml",
            None,
            None,
        ),
        ("[::1]:8800", "https://[::1]:8800/", None, None),
        (
            "صحيفة.example",
            "https://xn--ogbhx3c3b.example/",
            None,
            None,
        ),
        ("HTTPS:n.example", "https://n.example/", None, None),
        (
            "\u{feff}https://n.example/",
            "https://n.example/",
            None,
            None,
        ),
        (
            "https://n.example/?utm_source=x",
            "https://n.example/",
            None,
            None,
        ),
    ] {
        assert_eq!(
            one(line),
            Ok((url.to_owned(), depth, max_pages)),
            "{line:?}"
        );
    }
}

#[test]
fn lines_that_hold_nothing() {
    for line in ["", " \t", "# https://n.example/", "  #", "\r"] {
        assert_eq!(line::parse(line), Ok(None), "{line:?}");
    }
}

#[test]
fn lines_that_are_wrong() {
    for (line, why) in [
        ("ftp://n.example/", "not http or https: `ftp:`"),
        ("mailto:desk@n.example", "not http or https: `mailto:`"),
        ("javascript:void(0)", "not http or https: `javascript:`"),
        ("https://", "not a URL: empty host"),
        ("https://n.example:port/", "not a URL: invalid port number"),
        ("/news/", "no host name"),
        ("desk@n.example", "an address for mail, not a URL"),
        (
            "news",
            "not a URL: write `https://news/` if `news` is a host",
        ),
        ("n..example", "host name with an empty label: `n..example`"),
        (
            "https://n.example/ depth=two",
            "`depth=two` is not a number from 0 to 255",
        ),
        (
            "https://n.example/ depth=256",
            "`depth=256` is not a number from 0 to 255",
        ),
        (
            "https://n.example/ depth=-1",
            "`depth=-1` is not a number from 0 to 255",
        ),
        (
            "https://n.example/ depth=",
            "`depth=` is not a number from 0 to 255",
        ),
        (
            "https://n.example/ max_pages=0",
            "`max_pages=0` is not a number from 1",
        ),
        (
            "https://n.example/ depth=1 depth=2",
            "`depth=2` is given a second time",
        ),
        (
            "https://n.example/ dept=1",
            "unknown option `dept`; did you mean `depth`?",
        ),
        (
            "https://n.example/ Depth=1",
            "unknown option `Depth`; did you mean `depth`?",
        ),
        (
            "https://n.example/ max-pages=1",
            "unknown option `max-pages`; did you mean `max_pages`?",
        ),
        (
            "https://n.example/ maxpages=1",
            "unknown option `maxpages`; did you mean `max_pages`?",
        ),
        (
            "https://n.example/ pages=1",
            "unknown option `pages`; did you mean `max_pages`?",
        ),
        (
            "https://n.example/ colour=1",
            "unknown option `colour`: the options are `depth=…` and `max_pages=…`",
        ),
        (
            "https://n.example/ o.example",
            "`o.example` is not an option: the options are `depth=…` and `max_pages=…`",
        ),
    ] {
        assert_eq!(one(line), Err(why.to_owned()), "{line:?}");
    }
}

#[test]
fn a_bad_line_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = b"\xef\xbb\xbfa.example\r\n# note\r\n\r\nb\xff.example\r\nftp://c.example/\r\nd.example depth=3";
    let path = file(&folder, "seeds.txt", bytes);
    let list = read(std::slice::from_ref(&path)).unwrap();
    let found: Vec<_> = list
        .seeds
        .iter()
        .map(|seed| (seed.url.as_str(), seed.depth, seed.line))
        .collect();
    assert_eq!(
        found,
        [
            ("https://a.example/", None, 1),
            ("https://d.example/", Some(3), 6)
        ]
    );
    assert!(
        list.seeds
            .iter()
            .all(|seed| seed.file.as_ref() == Some(&path))
    );
    let bad: Vec<_> = list.bad.iter().map(ToString::to_string).collect();
    let path = path.display();
    assert_eq!(
        bad,
        [
            format!("{path}:4: not UTF-8: `b\u{fffd}.example`"),
            format!("{path}:5: not http or https: `ftp:`: `ftp://c.example/`"),
        ]
    );
}

#[test]
fn of_a_url_that_stands_twice_the_first_counts() {
    let folder = tempfile::tempdir().unwrap();
    let one = file(
        &folder,
        "one",
        b"https://a.example depth=1\nhttps://b.example\nhttps://A.example:443/#x depth=2",
    );
    let two = file(&folder, "two", b"b.example/\nc.example");
    let list = read(&[one, two]).unwrap();
    let found: Vec<_> = list
        .seeds
        .iter()
        .map(|seed| (seed.url.as_str(), seed.depth, seed.line))
        .collect();
    let expected = [
        ("https://a.example/", Some(1), 1),
        ("https://b.example/", None, 2),
        ("https://c.example/", None, 2),
    ];
    assert_eq!(found, expected);
    assert!(list.bad.is_empty());
}

#[test]
fn files_that_hold_no_line() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in [&b""[..], b"\n\r\n", b"\xef\xbb\xbf", b"# none yet"] {
        let path = file(&folder, "seeds", bytes);
        assert_eq!(read(&[path]).unwrap(), SeedList::default(), "{bytes:?}");
    }
}

#[test]
fn utf_16_as_some_editors_write_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = "\u{feff}https://n.example/أخبار\r\nb.example\r\n";
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(to_bytes).collect();
        let list = read(&[file(&folder, "seeds", &bytes)]).unwrap();
        assert_eq!((list.seeds.len(), list.bad.len()), (2, 0));
    }
}

#[test]
fn arguments_are_urls_or_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "seeds.txt", b"b.example\n")
        .display()
        .to_string();
    let args = [
        "HTTPS://a.example/ depth=1",
        &path,
        "http://c.example",
        "https://",
    ];
    let list = from_args(&args).unwrap();
    let found: Vec<_> = list
        .seeds
        .iter()
        .map(|seed| {
            (
                seed.url.as_str(),
                seed.depth,
                seed.file.is_some(),
                seed.line,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("https://a.example/", Some(1), false, 1),
            ("https://b.example/", None, true, 1),
            ("http://c.example/", None, false, 3),
        ]
    );
    assert_eq!(
        list.bad[0].to_string(),
        "argument 4: not a URL: empty host: `https://`"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().display().to_string();
    for (arg, parts) in [
        (
            "no/such/file",
            vec!["`no/such/file`", "hint: check the path"],
        ),
        (
            "n.example",
            vec!["`n.example`", "hint: write `https://n.example/`"],
        ),
        (
            folder.as_str(),
            vec![folder.as_str(), "hint: this is a folder"],
        ),
    ] {
        let error = from_args(&[arg]).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

#[test]
fn a_long_bad_line_is_cut_where_it_is_shown_only() {
    let text = format!("{}\u{1b}", "ش".repeat(1_000));
    let list = from_args(&[format!("https://[{text}")]).unwrap();
    assert!(list.bad[0].text.chars().count() > 1_000);
    let shown = list.bad[0].to_string();
    assert!(
        shown.chars().count() < 250 && shown.ends_with("…`"),
        "{shown}"
    );
}

proptest::proptest! {
    #[test]
    fn any_line_is_survived(line in ".*") {
        let _ = line::parse(&line);
    }
}

/// The lists that come with gleaner, as a crawl would read them.
#[test]
fn the_lists_that_come_along_are_read_to_the_last_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut lists = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let list = read(std::slice::from_ref(&path)).unwrap();
        assert!(list.bad.is_empty(), "{}: {:?}", path.display(), list.bad);
        assert!(list.seeds.len() >= 10, "{}", path.display());
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| line.starts_with("http")).count();
        assert_eq!(list.seeds.len(), lines, "{}: no seed twice", path.display());
        let countries: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("# == "))
            .collect();
        assert!(countries.is_sorted(), "{}", path.display());
        lists.push(path.file_stem().unwrap().to_string_lossy().into_owned());
    }
    for needed in ["arabic", "english", "world"] {
        assert!(lists.iter().any(|name| name == needed), "{needed}");
    }
}
