//! HTTP/1.1 for the demo, and no more of it than that: GET and HEAD on loopback, with limits.

use super::site::{Answer, Site};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Connections open at once.
const MOST_OPEN: usize = 64;
/// Bytes of a request's head.
const MOST_HEAD: usize = 16 * 1024;
/// How long a client may take for a request, or be silent between two.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers until it is aborted, which ends all connections.
pub(super) async fn serve(listener: TcpListener, site: Arc<Site>) {
    let mut open = JoinSet::new();
    loop {
        if open.len() >= MOST_OPEN {
            open.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                let site = Arc::clone(&site);
                open.spawn(async move { connection(stream, &site).await });
            }
            // Out of file descriptors, most likely: some will be free soon.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        while open.try_join_next().is_some() {}
    }
}

/// Answers one request after another. A client that goes is no error.
async fn connection(stream: TcpStream, site: &Site) {
    let _ = stream.set_nodelay(true);
    let mut stream = BufReader::new(stream);
    while let Ok(Some(head)) = timeout(PATIENCE, read_head(&mut stream)).await {
        let (bytes, stays) = respond(&head, site);
        let written = timeout(PATIENCE, stream.write_all(&bytes)).await;
        if !stays || !matches!(written, Ok(Ok(()))) {
            break;
        }
    }
    let _ = stream.shutdown().await;
}

/// A request's head, cut where it grows too long; `None` at the end of the connection.
async fn read_head(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() <= MOST_HEAD {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(head)
}

/// The answer's bytes, and whether the connection stays open.
fn respond(head: &[u8], site: &Site) -> (Vec<u8>, bool) {
    let text = String::from_utf8_lossy(head);
    let mut words = text.lines().next().unwrap_or_default().split(' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let (answer, fine) = match (method, target) {
        _ if head.len() > MOST_HEAD => (Answer::plain(431, "the head is too long\n"), false),
        (Some("GET" | "HEAD"), Some(path)) if path.starts_with('/') => {
            (site.answer(path, header(&text, "if-none-match")), true)
        }
        (Some("GET" | "HEAD"), _) => (Answer::plain(400, "no path\n"), false),
        // What follows such a head may be a body, which nobody here reads.
        _ => (Answer::plain(405, "only GET and HEAD\n"), false),
    };
    let closes = header(&text, "connection").is_some_and(|is| is.eq_ignore_ascii_case("close"));
    let stays = fine && !closes && version == Some("HTTP/1.1");
    let mut bytes = write_head(&answer, stays).into_bytes();
    if method != Some("HEAD") {
        bytes.extend(answer.body);
    }
    (bytes, stays)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().skip(1);
    lines.find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn write_head(answer: &Answer, stays: bool) -> String {
    let reason = http::StatusCode::from_u16(answer.status).ok();
    let reason = reason.and_then(|status| status.canonical_reason());
    let date = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    let mut head = format!(
        "HTTP/1.1 {} {}\r\nServer: gleaner-demo\r\nDate: {date}\r\n",
        answer.status,
        reason.unwrap_or_default()
    );
    let mut add = |name, value: &str| head.extend([name, ": ", value, "\r\n"]);
    if let Some(etag) = &answer.etag {
        add("ETag", etag);
    }
    if let Some(location) = &answer.location {
        add("Location", location);
    }
    // RFC 9110 15.4.5: no fields about a body that is not sent.
    if answer.status != 304 {
        add("Content-Type", answer.content_type);
        add("Content-Length", &answer.body.len().to_string());
    }
    if !stays {
        add("Connection", "close");
    }
    head + "\r\n"
}
