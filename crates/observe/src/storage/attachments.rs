//! VolumeAttachments: what the driver said when a volume should go to a node, or leave one.

use firstfault_gather::{Object, World};
use firstfault_model::{Entity, Finding, Grade};
use jiff::SignedDuration;

use super::users::Users;
use super::{ATTACH_FAILED, MULTI_ATTACH};
use crate::merge::Merged;
use crate::pod::{age, is_done, is_leaving, is_ready, time};

/// Attaching a disk takes a driver seconds, seldom a minute.
const PATIENCE: SignedDuration = SignedDuration::from_mins(3);

pub(super) fn detect(world: &World, users: &Users<'_>, merged: &mut Merged) {
    for attachment in world.kind("VolumeAttachment").filter(|a| a.is_live()) {
        let volume = attachment.at("spec.source.persistentVolumeName").text();
        let node = attachment.at("spec.nodeName").text();
        let claim = claim_of(world, volume);
        let waiting = claim.and_then(|claim| waiting_on(world, users, claim));
        let Some((carrier, placed)) = waiting else { continue };
        let say = |declaration, error: &str| {
            let what = format!("VolumeAttachment {} of {volume} to {node}: {error}", attachment.name);
            Finding::new(declaration, carrier.clone(), attachment.cite(&what))
                .with("volume", volume)
                .with("node", node)
                .with("error", clip(error))
        };
        let (attach, detach) = (attachment.at("status.attachError"), attachment.at("status.detachError"));
        let elsewhere = !placed.is_empty() && placed != node;
        if elsewhere && (is_leaving(attachment) || !detach.is_null()) {
            // It has to leave this node before the pod's can have it.
            let error = detach.get("message").text();
            let error = if error.is_empty() { "it is being detached" } else { error };
            let grade = if detach.is_null() { Grade::Fair } else { Grade::Certain };
            merged.add(say(&MULTI_ATTACH, error).graded(grade).seen(time(detach.get("time")), world.now));
        } else if !elsewhere && !attach.is_null() {
            let message = attach.get("message").text();
            let held = ["already attached", "in use", "multi-attach", "attached to another"];
            let is_held = held.iter().any(|words| message.to_lowercase().contains(words));
            let declaration = if is_held { &MULTI_ATTACH } else { &ATTACH_FAILED };
            merged.add(say(declaration, message).graded(Grade::Certain).seen(time(attach.get("time")), world.now));
        } else if !elsewhere && attachment.at("status.attached").as_bool() == Some(false) {
            let made = time(attachment.at("metadata.creationTimestamp"));
            if age(world, made).is_some_and(|age| age > PATIENCE) {
                let error = format!("{} has not attached it and says nothing", attachment.at("spec.attacher").text());
                merged.add(say(&ATTACH_FAILED, &error).graded(Grade::Fair).seen(made, world.now));
            }
        }
    }
}

/// The claim that a volume is bound to.
fn claim_of<'w>(world: &'w World, volume: &str) -> Option<&'w Object> {
    let reference = world.object("PersistentVolume", None, volume).map(|pv| pv.at("spec.claimRef"));
    let named = reference
        .and_then(|r| world.object("PersistentVolumeClaim", Some(r.get("namespace").text()), r.get("name").text()));
    named.or_else(|| world.kind("PersistentVolumeClaim").find(|claim| claim.at("spec.volumeName").text() == volume))
}

/// The workload with a pod that mounts the claim and is not ready, and that pod's node.
fn waiting_on(world: &World, users: &Users<'_>, claim: &Object) -> Option<(Entity, String)> {
    let user = users.of(world, claim)?;
    let waits = |pod: &&Object| pod.is_live() && is_ready(pod) == Some(false) && !is_done(pod) && !is_leaving(pod);
    let own = || user.object.filter(|object| object.kind == "Pod");
    let pod = world.pods_of(&user.carrier).chain(own()).find(waits)?;
    let started = pod.at("status.containerStatuses").list().iter().any(|c| !c.at("state.running").is_null());
    (!started).then(|| (user.carrier.clone(), pod.at("spec.nodeName").text().to_owned()))
}

fn clip(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    fn found(attachment: &str, ready: &str) -> Vec<String> {
        let pod = format!(
            r#"{{"metadata":{{"ownerReferences":[]}},"spec":{{"nodeName":"n2","volumes":[{{"persistentVolumeClaim":{{"claimName":"data"}}}}]}},"status":{{"phase":"Pending","conditions":[{{"type":"Ready","status":"{ready}"}}]}}}}"#
        );
        let mut sample = Sample::default()
            .api("Pod/shop/db-0", &pod)
            .api("PersistentVolumeClaim/shop/data", r#"{"spec":{"volumeName":"pv-7"}}"#)
            .api("VolumeAttachment/csi-1", attachment);
        sample.0.now = Some("2030-01-01T01:00:00Z".parse().expect("a time"));
        let mut merged = Merged::default();
        detect(&sample.0, &Users::new(&sample.0), &mut merged);
        let mut findings = Vec::new();
        merged.into(&mut findings);
        findings.iter().map(|f| format!("{:?} {} {}", f.grade, f.id, f.entity)).collect()
    }

    #[test]
    fn the_drivers_own_words_are_judged() {
        let attach = |message: &str| {
            format!(
                r#"{{"spec":{{"nodeName":"n2","source":{{"persistentVolumeName":"pv-7"}}}},"status":{{"attached":false,"attachError":{{"message":"{message}"}}}}}}"#
            )
        };
        let quota = attach("rpc error: code = Internal desc = disk limit of the instance reached");
        assert_eq!(found(&quota, "False"), ["Certain storage.attach-failed Pod/shop/db-0"]);
        let held = attach("rpc error: volume is already attached to instance n1");
        assert_eq!(found(&held, "False"), ["Certain storage.multi-attach Pod/shop/db-0"]);
        // An old error beside a pod that is well has healed.
        assert!(found(&quota, "True").is_empty());
    }

    #[test]
    fn a_volume_that_does_not_leave_another_node_holds_the_pod_up() {
        let stuck = r#"{"spec":{"nodeName":"n1","source":{"persistentVolumeName":"pv-7"}},"status":{"attached":true,"detachError":{"message":"node n1 does not answer"}}}"#;
        assert_eq!(found(stuck, "False"), ["Certain storage.multi-attach Pod/shop/db-0"]);
        let other = r#"{"spec":{"nodeName":"n1","source":{"persistentVolumeName":"pv-7"}},"status":{"attached":true}}"#;
        assert!(found(other, "False").is_empty());
    }

    #[test]
    fn a_driver_that_says_nothing_is_waited_for_first() {
        let silent = |made: &str| {
            format!(
                r#"{{"metadata":{{"creationTimestamp":"{made}"}},"spec":{{"nodeName":"n2","attacher":"disk.csi.acme.io","source":{{"persistentVolumeName":"pv-7"}}}},"status":{{"attached":false}}}}"#
            )
        };
        assert_eq!(found(&silent("2030-01-01T00:50:00Z"), "False"), ["Fair storage.attach-failed Pod/shop/db-0"]);
        assert!(found(&silent("2030-01-01T00:59:00Z"), "False").is_empty());
    }
}
