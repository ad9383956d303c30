//! Requests in access logs: how often each path is asked for, and how often the answer is a server error.

use jiff::Timestamp;
use memchr::memmem::Finder;
use rustc_hash::FxHashMap;

use crate::Words;

/// Paths kept of one stream.
const MOST_PATHS: usize = 200;

/// What an access log says of one path.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// `GET`, …
    pub method: String,
    /// The path without its query; numbers and ids are `*`.
    pub path: String,
    /// Requests.
    pub count: u64,
    /// Those that were answered with 500 or more.
    pub failed: u64,
    /// The answer of the first that failed.
    pub status: u16,
    /// Shortest and longest time until a failing answer, in milliseconds, where it is printed.
    pub until_failed: Option<(f64, f64)>,
    /// First and last failure.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// The first that failed.
    pub example: Option<Words>,
}

/// One request as a line tells it.
#[derive(Debug, PartialEq)]
pub(crate) struct Request<'a> {
    method: &'a str,
    path: &'a str,
    status: u16,
    milliseconds: Option<f64>,
}

/// Counts requests by method and path.
#[derive(Debug)]
pub(crate) struct Requests {
    /// The place of each method and path.
    places: FxHashMap<Box<str>, usize>,
    endpoints: Vec<Endpoint>,
    /// Room for the method and path of a request.
    key: String,
    signs: Signs,
}

/// What stands in every line that tells of a request.
#[derive(Debug)]
struct Signs {
    http: Finder<'static>,
    status: Finder<'static>,
    /// A sidecar of Istio tells of the calls that its program makes too: another one answers those.
    outbound: Finder<'static>,
}

impl Default for Requests {
    fn default() -> Self {
        let signs =
            Signs { http: Finder::new(" HTTP/"), status: Finder::new("status"), outbound: Finder::new("outbound|") };
        Self { places: FxHashMap::default(), endpoints: Vec::new(), key: String::new(), signs }
    }
}

impl Requests {
    /// Counts the request that a record tells of, if any; the words of the first that failed are kept.
    pub(crate) fn take(&mut self, text: &str, count: u64, at: Option<Timestamp>, words: impl FnOnce() -> Words) {
        let Some(request) = self.signs.request(text) else { return };
        if let Some(failed) = self.add(&request, count, at)
            && failed.example.is_none()
        {
            failed.example = Some(words());
        }
    }

    /// The request's endpoint, if it failed.
    fn add(&mut self, request: &Request<'_>, count: u64, at: Option<Timestamp>) -> Option<&mut Endpoint> {
        self.key.clear();
        self.key.push_str(request.method);
        self.key.push(' ');
        push_general(&mut self.key, request.path);
        let place = match self.places.get(self.key.as_str()) {
            Some(place) => *place,
            None if self.endpoints.len() >= MOST_PATHS => return None,
            None => {
                self.places.insert(self.key.as_str().into(), self.endpoints.len());
                self.endpoints.push(Endpoint::new(request.method, &self.key[request.method.len() + 1..]));
                self.endpoints.len() - 1
            }
        };
        let endpoint = self.endpoints.get_mut(place)?;
        endpoint.count += count;
        if request.status < 500 {
            return None;
        }
        endpoint.failed += count;
        endpoint.status = if endpoint.status == 0 { request.status } else { endpoint.status };
        if let Some(time) = request.milliseconds {
            let (least, most) = endpoint.until_failed.unwrap_or((time, time));
            endpoint.until_failed = Some((least.min(time), most.max(time)));
        }
        if let Some(at) = at {
            let (first, last) = endpoint.seen.unwrap_or((at, at));
            endpoint.seen = Some((first.min(at), last.max(at)));
        }
        Some(endpoint)
    }

    pub(crate) fn finish(mut self) -> Vec<Endpoint> {
        self.endpoints.sort_by(|a, b| (&a.method, &a.path).cmp(&(&b.method, &b.path)));
        self.endpoints
    }
}

impl Endpoint {
    fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            count: 0,
            failed: 0,
            status: 0,
            until_failed: None,
            seen: None,
            example: None,
        }
    }
}

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

impl Signs {
    /// `"GET /path HTTP/1.1" 503 …`, as servers and proxies write it, or `method=GET path=/x status=503`.
    fn request<'t>(&self, text: &'t str) -> Option<Request<'t>> {
        match self.http.find(text.as_bytes()) {
            Some(at) if self.outbound.find(&text.as_bytes()[at..]).is_some() => None,
            Some(at) => before_and_after(text, at),
            None => self.status.find(text.as_bytes()).and_then(|_| by_keys(text)),
        }
    }
}

/// A request by what stands around its ` HTTP/`.
fn before_and_after(text: &str, at: usize) -> Option<Request<'_>> {
    let mut before = text[..at].rsplit(' ');
    let path = before.next().filter(|path| path.starts_with('/'))?;
    let method = before.next()?.trim_start_matches(['"', '\'', '[', '(']);
    if !METHODS.contains(&method) {
        return None;
    }
    let after = &text[at + 1..];
    let mut words = after.split(' ').skip(1);
    let status = words.find_map(status)?;
    // Only of those that fail it is asked for.
    let milliseconds = if status < 500 { None } else { words.find_map(milliseconds) };
    Some(Request { method, path, status, milliseconds })
}

fn by_keys(text: &str) -> Option<Request<'_>> {
    let mut request = Request { method: "", path: "", status: 0, milliseconds: None };
    for (key, value) in text.split(' ').filter_map(|word| word.split_once('=')) {
        let value = value.trim_matches('"');
        match key {
            "method" => request.method = value,
            "path" | "uri" | "url" => request.path = value,
            "status" | "status_code" => request.status = status(value)?,
            "duration" | "latency" | "took" => request.milliseconds = milliseconds(value),
            _ => {}
        }
    }
    (METHODS.contains(&request.method) && request.path.starts_with('/') && request.status > 0).then_some(request)
}

fn status(word: &str) -> Option<u16> {
    let digits = word.trim_matches(['"', ',', '-', '>', ':']);
    (digits.len() == 3).then(|| digits.parse().ok())?.filter(|status| (100..600).contains(status))
}

/// `30001ms`, `1.5s`; a bare number may be bytes.
fn milliseconds(word: &str) -> Option<f64> {
    let word = word.trim_matches([',', '"', '(', ')']);
    if !word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Some(number) = word.strip_suffix("ms") {
        return number.parse().ok();
    }
    word.strip_suffix('s').and_then(|number| number.parse::<f64>().ok()).map(|seconds| seconds * 1000.0)
}

/// The path without its query, with `*` for parts that are numbers or ids.
fn push_general(out: &mut String, path: &str) {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    for (i, part) in path.split('/').enumerate() {
        if i > 0 {
            out.push('/');
        }
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let is_id = digits > 0 && (digits == part.len() || part.len() >= 8 && digits * 4 >= part.len());
        out.push_str(if is_id { "*" } else { part });
    }
}

#[cfg(test)]
mod tests {
    use firstfault_model::Masked;

    use super::*;

    #[test]
    fn access_logs_of_several_servers_are_read() {
        let requests = Requests::default();
        let request = |text| requests.signs.request(text);
        let of = |text| request(text).map(|r| (r.method, r.path, r.status, r.milliseconds));
        let combined = r#"10.1.2.3 - - [24/Nov/2026:10:00:00 +0000] "GET /cart/7 HTTP/1.1" 502 157 "-" "curl/8""#;
        assert_eq!(of(combined), Some(("GET", "/cart/7", 502, None)));
        let timed = r#"[ERROR] "POST /render HTTP/1.1" 503 30001ms - gave up"#;
        assert_eq!(of(timed), Some(("POST", "/render", 503, Some(30001.0))));
        assert_eq!(
            of("level=info method=PUT path=/a status=200 duration=1.5s"),
            Some(("PUT", "/a", 200, Some(1500.0)))
        );
        assert_eq!(of("the status of HTTP/2 support is 503 words long"), None);
        assert_eq!(of("GET /a HTTP/1.1 without an answer"), None);
        let sidecar = |cluster: &str| format!("\"GET /feed HTTP/1.1\" 503 UH - \"-\" 0 19 0 \"b\" {cluster} -");
        let answered = sidecar("inbound|8080||");
        assert_eq!(request(&answered).map(|r| r.status), Some(503), "asked of this program");
        let asked = sidecar("outbound|80||feed.shop.svc.cluster.local");
        assert_eq!(request(&asked), None, "asked by this program");
    }

    #[test]
    fn paths_that_differ_in_an_id_are_one() {
        let general = |path| {
            let mut out = String::new();
            push_general(&mut out, path);
            out
        };
        assert_eq!(general("/orders/17?x=1"), "/orders/*");
        assert_eq!(general("/orders/5ad7750b-a68b-49c0-a8c0"), "/orders/*");
        assert_eq!(general("/v2/orders"), "/v2/orders");
    }

    #[test]
    fn failures_are_counted_by_path() {
        let mut requests = Requests::default();
        for line in ["GET /a HTTP/1.1 200", "GET /b HTTP/1.1 500", "GET /b HTTP/1.1 200"] {
            requests.take(line, 1, None, || Words {
                line: 1,
                at: None,
                level: None,
                text: Masked::new(line),
                trace: None,
            });
        }
        let counts: Vec<_> = requests.finish().into_iter().map(|e| (e.path, e.count, e.failed)).collect();
        assert_eq!(counts, [("/a".to_owned(), 1, 0), ("/b".to_owned(), 2, 1)]);
    }
}
