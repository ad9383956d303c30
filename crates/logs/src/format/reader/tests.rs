//! Whole logs of many writers: how many records, and from when to when.

use firstfault_model::Assume;

use super::Reader;
use crate::{Level, totals};

struct Sample {
    of: &'static str,
    text: &'static str,
    records: u64,
    first: &'static str,
    last: &'static str,
}

const fn log(of: &'static str, records: u64, first: &'static str, last: &'static str, text: &'static str) -> Sample {
    Sample { of, text, records, first, last }
}

const SAMPLES: &[Sample] = &[
    log(
        "java",
        2,
        "2026-11-24T10:00:01.123Z",
        "2026-11-24T10:00:02Z",
        "2026-11-24 10:00:01,123 ERROR [main] c.e.Cart - failed\njava.lang.IllegalStateException: no\n\tat c.e.Cart.add(Cart.java:7)\n\tSuppressed: java.io.IOException: x\n\t\tat c.e.X.y(X.java:1)\nCaused by: java.net.ConnectException: refused\n\t... 12 more\n2026-11-24 10:00:02,000 INFO  [main] c.e.Cart - ok\n",
    ),
    log(
        "go panic",
        1,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:01Z",
        "2026/11/24 10:00:01 serving\npanic: runtime error: index out of range\n\ngoroutine 7 [running]:\nmain.(*Cart).Add(0xc0001)\n\t/src/cart.go:12 +0x1d\nexit status 2\n",
    ),
    log(
        "python",
        2,
        "2026-11-24T10:00:01.5Z",
        "2026-11-24T10:00:03Z",
        "2026-11-24 10:00:01,500 - cart - ERROR - failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in x\n    y()\nValueError: bad\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\nKeyError: 'a'\n2026-11-24 10:00:03,000 - cart - INFO - next\n",
    ),
    log(
        "cri with a cut line",
        3,
        "2026-11-24T10:00:01.5Z",
        "2026-11-24T10:00:03Z",
        "2026-11-24T10:00:01.5Z stdout P first half, \n2026-11-24T10:00:01.6Z stderr F other stream\n2026-11-24T10:00:01.7Z stdout F second half\n2026-11-24T10:00:03Z stdout F next\n2026-11-24T10:00:03Z stdout F \tat c.e.Cart.add(Cart.java:7)\n",
    ),
    log(
        "docker",
        2,
        "2026-11-24T10:00:01.5Z",
        "2026-11-24T10:00:02Z",
        "{\"log\":\"one \",\"stream\":\"stdout\",\"time\":\"2026-11-24T10:00:01.5Z\"}\n{\"log\":\"line\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-24T10:00:01.6Z\"}\n{\"log\":\"two\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-24T10:00:02Z\"}\n",
    ),
    log(
        "w3c, the date in a heading",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:05Z",
        "#Version: 1.0\n#Date: 2026-11-24 09:00:00\n#Fields: time c-ip cs-method\n10:00:01 10.0.0.1 GET\n10:00:05 10.0.0.1 GET\n",
    ),
    log(
        "zeek",
        2,
        "2026-11-24T10:00:01.25Z",
        "2026-11-24T10:00:02Z",
        "#separator \\x09\n#fields\tts\tuid\n#types\ttime\tstring\n1795514401.250000\tCa\n1795514402.000000\tCb\n#close\t2026-11-24-11-00-00\n",
    ),
    log(
        "journal export",
        2,
        "2026-11-24T10:00:01.25Z",
        "2026-11-24T10:00:02.25Z",
        "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795514401250000\nPRIORITY=3\nMESSAGE=a\n\n__CURSOR=s=2\n__REALTIME_TIMESTAMP=1795514402250000\nMESSAGE=b\n",
    ),
    log(
        "slow queries",
        2,
        "2026-11-24T10:00:01.25Z",
        "2026-11-24T10:00:09Z",
        "# Time: 2026-11-24T10:00:01.250000Z\n# User@Host: a[a] @  [10.0.0.1]  Id: 7\n# Query_time: 1.5  Lock_time: 0.0\nSET timestamp=1795514400;\nSELECT 1\nFROM x;\n# Time: 2026-11-24T10:00:09.000000Z\n# User@Host: a[a] @  [10.0.0.1]  Id: 7\nSELECT 2;\n",
    ),
    log(
        "old mysql",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T11:00:02Z",
        "261124 10:00:01 [Note] ready\nVersion: '5.1'\n261124 11:00:02 [ERROR] no\n",
    ),
    log(
        "postgres",
        2,
        "2026-11-24T18:00:01.123Z",
        "2026-11-24T18:00:02Z",
        "2026-11-24 10:00:01.123 PST [7] LOG:  statement: SELECT 1\n\tFROM x\n2026-11-24 10:00:02.000 PST [7] ERROR:  no\n",
    ),
    log(
        "access log",
        2,
        "2026-11-24T17:00:01Z",
        "2026-11-24T17:00:02Z",
        "10.1.2.3 - - [24/Nov/2026:10:00:01 -0700] \"GET / HTTP/1.1\" 200 7\n10.1.2.3 - ann lee [24/Nov/2026:10:00:02 -0700] \"GET /a?t=2020-01-01 HTTP/1.1\" 200 7\n",
    ),
    log(
        "load balancer",
        2,
        "2026-11-24T10:00:01.186641Z",
        "2026-11-24T10:00:02Z",
        "https 2026-11-24T10:00:01.186641Z app/a/5 10.0.0.1:2817 10.0.0.2:80 0.086 \"GET https://a:443/ HTTP/1.1\"\nh2 2026-11-24T10:00:02.000000Z app/a/5 10.0.0.1:2817 10.0.0.2:80 0.086 \"GET https://a:443/ HTTP/1.1\"\n",
    ),
    log(
        "bucket access",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:02Z",
        "79a5 shop [24/Nov/2026:10:00:01 +0000] 10.0.0.1 79a5 3E57 REST.GET.OBJECT a \"GET /a HTTP/1.1\" 200\n79a5 shop [24/Nov/2026:10:00:02 +0000] 10.0.0.1 79a5 3E58 REST.GET.OBJECT a \"GET /a HTTP/1.1\" 200\n",
    ),
    log(
        "flow log",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:02Z",
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n2 123456789010 eni-0a 10.0.0.1 10.0.0.2 443 50000 6 10 840 1795514401 1795514461 ACCEPT OK\n2 123456789010 eni-0a 10.0.0.1 10.0.0.2 443 50000 6 10 840 1795514402 1795514462 ACCEPT OK\n",
    ),
    log(
        "comma-separated",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:02Z",
        "timestamp,level,message\n2026-11-24 10:00:01,info,a\n2026-11-24 10:00:02,info,b\n",
    ),
    log(
        "audit daemon",
        2,
        "2026-11-24T10:00:01.243Z",
        "2026-11-24T10:00:02Z",
        "type=SYSCALL msg=audit(1795514401.243:24287): arch=c000003e\ntype=CWD msg=audit(1795514402.000:24288): cwd=\"/\"\n",
    ),
    log(
        "proxy with epoch",
        2,
        "2026-11-24T10:00:01.45Z",
        "2026-11-24T10:00:02Z",
        "1795514401.450    614 10.0.0.1 TCP_MISS/200 7 GET http://a/ - DIRECT/10.0.0.2 text/html\n1795514402.000    614 10.0.0.1 TCP_MISS/200 7 GET http://a/ - DIRECT/10.0.0.2 text/html\n",
    ),
    log(
        "actions",
        2,
        "2026-11-24T10:00:01.123Z",
        "2026-11-24T10:00:02Z",
        "build\tRun tests\t2026-11-24T10:00:01.1230000Z ##[group]Run\nbuild\tRun tests\t2026-11-24T10:00:02.0000000Z ok\n",
    ),
    log(
        "compose",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:02Z",
        "web-1    | 2026-11-24 10:00:01 INFO up\nweb-1    |   more of it\ncache-1  | 1:M 24 Nov 2026 10:00:02.000 * Ready\n",
    ),
    log(
        "erlang reports",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:02Z",
        "=INFO REPORT==== 24-Nov-2026::10:00:01 ===\nstarted\n\n=ERROR REPORT==== 24-Nov-2026::10:00:02 ===\n** no\n",
    ),
    log(
        "java.util.logging",
        2,
        "2026-11-24T13:02:03Z",
        "2026-11-24T13:02:04Z",
        "Nov 24, 2026 1:02:03 PM c.e.Cart add\nINFO: a\nNov 24, 2026 1:02:04 PM c.e.Cart add\nSEVERE: b\n",
    ),
    log(
        "cassandra",
        2,
        "2026-11-24T10:00:01.123Z",
        "2026-11-24T10:00:02Z",
        "INFO  [main] 2026-11-24 10:00:01,123 Daemon.java:7 - a\nWARN  [Service Thread] 2026-11-24 10:00:02,000 Inspector.java:7 - b\n",
    ),
    log(
        "rails",
        2,
        "2026-11-24T10:00:01.123456Z",
        "2026-11-24T10:00:02Z",
        "I, [2026-11-24T10:00:01.123456 #7]  INFO -- : a\nE, [2026-11-24T10:00:02.000000 #7] ERROR -- : b (RuntimeError)\n/app/a.rb:1:in `x'\n",
    ),
    log(
        "pretty objects",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:02Z",
        "{\n  \"timestamp\": \"2026-11-24T10:00:01Z\",\n  \"msg\": \"a\"\n}\n{\n  \"timestamp\": \"2026-11-24T10:00:02Z\",\n  \"msg\": \"{\"\n}\n",
    ),
    log(
        "windows events",
        2,
        "2026-11-24T10:00:01.123Z",
        "2026-11-24T10:00:02Z",
        "<Event><System><Level>2</Level><TimeCreated SystemTime='2026-11-24T10:00:01.123Z'/></System></Event>\n<Event><System><Level>2</Level><TimeCreated SystemTime='2026-11-24T10:00:02Z'/></System></Event>\n",
    ),
    log(
        "snort",
        2,
        "2026-11-24T10:00:01.123456Z",
        "2026-11-24T10:00:02Z",
        "11/24-10:00:01.123456  [**] [1:1:1] a [**]\n11/24-10:00:02.000000  [**] [1:1:1] b [**]\n",
    ),
    log("shell history", 2, "2026-11-24T10:00:01Z", "2026-11-24T10:00:02Z", "#1795514401\nls\n#1795514402\nexit\n"),
    log("kernel ring", 2, "", "", "[    0.000000] Linux version 6\n[   12.345678] usb 1-1: new device\n"),
    log(
        "a date within the text",
        3,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:01Z",
        "starting\nthe last copy was made on 2026-11-24 10:00:01 or so\nready\n",
    ),
    log("plain", 3, "", "", "one\ntwo\n  more of two\nthree\n"),
    log(
        "two formats in turn",
        4,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:04Z",
        "10.0.0.1 - - [24/Nov/2026:10:00:01 +0000] \"GET / HTTP/1.1\" 200 7\n2026/11/24 10:00:02 [error] 7#7: no\n{\"time\":\"2026-11-24T10:00:03Z\",\"level\":\"info\",\"msg\":\"a\"}\n10.0.0.1 - - [24/Nov/2026:10:00:04 +0000] \"GET / HTTP/1.1\" 200 7\n",
    ),
    log(
        "slow log of a database with a second clock",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:02Z",
        "2026-11-24T10:00:01.000Z app-1 2020-01-01 00:00:00 old\n2026-11-24T10:00:02.000Z app-1 2020-01-01 00:00:01 old\n",
    ),
    log(
        "firewall",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:02Z",
        "date=2026-11-24 time=10:00:01 devname=\"a\" type=\"traffic\"\ndate=2026-11-24 time=10:00:02 devname=\"a\" type=\"traffic\"\n",
    ),
    log(
        "colours",
        2,
        "2026-11-24T10:00:01Z",
        "2026-11-24T10:00:02Z",
        "\u{1b}[32mNov 24 \u{1b}[1m10:00:01\u{1b}[0m host app[7]: a\n\u{1b}[32mNov 24 \u{1b}[1m10:00:02\u{1b}[0m host app[7]: b\n",
    ),
];

#[test]
fn logs_of_many_writers_are_read() {
    let mut wrong = Vec::new();
    for sample in SAMPLES {
        let totals = totals::of(sample.text);
        let time = |t: Option<jiff::Timestamp>| t.map_or(String::new(), |t| t.to_string());
        let got = (totals.records, time(totals.first), time(totals.last));
        if got != (sample.records, sample.first.to_owned(), sample.last.to_owned()) {
            wrong.push(format!("{}: {got:?}, not {:?}", sample.of, (sample.records, sample.first, sample.last)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_log_cut_anywhere_keeps_the_records_before_the_cut() {
    for sample in SAMPLES {
        let ends: Vec<usize> = sample.text.char_indices().map(|(i, _)| i).collect();
        let mut before = 0;
        for end in ends {
            let records = totals::of(&sample.text[..end]).records;
            let whole_lines = sample.text[..end].matches('\n').count();
            assert!(records <= sample.records + 1, "{} cut at {end}: {records}", sample.of);
            // What is learned from a head of one line may differ; from then on none is lost.
            if whole_lines > 2 && sample.text[..end].ends_with('\n') {
                assert!(records + 1 >= before, "{} cut at {end}: {records} after {before}", sample.of);
                before = records;
            }
        }
    }
}

#[test]
fn what_a_line_says() {
    let assume = Assume { year: Some(2026), ..Assume::default() };
    for (raw, time, level, message) in [
        ("2026-11-24T10:00:01.5Z stderr F panic: boom", "2026-11-24T10:00:01.5Z", Some(Level::Fatal), "panic: boom"),
        (
            r#"{"time":"2026-11-24T10:00:01Z","level":"error","msg":"no route","error":"x"}"#,
            "2026-11-24T10:00:01Z",
            Some(Level::Error),
            "no route: x",
        ),
        (
            r#"{"log":"E1124 10:00:01.000001       1 a.go:3] bad\n","stream":"stderr","time":"2026-11-24T10:00:02Z"}"#,
            "2026-11-24T10:00:02Z",
            Some(Level::Error),
            "bad",
        ),
        (
            r#"time="2026-11-24T10:00:01Z" level=warning msg="low disk""#,
            "2026-11-24T10:00:01Z",
            Some(Level::Warn),
            "low disk",
        ),
        ("W1124 10:00:01.123456       7 x.go:1] late", "2026-11-24T10:00:01.123456Z", Some(Level::Warn), "late"),
        (
            "Nov 24 10:00:01 node-1 kubelet[12]: E1124 10:00:01.1   1 k.go:1] sad",
            "2026-11-24T10:00:01Z",
            Some(Level::Error),
            "sad",
        ),
        (
            "2026-11-24 10:00:01,123 ERROR [main] c.a.B - refused",
            "2026-11-24T10:00:01.123Z",
            Some(Level::Error),
            "refused",
        ),
        (
            "2026/11/24 10:00:01 [error] 7#7: *1 connect() failed",
            "2026-11-24T10:00:01Z",
            Some(Level::Error),
            "connect()",
        ),
        ("2026-11-24T12:00:01+02:00 INFO ok", "2026-11-24T10:00:01Z", Some(Level::Info), "ok"),
        ("<11>Nov 24 10:00:01 host app: x", "2026-11-24T10:00:01Z", Some(Level::Error), "x"),
        ("just words", "", None, "just words"),
        ("1795514401 words", "", None, "words"),
    ] {
        let mut reader = Reader::new(&assume, None);
        let line = reader.read(raw);
        assert_eq!(line.time.map(|t| t.to_string()).unwrap_or_default(), time, "{raw}");
        assert_eq!(line.level, level, "{raw}");
        assert!(line.message.contains(message), "{raw}: {:?}", line.message);
    }
}

#[test]
fn no_bytes_make_it_panic() {
    // Pieces of real notations, in every order of three: ends and beginnings of all kinds meet.
    let pieces = [
        "2026-11-24",
        "T10:00:01",
        ".",
        "Z",
        "[",
        "]",
        "{\"log\":\"",
        "\\",
        "\"}",
        "é",
        "\u{1b}[",
        "1795514401",
        "@4000",
        "E1124",
        " 10:00:01",
        "Nov",
        " 24",
        "<34>",
        "stdout P",
        " | ",
        "#Fields: time",
        "\t",
        "𐀀",
        "+0",
    ];
    for a in pieces {
        for b in pieces {
            for c in pieces {
                let text = format!("{a}{b}{c}");
                let _ = totals::of(&text);
            }
        }
    }
}
