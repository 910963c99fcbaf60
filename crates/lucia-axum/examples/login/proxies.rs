use std::{error::Error, fmt, net::IpAddr, str::FromStr};

/// The addresses and networks of the proxies in front.
pub(crate) struct Proxies(Vec<String>);

/// A text that is not a list of proxies.
#[derive(Debug)]
pub(crate) enum InvalidProxies {
    /// Neither an address nor a network.
    Malformed(String),
    /// Every client is a proxy then, and writes the address for which its attempts are counted.
    Everybody(String),
}

impl Proxies {
    /// Returns the addresses and networks.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl FromStr for Proxies {
    type Err = InvalidProxies;

    fn from_str(text: &str) -> Result<Self, InvalidProxies> {
        let ranges = text.split(',').map(str::trim);
        let check = |range: &str| match prefix_len(range) {
            None => Err(InvalidProxies::Malformed(range.to_owned())),
            Some(0) => Err(InvalidProxies::Everybody(range.to_owned())),
            Some(_) => Ok(range.to_owned()),
        };
        ranges.map(check).collect::<Result<_, _>>().map(Self)
    }
}

/// Returns the number of bits that the addresses of a range share. `::ffff:0.0.0.0/96` is `0.0.0.0/0`.
fn prefix_len(range: &str) -> Option<u8> {
    let (address, prefix_len) = range.split_once('/').map_or((range, None), |(address, len)| (address, Some(len)));
    let address: IpAddr = address.parse().ok()?;
    let bits = |address: IpAddr| if address.is_ipv4() { 32 } else { 128 };
    let prefix_len: u8 = match prefix_len {
        // The standard library accepts a sign.
        Some(len) if len.bytes().all(|byte| byte.is_ascii_digit()) => len.parse().ok()?,
        Some(_) => return None,
        None => bits(address),
    };
    let mapped_bits = bits(address) - bits(address.to_canonical());
    (prefix_len <= bits(address)).then(|| prefix_len.checked_sub(mapped_bits))?
}

impl fmt::Display for InvalidProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(range) => {
                write!(f, "`{range}` is neither an address nor a network, such as `::1` or `10.0.0.0/8`")
            }
            Self::Everybody(range) => {
                write!(f, "with `{range}` every client is a proxy, and chooses the address for which it is counted")
            }
        }
    }
}

impl Error for InvalidProxies {}
