//! Names to addresses, twice: asked of the system for politeness to judge, and answered to the
//! HTTP client from what politeness has permitted, so that no connection goes anywhere else.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::lookup_host;

/// The addresses of the hosts that are being asked now; as large as there are requests open.
#[derive(Debug, Default)]
pub(super) struct Permitted {
    hosts: Mutex<HashMap<String, Lent>>,
    /// The proxy's own name is the system's to resolve.
    proxy: Option<String>,
}

#[derive(Debug)]
struct Lent {
    addresses: Vec<SocketAddr>,
    borrowers: usize,
}

/// The client asked for a host that no permit names.
#[derive(Debug, thiserror::Error)]
#[error("no permitted address for `{0}`")]
struct NotPermitted(String);

/// Keeps a host's addresses in the table for the length of a request.
pub(super) struct Loan<'a> {
    table: &'a Permitted,
    host: &'a str,
}

impl Permitted {
    pub(super) fn new(proxy: Option<String>) -> Self {
        Self {
            hosts: Mutex::default(),
            proxy,
        }
    }

    /// Permits connections to `addresses` under the name `host` until the loan is dropped.
    pub(super) fn lend<'a>(&'a self, host: &'a str, addresses: &[SocketAddr]) -> Loan<'a> {
        let addresses = addresses.iter().map(|address| {
            // Port 0 stands for the URL's own port.
            SocketAddr::new(address.ip(), 0)
        });
        let mut hosts = self.lock();
        let lent = hosts.entry(host.to_owned()).or_insert(Lent {
            addresses: Vec::new(),
            borrowers: 0,
        });
        lent.addresses = addresses.collect();
        lent.borrowers += 1;
        Loan { table: self, host }
    }

    fn of(&self, host: &str) -> Option<Vec<SocketAddr>> {
        self.lock().get(host).map(|lent| lent.addresses.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Lent>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        if let Entry::Occupied(mut lent) = self.table.lock().entry(self.host.to_owned()) {
            lent.get_mut().borrowers -= 1;
            if lent.get().borrowers == 0 {
                lent.remove();
            }
        }
    }
}

/// The resolver that the client is given.
#[derive(Clone)]
pub(super) struct PermittedOnly(pub(super) Arc<Permitted>);

impl Resolve for PermittedOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        if let Some(addresses) = self.0.of(&host) {
            let found: Addrs = Box::new(addresses.into_iter());
            return Box::pin(std::future::ready(Ok(found)));
        }
        if self.0.proxy.as_deref() == Some(host.as_str()) {
            return Box::pin(async move {
                let found: Vec<SocketAddr> = lookup_host((host, 0)).await?.collect();
                let found: Addrs = Box::new(found.into_iter());
                Ok(found)
            });
        }
        Box::pin(std::future::ready(Err(NotPermitted(host).into())))
    }
}

/// Asks the system for the addresses of `host`. `localhost` and names under it are the loopback
/// address without a question (RFC 6761 6.3).
///
/// # Errors
/// What the system said, when there is no address or none in time.
pub(super) async fn look_up(host: &str, deadline: Duration) -> Result<Vec<IpAddr>, String> {
    if is_localhost(host) {
        return Ok(vec![Ipv4Addr::LOCALHOST.into()]);
    }
    let asked = tokio::time::timeout(deadline, lookup_host((host, 0)));
    let found = match asked.await {
        Err(_) => return Err(format!("no address for `{host}` within {deadline:?}")),
        Ok(Err(error)) => return Err(format!("no address for `{host}`: {error}")),
        Ok(Ok(found)) => found,
    };
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.map(|address| address.ip()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(format!("no address for `{host}`"));
    }
    Ok(addresses)
}

fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let label = host.rsplit('.').next().unwrap_or(host);
    label.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    async fn answer(table: &Arc<Permitted>, host: &str) -> Result<Vec<SocketAddr>, String> {
        let name = Name::from_str(host).unwrap();
        let found = PermittedOnly(Arc::clone(table)).resolve(name).await;
        found
            .map(Iterator::collect)
            .map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn only_lent_addresses_are_answered_and_only_while_they_are_lent() {
        let table = Arc::new(Permitted::default());
        let address: SocketAddr = "192.0.2.1:8080".parse().unwrap();
        let first = table.lend("news.example", &[address]);
        let second = table.lend("news.example", &[address]);
        let expected = Ok(vec!["192.0.2.1:0".parse().unwrap()]);
        assert_eq!(answer(&table, "news.example").await, expected);
        drop(first);
        assert_eq!(answer(&table, "news.example").await, expected);
        drop(second);
        let refused = answer(&table, "news.example").await.unwrap_err();
        assert_eq!(refused, "no permitted address for `news.example`");
        assert!(table.lock().is_empty());
    }

    #[tokio::test]
    async fn localhost_is_loopback_by_definition() {
        for host in [
            "localhost",
            "LocalHost",
            "site0.localhost",
            "a.b.localhost.",
        ] {
            let found = look_up(host, Duration::from_secs(1)).await.unwrap();
            assert_eq!(found, [IpAddr::from(Ipv4Addr::LOCALHOST)], "{host}");
        }
        assert!(!is_localhost("localhost.example"));
        assert!(!is_localhost("notlocalhost"));
    }

    #[tokio::test]
    async fn a_name_without_an_address_is_named() {
        let error = look_up("no-such-host.invalid", Duration::from_secs(5)).await;
        assert!(error.unwrap_err().contains("no-such-host.invalid"));
    }
}
