//! The HTTP client, set up so that it does one exchange and nothing else.

use super::resolve::{Permitted, PermittedOnly};
use super::{FetchError, failure};
use crate::config;
use reqwest::{Certificate, Client, ClientBuilder, Proxy, redirect, retry};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A connection that waits longer is closed: with thousands of hosts, waiting connections cost
/// more than new ones, and most servers close theirs after 5 s.
const IDLE: Duration = Duration::from_secs(10);
/// Headers of one answer; a hundred is not enough for some content networks.
const MOST_HEADERS: usize = 256;
/// Bytes of an HTTP/2 head. Over HTTP/1 the client's own limit is 400 KiB.
const MOST_HEAD: u32 = 256 * 1024;

/// The host of the configured proxy.
pub(super) fn proxy_host(config: &config::Fetch) -> Option<String> {
    let proxy = Url::parse(config.proxy.as_deref()?).ok()?;
    proxy.host_str().map(ToOwned::to_owned)
}

/// Builds the client, which connects only to what `permitted` holds.
///
/// # Errors
/// When the CA file or the proxy is not usable.
pub(super) fn build(
    config: &config::Fetch,
    permitted: &Arc<Permitted>,
) -> Result<Client, FetchError> {
    // Another part of the process may have installed one before: then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = match &config.tls_ca_file {
        Some(path) => roots(path)?,
        None => Vec::new(),
    };
    let builder = || builder(config, permitted);
    if !roots.is_empty() {
        let built = builder()?.tls_certs_merge(roots).build();
        return built.map_err(FetchError::Client);
    }
    // A container may have no root certificates at all: plain http still works there, and
    // https fails page by page, with the reason.
    builder()?.build().or_else(|error| {
        let without = builder()?.tls_certs_only([]).build();
        let client = without.map_err(FetchError::Client)?;
        let (_, error) = failure::of(&error);
        tracing::warn!(error, "no root certificates found: https pages will fail");
        Ok(client)
    })
}

fn builder(
    config: &config::Fetch,
    permitted: &Arc<Permitted>,
) -> Result<ClientBuilder, FetchError> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(config.connect_deadline)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(IDLE)
        .http1_title_case_headers()
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_max_headers(MOST_HEADERS)
        .http2_max_header_list_size(MOST_HEAD)
        .dns_resolver(PermittedOnly(Arc::clone(permitted)));
    if let Some(url) = &config.proxy {
        builder = builder.proxy(Proxy::all(url).map_err(FetchError::Proxy)?);
    }
    Ok(builder)
}

fn roots(path: &Path) -> Result<Vec<Certificate>, FetchError> {
    let unusable = |what: String| FetchError::CaFile {
        path: path.to_owned(),
        what,
    };
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let roots = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(error.to_string()))?;
    if roots.is_empty() {
        return Err(unusable("no certificate in it".to_owned()));
    }
    Ok(roots)
}
