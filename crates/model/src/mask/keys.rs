//! Names that say that their value is secret.

/// Words that, last in a name or anywhere in it, make it a name *about* a secret.
const ABOUT: &[&str] = &[
    "name",
    "names",
    "ref",
    "refs",
    "reference",
    "path",
    "file",
    "files",
    "dir",
    "directory",
    "url",
    "uri",
    "endpoint",
    "type",
    "ttl",
    "expiry",
    "expires",
    "expiration",
    "expired",
    "count",
    "length",
    "len",
    "size",
    "policy",
    "enabled",
    "disabled",
    "required",
    "provider",
    "store",
    "class",
    "mode",
    "version",
    "namespace",
    "issuer",
    "kind",
    "rotation",
    "limit",
    "max",
    "min",
    "num",
    "usage",
    "age",
    "timeout",
    "request",
    "requests",
    "header",
    "field",
    "status",
    "state",
    "audience",
    "audiences",
    "seconds",
    "next",
    "page",
    "continue",
    "continuation",
    "resume",
    "sync",
    "existing",
    "mount",
    "automount",
    "algorithm",
    "format",
    "controller",
    "manager",
    "cleaner",
    "signer",
    "error",
    "errors",
    "failed",
    "valid",
    "invalid",
    "prefix",
    "suffix",
    "public",
    "optional",
    "review",
    "cache",
    "bucket",
    "index",
    "volume",
    "authenticator",
    "cleanup",
    "webhook",
    "lifetime",
    "method",
];

/// What a name's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// A password: anything may be one.
    Password,
    /// A token or key: long, not a number.
    Token,
    /// `secret`: also what refers to a Secret by its name.
    Secret,
    /// `auth`: a base64 pair in a registry's configuration, and much else.
    Auth,
}

/// Whether a name (of a variable, flag, field, header or parameter) says that its value is secret.
#[must_use]
pub fn is_secret_key(key: &str) -> bool {
    worth(key).is_some()
}

/// What a name says of its value.
pub(super) fn worth(key: &str) -> Option<Worth> {
    let words = words(key);
    let last = words.last()?.as_str();
    if words.iter().any(|word| ABOUT.contains(&word.as_str())) || (last == "id" && !has(&words, "secret")) {
        return None;
    }
    let joined = words.concat();
    let password = ["password", "passwd", "passphrase", "passcode"].iter().any(|word| joined.contains(word));
    let pass = joined.ends_with("pwd")
        || (joined.ends_with("pass") && !joined.ends_with("bypass") && !joined.ends_with("compass"));
    if password || pass {
        return (!joined.ends_with("passwords") || joined == "passwords").then_some(Worth::Password);
    }
    if joined.ends_with("token") || has(&words, "token") || joined.ends_with("jwt") {
        return Some(Worth::Token);
    }
    const KEYS: &[&str] = &[
        "apikey",
        "accesskey",
        "privatekey",
        "secretkey",
        "accountkey",
        "sharedkey",
        "signingkey",
        "encryptionkey",
        "masterkey",
        "licensekey",
        "sshkey",
        "authkey",
        "storagekey",
        "hmackey",
        "appkey",
        "sharedaccesskey",
        "sharedaccesssignature",
        "clientkeydata",
        "rootkey",
        "cryptokey",
        "aeskey",
        "servicekey",
        "deploykey",
        "sessionkey",
        "unsealkey",
    ];
    if KEYS.iter().any(|key| joined.ends_with(key)) {
        return Some(Worth::Token);
    }
    if joined.ends_with("credential")
        || joined.ends_with("credentials")
        || last == "creds"
        || last == "dockerconfigjson"
    {
        return Some(Worth::Token);
    }
    if joined.ends_with("secret") || (has(&words, "secret") && matches!(last, "id" | "value" | "key" | "base")) {
        return Some(if joined == "secret" || has(&words, "tls") || has(&words, "pull") {
            Worth::Secret
        } else {
            Worth::Token
        });
    }
    (joined == "auth" || joined == "sig" || joined == "xamzsignature" || joined == "xamzcredential")
        .then_some(Worth::Auth)
}

fn has(words: &[String], word: &str) -> bool {
    words.iter().any(|have| have == word)
}

/// The words of `DB_PASSWORD`, `clientSecret`, `X-Api-Key`, in lower case.
fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for c in key.chars() {
        let begins = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if (begins || !c.is_ascii_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_names_about_them() {
        for key in [
            "password",
            "DB_PASSWORD",
            "PGPASSWORD",
            "dbPass",
            "MYSQL_PWD",
            "clientSecret",
            "client_secret",
            "X-Api-Key",
            "apikey",
            "AWS_SECRET_ACCESS_KEY",
            "accountKey",
            "GITHUB_TOKEN",
            "private_key",
            "SECRET_KEY_BASE",
            "credentials",
            "token",
            "secret",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in [
            "secretName",
            "secretKeyRef",
            "imagePullSecrets",
            "tokenExpirationSeconds",
            "max_tokens",
            "token_type",
            "passwordPolicy",
            "keyName",
            "key",
            "author",
            "bypass",
            "token_url",
            "automountServiceAccountToken",
            "private_key_id",
            "nextPageToken",
            "password_file",
            "existingSecret",
            "secretRef",
            "compass",
            "passed",
            "monkey",
            "keys",
        ] {
            assert!(!is_secret_key(key), "{key}");
        }
    }
}
