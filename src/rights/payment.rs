//! Demands to pay for a page: Cloudflare's pay per crawl, x402, RSL's Crawler Authorization
//! Protocol. They are recorded; nothing is ever paid, and no price is ever offered.

use super::lines;
use super::record::{Payment, Price};
use http::HeaderMap;

/// Whether an answer wants to be paid for, and how.
#[must_use]
pub fn payment(status: u16, headers: &HeaderMap, body: &[u8]) -> Payment {
    let first = |name: &str| {
        let value = lines(headers, name).next()?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let price = first("crawler-price");
    let error = first("crawler-error").filter(|_| status >= 400);
    let licensed = matches!(status, 401 | 402) && wants_licence(headers);
    let required = status == 402 || licensed;
    let by_crawl = status >= 400 && (price.is_some() && required || error.is_some());
    let scheme = if by_crawl {
        Some("cloudflare-pay-per-crawl")
    } else if licensed {
        Some("rsl-cap")
    } else if required && is_x402(headers, body) {
        Some("x402")
    } else {
        required.then_some("unknown")
    };
    let stops = required || error.is_some();
    Payment {
        required,
        scheme: scheme.map(str::to_owned),
        price: price
            .filter(|_| required)
            .and_then(|price| read_price(&price)),
        error,
        action: if stops { "stop" } else { "continue" }.to_owned(),
    }
}

/// `USD 0.01`.
fn read_price(text: &str) -> Option<Price> {
    let mut words = text.split_ascii_whitespace();
    let (currency, amount) = (words.next()?, words.next()?);
    let is_currency = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic());
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_amount = match amount.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(amount),
    };
    (is_currency && is_amount && words.next().is_none()).then(|| Price {
        currency: currency.to_ascii_uppercase(),
        amount: amount.to_owned(),
    })
}

/// A challenge of the scheme `License` (RSL 1.0 6), maybe among others.
fn wants_licence(headers: &HeaderMap) -> bool {
    lines(headers, "www-authenticate").any(|line| {
        line.split(',').any(|challenge| {
            let scheme = challenge.split_ascii_whitespace().next();
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("license"))
        })
    })
}

/// x402 says so in its body, in later versions in a header.
fn is_x402(headers: &HeaderMap, body: &[u8]) -> bool {
    let in_body = serde_json::from_slice::<serde_json::Value>(body)
        .is_ok_and(|body| body.get("x402Version").is_some());
    in_body || headers.contains_key("payment-required")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices() {
        for (text, expected) in [
            ("USD 0.01", Some(("USD", "0.01"))),
            ("  eur   3 ", Some(("EUR", "3"))),
            ("USD", None),
            ("USD -1", None),
            ("USD 1.", None),
            ("0.01 USD", None),
            ("US$ 1", None),
            ("USD 1 2", None),
        ] {
            let price = read_price(text);
            let shown = price
                .as_ref()
                .map(|p| (p.currency.as_str(), p.amount.as_str()));
            assert_eq!(shown, expected, "{text}");
        }
    }
}
