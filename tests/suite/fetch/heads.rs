//! Heads that browsers read, whatever the standard says, and what is no head at all.

use super::{ask, failure, fetched, fetcher, get, permit, refused};
use crate::support::answer::{Answer, Then};
use crate::support::site::Site;
use gleaner::fetch::{Failure, Fetch, FetchOutcome, Validators};

const BODY: &str = "<p>The ferry is late.</p>";

#[tokio::test]
async fn odd_heads_are_read() {
    let long = format!(
        "HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n{BODY}",
        "x".repeat(100_000)
    );
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n{BODY}", "X-A: b\r\n".repeat(200));
    let heads: &[(&str, &str)] = &[
        (
            "bare line feeds",
            "HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 25\n\n",
        ),
        (
            "HTTP/1.0",
            "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n",
        ),
        ("no reason", "HTTP/1.1 200\r\nContent-Length:25\r\n\r\n"),
        (
            "no reason but a space",
            "HTTP/1.1 200 \r\nContent-Length:25\r\n\r\n",
        ),
        (
            "reason in UTF-8",
            "HTTP/1.1 200 تم\r\nContent-Length: 25\r\n\r\n",
        ),
        (
            "lower-case reason",
            "HTTP/1.1 200 ok\r\ncontent-length: 25\r\n\r\n",
        ),
        ("no headers", "HTTP/1.1 200 OK\r\n\r\n"),
        (
            "a warning among the headers",
            "HTTP/1.1 200 OK\r\nPHP Warning:  Unable to load library \
          'mcrypt' in Unknown on line 0\r\nContent-Length: 25\r\n\r\n",
        ),
        (
            "a line without a colon",
            "HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 25\r\n\r\n",
        ),
        (
            "a value in UTF-8",
            "HTTP/1.1 200 OK\r\nX-Section: محليات\r\nContent-Length: 25\r\n\r\n",
        ),
        (
            "a space before the colon",
            "HTTP/1.1 200 OK\r\nContent-Length : 25\r\n\r\n",
        ),
        (
            "a folded value",
            "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 25\r\n\r\n",
        ),
        (
            "the length twice",
            "HTTP/1.1 200 OK\r\nContent-Length: 25\r\nContent-Length: 25\r\n\r\n",
        ),
        (
            "early hints",
            "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\n\
          Content-Length: 25\r\n\r\n",
        ),
        (
            "go on",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n",
        ),
        (
            "too long a body",
            "HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n",
        ),
        (
            "a leading empty line",
            "\r\nHTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n",
        ),
    ];
    let mut site = Site::new();
    for (number, (name, head)) in heads.iter().enumerate() {
        let extra = if *name == "too long a body" {
            "extra"
        } else {
            ""
        };
        site = site.raw(&format!("/{number}"), format!("{head}{BODY}{extra}"));
    }
    let site = site.raw("/long", long).raw("/many", many).start().await;
    for (number, (name, _)) in heads.iter().enumerate() {
        let outcome = get(&site, &format!("/{number}")).await;
        let FetchOutcome::Fetched(capture) = outcome else {
            panic!("{name}: {outcome:?}");
        };
        assert_eq!(
            (&capture.body[..], capture.cut),
            (BODY.as_bytes(), None),
            "{name}"
        );
    }
    for path in ["/long", "/many"] {
        assert_eq!(fetched(get(&site, path).await).body, BODY, "{path}");
    }
}

#[tokio::test]
async fn what_is_no_answer_fails_by_its_kind() {
    let endless = format!(
        "HTTP/1.1 200 OK\r\n{}",
        "X-Pad: aaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(40_000)
    );
    let lengths = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!";
    let site = Site::new()
        .raw("/garbage", "<html>hello</html>\r\n\r\n")
        .raw("/lengths", lengths)
        .raw("/endless", endless)
        .raw("/half", "HTTP/1.1 200 OK\r\nContent-Le")
        .close("/close")
        .answer("/reset", Answer::nothing(Then::Reset))
        .start()
        .await;
    let rows = [
        ("/garbage", Failure::Protocol),
        ("/lengths", Failure::Protocol),
        ("/endless", Failure::Protocol),
        ("/half", Failure::Closed),
        ("/close", Failure::Closed),
        ("/reset", Failure::Closed),
    ];
    for (path, expected) in rows {
        assert_eq!(failure(&get(&site, path).await), expected, "{path}");
    }
    assert_eq!(site.requests().len(), rows.len(), "nothing is asked twice");
}

#[tokio::test]
async fn the_head_is_archived_as_it_was_sent_without_what_may_be_secret() {
    let site = Site::new().page("/a", BODY).start().await;
    for host in ["127.0.0.1", "localhost"] {
        let mut ask = ask();
        ask.headers = vec![("X-Key".to_owned(), "1".to_owned())];
        ask.cookies = Some("consent=1".to_owned());
        let permit = permit(&site.url_at(host, "/a?b=c%20d"));
        let capture = fetched(fetcher().fetch(permit, ask).await);
        let seen = site.requests().pop().unwrap();
        let sent = String::from_utf8(seen.head.clone()).unwrap();
        let secrets = ["X-Key: 1\r\n", "Cookie: consent=1\r\n"];
        assert!(secrets.iter().all(|line| sent.contains(line)), "{sent}");
        let kept = secrets
            .iter()
            .fold(sent, |head, line| head.replace(line, ""));
        assert_eq!(capture.request, kept);
        assert_eq!(capture.address, Some(site.address()));
    }
}

#[tokio::test]
async fn outcomes_by_status() {
    let site = Site::new()
        .redirect("/r", "/أخبار")
        .status("/gone", 410)
        .status("/busy", 503)
        .header("Retry-After", "7")
        .answer("/lost", Answer::of(301, &[], ""))
        .answer("/empty", Answer::of(204, &[("X-A", "b")], ""))
        .script("/same", |seen| match seen.header("if-none-match") {
            Some(_) => Answer::of(304, &[], ""),
            None => Answer::html("<p>new"),
        })
        .start()
        .await;
    let FetchOutcome::Moved { to, capture } = get(&site, "/r").await else {
        panic!("not moved");
    };
    assert_eq!(to.url().path(), "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1");
    assert_eq!(capture.status, 302);
    assert_eq!(refused(get(&site, "/gone").await).status, 410);
    assert_eq!(
        refused(get(&site, "/busy").await).headers["retry-after"],
        "7"
    );
    assert_eq!(refused(get(&site, "/lost").await).status, 301);
    assert_eq!(fetched(get(&site, "/empty").await).status, 204);
    let mut again = ask();
    again.validators = Some(Validators {
        etag: Some("\"1\"".to_owned()),
        last_modified: None,
    });
    let outcome = fetcher().fetch(permit(&site.url("/same")), again).await;
    assert!(
        matches!(outcome, FetchOutcome::NotModified(_)),
        "{outcome:?}"
    );
}
