use firstfault_model::case::Case;

/// The case as `firstfault.case/v1`, indented, with a line feed at the end.
#[must_use]
pub fn json(case: &Case) -> String {
    let mut text = serde_json::to_string_pretty(case).expect("a case holds plain data with text keys");
    text.push('\n');
    text
}

/// The JSON Schema of `firstfault.case/v1`.
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(Case);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain data");
    text.push('\n');
    text
}
