use std::collections::BTreeMap;

use firstfault_gather::World;

use crate::pod::{containers, is_done, is_ready, pods_at_work};

/// The registry's host of an image reference; Docker Hub where none is written.
pub(super) fn registry(image: &str) -> &str {
    let first = image.split('/').next().unwrap_or("");
    let is_host = image.contains('/') && (first.contains('.') || first.contains(':') || first == "localhost");
    if is_host { first } else { "docker.io" }
}

/// The reference without its last part, tag and digest: registry and path (`ghcr.io/acme`).
pub(super) fn path(image: &str) -> String {
    let host = registry(image);
    let rest = image.strip_prefix(host).unwrap_or(image).trim_start_matches('/');
    let folder = rest.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{host}/{folder}").trim_end_matches('/').to_owned()
}

/// Repositories of Docker Hub that everybody knows to exist: for these a "not found" is the tag's.
const USUAL: &[&str] = &[
    "nginx",
    "redis",
    "postgres",
    "mysql",
    "busybox",
    "alpine",
    "ubuntu",
    "debian",
    "python",
    "node",
    "golang",
    "httpd",
    "mongo",
    "rabbitmq",
    "memcached",
    "openjdk",
    "eclipse-temurin",
    "mariadb",
    "traefik",
    "haproxy",
    "curlimages/curl",
];

/// Whether the repository is one of the well-known ones.
pub(super) fn is_usual_repository(image: &str) -> bool {
    let name = image.strip_prefix("docker.io/").unwrap_or(image);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let name = name.split('@').next().unwrap_or("");
    let repository = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    };
    USUAL.contains(&repository)
}

/// Registry paths from which something runs, with how many containers do.
pub(super) fn paths_that_work(world: &World) -> BTreeMap<String, u32> {
    let mut paths = BTreeMap::new();
    for pod in pods_at_work(world).filter(|pod| is_ready(pod) == Some(true) || is_done(pod)) {
        for container in containers(pod).iter().filter(|c| !c.image().is_empty()) {
            *paths.entry(path(container.image())).or_insert(0) += 1;
        }
    }
    paths
}
