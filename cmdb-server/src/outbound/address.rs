//! Which addresses requests may reach: public ones, and networks that are named.

use cmdb_core::{Error, Kind, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks beyond the public ones that may be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(Vec<Network>);

/// All addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u8,
}

/// IPv4 networks that are not public: this host, private, shared, loopback, link-local, protocol assignments,
/// documentation, 6to4 relays, benchmarks, multicast, reserved and broadcast (IANA's special-purpose registry).
const SPECIAL_V4: [([u8; 4], u8); 14] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
];
/// Of IPv6 only global unicast is public, without protocol assignments (Teredo among them), documentation and 6to4.
const PUBLIC_V6: ([u16; 2], u8) = ([0x2000, 0], 3);
const SPECIAL_V6: [([u16; 2], u8); 4] =
    [([0x2001, 0], 23), ([0x2001, 0xdb8], 32), ([0x2002, 0], 16), ([0x3fff, 0], 20)];

impl Network {
    /// `10.0.0.0/8`, `fd00::/8` or a single address.
    ///
    /// # Errors
    /// `invalid` for anything else.
    pub fn parse(text: &str) -> Result<Network> {
        let wrong = || {
            Error::invalid(
                "network.unfit",
                format!("\"{text}\" is no network like 10.0.0.0/8 and no address"),
            )
        };
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(bits), |l| l.trim().parse::<u8>()).map_err(|_| wrong())?;
        if length > bits { Err(wrong()) } else { Ok(Network { address, length }) }
    }
    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                same(u128::from(ours.to_bits()), u128::from(theirs.to_bits()), 32 - self.length)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                same(ours.to_bits(), theirs.to_bits(), 128 - self.length)
            }
            _ => false,
        }
    }
}

fn same(a: u128, b: u128, dropped: u8) -> bool {
    let cut = |bits: u128| bits.checked_shr(u32::from(dropped)).unwrap_or(0);
    cut(a) == cut(b)
}

impl Allowed {
    pub fn networks(networks: impl IntoIterator<Item = Network>) -> Allowed {
        Allowed(networks.into_iter().collect())
    }
    /// Whether a connection may go to this address.
    pub fn admits(&self, address: IpAddr) -> bool {
        // `::ffff:127.0.0.1` reaches the same machine as 127.0.0.1.
        let address = address.to_canonical();
        is_public(address) || self.0.iter().any(|network| network.holds(address))
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|(network, length)| {
            Network { address: IpAddr::V4(Ipv4Addr::from(*network)), length: *length }.holds(address.into())
        }),
        IpAddr::V6(address) => {
            let within = |([a, b], length): ([u16; 2], u8)| {
                let network = Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0);
                Network { address: network.into(), length }.holds(address.into())
            };
            within(PUBLIC_V6) && !SPECIAL_V6.into_iter().any(within)
        }
    }
}

/// The way out is the operator's, not the caller's.
pub(super) fn refused(host: &str) -> Error {
    let message = format!("{host} is not a public address, and no network that it is in is allowed");
    Error::new(Kind::Refused, "url.address", message)
        .hint("whoever runs the server can allow it: `cmdb serve --outbound-allow 10.0.0.0/8` (or CMDB_OUTBOUND_ALLOW)")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_reached_unless_allowed() {
        let none = Allowed::default();
        for special in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::127.0.0.1",
        ] {
            assert!(!none.admits(special.parse().unwrap()), "{special}");
        }
        for public in
            ["1.1.1.1", "172.32.0.1", "172.15.255.255", "100.128.0.1", "2606:4700::1111", "223.1.1.1"]
        {
            assert!(none.admits(public.parse().unwrap()), "{public}");
        }
        let allowed =
            Allowed::networks([Network::parse("10.0.0.0/8").unwrap(), Network::parse("::1").unwrap()]);
        assert!(allowed.admits("10.255.0.1".parse().unwrap()));
        assert!(allowed.admits("::ffff:10.0.0.1".parse().unwrap()));
        assert!(allowed.admits("::1".parse().unwrap()) && !allowed.admits("::2".parse().unwrap()));
        assert!(!allowed.admits("127.0.0.1".parse().unwrap()));
        let all = Allowed::networks([Network::parse("0.0.0.0/0").unwrap()]);
        assert!(all.admits("127.0.0.1".parse().unwrap()));
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "example.org", "::/129", "10.0.0.0/-1"] {
            assert!(Network::parse(wrong).is_err(), "{wrong}");
        }
    }
}
