use super::*;
use crate::read_one_text;

fn one(path: &str, command: Option<&str>, text: &str) -> Certificate {
    read_one_text(path, command, text).host.certificates.into_iter().next().unwrap_or_else(|| panic!("none in {text}"))
}

#[test]
fn a_handshake_says_what_is_wrong() {
    let text = "CONNECTED(00000003)\ndepth=0 CN = api.example\nverify error:num=10:certificate has expired\nnotAfter=Jan  1 00:00:00 2026 GMT\nverify return:1\n---\nCertificate chain\n 0 s:CN = api.example\n   i:C = DE, O = Example Trust, CN = Example CA\n   v:NotBefore: Jan  1 00:00:00 2025 GMT; NotAfter: Jan  1 00:00:00 2026 GMT\n---\nVerify return code: 10 (certificate has expired)\n";
    let c = one("a.txt", Some("openssl s_client -connect 10.0.0.7:443 -servername api.example"), text);
    assert_eq!((c.of.as_str(), c.port, c.fault), ("api.example", Some(443), Some(CertificateFault::Expired)));
    assert_eq!((c.subject.as_str(), c.issuer.as_str()), ("api.example", "Example CA"));
    assert_eq!(c.not_after, Some("2026-01-01T00:00:00Z".parse().expect("a time")));
    for (said, fault) in [
        ("verify error:num=18:self-signed certificate", CertificateFault::UnknownIssuer),
        ("verify error:num=20:unable to get local issuer certificate", CertificateFault::UnknownIssuer),
        ("verify error:num=62:hostname mismatch", CertificateFault::WrongName),
        ("verify error:num=9:certificate is not yet valid", CertificateFault::NotYetValid),
    ] {
        let text = format!("CONNECTED(00000003)\n{said}\nsubject=CN = x\n");
        assert_eq!(one("a.txt", Some("openssl s_client -connect api:443"), &text).fault, Some(fault));
    }
    let fine = "CONNECTED(00000003)\nsubject=CN = api.example\nVerify return code: 0 (ok)\n";
    assert_eq!(one("a.txt", Some("openssl s_client -connect api.example:443"), fine).fault, None);
    let refused = read_one_text(
        "a.txt",
        Some("openssl s_client -connect api:443"),
        "connect: Connection refused\nconnect:errno=111\n",
    );
    assert_eq!(refused.reaches[0].outcome, Outcome::Refused);
}

#[test]
fn dates_of_files_and_pipes() {
    let text = "notBefore=Jan  1 00:00:00 2025 GMT\nnotAfter=Jan  1 00:00:00 2026 GMT\n";
    let until = Some("2026-01-01T00:00:00Z".parse().expect("a time"));
    let c = one("a.txt", Some("openssl x509 -in /etc/shop/tls.crt -noout -dates"), text);
    assert_eq!((c.of.as_str(), c.met, c.not_after), ("/etc/shop/tls.crt", false, until));
    let c = one(
        "a.txt",
        Some("echo | openssl s_client -connect api.example:443 2>/dev/null | openssl x509 -noout -dates"),
        text,
    );
    assert_eq!((c.of.as_str(), c.met, c.not_after), ("api.example", true, until));
    let whole = "Certificate:\n    Data:\n        Issuer: O=Example Trust, CN=Example CA\n        Validity\n            Not Before: Jan  1 00:00:00 2025 GMT\n            Not After : Jan  1 00:00:00 2026 GMT\n        Subject: CN=api.example\n            X509v3 Subject Alternative Name: \n                DNS:api.example, DNS:www.example, IP Address:10.0.0.7\n";
    let c = one("tls.txt", None, whole);
    assert_eq!((c.subject.as_str(), c.names.len(), c.not_after), ("api.example", 3, until));
}

#[test]
fn kubeadm_lists_what_is_over() {
    let text = "CERTIFICATE                EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED\nadmin.conf                 Jan 01, 2026 10:00 UTC   <invalid>                               no\napiserver                  Jan 01, 2027 10:00 UTC   300d            ca                      no\n";
    let all = read_one_text("a.txt", Some("kubeadm certs check-expiration"), text).host.certificates;
    assert_eq!(
        all.iter().map(|c| (c.of.as_str(), c.fault)).collect::<Vec<_>>(),
        [("admin.conf", Some(CertificateFault::Expired)), ("apiserver", None)]
    );
}

#[test]
fn curl_shows_the_certificate_that_it_met() {
    let text = "* Connected to api.example (192.0.2.7) port 443 (#0)\n* Server certificate:\n*  subject: C=DE; CN=other.example\n*  start date: Jan  1 00:00:00 2025 GMT\n*  expire date: Jan  1 00:00:00 2027 GMT\n*  issuer: C=DE; O=Example Trust; CN=Example CA\n* SSL: no alternative certificate subject name matches target host name 'api.example'\ncurl: (60) SSL: no alternative certificate subject name matches target host name 'api.example'\n";
    let c = one("a.txt", Some("curl -v https://api.example/"), text);
    assert_eq!(
        (c.fault, c.subject.as_str(), c.not_after.is_some()),
        (Some(CertificateFault::WrongName), "other.example", true)
    );
}

#[test]
fn any_cut_is_read_up_to_it() {
    let text = "CONNECTED(00000003)\ndepth=0 CN = api.example\nverify error:num=10:certificate has expired\nnotAfter=Jan  1 00:00:00 2026 GMT\n v:NotBefore: Jan  1 00:00:00 2025 GMT; NotAfter: x";
    for end in 0..text.len() {
        let _ = read_one_text("a.txt", Some("openssl s_client -connect a:1"), &text[..end]);
    }
}
