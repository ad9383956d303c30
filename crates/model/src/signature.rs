use crate::Declaration;

/// What a known log message means: a pattern, and the finding that a match stands for.
/// Loaded from `catalog/log-signatures/` and compiled by the log engine.
#[derive(Clone, Debug)]
pub struct SignatureSpec {
    /// The finding that a match becomes.
    pub finding: Declaration,
    /// A name of its own, for reports: `postgres.password-failed`.
    pub name: String,
    /// Literal texts of which one must stand in the line (lower case; compared without case).
    pub literals: Vec<String>,
    /// The regular expression; named groups become the finding's fields
    /// (`host`, `port`, `user`, `database`, `object`, `code`, …). Without one a literal suffices.
    pub pattern: Option<String>,
}
