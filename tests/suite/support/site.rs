//! A scripted local news site on a loopback port of its own, which logs when each request came.
//!
//! ```ignore
//! let site = Site::new().page("/a", "<p>a").redirect("/r", "/a").fails_once("/a").start().await;
//! let url = site.url("/a");
//! ```

use super::answer::{Answer, Then};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the site does with one path, by the request that came.
type Script = Box<dyn Fn(&Seen) -> Answer + Send + Sync>;

/// A site to be.
#[derive(Default)]
pub(crate) struct Site {
    routes: HashMap<String, Route>,
    last: String,
    tls: bool,
}

#[derive(Default)]
struct Route {
    /// Answers to the first requests, one each …
    first: Vec<Answer>,
    /// … then this, always.
    always: Option<Script>,
    hits: AtomicUsize,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// When its head was complete.
    pub(crate) at: Instant,
    /// When the last piece of the answer began to be written, so that nobody can have read its
    /// end before; `None` while it is being answered.
    pub(crate) ended: Option<Instant>,
    /// `GET`, we hope.
    pub(crate) method: String,
    /// The request target: path and query.
    pub(crate) target: String,
    /// The head, byte for byte.
    pub(crate) head: Vec<u8>,
    /// Requests being answered when this one came, itself included.
    pub(crate) in_flight: usize,
    /// The number of the connection that it came on.
    pub(crate) connection: usize,
}

/// A site that listens; it stops when this is dropped.
pub(crate) struct Running {
    address: SocketAddr,
    ca: Option<String>,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

struct Shared {
    routes: HashMap<String, Route>,
    seen: Mutex<Vec<Seen>>,
    in_flight: AtomicUsize,
    panics: Mutex<Vec<String>>,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A page of HTML.
    pub(crate) fn page(self, path: &str, html: &str) -> Self {
        self.answer(path, Answer::html(html))
    }

    /// The robots.txt.
    pub(crate) fn robots(self, text: &str) -> Self {
        let answer = Answer::of(200, &[("Content-Type", "text/plain")], text);
        self.answer("/robots.txt", answer)
    }

    /// A status with a short page.
    pub(crate) fn status(self, path: &str, status: u16) -> Self {
        let headers = [("Content-Type", "text/html")];
        self.answer(path, Answer::of(status, &headers, format!("<h1>{status}")))
    }

    /// A redirect (302).
    pub(crate) fn redirect(self, path: &str, to: &str) -> Self {
        self.answer(path, Answer::of(302, &[("Location", to)], ""))
    }

    /// These bytes as the whole answer, then the connection closes.
    pub(crate) fn raw(self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.answer(path, Answer::bytes(bytes, Then::Close))
    }

    /// The connection closes without an answer.
    pub(crate) fn close(self, path: &str) -> Self {
        self.answer(path, Answer::nothing(Then::Close))
    }

    /// Any answer, always the same.
    pub(crate) fn answer(self, path: &str, answer: Answer) -> Self {
        self.script(path, move |_| answer.clone())
    }

    /// An answer that depends on the request.
    pub(crate) fn script(
        mut self,
        path: &str,
        script: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        path.clone_into(&mut self.last);
        self.route(path).always = Some(Box::new(script));
        self
    }

    /// The first request is answered 503, on top of what the path does otherwise.
    pub(crate) fn fails_once(self, path: &str) -> Self {
        self.first(path, Answer::of(503, &[], "later"))
    }

    /// The first request finds the connection closed without a byte.
    pub(crate) fn drops_once(self, path: &str) -> Self {
        self.first(path, Answer::nothing(Then::Close))
    }

    /// The first request is answered when nobody would wait for it any more.
    pub(crate) fn holds_once(self, path: &str) -> Self {
        let answer = Answer::html("").after(Duration::from_mins(10));
        self.first(path, answer)
    }

    /// One more answer before the lasting one.
    pub(crate) fn first(mut self, path: &str, answer: Answer) -> Self {
        self.route(path).first.push(answer);
        self
    }

    /// A header line for the path that was named last.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.changed(move |answer| answer.with(&name, &value))
    }

    /// A pause before the answer of the path that was named last.
    pub(crate) fn delay(self, pause: Duration) -> Self {
        self.changed(move |answer| answer.after(pause))
    }

    /// HTTPS, with a certificate for `localhost` and 127.0.0.1 by a root of its own.
    pub(crate) fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Listens on a free port.
    pub(crate) async fn start(self) -> Running {
        let (acceptor, ca) = self.tls.then(certified).unzip();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            routes: self.routes,
            seen: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            panics: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, acceptor, Arc::clone(&shared)));
        Running {
            address,
            ca,
            shared,
            accepting: accepting.abort_handle(),
        }
    }

    fn route(&mut self, path: &str) -> &mut Route {
        self.routes.entry(path.to_owned()).or_default()
    }

    fn changed(mut self, change: impl Fn(Answer) -> Answer + Send + Sync + 'static) -> Self {
        let path = self.last.clone();
        let before = self.route(&path).always.take().expect("a path first");
        self.script(&path, move |seen| change(before(seen)))
    }
}

impl Running {
    /// The URL of a path, by address.
    pub(crate) fn url(&self, path: &str) -> String {
        self.url_at("127.0.0.1", path)
    }

    /// The URL of a path, by a name that leads to 127.0.0.1.
    pub(crate) fn url_at(&self, host: &str, path: &str) -> String {
        let scheme = if self.ca.is_some() { "https" } else { "http" };
        format!("{scheme}://{host}:{}{path}", self.address.port())
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The root certificate, in PEM.
    pub(crate) fn ca(&self) -> &str {
        self.ca.as_deref().expect("a site with tls()")
    }

    /// The requests that have come so far, in their order.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The paths asked for so far.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.requests()
            .into_iter()
            .map(|seen| seen.target)
            .collect()
    }

    /// Waits until a path is asked for.
    pub(crate) async fn is_asked_for(&self, path: &str) {
        while self.times_asked(path) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How often a path was asked for so far.
    pub(crate) fn times_asked(&self, path: &str) -> usize {
        let targets = self.targets();
        targets.iter().filter(|target| *target == path).count()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.accepting.abort();
        let panics = self.shared.panics.lock().unwrap().clone();
        if !std::thread::panicking() {
            assert!(panics.is_empty(), "the site panicked: {panics:?}");
        }
    }
}

impl Seen {
    /// The value of a request header.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.head).into_owned();
        text.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    }
}

/// Takes connections until it is aborted, which ends them all.
async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut open = JoinSet::new();
    for number in 0.. {
        let stream = loop {
            tokio::select! {
                taken = listener.accept() => break taken.unwrap().0,
                Some(ended) = open.join_next() => note(ended, &shared),
            }
        };
        stream.set_nodelay(true).unwrap();
        open.spawn(connection(
            stream,
            acceptor.clone(),
            Arc::clone(&shared),
            number,
        ));
    }
}

fn note(ended: Result<(), tokio::task::JoinError>, shared: &Shared) {
    if let Err(error) = ended
        && error.is_panic()
    {
        shared.panics.lock().unwrap().push(error.to_string());
    }
}

async fn connection(
    mut stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    number: usize,
) {
    let Some(acceptor) = acceptor else {
        match talk(&mut stream, &shared, number).await {
            Then::Reset => stream.set_zero_linger().unwrap(),
            _ => drop(stream.shutdown().await),
        }
        return;
    };
    // A client that does not trust us hangs up here.
    if let Ok(mut stream) = acceptor.accept(stream).await
        && talk(&mut stream, &shared, number).await != Then::Drop
    {
        drop(stream.shutdown().await);
    }
}

/// Answers one request after another; returns how the connection is to end.
async fn talk<S>(stream: &mut S, shared: &Shared, number: usize) -> Then
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(head) = read_head(stream).await {
        let in_flight = shared.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        let seen = Seen::new(head, in_flight, number);
        let answer = shared.answer(&seen);
        let index = shared.log(seen);
        let (written, ended) = write(stream, &answer).await;
        shared.in_flight.fetch_sub(1, Ordering::SeqCst);
        shared.seen.lock().unwrap()[index].ended = Some(ended);
        if !written || answer.then != Then::Keep {
            return answer.then;
        }
    }
    Then::Close
}

/// A request's head; `None` at the end of the connection. A GET has no body.
async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(head)
}

/// Writes an answer; `false` when the client has gone. Also when its last piece was begun.
async fn write<S: AsyncWrite + Unpin>(stream: &mut S, answer: &Answer) -> (bool, Instant) {
    let mut begun = Instant::now();
    for (pause, bytes) in &answer.pieces {
        if !pause.is_zero() {
            tokio::time::sleep(*pause).await;
        }
        begun = Instant::now();
        if stream.write_all(bytes).await.is_err() || stream.flush().await.is_err() {
            return (false, begun);
        }
    }
    (true, begun)
}

impl Seen {
    fn new(head: Vec<u8>, in_flight: usize, connection: usize) -> Self {
        let text = String::from_utf8_lossy(&head).into_owned();
        let mut words = text.lines().next().unwrap_or_default().split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        Self {
            at: Instant::now(),
            ended: None,
            method: word(),
            target: word(),
            head,
            in_flight,
            connection,
        }
    }
}

impl Shared {
    fn answer(&self, seen: &Seen) -> Answer {
        let path = seen.target.split('?').next().unwrap_or_default();
        let route = self
            .routes
            .get(&seen.target)
            .or_else(|| self.routes.get(path));
        let Some(route) = route else {
            return Answer::of(404, &[("Content-Type", "text/plain")], "not found");
        };
        let hit = route.hits.fetch_add(1, Ordering::SeqCst);
        match (route.first.get(hit), &route.always) {
            (Some(answer), _) => answer.clone(),
            (None, Some(script)) => script(seen),
            (None, None) => panic!("no lasting answer for {path}"),
        }
    }

    fn log(&self, seen: Seen) -> usize {
        let mut log = self.seen.lock().unwrap();
        log.push(seen);
        log.len() - 1
    }
}

/// A root of its own, a certificate by it, and the root in PEM.
fn certified() -> (TlsAcceptor, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let root_key = rcgen::KeyPair::generate().unwrap();
    let mut root = rcgen::CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root_certificate = root.self_signed(&root_key).unwrap();
    let issuer = rcgen::Issuer::new(root, root_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let leaf = rcgen::CertificateParams::new(names).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), root_certificate.pem())
}
