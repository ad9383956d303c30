//! Whose code a frame is: the runtime's, a library's, or the application's own.
//!
//! One table for all languages. General rules only: what a language ships itself, and the folders and packages that
//! libraries are installed to. Sources: Sentry's rules for grouping (`all-platforms`, in
//! `src/sentry/grouping/enhancer/enhancement-configs/`), the list that its .NET client leaves out
//! (`SentryOptions.InAppExclude`), the patterns that logstash-logback-encoder recommends (`stack-hash.md`), the backtrace
//! cleaner of Rails, the packages of Go's and Erlang's own distributions.

use super::Language;
use super::frame::Frame;

/// Whose code it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The language itself.
    Runtime,
    /// A library or a framework.
    Library,
    /// The application.
    Application,
}

/// How the runtime and the libraries of a language are told.
struct Rules {
    language: Language,
    /// Functions of the runtime begin so.
    runtime: &'static [&'static str],
    /// Paths of the runtime hold one of these, or begin with it where it has a `^`.
    runtime_paths: &'static [&'static str],
    /// Functions of libraries begin so.
    libraries: &'static [&'static str],
    /// Paths of libraries hold one of these.
    library_paths: &'static [&'static str],
}

const RULES: &[Rules] = &[
    Rules {
        language: Language::Java,
        runtime: &[
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "kotlin.",
            "kotlinx.",
            "scala.",
            "groovy.",
            "_COROUTINE.",
        ],
        runtime_paths: &[],
        libraries: &[
            "akka.",
            "ch.qos.logback.",
            "clojure.",
            "com.datastax.",
            "com.fasterxml.",
            "com.google.",
            "com.microsoft.",
            "com.mongodb.",
            "com.mysql.",
            "com.rabbitmq.",
            "com.zaxxer.",
            "feign.",
            "io.grpc.",
            "io.ktor.",
            "io.lettuce.",
            "io.micrometer.",
            "io.micronaut.",
            "io.netty.",
            "io.opentelemetry.",
            "io.quarkus.",
            "io.reactivex.",
            "io.sentry.",
            "io.undertow.",
            "io.vertx.",
            "jakarta.",
            "net.bytebuddy.",
            "net.sf.cglib.",
            "okhttp3.",
            "oracle.",
            "org.apache.",
            "org.aspectj.",
            "org.codehaus.groovy.",
            "org.eclipse.",
            "org.flywaydb.",
            "org.glassfish.",
            "org.hibernate.",
            "org.jboss.",
            "org.jooq.",
            "org.junit.",
            "org.mariadb.",
            "org.postgresql.",
            "org.slf4j.",
            "org.springframework.",
            "play.",
            "reactor.",
            "redis.clients.",
            "retrofit2.",
        ],
        library_paths: &[],
    },
    Rules {
        language: Language::Python,
        runtime: &[],
        runtime_paths: &["/lib/python", "\\Lib\\", "^<frozen ", "^<string>"],
        libraries: &[],
        library_paths: &["site-packages", "dist-packages", ".egg/"],
    },
    Rules {
        language: Language::Go,
        runtime: &[],
        runtime_paths: &[],
        libraries: &[],
        library_paths: &["/pkg/mod/", "/vendor/", "@v"],
    },
    Rules {
        language: Language::Node,
        runtime: &[],
        runtime_paths: &["^node:", "^internal/", "^<anonymous>", "^wasm:"],
        libraries: &[],
        library_paths: &["node_modules", "/.yarn/", "webpack/bootstrap"],
    },
    Rules {
        language: Language::DotNet,
        runtime: &["System.", "Microsoft.", "Mono.", "MS.", "ABI.", "WinRT.", "lambda_method"],
        runtime_paths: &[],
        libraries: &[
            "AWSSDK.",
            "Amazon.",
            "AutoMapper.",
            "Autofac.",
            "Azure.",
            "Dapper.",
            "FSharp.",
            "FluentValidation.",
            "Giraffe.",
            "Google.",
            "Grpc.",
            "Hangfire.",
            "IdentityModel.",
            "IdentityServer4.",
            "MassTransit.",
            "MediatR.",
            "MongoDB.",
            "MySql.",
            "MySqlConnector.",
            "NLog.",
            "Newtonsoft.",
            "Npgsql.",
            "OpenTelemetry.",
            "Owin.",
            "Polly.",
            "RabbitMQ.",
            "RestSharp.",
            "Sentry.",
            "Serilog.",
            "ServiceStack.",
            "StackExchange.",
            "Swashbuckle.",
        ],
        library_paths: &[],
    },
    Rules {
        language: Language::Ruby,
        runtime: &[],
        runtime_paths: &["^<internal:", "/lib/ruby/"],
        libraries: &[],
        library_paths: &["/gems/", "/bundler/", "/vendor/bundle/", "/rubygems/"],
    },
    Rules {
        language: Language::Php,
        runtime: &[],
        runtime_paths: &["^[internal function]"],
        libraries: &[],
        library_paths: &["/vendor/", "\\vendor\\", "phar://"],
    },
    Rules {
        language: Language::Rust,
        runtime: &[
            "std::",
            "std[",
            "core::",
            "core[",
            "alloc::",
            "alloc[",
            "__rust",
            "rust_begin_unwind",
            "rust_panic",
            "_start",
            "__libc_",
            "start_thread",
            "clone",
        ],
        runtime_paths: &["^/rustc/", "^library/std/", "^library/core/", "^library/alloc/"],
        libraries: &[
            "actix_",
            "anyhow::",
            "axum::",
            "backtrace::",
            "color_eyre::",
            "eyre::",
            "futures_",
            "hyper::",
            "rayon::",
            "rayon_",
            "tokio::",
            "tokio_",
            "tower::",
            "tower_",
            "tracing::",
            "tracing_",
        ],
        library_paths: &[".cargo/registry/", ".cargo/git/", "/vendor/"],
    },
    Rules {
        language: Language::Native,
        runtime: &[
            "std::",
            "__",
            "_start",
            "_IO_",
            "raise",
            "abort",
            "operator new",
            "operator delete",
            "??",
            "n/a",
            "pthread_",
            "start_thread",
            "clone",
        ],
        runtime_paths: &[
            "^/usr/include/",
            "/sysdeps/",
            "./nptl/",
            "./stdlib/",
            "./csu/",
            "libsanitizer/",
            "compiler-rt/",
            "libc.so",
            "libstdc++",
            "ld-linux",
        ],
        libraries: &["boost::", "absl::", "folly::", "google::", "fmt::"],
        library_paths: &["^/usr/lib", "^/lib", "^/usr/local/lib/"],
    },
    Rules {
        language: Language::Erlang,
        runtime: &[
            "gen_server:",
            "gen_statem:",
            "gen_event:",
            "gen:",
            "proc_lib:",
            "supervisor:",
            "erlang:",
            "lists:",
            "maps:",
            "ets:",
            "timer:",
            "io:",
            ":gen_",
            ":proc_lib",
            ":erlang",
        ],
        runtime_paths: &["(stdlib", "(kernel", "(elixir", "(erts", "(logger", "(mix"],
        libraries: &[],
        library_paths: &[
            "(bandit",
            "(cowboy",
            "(db_connection",
            "(ecto",
            "(finch",
            "(mint",
            "(phoenix",
            "(plug",
            "(postgrex",
            "(ranch",
            "deps/",
        ],
    },
];

/// Packages of Go's standard library: the first part of their import paths (pkg.go.dev/std).
const GO_STANDARD: &[&str] = &[
    "archive",
    "bufio",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "vendor",
    "weak",
];

/// Whose code a frame is.
pub(super) fn origin(language: Language, frame: &Frame<'_>) -> Origin {
    let Some(rules) = RULES.iter().find(|rules| rules.language == language) else { return Origin::Application };
    let function = match language {
        // `<alloc::boxed::Box<F> as core::ops::FnOnce>::call_once`.
        Language::Rust => frame.function.trim_start_matches('<'),
        _ => frame.function,
    };
    let begins = |with: &[&str]| with.iter().any(|start| function.starts_with(start));
    let holds = |parts: &[&str]| {
        parts.iter().any(|part| match part.strip_prefix('^') {
            Some(start) => frame.file.starts_with(start),
            None => frame.file.contains(part),
        })
    };
    // A library lies below the folder of its language: `/lib/python3.12/site-packages/`.
    if begins(rules.libraries) || holds(rules.library_paths) {
        Origin::Library
    } else if begins(rules.runtime) || holds(rules.runtime_paths) || language == Language::Go && is_standard(function) {
        Origin::Runtime
    } else {
        Origin::Application
    }
}

fn is_standard(function: &str) -> bool {
    let package = function.split(['/', '.']).next().unwrap_or("");
    let first = function.split('/').next().unwrap_or("");
    // `net/http.(*conn).serve`, `encoding/json.Unmarshal`; a host's name has a dot before its first slash.
    let hosted = function.contains('/') && first.contains('.');
    !hosted && GO_STANDARD.contains(&package)
}
