//! Images whose name may mean something else tomorrow.

use std::collections::BTreeSet;

use crate::check::{Check, Remark};
use crate::scope::Scope;
use firstfault_model::shell::quote;

const MOVING_TAG: Check = Check {
    code: "FF501",
    title: "an image whose tag moves",
    modes: &["container.crash-loop", "image.architecture-mismatch", "application.module-missing"],
    share: 0.3,
    means: "A restart may bring another version than the one that was tested, replicas may differ, and a roll-back changes nothing.",
    mend: "Name a version, or the digest.",
    reference: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
};

pub(crate) const CHECKS: &[&Check] = &[&MOVING_TAG];

pub(crate) fn look(scope: &Scope<'_>, out: &mut Vec<Remark>) {
    for workload in &scope.workloads {
        let images = workload.all_containers().map(|c| (c.get("name").text(), c.get("image").text()));
        let moving: Vec<(&str, &str)> = images.filter(|(_, image)| moves(image)).collect();
        let Some((container, image)) = moving.first().copied() else { continue };
        let names: BTreeSet<&str> = moving.iter().map(|(_, image)| *image).collect();
        let names: Vec<&str> = names.into_iter().take(3).collect();
        let what = format!("image {}", names.join(", "));
        let repository = image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(image, |(name, _)| name);
        let mend = format!(
            "{} {}={}:VERSION",
            crate::scope::kubectl(&workload.entity, "set image"),
            quote(container),
            quote(repository)
        );
        let mend = if workload.entity.kind == "Pod" { MOVING_TAG.mend.to_owned() } else { mend };
        out.push(workload.remark(&MOVING_TAG, workload.reach, &what).mended_by(&mend));
    }
}

/// Whether a reference has no digest and a tag that is moved on by custom, or none.
fn moves(image: &str) -> bool {
    if image.contains('@') || image.contains("$(") || image.contains("{{") {
        return false;
    }
    // `host:5000/name` has a port, not a tag.
    let last = image.rsplit('/').next().unwrap_or(image);
    match last.split_once(':') {
        None => true,
        Some((_, tag)) => matches!(tag, "" | "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::moves;

    #[test]
    fn only_tags_that_move_by_custom_are_meant() {
        for image in ["web", "acme.io/web", "host:5000/web", "web:latest"] {
            assert!(moves(image), "{image}");
        }
        for image in ["web:1.4", "web@sha256:ab", "web:latest@sha256:ab", "host:5000/web:2"] {
            assert!(!moves(image), "{image}");
        }
    }
}
