use firstfault_model::Declaration;

use super::{
    DENIED_OR_MISSING, NAME_INVALID, NEVER_PULLED, NOT_FOUND, RATE_LIMITED, REGISTRY_UNREACHABLE,
    REGISTRY_UNRESOLVABLE, REGISTRY_UNTRUSTED, TAG_NOT_FOUND, UNAUTHORIZED, WRONG_ARCHITECTURE, reference,
};

/// What a failed pull says of its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing: "Back-off pulling image".
    Unsaid,
    /// There is no such image.
    NotFound,
    /// The repository is known, and it has no such tag.
    NoSuchTag,
    /// "may require authorization".
    DeniedOrMissing,
    /// 401 or 403.
    Unauthorized,
    /// No address.
    Unresolvable,
    /// No answer.
    Unreachable,
    /// The certificate.
    Untrusted,
    /// Too many pulls.
    RateLimited,
    /// Not for this architecture.
    Architecture,
    /// Not a reference.
    Invalid,
    /// The pull policy forbids it.
    NeverPull,
}

/// Texts of containerd, CRI-O and Docker, each with what it means; the first that matches
/// counts, so the particular stands before the general.
const TEXTS: &[(&str, Answer)] = &[
    ("toomanyrequests", Answer::RateLimited),
    ("too many requests", Answer::RateLimited),
    ("pull rate limit", Answer::RateLimited),
    ("no such host", Answer::Unresolvable),
    ("server misbehaving", Answer::Unresolvable),
    ("temporary failure in name resolution", Answer::Unresolvable),
    ("could not resolve host", Answer::Unresolvable),
    ("lookup ", Answer::Unresolvable),
    ("x509:", Answer::Untrusted),
    ("certificate signed by unknown authority", Answer::Untrusted),
    ("server gave http response to https client", Answer::Untrusted),
    ("no match for platform in manifest", Answer::Architecture),
    ("no matching manifest for", Answer::Architecture),
    ("no image found in image index for architecture", Answer::Architecture),
    ("does not match the specified platform", Answer::Architecture),
    ("invalid reference format", Answer::Invalid),
    ("couldn't parse image", Answer::Invalid),
    ("failed to apply default image tag", Answer::Invalid),
    ("invalidimagename", Answer::Invalid),
    ("pull policy of never", Answer::NeverPull),
    // Said by a registry that gives no anonymous access: there are no credentials for it at all.
    ("no basic auth credentials", Answer::Unauthorized),
    ("pull access denied", Answer::DeniedOrMissing),
    ("may require authorization", Answer::DeniedOrMissing),
    ("requested access to the resource is denied", Answer::DeniedOrMissing),
    ("repository name not known", Answer::NotFound),
    ("name unknown", Answer::NotFound),
    ("name_unknown", Answer::NotFound),
    ("manifest unknown", Answer::NoSuchTag),
    ("manifest_unknown", Answer::NoSuchTag),
    ("401 unauthorized", Answer::Unauthorized),
    ("403 forbidden", Answer::Unauthorized),
    ("unauthorized:", Answer::Unauthorized),
    ("authentication required", Answer::Unauthorized),
    ("authorization failed", Answer::Unauthorized),
    ("invalid username/password", Answer::Unauthorized),
    ("unable to retrieve auth token", Answer::Unauthorized),
    ("denied:", Answer::Unauthorized),
    ("connection refused", Answer::Unreachable),
    ("i/o timeout", Answer::Unreachable),
    ("context deadline exceeded", Answer::Unreachable),
    ("tls handshake timeout", Answer::Unreachable),
    ("no route to host", Answer::Unreachable),
    ("network is unreachable", Answer::Unreachable),
    ("connection reset by peer", Answer::Unreachable),
    ("503 service unavailable", Answer::Unreachable),
    ("500 internal server error", Answer::Unreachable),
    ("502 bad gateway", Answer::Unreachable),
    ("404 not found", Answer::NotFound),
    (": not found", Answer::NotFound),
];

/// What a message says.
pub(super) fn read(message: &str) -> Answer {
    if message.is_empty() {
        return Answer::Unsaid;
    }
    let message = message.to_lowercase();
    // A name server that does not answer is a failed look-up, and a registry that times out is
    // not: only "dial tcp: lookup" says which.
    TEXTS
        .iter()
        .find(|(text, _)| message.contains(text) && (*text != "lookup " || message.contains("dial tcp: lookup")))
        .map_or(Answer::Unsaid, |(_, answer)| *answer)
}

impl Answer {
    /// The finding that it stands for.
    pub(super) fn declaration(self, image: &str) -> &'static Declaration {
        match self {
            Self::NotFound if reference::is_usual_repository(image) => &TAG_NOT_FOUND,
            Self::Unsaid | Self::NotFound => &NOT_FOUND,
            Self::NoSuchTag => &TAG_NOT_FOUND,
            Self::DeniedOrMissing => &DENIED_OR_MISSING,
            Self::Unauthorized => &UNAUTHORIZED,
            Self::Unresolvable => &REGISTRY_UNRESOLVABLE,
            Self::Unreachable => &REGISTRY_UNREACHABLE,
            Self::Untrusted => &REGISTRY_UNTRUSTED,
            Self::RateLimited => &RATE_LIMITED,
            Self::Architecture => &WRONG_ARCHITECTURE,
            Self::Invalid => &NAME_INVALID,
            Self::NeverPull => &NEVER_PULLED,
        }
    }
}
