//! Cookies that sites set, in memory: some answer only those who bring back what a redirect set.

use crate::normal::BudgetUnit;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use reqwest::cookie::{CookieStore, Jar};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

/// Bytes of `Set-Cookie` that one budget unit may leave with us; then it starts anew.
const MOST_BYTES: usize = 16 * 1024;
/// Budget units whose cookies are kept at once.
const MOST_UNITS: usize = 4096;

/// One jar a budget unit, so that no site can set a cookie for another.
#[derive(Default)]
pub(super) struct Cookies {
    units: Mutex<HashMap<BudgetUnit, Kept>>,
}

#[derive(Default)]
struct Kept {
    jar: Jar,
    bytes: usize,
}

impl Cookies {
    /// The `Cookie` value for a request, if the site has set any that fit.
    pub(super) fn of(&self, unit: &BudgetUnit, url: &Url) -> Option<HeaderValue> {
        self.lock().get(unit)?.jar.cookies(url)
    }

    /// Keeps what an answer sets.
    pub(super) fn keep(&self, unit: &BudgetUnit, url: &Url, headers: &HeaderMap) {
        if !headers.contains_key(SET_COOKIE) {
            return;
        }
        let values = headers.get_all(SET_COOKIE);
        let bytes: usize = values.iter().map(HeaderValue::len).sum();
        if bytes > MOST_BYTES {
            return;
        }
        let mut units = self.lock();
        if units.len() >= MOST_UNITS && !units.contains_key(unit) {
            let any = units.keys().next().cloned();
            any.and_then(|any| units.remove(&any));
        }
        let kept = units.entry(unit.clone()).or_default();
        if kept.bytes + bytes > MOST_BYTES {
            *kept = Kept::default();
        }
        kept.bytes += bytes;
        kept.jar.set_cookies(&mut values.iter(), url);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<BudgetUnit, Kept>> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::NormalUrl;

    fn set(cookies: &Cookies, url: &str, value: &str) {
        let url = NormalUrl::parse(url).unwrap();
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_str(value).unwrap());
        cookies.keep(&url.budget_unit(), url.url(), &headers);
    }

    fn sent(cookies: &Cookies, url: &str) -> Option<String> {
        let url = NormalUrl::parse(url).unwrap();
        let value = cookies.of(&url.budget_unit(), url.url())?;
        Some(value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_cookie_goes_back_to_its_site_only() {
        let cookies = Cookies::default();
        set(
            &cookies,
            "https://www.news.example/",
            "seen=1; Domain=news.example; Path=/",
        );
        set(&cookies, "https://www.news.co.uk/", "evil=1; Domain=co.uk");
        assert_eq!(
            sent(&cookies, "https://m.news.example/a"),
            Some("seen=1".into())
        );
        assert_eq!(sent(&cookies, "https://other.example/"), None);
        assert_eq!(sent(&cookies, "https://other.co.uk/"), None);
        set(
            &cookies,
            "https://www.news.example/",
            "seen=; Domain=news.example; Max-Age=0",
        );
        assert_eq!(sent(&cookies, "https://m.news.example/a"), None);
    }

    #[test]
    fn a_site_that_sets_cookies_without_end_does_not_fill_memory() {
        let cookies = Cookies::default();
        for number in 0..2000 {
            set(
                &cookies,
                "https://news.example/",
                &format!("c{number}={}", "x".repeat(100)),
            );
        }
        assert!(sent(&cookies, "https://news.example/").unwrap().len() <= MOST_BYTES);
        for number in 0..5000 {
            set(&cookies, &format!("https://n{number}.example/"), "a=b");
        }
        assert!(cookies.lock().len() <= MOST_UNITS);
    }
}
