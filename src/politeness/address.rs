//! Which addresses may be connected to: no private ones, and only those that were seen here.
//!
//! A name's addresses are judged when they are resolved and go into the permit, so that a name
//! can't be judged by one answer and connected to by another (DNS rebinding).

use crate::clock::Millis;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An answer of the name service is used this long.
const LIFETIME: Millis = 10 * 60_000;
/// Tries of a name before its host is given up for this run …
const TRIES: u8 = 3;
/// … with this pause after the first, doubled after each.
const PAUSE: Millis = 5_000;

/// Is this address not on the public internet? Loopback, private, link-local, shared (RFC 6598),
/// documentation, benchmarking, multicast, reserved; and those wrapped into IPv6.
#[must_use]
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_private_v4(v4),
        IpAddr::V6(v6) => wrapped(v6).map_or_else(|| is_private_v6(v6), is_private_v4),
    }
}

/// The IANA IPv4 special-purpose registry (RFC 6890), as far as it is not globally reachable.
fn is_private_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    v4.is_loopback()
        || v4.is_private()
        || v4.is_link_local()
        || v4.is_documentation()
        || matches!(
            (a, b, c),
            (0 | 224.., ..) | (100, 64..=127, _) | (198, 18 | 19, _)
        )
        || matches!((a, b, c), (192, 0, 0) | (192, 88, 99))
}

fn is_private_v6(v6: Ipv6Addr) -> bool {
    let [first, second, ..] = v6.segments();
    v6.is_loopback()
        || v6.is_unspecified()
        || v6.is_multicast()
        || first & 0xFE00 == 0xFC00 // unique local, RFC 4193
        || first & 0xFF80 == 0xFE80 // link-local, and site-local as it was
        || matches!((first, second), (0x2001, 0x0DB8 | 0..=0x01FF) | (0x0100 | 0x3FFF | 0x5F00, _))
}

/// The IPv4 address inside an IPv6 one: mapped, translated, compatible (RFC 4291, RFC 2765),
/// NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056).
fn wrapped(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = v6.segments();
    let last = [segments[6], segments[7]];
    let [high, low] = match segments {
        [0, 0, 0, 0, 0, 0, 0, _] => return None,
        [0, 0, 0, 0, 0, 0xFFFF | 0, ..] | [0, 0, 0, 0, 0xFFFF, 0, ..] | [0x64, 0xFF9B, ..] => last,
        [0x2002, high, low, ..] => [high, low],
        _ => return None,
    };
    Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
}

/// What is known about a name.
#[derive(Debug)]
pub(super) enum Named {
    /// Its addresses, until then.
    Known {
        addresses: Vec<IpAddr>,
        until: Millis,
    },
    /// It did not resolve, this often; to be asked again then.
    Failed { tries: u8, again: Millis },
}

/// What to do about a name now.
pub(super) enum Lookup<'a> {
    Found(&'a [IpAddr]),
    Ask,
    Wait(Millis),
    None,
}

impl Named {
    /// Takes in an answer of the name service.
    pub(super) fn answered(before: Option<&Self>, answer: Vec<IpAddr>, now: Millis) -> Self {
        if !answer.is_empty() {
            return Self::Known {
                addresses: answer,
                until: now + LIFETIME,
            };
        }
        let tries = match before {
            Some(Self::Failed { tries, .. }) => tries.saturating_add(1),
            _ => 1,
        };
        let again = now + (PAUSE << tries.saturating_sub(1).min(8));
        Self::Failed { tries, again }
    }

    pub(super) fn lookup(&self, now: Millis) -> Lookup<'_> {
        match self {
            Self::Known { addresses, until } if now < *until => Lookup::Found(addresses),
            Self::Failed { tries, .. } if *tries >= TRIES => Lookup::None,
            Self::Failed { again, .. } if now < *again => Lookup::Wait(*again),
            _ => Lookup::Ask,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "::ffff:0:7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "100::1",
        ] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn public_addresses() {
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "126.0.0.1",
            "128.0.0.1",
            "169.253.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::1",
            "2001:4860::8888",
        ] {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn names_are_asked_again_and_given_up() {
        let found = vec![IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1))];
        let known = Named::answered(None, found, 0);
        assert!(matches!(known.lookup(LIFETIME - 1), Lookup::Found(_)));
        assert!(matches!(known.lookup(LIFETIME), Lookup::Ask));
        let first = Named::answered(Some(&known), vec![], 0);
        assert!(matches!(first.lookup(1), Lookup::Wait(5_000)));
        assert!(matches!(first.lookup(5_000), Lookup::Ask));
        let second = Named::answered(Some(&first), vec![], 5_000);
        assert!(matches!(second.lookup(5_001), Lookup::Wait(15_000)));
        let third = Named::answered(Some(&second), vec![], 15_000);
        assert!(matches!(third.lookup(u64::MAX), Lookup::None));
    }
}
