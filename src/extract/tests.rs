//! Files of every kind that `extract` takes, made here.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

/// A story page; its title tells it from others.
fn story(title: &str) -> String {
    let text =
        "The harbour office said on Tuesday that the last boat had come in before the storm. "
            .repeat(4);
    format!(
        "<html lang=en><head><title>{title}</title><meta property=og:type content=article></head>\
         <body><article><h1>{title}</h1><p>{text}</p><p>{text}</p><a href=/next-story>Next</a></article></body></html>"
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// A WARC record with a block.
fn record(head: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.1\r\n{head}WARC-Date: 2026-01-31T10:00:00Z\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn response(url: &str, id: &str, http_head: &str, body: &[u8]) -> Vec<u8> {
    let block = [http_head.as_bytes(), b"\r\n", body].concat();
    let head = format!(
        "WARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Record-ID: <urn:{id}>\r\n\
         Content-Type: application/http;msgtype=response\r\n"
    );
    record(&head, &block)
}

/// Records of many shapes: those of `a`, `b`, `c` and `d` tell stories.
fn records() -> Vec<Vec<u8>> {
    let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n";
    let a = story("Alpha");
    let b = story("Beta");
    let chunked = format!("{:x}\r\n{b}\r\n0\r\n\r\n", b.len());
    vec![
        record(
            "WARC-Type: warcinfo\r\nContent-Type: application/warc-fields\r\n",
            b"software: x\r\n",
        ),
        response("https://n.example/a?utm_source=x", "a", ok, a.as_bytes()),
        record(
            "WARC-Type: request\r\nWARC-Target-URI: https://n.example/a\r\n",
            b"GET /a HTTP/1.1\r\n\r\n",
        ),
        response(
            "<https://n.example/b>",
            "b",
            &format!("{ok}Transfer-Encoding: chunked\r\n"),
            chunked.as_bytes(),
        ),
        response(
            "https://n.example/c",
            "c",
            &format!("{ok}Content-Encoding: gzip\r\n"),
            &gzip(story("Gamma").as_bytes()),
        ),
        response(
            "https://n.example/gone",
            "g",
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n",
            a.as_bytes(),
        ),
        response(
            "https://n.example/i.png",
            "i",
            "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n",
            a.as_bytes(),
        ),
        record(
            "WARC-Type: response\r\nWARC-Target-URI: dns:n.example\r\nContent-Type: text/dns\r\n",
            b"n.example A 192.0.2.1",
        ),
        record(
            "WARC-Type: resource\r\nWARC-Target-URI: http://n.example/d\r\nContent-Type: text/html\r\n",
            story("Delta").as_bytes(),
        ),
    ]
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn options() -> Options {
    Options {
        url: None,
        timing: false,
        explain: false,
        max_body: 1 << 20,
        threads: 3,
    }
}

/// Summary, records and complaints.
fn extract(paths: &[PathBuf], options: &Options) -> (Summary, Vec<Value>, Vec<String>) {
    let mut out = Vec::new();
    let mut said = Vec::new();
    let mut complain = |fault: &ExtractError| said.push(crate::terminal::explain(fault));
    let summary = run(paths, options, &mut out, &mut complain).unwrap();
    let lines = std::str::from_utf8(&out).unwrap().lines();
    let records = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (summary, records, said)
}

fn titles(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record["title"].as_str().unwrap())
        .collect()
}

#[test]
fn an_archive_gives_its_stories_in_order_packed_in_any_way() {
    let all = records();
    let members: Vec<u8> = all.iter().flat_map(|record| gzip(record)).collect();
    let padded = [members.as_slice(), &[0; 700]].concat();
    let folder = Folder::new()
        .file("plain.warc", all.concat())
        .file("members.warc.gz", &members)
        .file("padded.warc.gz", padded)
        .file("one-member.warc.gz", gzip(&all.concat()))
        .file("by-another-name", &members);
    for name in [
        "plain.warc",
        "members.warc.gz",
        "padded.warc.gz",
        "one-member.warc.gz",
        "by-another-name",
    ] {
        let (summary, records, said) = extract(&[folder.path(name)], &options());
        assert_eq!(said, [""; 0], "{name}");
        assert_eq!(
            titles(&records),
            ["Alpha", "Beta", "Gamma", "Delta"],
            "{name}"
        );
        assert_eq!(
            (summary.pages, summary.articles, summary.faults),
            (4, 4, 0),
            "{name}"
        );
    }
    let (_, records, _) = extract(&[folder.path("members.warc.gz")], &options());
    let offset = gzip(&all[0]).len();
    assert_eq!(records[0]["url"], "https://n.example/a");
    assert_eq!(records[0]["warc"]["record_id"], "<urn:a>");
    assert_eq!(records[0]["warc"]["offset"], offset);
    assert_eq!(records[0]["fetched_at"], "2026-01-31T10:00:00Z");
    assert_eq!(records[0]["http"]["status"], 200);
    assert_eq!(records[3]["http"]["status"], Value::Null);
    let (_, records, _) = extract(&[folder.path("plain.warc")], &options());
    assert_eq!(records[0]["warc"]["offset"], all[0].len());
}

#[test]
fn what_a_page_says_of_its_use_is_recorded() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\ntdm-reservation: 1\r\n";
    let page = response("https://n.example/a", "a", head, story("Alpha").as_bytes());
    let files = Folder::new().file("a.warc", page);
    let (_, records, _) = extract(&[files.path("a.warc")], &options());
    assert_eq!(records[0]["rights"]["tdm"]["reservation"], 1);
    assert_eq!(records[0]["rights"]["uses"]["ai-train"]["is"], "no");
}

#[test]
fn a_damaged_archive_gives_what_stands_before_the_damage() {
    let all = records();
    let members: Vec<u8> = all.iter().flat_map(|record| gzip(record)).collect();
    let whole = all.concat();
    let no_length = [&all[1][..], b"WARC/1.1\r\nWARC-Type: response\r\n\r\nx"].concat();
    let rubbish = [&all[1][..], b"rubbish\r\n\r\n"].concat();
    let garbage = [gzip(&all[1]).as_slice(), b"garbage"].concat();
    let large = response(
        "https://n.example/large",
        "l",
        "HTTP/1.1 200 OK\r\n",
        &vec![b'x'; 3 << 20],
    );
    let rows: [(&str, Vec<u8>, &[&str], &str); 7] = [
        (
            "cut.warc",
            whole[..whole.len() - 50].to_vec(),
            &["Alpha", "Beta", "Gamma"],
            "ends within this record",
        ),
        (
            "cut.warc.gz",
            members[..members.len() - 50].to_vec(),
            &["Alpha", "Beta", "Gamma"],
            "ends within this record",
        ),
        ("no-length.warc", no_length, &["Alpha"], "tells no length"),
        (
            "rubbish.warc",
            rubbish,
            &["Alpha"],
            "no WARC record begins here",
        ),
        ("garbage.warc.gz", garbage, &["Alpha"], "is no gzip data"),
        (
            "large.warc",
            [large, all[1].clone()].concat(),
            &["Alpha"],
            "it is larger than",
        ),
        (
            "no-http.warc",
            [
                response("https://n.example/x", "x", "<p>", b"no answer"),
                all[1].clone(),
            ]
            .concat(),
            &["Alpha"],
            "no HTTP answer",
        ),
    ];
    all_told(&rows);
}

#[test]
fn no_archive_is_larger_or_longer_than_it_may_be() {
    let all = records();
    let endless = [&all[1][..], &b"\r\n".repeat(1 << 20)].concat();
    let headless = [&all[1][..], b"WARC/1.1\r\n", &vec![b'x'; 2 << 20]].concat();
    let lies = b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 18446744073709551615\r\n\r\nx";
    let bomb = response(
        "https://n.example/bomb",
        "o",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n",
        &gzip(&vec![b'x'; 8 << 20]),
    );
    let rows: [(&str, Vec<u8>, &[&str], &str); 8] = [
        ("empty.warc", Vec::new(), &[], "byte 0: the file is empty"),
        ("empty.warc.gz", gzip(b""), &[], "byte 0: the file is empty"),
        (
            "page.warc",
            b"<p>no archive".to_vec(),
            &[],
            "byte 0: no WARC record",
        ),
        ("noise.warc.gz", b"\x1f\x8bnoise".to_vec(), &[], "byte 0: "),
        (
            "endless.warc.gz",
            gzip(&endless),
            &["Alpha"],
            "without an end",
        ),
        (
            "headless.warc.gz",
            gzip(&headless),
            &["Alpha"],
            "head has no end",
        ),
        (
            "lies.warc",
            [&all[1][..], lies].concat(),
            &["Alpha"],
            "ends within this record",
        ),
        (
            "bomb.warc",
            [bomb, all[1].clone()].concat(),
            &["Alpha"],
            "hint:",
        ),
    ];
    all_told(&rows);
}

/// Each file gives these stories, and one complaint that names it and says this.
fn all_told(rows: &[(&str, Vec<u8>, &[&str], &str)]) {
    for (name, bytes, stories, told) in rows {
        let folder = Folder::new().file(name, bytes);
        let (summary, records, said) = extract(&[folder.path(name)], &options());
        assert_eq!(titles(&records), *stories, "{name}");
        assert_eq!(summary.faults, 1, "{name}");
        let said = &said[0];
        assert!(said.contains(told) && said.contains(name), "{name}: {said}");
    }
}

#[test]
fn a_url_in_any_script_is_read_and_one_that_is_none_costs_no_page() {
    let ok = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
    let rows = [
        (
            "https://n.example/\u{62e}\u{628}\u{631}",
            "https://n.example/%D8%AE%D8%A8%D8%B1".into(),
        ),
        ("xhttps://n.example/a", Value::Null),
        ("no url", Value::Null),
    ];
    for (written, url) in rows {
        let page = response(written, "a", ok, story("Alpha").as_bytes());
        let folder = Folder::new().file("a.warc", page);
        let (_, records, said) = extract(&[folder.path("a.warc")], &options());
        assert_eq!(records[0]["url"], url, "{written}: {said:?}");
        assert_eq!(records[0]["warc"]["record_id"], "<urn:a>");
    }
}

#[test]
fn an_archive_that_a_crawl_is_at_work_on_ends_where_it_ends() {
    let bytes = [gzip(&records()[1]), gzip(&records()[3])].concat();
    let folder = Folder::new()
        .file("warc/1.warc.gz.open", &bytes[..bytes.len() - 30])
        .file("warc/2.warc.gz.open", "");
    let (summary, records, said) = extract(&[folder.path("warc")], &options());
    assert_eq!(
        (titles(&records), summary.faults),
        (vec!["Alpha"], 0),
        "{said:?}"
    );
}

#[test]
fn pages_alone_and_in_folders() {
    let canonical = story("Beta").replace(
        "<head>",
        "<head><link rel=canonical href=https://n.example/beta>",
    );
    let folder = Folder::new()
        .file("pages/b.html", &canonical)
        .file("pages/a/deep.html.gz", gzip(story("Alpha").as_bytes()))
        .file(
            "pages/c.HTM",
            format!("<style>p {{ margin: 0 }}</style>{}", story("Gamma")),
        )
        .file("pages/notes.txt", story("not asked for"))
        .file("pages/front.html", "<p>hello")
        .file("empty/notes.txt", "");
    let paths = ["missing.html", "pages", "empty", "pages/notes.txt"].map(|name| folder.path(name));
    let (summary, records, said) = extract(&paths, &options());
    assert_eq!(
        titles(&records),
        ["Alpha", "Beta", "Gamma", "not asked for"]
    );
    assert_eq!((summary.pages, summary.faults), (5, 2));
    assert!(
        said[0].contains("missing.html") && said[1].contains("empty"),
        "{said:?}"
    );
    assert_eq!(records[1]["url"], "https://n.example/beta");
    assert_eq!(records[0]["url"], Value::Null);
    assert_eq!(records[0]["http"]["content_type"], Value::Null);
    for link in records[0]["links"].as_array().unwrap() {
        assert!(!link["url"].as_str().unwrap().contains("invalid"), "{link}");
    }
    let huge = Folder::new().file("huge.html", vec![b' '; (1 << 20) + 1]);
    let (summary, _, said) = extract(&[huge.path("huge.html")], &options());
    assert!(
        summary.faults == 1 && said[0].contains("huge.html"),
        "{said:?}"
    );
}

#[test]
fn a_url_is_for_one_page_and_gives_it_the_id_that_a_crawl_gives() {
    let folder = Folder::new()
        .file("a.html", story("Alpha"))
        .file("a.warc", records().concat());
    let options = Options {
        url: Some(NormalUrl::parse("https://n.example/a").unwrap()),
        timing: true,
        ..options()
    };
    let (_, alone, _) = extract(&[folder.path("a.html")], &options);
    assert_eq!(alone[0]["url"], "https://n.example/a");
    assert!(alone[0]["ms"].as_f64().unwrap() > 0.0);
    let (summary, none, said) = extract(&[folder.path("a.warc")], &options);
    assert!(
        none.is_empty() && summary.faults == 1 && said[0].contains("hint:"),
        "{said:?}"
    );
    let (_, archived, _) = extract(&[folder.path("a.warc")], &super::tests::options());
    assert_eq!(archived[0]["id"], alone[0]["id"]);
    assert_eq!(archived[0].get("ms"), None);
}

#[test]
fn reasons_stand_beside_each_record_when_asked_for() {
    let folder = Folder::new()
        .file("a.html", story("Alpha"))
        .file("b.html", "<p>A sentence, alone, of some words.");
    let options = Options {
        explain: true,
        ..options()
    };
    let paths = ["a.html", "b.html"].map(|name| folder.path(name));
    let (summary, records, _) = extract(&paths, &options);
    assert_eq!((summary.pages, summary.articles), (2, 1));
    let title = &records[0]["explain"]["title"];
    assert_eq!(title[0]["value"], "Alpha");
    assert_eq!(title[0]["reason_lost"], Value::Null);
    assert!(title[1]["reason_lost"].is_string(), "{title}");
    assert_eq!(records[0]["explain"]["no_story"], Value::Null);
    assert_eq!(records[1]["explain"]["no_story"], "too little text");
    assert_eq!(records[1]["title"], Value::Null);
}

#[test]
fn fields_are_those_of_the_export() {
    let folder = Folder::new().file("a.html", story("Alpha"));
    let (_, records, _) = extract(&[folder.path("a.html")], &options());
    let record = records[0].as_object().unwrap();
    let missing: Vec<_> = crate::export::FIELDS
        .iter()
        .filter(|name| !record.contains_key(**name))
        .collect();
    assert!(
        missing.is_empty() && record.len() == crate::export::FIELDS.len(),
        "{missing:?}"
    );
}

#[test]
fn no_input_is_a_panic_or_a_hang() {
    let all = records();
    let packed: Vec<u8> = all.iter().flat_map(|record| gzip(record)).collect();
    let plain = all.concat();
    let mut seed = 7_u64;
    for round in 0..60 {
        let mut bytes = if round % 2 == 0 {
            plain.clone()
        } else {
            packed.clone()
        };
        for _ in 0..=round % 5 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(seed >> 33).unwrap() % bytes.len();
            bytes[at] ^= 1 << (seed & 7);
        }
        let folder = Folder::new().file("damaged.warc", bytes);
        extract(&[folder.path("damaged.warc")], &options());
    }
}

#[test]
fn a_reader_that_has_gone_ends_the_work() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let many: Vec<u8> = (0..200).flat_map(|_| records().concat()).collect();
    let folder = Folder::new().file("many.warc", many);
    let summary = run(
        &[folder.path("many.warc")],
        &options(),
        &mut Gone,
        &mut |_| {},
    )
    .unwrap();
    assert!(summary.closed && summary.articles == 0);
}
