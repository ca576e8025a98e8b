//! Connections: kept, dropped, refused, encrypted; cookies, which outlive them.

use super::{ask, config, failure, fetched, fetcher, get, permit};
use crate::support::answer::{Answer, Then};
use crate::support::site::{Running, Site};
use gleaner::clock::Clock;
use gleaner::config::Config;
use gleaner::fetch::{Failure, Fetch, FetchError, FetchOutcome, Fetcher};
use gleaner::identity::{Asked, IdentityError, Key, Verdict, verify};
use std::io::Write;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn connections(site: &Running) -> Vec<usize> {
    let seen = site.requests();
    seen.iter().map(|seen| seen.connection).collect()
}

#[tokio::test]
async fn a_connection_is_kept_and_used_again() {
    let site = Site::new()
        .page("/a", "<p>a")
        .page("/b", "<p>b")
        .start()
        .await;
    let fetcher = fetcher();
    for path in ["/a", "/b", "/a"] {
        let capture = fetched(fetcher.fetch(permit(&site.url(path)), ask()).await);
        assert!(capture.started <= capture.ended);
    }
    assert_eq!(connections(&site), [0, 0, 0]);
}

#[tokio::test]
async fn a_request_that_a_kept_connection_swallows_is_not_sent_again() {
    let site = Site::new()
        .page("/a", "<p>a")
        .page("/drop", "<p>b")
        .drops_once("/drop")
        .page("/reset", "<p>c")
        .first("/reset", Answer::nothing(Then::Reset))
        .start()
        .await;
    let fetcher = fetcher();
    for path in ["/drop", "/reset"] {
        fetched(fetcher.fetch(permit(&site.url("/a")), ask()).await);
        let outcome = fetcher.fetch(permit(&site.url(path)), ask()).await;
        assert_eq!(failure(&outcome), Failure::Closed, "{path}");
        fetched(fetcher.fetch(permit(&site.url(path)), ask()).await);
    }
    assert_eq!(
        site.targets(),
        ["/a", "/drop", "/drop", "/a", "/reset", "/reset"]
    );
}

#[tokio::test]
async fn a_connection_that_the_server_closed_while_it_waited_is_replaced() {
    let closing = Answer::html("<p>a").then(Then::Close);
    let site = Site::new().answer("/a", closing).start().await;
    let fetcher = fetcher();
    for _ in 0..3 {
        fetched(fetcher.fetch(permit(&site.url("/a")), ask()).await);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!(connections(&site), [0, 1, 2]);
}

#[tokio::test]
async fn nobody_listens() {
    let site = Site::new().start().await;
    let url = site.url("/a");
    drop(site);
    tokio::time::sleep(Duration::from_millis(30)).await;
    let outcome = fetcher().fetch(permit(&url), ask()).await;
    assert_eq!(failure(&outcome), Failure::Connect, "{outcome:?}");
}

#[tokio::test]
async fn a_cookie_that_a_redirect_sets_is_brought_back() {
    let site = Site::new()
        .script("/wall", |seen| match seen.header("cookie") {
            Some(cookie) if cookie.contains("consent=1") => Answer::html("<p>story"),
            _ => Answer::of(
                302,
                &[("Location", "/wall"), ("Set-Cookie", "consent=1; Path=/")],
                "",
            ),
        })
        .start()
        .await;
    let fetcher = fetcher();
    let url = site.url("/wall");
    let FetchOutcome::Moved { to, .. } = fetcher.fetch(permit(&url), ask()).await else {
        panic!("not moved");
    };
    assert_eq!(to.as_str(), url);
    let capture = fetched(fetcher.fetch(permit(&url), ask()).await);
    assert_eq!(capture.body, "<p>story");
    // The site had it, or it would have sent us off again; the archive has not.
    let kept = String::from_utf8_lossy(&capture.request).to_lowercase();
    assert!(!kept.contains("cookie"), "{kept}");
    assert!(
        matches!(get(&site, "/wall").await, FetchOutcome::Moved { .. }),
        "one jar a fetcher"
    );
}

fn trusting(pem: &str) -> Result<Fetcher, FetchError> {
    trusting_with(pem, config())
}

fn trusting_with(pem: &str, mut config: Config) -> Result<Fetcher, FetchError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pem.as_bytes()).unwrap();
    config.fetch.tls_ca_file = Some(file.path().to_owned());
    Fetcher::new(&config, Clock::system())
}

#[tokio::test]
async fn requests_are_signed_so_that_a_server_can_check_it() {
    let site = Site::new().page("/a", "<p>a").tls().start().await;
    let folder = tempfile::tempdir().unwrap();
    let key = Key::generate().unwrap();
    key.write(&folder.path().join("key.jwk")).unwrap();
    for legacy in [false, true] {
        let mut config = config();
        config.identity.key = Some(folder.path().join("key.jwk"));
        let fetcher = trusting_with(site.ca(), config.clone());
        assert!(matches!(
            fetcher.err(),
            Some(FetchError::Identity(IdentityError::NoAgent))
        ));
        config.identity.agent = Some("https://bot.example/keys".to_owned());
        config.identity.legacy = legacy;
        let fetcher = trusting_with(site.ca(), config).unwrap();
        fetched(fetcher.fetch(permit(&site.url("/a?b=c")), ask()).await);
        let request = site.requests().pop().unwrap();
        let head = String::from_utf8(request.head).unwrap();
        let headers: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let host = headers.iter().find(|(name, _)| name == "Host").unwrap();
        let asked = Asked {
            authority: &host.1,
            method: "GET",
            path: "/a",
            headers: &headers,
        };
        let now = jiff::Timestamp::now().as_second();
        assert_eq!(
            verify(&asked, key.public(), now),
            Verdict::Verified,
            "{head}"
        );
        assert_eq!(head.contains("sig1=\"https"), !legacy, "{head}");
    }
}

#[tokio::test]
async fn tls_needs_a_root_that_we_trust() {
    let close = |body: &str| format!("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n{body}");
    let site = Site::new()
        .page("/a", "<p>a")
        .answer(
            "/whole",
            Answer::bytes(close("<html></html>\n"), Then::Drop),
        )
        .answer("/half", Answer::bytes(close("<html>The coun"), Then::Drop))
        .tls()
        .start()
        .await;
    for host in ["127.0.0.1", "localhost"] {
        let url = site.url_at(host, "/a");
        let trusted = trusting(site.ca())
            .unwrap()
            .fetch(permit(&url), ask())
            .await;
        let capture = fetched(trusted);
        assert_eq!(capture.body, "<p>a");
        assert_eq!(capture.request, site.requests().pop().unwrap().head);
        let untrusted = fetcher().fetch(permit(&url), ask()).await;
        assert_eq!(failure(&untrusted), Failure::Tls, "{untrusted:?}");
    }
    // A TLS connection that ends without the closing notice, as many do.
    let fetcher = trusting(site.ca()).unwrap();
    for (path, cut) in [("/whole", false), ("/half", true)] {
        let capture = fetched(fetcher.fetch(permit(&site.url(path)), ask()).await);
        assert_eq!(capture.cut.is_some(), cut, "{path}");
    }
}

#[tokio::test]
async fn a_handshake_that_ends_early_is_a_tls_failure() {
    for greeting in ["", "HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/a", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let mut stream = listener.accept().await.unwrap().0;
            stream.read_u8().await.unwrap();
            stream.write_all(greeting.as_bytes()).await.unwrap();
        });
        let outcome = fetcher().fetch(permit(&url), ask()).await;
        assert_eq!(failure(&outcome), Failure::Tls, "{outcome:?}");
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_proxy_is_asked_instead_when_one_is_set() {
    let proxy = Site::new()
        .page("http://news.example/a", "<p>by proxy")
        .start()
        .await;
    let mut config = config();
    config.fetch.proxy = Some(proxy.url_at("localhost", ""));
    let fetcher = Fetcher::new(&config, Clock::system()).unwrap();
    let outcome = fetcher.fetch(permit("http://news.example/a"), ask()).await;
    let capture = fetched(outcome);
    assert_eq!(capture.body, "<p>by proxy");
    assert_eq!(
        capture.address, None,
        "the proxy's address is not the site's"
    );
}

#[tokio::test]
async fn wrong_settings_are_named() {
    let error = trusting("no certificate").err().unwrap().to_string();
    assert!(error.contains("fetch.tls_ca_file"), "{error}");
    let mut wrong = config();
    wrong.fetch.tls_ca_file = Some("/nowhere/ca.pem".into());
    let error = Fetcher::new(&wrong, Clock::system()).err().unwrap();
    assert!(error.to_string().contains("/nowhere/ca.pem"), "{error}");
    let mut wrong = config();
    wrong.fetch.proxy = Some("::".to_owned());
    let error = Fetcher::new(&wrong, Clock::system()).err().unwrap();
    assert!(error.to_string().contains("fetch.proxy"), "{error}");
}
