//! As much of an X.509 certificate as its dates and names need (RFC 5280, DER).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;

/// The dates and names of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct X509 {
    /// Valid from.
    pub not_before: Option<Timestamp>,
    /// Valid until.
    pub not_after: Option<Timestamp>,
    /// DNS names and addresses that it is good for.
    pub names: Vec<String>,
    /// The subject's common name.
    pub subject: String,
    /// The issuer's common name.
    pub issuer: String,
}

/// Names beyond this many are not read.
const MOST_NAMES: usize = 200;

const SEQUENCE: u8 = 0x30;
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

/// The first certificate of a PEM text: the server's own, where a chain follows.
pub fn first(pem: &str) -> Option<X509> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    read(&BASE64_STANDARD.decode(body).ok()?)
}

/// One value: its tag, its content, and what follows it.
fn value(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let octets = usize::from(first & 0x7f);
        if octets == 0 || octets > 4 || rest.len() < octets {
            return None;
        }
        let (head, tail) = rest.split_at(octets);
        length = head.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
        rest = tail;
    }
    if rest.len() < length {
        return None;
    }
    let (content, after) = rest.split_at(length);
    Some((tag, content, after))
}

/// The values inside a content, one after another.
fn values(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, content, after) = value(bytes)?;
        bytes = after;
        Some((tag, content))
    })
}

fn read(der: &[u8]) -> Option<X509> {
    let (_, certificate, _) = value(der)?;
    let (_, to_be_signed, _) = value(certificate)?;
    // version (tagged), serial, algorithm, issuer, validity, subject, key, …, extensions (tagged 3)
    let parts: Vec<(u8, &[u8])> = values(to_be_signed).take(16).collect();
    let begin = usize::from(parts.first()?.0 == 0xa0);
    let part = |at: usize| parts.get(begin + at).filter(|(tag, _)| *tag == SEQUENCE).map(|(_, content)| *content);
    let mut dates = values(part(3)?).map(|(tag, content)| date(tag, content));
    let mut x509 = X509 {
        not_before: dates.next().flatten(),
        not_after: dates.next().flatten(),
        issuer: common_name(part(2)?),
        subject: part(4).map(common_name).unwrap_or_default(),
        names: Vec::new(),
    };
    let extensions = parts.iter().find(|(tag, _)| *tag == 0xa3).and_then(|(_, content)| value(content));
    for (_, extension) in extensions.into_iter().flat_map(|(_, all, _)| values(all)).take(50) {
        let mut fields = values(extension);
        if fields.next().is_some_and(|(_, id)| id == ALTERNATIVE_NAMES)
            && let Some((_, wrapped)) = fields.find(|(tag, _)| *tag == 0x04)
            && let Some((_, all, _)) = value(wrapped)
        {
            x509.names = values(all).filter_map(|(tag, name)| alternative(tag, name)).take(MOST_NAMES).collect();
        }
    }
    Some(x509)
}

/// A DNS name or an address among the alternative names.
fn alternative(tag: u8, content: &[u8]) -> Option<String> {
    match (tag, content) {
        (0x82, name) => std::str::from_utf8(name).ok().map(str::to_owned),
        (0x87, [a, b, c, d]) => Some(std::net::Ipv4Addr::new(*a, *b, *c, *d).to_string()),
        _ => None,
    }
}

/// The common name in a distinguished name.
fn common_name(name: &[u8]) -> String {
    let parts = values(name).flat_map(|(_, set)| values(set));
    for (_, part) in parts.take(50) {
        let mut fields = values(part);
        if fields.next().is_some_and(|(_, id)| id == COMMON_NAME)
            && let Some((_, text)) = fields.next()
        {
            return String::from_utf8_lossy(text).chars().take(200).collect();
        }
    }
    String::new()
}

/// `YYMMDDHHMMSSZ` (years from 1950) or `YYYYMMDDHHMMSSZ`.
fn date(tag: u8, content: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    let text = match tag {
        0x17 if text.get(..2)?.parse::<u8>().ok()? >= 50 => format!("19{text}"),
        0x17 => format!("20{text}"),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let stamp = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    stamp.parse().ok()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Made for this test: quotes.larch.example, from 2026-11-24 to 2027-02-22.
    pub(in crate::host) const PEM: &str = "\
-----BEGIN CERTIFICATE-----
MIICGjCCAcCgAwIBAgIUBtH/d6T90PlRrq3wQB7j6A5GVU4wCgYIKoZIzj0EAwIw
QjELMAkGA1UEBhMCTkwxFDASBgNVBAoMC0xhcmNoIFRydXN0MR0wGwYDVQQDDBRx
dW90ZXMubGFyY2guZXhhbXBsZTAeFw0yNjExMjQxOTExMzVaFw0yNzAyMjIxOTEx
MzVaMEIxCzAJBgNVBAYTAk5MMRQwEgYDVQQKDAtMYXJjaCBUcnVzdDEdMBsGA1UE
AwwUcXVvdGVzLmxhcmNoLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATuGHEbtD/0zGe5JEnJnoRPSxy3SMzmJzZ2X2uZa3Pi2iwuPmh6AlDLqm8GKTrN
TvV8R2ogUbtspcEFu6xakMeOo4GTMIGQMB0GA1UdDgQWBBTA8Ht3qN/l0WySD2Oa
jJhafYgDnTAfBgNVHSMEGDAWgBTA8Ht3qN/l0WySD2OajJhafYgDnTAPBgNVHRMB
Af8EBTADAQH/MD0GA1UdEQQ2MDSCFHF1b3Rlcy5sYXJjaC5leGFtcGxlghYqLnF1
b3Rlcy5sYXJjaC5leGFtcGxlhwTAAAIsMAoGCCqGSM49BAMCA0gAMEUCIQDjbCn+
Ygzn0EnrrpPh7CEIC/Z41iCWtt3Vq/z+MXAX8wIgeUQ3je1lGHx8I/KnOjE8GZz8
XJK8QKJ4yJBA4glOobw=
-----END CERTIFICATE-----
";

    #[test]
    fn dates_and_names_are_read() {
        let x509 = first(PEM).expect("a certificate");
        assert_eq!(x509.not_before, Some("2026-11-24T19:11:35Z".parse().expect("a time")));
        assert_eq!(x509.not_after, Some("2027-02-22T19:11:35Z".parse().expect("a time")));
        assert_eq!(x509.names, ["quotes.larch.example", "*.quotes.larch.example", "192.0.2.44"]);
        assert_eq!((x509.subject.as_str(), x509.issuer.as_str()), ("quotes.larch.example", "quotes.larch.example"));
    }

    #[test]
    fn what_is_cut_or_no_certificate_is_nothing() {
        for end in 0..PEM.len() {
            let _ = first(&PEM[..end]);
        }
        let der =
            BASE64_STANDARD.decode(PEM.lines().filter(|l| !l.starts_with('-')).collect::<String>()).expect("base64");
        for end in 0..der.len() {
            let _ = read(&der[..end]);
        }
        assert_eq!(first("***HIDDEN***"), None);
        assert_eq!(first("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"), None);
    }
}
