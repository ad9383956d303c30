//! `-o custom-columns=NAME:.metadata.name,…`: the command says which field each column is.

use firstfault_model::Value;

use super::table::Row;
use super::words;

/// The field of each column, without the leading dot; empty for one that is more than a path.
pub(super) fn of_custom_columns(output: &str) -> Option<Vec<String>> {
    let spec = output.strip_prefix("custom-columns=")?;
    let paths = words::split_outside_brackets(spec, ',');
    Some(paths.iter().map(|part| path(part)).collect())
}

fn path(part: &str) -> String {
    let path = part.split_once(':').map_or("", |(_, path)| path).trim();
    let path = path.trim_matches(['{', '}']).trim_start_matches(['$', '.']);
    let plain = path.split('.').all(|step| {
        let name = step.strip_suffix("[*]").or_else(|| step.strip_suffix("[0]")).unwrap_or(step);
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if plain { path.to_owned() } else { String::new() }
}

/// Puts each cell where its column's path points.
pub(super) fn fill(paths: &[String], row: &Row, body: &mut Value) {
    for (at, cell) in row.cells.iter().enumerate() {
        let Some(text) = words::known(cell) else { continue };
        match paths.get(at).map(String::as_str) {
            None | Some("") => {
                let title = row.columns.names().get(at).map_or("", String::as_str);
                *body.entry("status").entry("printed").entry(title) = Value::str(text);
            }
            Some(path) => put(body, path, text),
        }
    }
}

fn put(body: &mut Value, path: &str, text: &str) {
    let Some((list, rest)) = path.split_once("[*].").or_else(|| path.split_once("[0].")) else {
        if !path.contains('[') {
            body.set(path, words::scalar(text));
        }
        return;
    };
    if rest.contains('[') {
        return;
    }
    let mut here = body;
    for step in list.split('.') {
        here = here.entry(step);
    }
    if !matches!(here, Value::List(_)) {
        *here = Value::List(Vec::new());
    }
    let Value::List(items) = here else { return };
    for (at, part) in text.split(',').enumerate() {
        if items.len() <= at {
            items.push(Value::default());
        }
        items[at].set(rest, words::scalar(part.trim()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_with_paths() {
        let paths =
            of_custom_columns("custom-columns=NAME:.metadata.name,IMG:.spec.containers[*].image,Q:.a[?(@.b==1)].c");
        assert_eq!(paths.expect("paths"), ["metadata.name", "spec.containers[*].image", ""]);
        let mut body = Value::default();
        put(&mut body, "spec.containers[*].image", "api:1,proxy:2");
        assert_eq!(body.at("spec.containers.1.image").text(), "proxy:2");
    }
}
