//! `crictl ps/pods/inspect`, `docker ps/inspect` and their relatives.

use firstfault_model::{Entity, Name};
use serde_json::Value;

use super::inside::{inside, place, runs};
use super::{cite, head};
use crate::Yield;
use crate::formats::{Chunk, Format};
use crate::host_facts::RuntimeContainer;

pub(crate) const LISTING: Format =
    Format { name: "containers of the runtime", recognise: is_listing, read: read_listing };
pub(crate) const INSPECT: Format =
    Format { name: "container of the runtime", recognise: is_inspect, read: read_inspect };

/// Containers kept of one listing.
const MOST: usize = 2000;

fn is_header(line: &str) -> bool {
    let has = |title: &str| line.contains(title);
    (line.starts_with("CONTAINER ") && has("IMAGE") && (has("STATUS") || has("STATE")))
        || line.starts_with("POD ID ") && has("STATE") && has("NAMESPACE")
}

fn is_listing(chunk: &Chunk<'_>) -> u8 {
    let titled = head(chunk).take(4).any(is_header);
    let other = ["images", "info", "version", "stats", "network", "volume"];
    let asks = inside(chunk).is_some_and(|i| {
        matches!(i.program(), "crictl" | "docker" | "podman" | "nerdctl") && other.iter().any(|o| i.has(o))
    });
    match (titled, asks) {
        (true, false) => 94,
        _ => 0,
    }
}

/// Where each title begins; cells are cut there, since a status holds spaces.
fn columns(header: &str) -> Vec<(String, usize)> {
    let mut columns = Vec::new();
    let mut at = 0;
    for piece in header.split("  ") {
        let title = piece.trim();
        if !title.is_empty() {
            let begin = at + piece.len() - piece.trim_start().len();
            columns.push((title.to_owned(), begin));
        }
        at += piece.len() + 2;
    }
    columns
}

fn cell<'a>(line: &'a str, columns: &[(String, usize)], titles: &[&str]) -> &'a str {
    let Some(at) = columns.iter().position(|(t, _)| titles.contains(&t.as_str())) else { return "" };
    let mut begin = columns[at].1.min(line.len());
    let mut end = columns.get(at + 1).map_or(line.len(), |(_, e)| (*e).min(line.len()));
    while !line.is_char_boundary(begin) {
        begin -= 1;
    }
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(begin..end).unwrap_or("").trim()
}

fn blank(chunk: &Chunk<'_>, on: &Entity, index: usize, line: &str) -> RuntimeContainer {
    RuntimeContainer {
        on: on.clone(),
        id: String::new(),
        name: String::new(),
        pod: None,
        namespace: None,
        image: String::new(),
        state: String::new(),
        exit_code: None,
        oom_killed: false,
        unhealthy: false,
        restarts: 0,
        finished: None,
        evidence: cite(chunk, index, line),
    }
}

fn named(text: &str) -> Option<Name> {
    (!text.is_empty()).then(|| Name::from(text))
}

fn read_listing(chunk: &Chunk<'_>, out: &mut Yield) {
    let on = place(chunk);
    let mut titles: Vec<(String, usize)> = Vec::new();
    let mut of_pods = false;
    for (index, line) in chunk.text.lines().enumerate().take(MOST) {
        if is_header(line) {
            titles = columns(line);
            of_pods = line.starts_with("POD ID ");
            continue;
        }
        // Sandboxes are no containers; their pods are known by them alone.
        if titles.is_empty() || line.trim().is_empty() || of_pods {
            continue;
        }
        let get = |names: &[&str]| cell(line, &titles, names);
        let status = get(&["STATUS", "STATE"]);
        let name = get(&["NAMES", "NAME"]);
        if status.is_empty() || name.is_empty() {
            continue;
        }
        let mut container = blank(chunk, &on, index, line);
        container.id = get(&["CONTAINER ID", "CONTAINER"]).to_owned();
        container.image = get(&["IMAGE"]).to_owned();
        container.pod = named(get(&["POD"]));
        container.namespace = named(get(&["NAMESPACE"]));
        container.restarts = get(&["ATTEMPT"]).parse().unwrap_or(0);
        name.clone_into(&mut container.name);
        state(status, &mut container);
        of_kubelet(&mut container);
        out.host.containers.push(container);
    }
}

/// `Up 3 hours (unhealthy)`, `Exited (1) 5 minutes ago`, `Restarting (1) 2 seconds ago`, `Running`.
fn state(status: &str, container: &mut RuntimeContainer) {
    let word = status.split([' ', '(']).next().unwrap_or("").to_ascii_lowercase();
    container.state = if word == "up" { "running".to_owned() } else { word };
    let code = status.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(code, _)| code);
    container.exit_code = code.and_then(|c| c.parse().ok());
    container.unhealthy = status.contains("(unhealthy)");
    if container.state == "running" {
        container.exit_code = None;
        if status.contains("Paused") {
            container.state = "paused".to_owned();
        }
    }
}

/// `k8s_app_api-0_shop_<uid>_3`: the name that the kubelet gave a container of Docker.
fn of_kubelet(container: &mut RuntimeContainer) {
    let parts: Vec<String> = container.name.split('_').map(str::to_owned).collect();
    if let [prefix, name, pod, namespace, _, attempt] = parts.as_slice()
        && prefix == "k8s"
    {
        container.pod = named(pod);
        container.namespace = named(namespace);
        container.restarts = attempt.parse().unwrap_or(0);
        name.clone_into(&mut container.name);
    }
}

fn is_inspect(chunk: &Chunk<'_>) -> u8 {
    let text = chunk.text.trim_start();
    if !text.starts_with(['{', '[']) {
        return 0;
    }
    let mut end = text.len().min(4096);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let start = &text[..end];
    let docker = start.starts_with('[')
        && start.contains("\"Id\"")
        && start.contains("\"State\"")
        && start.contains("\"Status\"");
    let cri = start.contains("\"status\"") && start.contains("\"CONTAINER_");
    let asked =
        runs(chunk, &["crictl", "docker", "podman", "nerdctl"]) && inside(chunk).is_some_and(|i| i.has("inspect"));
    match (docker || cri, asked) {
        (true, _) => 94,
        (false, true) => 60,
        _ => 0,
    }
}

fn read_inspect(chunk: &Chunk<'_>, out: &mut Yield) {
    let parsed: Value = match serde_json::from_str(chunk.text.trim()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let place = cite(chunk, 0, "").place;
            out.problems.push(firstfault_model::Problem { place, what: format!("no whole JSON document: {error}") });
            return;
        }
    };
    let on = place(chunk);
    let all: Vec<&Value> = match &parsed {
        Value::Array(all) => all.iter().take(MOST).collect(),
        one => vec![one],
    };
    for one in all {
        let container = if one.get("status").is_some() { of_cri(chunk, &on, one) } else { of_docker(chunk, &on, one) };
        out.host.containers.extend(container);
    }
}

/// The line that holds a key, for the evidence.
fn line_of(chunk: &Chunk<'_>, needle: &str) -> (usize, String) {
    let found = chunk.text.lines().enumerate().find(|(_, l)| l.contains(needle));
    found.map_or((0, String::new()), |(i, l)| (i, l.trim().chars().take(200).collect()))
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or("")
}

/// `{status: {id, metadata: {name, attempt}, state: "CONTAINER_EXITED", exitCode, reason, labels}}`.
fn of_cri(chunk: &Chunk<'_>, on: &Entity, value: &Value) -> Option<RuntimeContainer> {
    let status = value.get("status")?;
    let state = text(status, "/state").strip_prefix("CONTAINER_")?.to_ascii_lowercase();
    let label = |key: &str| status.get("labels").and_then(|l| l.get(key)).and_then(Value::as_str).unwrap_or("");
    let (index, shown) = line_of(chunk, "\"exitCode\"");
    let exit_code = status.get("exitCode").and_then(Value::as_i64).filter(|_| state == "exited");
    let reason = text(status, "/reason");
    let name = text(status, "/metadata/name");
    let said = format!("{name}: state {state}, reason {reason}, {shown}");
    let finished = status.get("finishedAt").and_then(|t| match t {
        Value::String(text) => text.parse().ok(),
        Value::Number(n) => jiff::Timestamp::from_nanosecond(i128::from(n.as_i64()?)).ok(),
        _ => None,
    });
    Some(RuntimeContainer {
        id: text(status, "/id").to_owned(),
        name: name.to_owned(),
        pod: named(label("io.kubernetes.pod.name")),
        namespace: named(label("io.kubernetes.pod.namespace")),
        image: text(status, "/image/image").to_owned(),
        exit_code,
        oom_killed: reason == "OOMKilled" && exit_code.is_some(),
        restarts: status
            .pointer("/metadata/attempt")
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(0),
        finished: finished.filter(|_| state == "exited"),
        state,
        ..blank(chunk, on, index, &said)
    })
}

/// `{Id, Name, State: {Status, ExitCode, OOMKilled, FinishedAt, Health}, RestartCount, Config}`.
fn of_docker(chunk: &Chunk<'_>, on: &Entity, value: &Value) -> Option<RuntimeContainer> {
    let state = value.get("State")?;
    let status = text(state, "/Status").to_ascii_lowercase();
    let (index, _) = line_of(chunk, "\"ExitCode\"");
    let exit_code =
        state.get("ExitCode").and_then(Value::as_i64).filter(|_| status != "running" && status != "created");
    let oom_killed = state.get("OOMKilled").and_then(Value::as_bool).unwrap_or(false) && status != "running";
    let name = text(value, "/Name").trim_start_matches('/');
    let said = format!("{name}: status {status}, exit code {}, OOMKilled {oom_killed}", exit_code.unwrap_or(0));
    // Time zero means that it has not ended.
    let finished = text(state, "/FinishedAt").parse::<jiff::Timestamp>().ok().filter(|t| t.as_second() > 0);
    let mut container = RuntimeContainer {
        id: text(value, "/Id").to_owned(),
        name: name.to_owned(),
        image: text(value, "/Config/Image").to_owned(),
        exit_code,
        oom_killed,
        unhealthy: text(state, "/Health/Status") == "unhealthy" || text(state, "/Healthcheck/Status") == "unhealthy",
        restarts: value.get("RestartCount").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        finished: finished.filter(|_| status != "running"),
        state: status,
        ..blank(chunk, on, index, &said)
    };
    of_kubelet(&mut container);
    Some(container)
}

#[cfg(test)]
mod tests {
    use crate::host_facts::RuntimeContainer;
    use crate::read_one_text;

    fn all(command: Option<&str>, text: &str) -> Vec<RuntimeContainer> {
        read_one_text("a.txt", command, text).host.containers
    }

    #[test]
    fn listings_of_each_runtime() {
        let crictl = "CONTAINER           IMAGE               CREATED             STATE               NAME                ATTEMPT             POD ID              POD\n91635d506dcc3       9186cbcdb7f1e       34 minutes ago      Exited              api                 4                   3f2164ffc40a9       api-7d9c5b8f6d-x2k4q\n";
        let c = &all(Some("crictl ps -a"), crictl)[0];
        assert_eq!(
            (c.name.as_str(), c.state.as_str(), c.restarts, c.pod.as_deref()),
            ("api", "exited", 4, Some("api-7d9c5b8f6d-x2k4q"))
        );
        let docker = "CONTAINER ID   IMAGE         COMMAND                  CREATED       STATUS                      PORTS                    NAMES\n0a1b2c3d4e5f   shop/api:1    \"/bin/api --port 80\"     2 hours ago   Restarting (1) 5 seconds ago                            api\n1a1b2c3d4e5f   shop/db:1     \"postgres\"               2 hours ago   Up 2 hours (unhealthy)      0.0.0.0:5432->5432/tcp   db\n2a1b2c3d4e5f   shop/job:1    \"job\"                    2 hours ago   Exited (137) 1 hour ago                              k8s_app_api-0_shop_1f0c_3\n";
        let found = all(None, docker);
        assert_eq!((found[0].state.as_str(), found[0].exit_code), ("restarting", Some(1)));
        assert!(found[1].unhealthy && found[1].state == "running");
        assert_eq!(
            (found[2].pod.as_deref(), found[2].namespace.as_deref(), found[2].restarts),
            (Some("api-0"), Some("shop"), 3)
        );
    }

    #[test]
    fn inspect_of_cri_and_docker() {
        let cri = r#"{"status":{"id":"9163","metadata":{"attempt":2,"name":"api"},"state":"CONTAINER_EXITED","finishedAt":"2026-01-02T16:01:18.5Z","exitCode":137,"reason":"OOMKilled","labels":{"io.kubernetes.pod.name":"api-0","io.kubernetes.pod.namespace":"shop"}},"info":{}}"#;
        let c = &all(Some("crictl inspect 9163"), cri)[0];
        assert!(c.oom_killed && c.exit_code == Some(137) && c.finished.is_some());
        assert_eq!((c.pod.as_deref(), c.restarts), (Some("api-0"), 2));
        let docker = r#"[{"Id":"0a1b","Name":"/api","State":{"Status":"exited","Running":false,"OOMKilled":true,"ExitCode":137,"FinishedAt":"2026-01-02T16:01:18Z"},"RestartCount":5,"Config":{"Image":"shop/api:1"}}]"#;
        let c = &all(None, docker)[0];
        assert!(c.oom_killed && c.restarts == 5 && c.name == "api");
        let alive = r#"[{"Id":"0a1b","Name":"api","State":{"Status":"running","OOMKilled":false,"ExitCode":0,"FinishedAt":"0001-01-01T00:00:00Z"}}]"#;
        assert_eq!((all(None, alive)[0].exit_code, all(None, alive)[0].finished), (None, None));
    }

    #[test]
    fn any_cut_is_a_problem_or_what_came_before() {
        let text = r#"{"status":{"id":"9163","metadata":{"attempt":2,"name":"api"},"state":"CONTAINER_EXITED"}}"#;
        for end in 1..text.len() {
            let out = read_one_text("a.txt", Some("crictl inspect 9163"), &text[..end]);
            assert!(out.host.containers.is_empty());
        }
    }
}
