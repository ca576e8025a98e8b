//! The fetcher: one permit, one request, one outcome.

use super::body::{Body, content_length};
use super::budget::Budget;
use super::cookies::Cookies;
use super::media::{self, Worth};
use super::request::{self, Standing};
use super::resolve::{self, Permitted};
use super::{Ask, Capture, Cut, Failure, Fetch, FetchError, FetchOutcome, Wants};
use super::{answer, client, failure};
use crate::clock::{Clock, Millis};
use crate::config::Config;
use crate::politeness::Permit;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use reqwest::{Client, Method, Request, Response};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use url::Host;

/// Asks real servers.
pub struct Fetcher {
    client: Client,
    permitted: Arc<Permitted>,
    cookies: Cookies,
    budget: Arc<Budget>,
    standing: Standing,
    clock: Clock,
    page_deadline: Duration,
    connect_deadline: Duration,
    proxied: bool,
}

/// What a request was, for the account of it.
struct Asked<'a> {
    permit: &'a Permit,
    ask: &'a Ask,
    headers: HeaderMap,
    conditional: bool,
    started: Millis,
    deadline: Instant,
}

impl Fetcher {
    /// A fetcher with its own connections and cookies.
    ///
    /// # Errors
    /// When a setting cannot be used: the error names it.
    pub fn new(config: &Config, clock: Clock) -> Result<Self, FetchError> {
        let permitted = Arc::new(Permitted::new(client::proxy_host(&config.fetch)));
        Ok(Self {
            client: client::build(&config.fetch, &permitted)?,
            permitted,
            cookies: Cookies::default(),
            budget: Budget::new(config.crawl.bytes_in_flight),
            standing: Standing::new(config)?,
            clock,
            page_deadline: config.fetch.page_deadline,
            connect_deadline: config.fetch.connect_deadline,
            proxied: config.fetch.proxy.is_some(),
        })
    }

    fn prepare<'a>(&self, permit: &'a Permit, ask: &'a Ask) -> Asked<'a> {
        let url = permit.url().url();
        let cookies = self.cookies.of(permit.unit(), url);
        let started = self.clock.now();
        let (headers, conditional) = self.standing.head(url, ask, cookies, started);
        Asked {
            permit,
            ask,
            headers,
            conditional,
            started,
            deadline: Instant::now() + self.page_deadline,
        }
    }

    async fn send(&self, asked: Asked<'_>) -> FetchOutcome {
        let url = asked.permit.url().url();
        let _loan = match url.host() {
            Some(Host::Domain(host)) => Some(self.permitted.lend(host, asked.permit.addresses())),
            _ => None,
        };
        let mut request = Request::new(Method::GET, url.clone());
        request.headers_mut().clone_from(&asked.headers);
        match timeout_at(asked.deadline, self.client.execute(request)).await {
            Ok(Ok(response)) => self.receive(asked, response).await,
            Ok(Err(error)) => self.failed(&asked, failure::of(&error)),
            Err(_) => {
                let detail = format!("no answer within {:?}", self.page_deadline);
                self.failed(&asked, (Failure::Timeout, detail))
            }
        }
    }

    async fn receive(&self, asked: Asked<'_>, mut response: Response) -> FetchOutcome {
        let url = asked.permit.url();
        let headers = std::mem::take(response.headers_mut());
        let status = response.status().as_u16();
        let version = response.version();
        let address = response.remote_addr().filter(|_| !self.proxied);
        let body = if let Some(cut) = too_much(&asked, &headers) {
            Body::unread(cut)
        } else {
            let (cap, deadline) = (asked.ask.max_body, asked.deadline);
            Body::read(response, &headers, cap, deadline, &self.budget).await
        };
        // The gap to the next request is counted from here.
        let ended = self.clock.now();
        self.cookies.keep(asked.permit.unit(), url.url(), &headers);
        let capture = Capture {
            url: url.clone(),
            started: asked.started,
            ended,
            address,
            request: request::wire(url.url(), &asked.headers, &asked.ask.headers, version),
            version,
            status,
            headers,
            sent: body.sent,
            body: body.decoded,
            cut: body.cut,
        };
        answer::classify(capture, asked.conditional)
    }

    fn failed(&self, asked: &Asked<'_>, (kind, detail): (Failure, String)) -> FetchOutcome {
        FetchOutcome::Failed {
            kind,
            started: asked.started,
            ended: self.clock.now(),
            detail,
        }
    }
}

impl Fetch for Fetcher {
    async fn fetch(&self, permit: Permit, ask: Ask) -> FetchOutcome {
        self.send(self.prepare(&permit, &ask)).await
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        resolve::look_up(host, self.connect_deadline).await
    }

    fn held(&self) -> u64 {
        self.budget.held()
    }
}

/// Why a body need not be read, by its head alone. Of a robots.txt the beginning counts,
/// whatever its size and type (RFC 9309 2.5).
fn too_much(asked: &Asked<'_>, headers: &HeaderMap) -> Option<Cut> {
    if asked.ask.wants == Wants::Robots {
        return None;
    }
    if media::judge(headers, asked.permit.url().url().path()) == Worth::Leave {
        return Some(Cut::UnwantedType);
    }
    let plain = !headers.contains_key(CONTENT_ENCODING);
    let length = content_length(headers).filter(|_| plain)?;
    (length > asked.ask.max_body).then_some(Cut::TooLarge)
}
