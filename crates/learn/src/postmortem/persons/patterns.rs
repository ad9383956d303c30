//! Where persons are named: trailers of commits, keys of audit logs, prompts, home folders, addresses.

use std::sync::OnceLock;

use regex::{Captures, Regex};

use super::{Text, accounts};

/// What a person is to the incident. The later is the stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Nothing is known but the name.
    Person,
    /// Somebody who uses what is run.
    User,
    /// Somebody who runs or builds it.
    Engineer,
}

impl Role {
    /// The word of a token.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::User => "user",
            Self::Engineer => "engineer",
        }
    }

    /// The token of the only one.
    pub(super) fn one(self) -> &'static str {
        match self {
            Self::Person => "a person",
            Self::User => "a user",
            Self::Engineer => "an engineer",
        }
    }
}

/// Somebody was named: all names that stand together for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) names: Vec<String>,
    pub(super) role: Role,
}

/// A place in which persons are named.
struct Place {
    pattern: Regex,
    role: Role,
    /// A part of the text without which the pattern need not be tried.
    hint: fn(&str) -> bool,
}

/// A login: `alice`, `a.lopez`, `corp\alice` without its domain.
const LOGIN: &str = r"[A-Za-z][A-Za-z0-9._-]{1,40}";
/// A full name: two to four words, the first with a capital.
const FULL: &str = r"\p{Lu}[\p{L}'’.-]*(?: \p{L}[\p{L}'’.-]*){1,3}";
const MAIL: &str = r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}";

fn any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

fn places() -> &'static [Place] {
    static PLACES: OnceLock<Vec<Place>> = OnceLock::new();
    PLACES.get_or_init(|| {
        let make = |pattern: String, role: Role, hint: fn(&str) -> bool| Place {
            pattern: Regex::new(&pattern).expect("a fixed pattern"),
            role,
            hint,
        };
        vec![
            // Author: Jane Doe <jane@example.com>; Signed-off-by: …; "author": "Jane Doe"
            make(
                format!(
                    r#"(?i)\b(?:author|committer|commit(?:ted)?[ _-]by|[a-z]+(?:ed)?-(?:off-)?by|assignee|reporter|on[-_ ]?call engineer)"?(?:[._-]?name)?"?\s*[:=]\s*"?(?-i:(?P<full>{FULL})|(?P<login>{LOGIN}))?(?:\s*<(?P<mail>{MAIL})>)?"#
                ),
                Role::Engineer,
                |t| any(t, &["uthor", "ommit", "-by", "-By", "ssignee", "eporter", "ngineer"]),
            ),
            // deployed by Jane Doe; rolled back by @jane; change-cause: … by jane@example.com
            make(
                format!(
                    r#"(?:deployed|released|approved|reviewed|merged|reverted|rolled back|restarted|scaled|changed|applied|edited|patched|deleted|drained|created|updated|upgraded|modified|triggered|started|initiated|requested|reported|acknowledged|acked|assigned|authored|committed|pushed|paged|executed|raised|opened|closed|written|fixed|added|removed|silenced|done|made|run|hotfix|fix|rollout|rollback|change|release|deploy)[ _-]?[bB]y[:= ]+["'`@]?(?:(?P<full>{FULL})|(?P<mail>{MAIL})|(?P<agent>{LOGIN}))"#
                ),
                Role::Engineer,
                |t| any(t, &["by", "By"]),
            ),
            // createdBy=jane, "principalEmail": "…", "userName": "…", sudo's USER, Kubernetes audit's username
            make(
                format!(
                    r#"(?i)(?:^|[^A-Za-z0-9_])"?(?:(?:created|updated|modified|deployed|triggered|initiated|approved|requested|changed|started|executed)_?by|principal_?email|principal|actor|upn|pusher|submitter|impersonateduser|last_?editor|operator_?name|engineer|oncall|on_call|employee|logname|acct|auid|display_?name|full_?name|given_?name|family_?name)"?\s*[:=]\s*\\?"?(?-i:(?P<mail>{MAIL})|(?P<full>{FULL})|(?P<agent>{LOGIN}))"#
                ),
                Role::Engineer,
                |t| any(t, &["=", ":"]),
            ),
            make(
                format!(
                    r#"(?i)(?:^|[^A-Za-z0-9_])"?(?:user|user_?name|user\.name|login|customer|customer_?name|member|suser|duser|ruser|remote_user|subject_?name|account_?name|usr)"?\s*[:=]\s*\\?"?(?-i:(?P<mail>{MAIL})|(?P<full>{FULL})|(?P<agent>{LOGIN}))"#
                ),
                Role::User,
                |t| any(t, &["=", ":"]),
            ),
            // User "jane" cannot list resource "pods"
            make(
                format!(r#"\b[Uu]ser[: ]+\\?["'“](?P<mail>{MAIL})|\b[Uu]ser[: ]+\\?["'“](?P<login>{LOGIN})\\?["'”] (?:cannot|is not|may not|was denied|\()"#),
                Role::Engineer,
                |t| any(t, &["ser"]),
            ),
            // arn:aws:iam::1:user/jane, assumed-role/Admin/jane@example.com
            make(
                format!(r"\barn:aws[a-z-]*:[a-z]+::?\d*:(?:user/(?:[\w.-]+/)*(?P<login>{LOGIN})|assumed-role/[^/\s]+/(?P<mail>{MAIL}))"),
                Role::Engineer,
                |t| t.contains("arn:"),
            ),
            // alice@laptop:~$ …, [alice@laptop ~]$ …, ssh alice@host
            make(
                format!(r"(?:^|[\s\[(])(?P<login>{LOGIN})@[A-Za-z0-9][A-Za-z0-9.-]*(?:[: ][^\n$#%>]{{0,80}})?\]?[$#%>](?:\s|$)"),
                Role::Engineer,
                |t| t.contains('@'),
            ),
            make(format!(r"\b(?:ssh|scp|rsync|sftp)\s+(?:-\S+\s+(?:\S+\s+)?)*(?P<login>{LOGIN})@"), Role::Engineer, |t| t.contains('@')),
            // /home/alice, /Users/alice, C:\Users\alice
            make(format!(r"(?:^|[^A-Za-z0-9])(?:home|Users)[/\\]+(?P<login>{LOGIN})"), Role::Engineer, |t| any(t, &["home", "Users"])),
            // sshd, su, sudo, id, kubectl --as
            make(
                format!(
                    r"(?i)(?:\b(?:accepted \w+ for|session (?:opened|closed) for user|failed \w+ for(?: invalid user)?|sudo:|su -|su -l|sudo -u)\s+|\s--as[= ]|\buid=\d+\()(?-i:(?P<mail>{MAIL})|(?P<agent>{LOGIN}))"
                ),
                Role::Engineer,
                |t| any(t, &["for", "su", "--as", "uid="]),
            ),
            // git blame, merged pull requests
            make(format!(r"\((?P<full>{FULL})\s+\d{{4}}-\d\d-\d\d"), Role::Engineer, |t| t.contains("-")),
            make(format!(r"pull request #?\d+ from (?P<login>{LOGIN})/"), Role::Engineer, |t| t.contains("pull request")),
            // Jane Doe <jane@example.com>, or the address alone
            make(format!(r"(?P<full>{FULL}) <(?P<mail>{MAIL})>"), Role::Engineer, |t| t.contains('@')),
            make(format!(r"(?P<address>{MAIL})"), Role::Person, |t| t.contains('@')),
            // Handles of chats
            make(r"<@(?P<handle>[UW][A-Z0-9]{6,12})(?:\|(?P<login>[^>\s]{2,40}))?>".to_owned(), Role::Engineer, |t| t.contains("<@")),
            make(format!(r"(?:^|[\s(,;])@(?P<chat>{LOGIN})"), Role::Engineer, |t| t.contains('@')),
        ]
    })
}

/// Words after an `@` that name no person: annotations, fields of log formats, groups.
const NO_HANDLES: &[&str] = &[
    "autowired",
    "bean",
    "channel",
    "context",
    "deprecated",
    "entity",
    "everyone",
    "graph",
    "here",
    "id",
    "inject",
    "latest",
    "message",
    "metadata",
    "nullable",
    "override",
    "param",
    "return",
    "sha256",
    "test",
    "timestamp",
    "transactional",
    "type",
    "value",
    "version",
];

/// Everybody who is named in a text.
pub(super) fn sightings(text: Text<'_>) -> Vec<Sighting> {
    match text {
        Text::Any(text) => in_places(cut(text)),
        Text::Change(text) => {
            let mut found = in_places(cut(text));
            found.extend(maker(cut(text)));
            found
        }
    }
}

fn cut(text: &str) -> &str {
    /// Longer texts are cut: nothing that is printed is.
    const LONGEST: usize = 64 << 10;
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Whoever stands at the end of a change's cause: `image till:3.2 by jane`.
fn maker(text: &str) -> Option<Sighting> {
    static MAKER: OnceLock<Regex> = OnceLock::new();
    let pattern = MAKER.get_or_init(|| {
        let pattern = format!(r"\b[bB]y @?(?:(?P<full>{FULL})|(?P<agent>{LOGIN}))[.)]?\s*$");
        Regex::new(&pattern).expect("a fixed pattern")
    });
    let names = names(text, &pattern.captures(text)?);
    (!names.is_empty()).then_some(Sighting { names, role: Role::Engineer })
}

fn in_places(text: &str) -> Vec<Sighting> {
    let mut found = Vec::new();
    for place in places().iter().filter(|p| (p.hint)(text)) {
        for captures in place.pattern.captures_iter(text) {
            let names = names(text, &captures);
            if !names.is_empty() {
                // Who speaks to the cluster runs it; who stands in an application's log uses it.
                let runs = place.role == Role::User && any(text, &["audit", "\"verb\"", "kubectl", "impersonat"]);
                found.push(Sighting { names, role: if runs { Role::Engineer } else { place.role } });
            }
        }
    }
    found
}

fn names(text: &str, captures: &Captures<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for group in ["full", "login", "mail", "handle"] {
        names.extend(captures.name(group).map(|m| trimmed(m.as_str())));
    }
    if let Some(agent) = captures.name("agent").map(|m| trimmed(m.as_str()))
        && !accounts::is_no_agent(&agent.to_lowercase())
        && !continues(text, captures.name("agent").map_or(0, |m| m.end()))
    {
        names.push(agent);
    }
    if let Some(address) = captures.name("address").filter(|m| !in_a_url(text, m.start())) {
        names.push(trimmed(address.as_str()));
    }
    if let Some(chat) = captures.name("chat") {
        let word = trimmed(chat.as_str());
        let followed = text[chat.end()..].starts_with(['/', '(', '@']);
        if !followed && !NO_HANDLES.contains(&word.to_lowercase().as_str()) {
            names.push(word);
        }
    }
    // A full name whose words are all technical (`Cluster Autoscaler`) is a program.
    names.retain(|name| !name.split(' ').all(|word| accounts::is_technical(&word.to_lowercase())));
    names
}

/// Whether a login goes on as something else: an address of a resource, a call, a path.
fn continues(text: &str, end: usize) -> bool {
    text[end..].starts_with([':', '/', '(', '@', '[']) && !text[end..].starts_with(": ")
}

/// User and password of a URL look like an address.
fn in_a_url(text: &str, start: usize) -> bool {
    let token = text[..start].rsplit(char::is_whitespace).next().unwrap_or_default();
    token.contains("://") || token.ends_with(':') && !token.ends_with("mailto:")
}

fn trimmed(name: &str) -> String {
    name.trim().trim_end_matches(['.', '-', '_', '\'']).to_owned()
}
