//! Bodies: framings, codings, caps, cuts.

use super::{MAX_BODY, ask, config, failure, fetched, fetcher, get, permit};
use crate::support::answer::{Answer, Then};
use crate::support::site::Site;
use flate2::Compression;
use flate2::write::GzEncoder;
use gleaner::clock::Clock;
use gleaner::fetch::{Capture, Cut, Failure, Fetch, Fetcher, Wants};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const HTML: (&str, &str) = ("Content-Type", "text/html");
const GZIP: (&str, &str) = ("Content-Encoding", "gzip");
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

fn page() -> String {
    "<p>The council met on Tuesday and heard the harbour report.</p>\n".repeat(300)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn with_body(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), body].concat()
}

/// 8 bodies of 900 KiB come at once, each in pieces over a third of a second.
#[tokio::test]
async fn bodies_that_come_slowly_fill_no_memory_and_all_come() {
    const PIECE: usize = 60 << 10;
    const LENGTH: usize = 15 * PIECE;
    const LIMIT: u64 = 256 << 10;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n");
    let mut slow = Answer::bytes(head, Then::Close);
    let piece = || (Duration::from_millis(25), vec![b'x'; PIECE]);
    slow.pieces.extend(std::iter::repeat_with(piece).take(15));
    let site = Site::new().answer("/a", slow).start().await;
    let mut config = config();
    config.crawl.bytes_in_flight = LIMIT;
    let fetcher = Arc::new(Fetcher::new(&config, Clock::system()).unwrap());
    let mut open = JoinSet::new();
    for _ in 0..8 {
        let (fetcher, permit) = (Arc::clone(&fetcher), permit(&site.url("/a")));
        open.spawn(async move {
            let capture = fetched(fetcher.fetch(permit, ask()).await);
            assert_eq!((capture.cut, capture.body.len()), (None, LENGTH));
        });
    }
    let mut most = 0;
    while !open.is_empty() {
        let tick = tokio::time::sleep(Duration::from_millis(1));
        tokio::select! {
            Some(done) = open.join_next() => done.unwrap(),
            () = tick => {}
        }
        most = most.max(fetcher.held());
    }
    // Twice the limit, one body, and for each of the others what one read may bring.
    let bound = 2 * LIMIT + LENGTH as u64 + 7 * (256 << 10);
    assert!((LIMIT..bound).contains(&most), "{most}");
    assert_eq!(fetcher.held(), 0);
}

#[tokio::test]
async fn whole_bodies_in_every_framing() {
    let page = page();
    let packed = gzip(page.as_bytes());
    let length = format!("{:X}", page.len());
    let rows: Vec<(&str, Vec<u8>)> = vec![
        (
            "/chunks",
            with_body(
                CHUNKED,
                format!("{length}\r\n{page}\r\n0\r\n\r\n").as_bytes(),
            ),
        ),
        (
            "/extension",
            with_body(
                CHUNKED,
                format!("{length};a=b\r\n{page}\r\n0\r\n\r\n").as_bytes(),
            ),
        ),
        (
            "/padded",
            with_body(
                CHUNKED,
                format!("000{length} \r\n{page}\r\n00\r\n\r\n").as_bytes(),
            ),
        ),
        (
            "/trailer",
            with_body(
                CHUNKED,
                format!("{length}\r\n{page}\r\n0\r\nX-A: b\r\n\r\n").as_bytes(),
            ),
        ),
        (
            "/both",
            with_body(
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                format!("{length}\r\n{page}\r\n0\r\n\r\n").as_bytes(),
            ),
        ),
        (
            "/close",
            with_body("HTTP/1.1 200 OK\r\n\r\n", page.as_bytes()),
        ),
        (
            "/close-gzip",
            with_body("HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n", &packed),
        ),
        (
            "/lie",
            with_body(
                "HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
                page.as_bytes(),
            ),
        ),
        (
            "/silent",
            with_body(
                "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n",
                &packed,
            ),
        ),
    ];
    let mut site = Site::new();
    for (path, answer) in &rows {
        site = site.raw(path, answer.clone());
    }
    let site = site.start().await;
    for (path, _) in &rows {
        let capture = fetched(get(&site, path).await);
        assert_eq!(capture.cut, None, "{path}");
        assert!(capture.body == page, "{path}");
    }
    let capture = fetched(get(&site, "/close-gzip").await);
    assert!(capture.sent == packed, "the body as sent keeps its coding");
    let capture = fetched(get(&site, "/close").await);
    assert_eq!(
        capture.sent.as_ptr(),
        capture.body.as_ptr(),
        "one copy serves as both"
    );
}

#[tokio::test]
async fn cut_bodies_say_why_and_keep_what_came() {
    let page = page();
    let packed = gzip(page.as_bytes());
    let half = &packed[..packed.len() / 2];
    let length = ("Content-Length", "30000");
    let closing = |answer: Answer| answer.then(Then::Close);
    let rows: Vec<(&str, Answer, Cut)> = vec![
        (
            "/short",
            closing(Answer::of(200, &[HTML, length], &page)),
            Cut::ConnectionLost,
        ),
        (
            "/chunk",
            Answer::bytes(
                with_body(CHUNKED, format!("FFFF\r\n{page}").as_bytes()),
                Then::Close,
            ),
            Cut::ConnectionLost,
        ),
        (
            "/framing",
            Answer::bytes(
                with_body(CHUNKED, format!("x\r\n{page}").as_bytes()),
                Then::Close,
            ),
            Cut::ConnectionLost,
        ),
        (
            "/gzip",
            Answer::of(200, &[HTML, GZIP], half),
            Cut::BadCoding,
        ),
        (
            "/gzip-short",
            closing(Answer::of(200, &[HTML, GZIP, length], half)),
            Cut::ConnectionLost,
        ),
        (
            "/gzip-close",
            Answer::bytes(
                with_body("HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n", half),
                Then::Close,
            ),
            Cut::ConnectionLost,
        ),
        (
            "/reset",
            Answer::of(200, &[HTML, length], &page).then(Then::Reset),
            Cut::ConnectionLost,
        ),
    ];
    let mut site = Site::new();
    for (path, answer, _) in &rows {
        site = site.answer(path, answer.clone());
    }
    let site = site.start().await;
    for (path, _, expected) in &rows {
        let capture = fetched(get(&site, path).await);
        assert_eq!(capture.cut, Some(*expected), "{path}");
        assert!(page.as_bytes().starts_with(&capture.body), "{path}");
        let some = !capture.body.is_empty() || matches!(*path, "/framing" | "/reset");
        assert!(some, "{path}: what came is kept");
    }
}

#[tokio::test]
async fn large_bodies_stop_at_the_cap() {
    let large = vec![b'a'; 3 << 20];
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let close = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n";
    let site = Site::new()
        .answer("/declared", Answer::of(200, &[HTML], &large))
        .raw("/undeclared", with_body(close, &large))
        .answer("/bomb", Answer::of(200, &[HTML, GZIP], &bomb))
        .answer("/double", Answer::of(200, &[HTML, GZIP], gzip(&bomb)))
        .start()
        .await;
    let rows = [
        ("/declared", 0),
        ("/undeclared", MAX_BODY),
        ("/bomb", MAX_BODY),
        ("/double", MAX_BODY),
    ];
    for (path, expected) in rows {
        let capture = fetched(get(&site, path).await);
        assert_eq!(capture.cut, Some(Cut::TooLarge), "{path}");
        assert_eq!(capture.body.len() as u64, expected, "{path}");
        assert!(capture.sent.len() as u64 <= MAX_BODY, "{path}");
    }
    let mut robots = ask();
    robots.wants = Wants::Robots;
    let outcome = fetcher()
        .fetch(permit(&site.url("/declared")), robots)
        .await;
    assert_eq!(
        fetched(outcome).body.len() as u64,
        MAX_BODY,
        "of a robots.txt the beginning counts"
    );
}

#[tokio::test]
async fn unwanted_types_are_left_unread_and_the_connection_goes() {
    let film = vec![0; 8 << 20];
    let site = Site::new()
        .answer(
            "/film",
            Answer::of(200, &[("Content-Type", "video/mp4")], film),
        )
        .page("/a", "<p>a")
        .start()
        .await;
    let fetcher = fetcher();
    let capture = fetched(fetcher.fetch(permit(&site.url("/film")), ask()).await);
    assert_eq!(
        (capture.body.len(), capture.cut),
        (0, Some(Cut::UnwantedType))
    );
    fetched(fetcher.fetch(permit(&site.url("/a")), ask()).await);
    let connections: Vec<usize> = site.requests().iter().map(|seen| seen.connection).collect();
    assert_eq!(
        connections,
        [0, 1],
        "a connection with unread bytes is not used again"
    );
}

#[tokio::test]
async fn drips_end_at_the_deadline() {
    let gap = Duration::from_millis(20);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n";
    let site = Site::new()
        .answer("/body", Answer::drip(head, "<p>drip</p>", gap))
        .answer(
            "/head",
            Answer::drip("HTTP/1.1 200 OK\r\nX-Pad: ", "a", gap),
        )
        .answer(
            "/silent",
            Answer::html("late").after(Duration::from_mins(1)),
        )
        .start()
        .await;
    let began = Instant::now();
    let (body, head, silent) = tokio::join!(
        get(&site, "/body"),
        get(&site, "/head"),
        get(&site, "/silent")
    );
    let spent = began.elapsed();
    assert!(
        spent > Duration::from_millis(1400) && spent < Duration::from_secs(4),
        "{spent:?}"
    );
    let Capture { body, cut, .. } = fetched(body);
    assert_eq!(cut, Some(Cut::Deadline));
    assert!(body.starts_with(b"<p>drip</p>"));
    assert_eq!(failure(&head), Failure::Timeout);
    assert_eq!(failure(&silent), Failure::Timeout);
}
