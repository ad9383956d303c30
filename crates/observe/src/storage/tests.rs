//! Claims against volumes, events of mounts, and logs against the spec.

use super::detect;
use crate::sample::{Sample, ids};

const VOLUME: &str = r#"{"metadata":{"labels":{"tier":"cold"}},"spec":{"capacity":{"storage":"10Gi"},"accessModes":["ReadWriteOnce"],
    "storageClassName":"manual"},"status":{"phase":"Available"}}"#;

fn claim(spec: &str) -> Sample {
    let body = format!(
        r#"{{"spec":{{"storageClassName":"manual","accessModes":["ReadWriteOnce"],"resources":{{"requests":{{"storage":"5Gi"}}}}{spec}}},"status":{{"phase":"Pending"}}}}"#
    );
    Sample::default()
        .api("PersistentVolumeClaim/shop/data", &body)
        .api("StorageClass/manual", r#"{"provisioner":"kubernetes.io/no-provisioner","volumeBindingMode":"Immediate"}"#)
        .listed(&["PersistentVolume", "StorageClass", "PersistentVolumeClaim"])
}

fn reason(sample: &Sample) -> Vec<&'static str> {
    ids(&sample.found(detect)).into_iter().filter(|id| *id != "claim.pending").collect()
}

#[test]
fn each_way_not_to_fit_has_its_name() {
    assert_eq!(
        reason(&claim(r#","selector":{"matchLabels":{"tier":"hot"}}"#).api("PersistentVolume/pv-1", VOLUME)),
        ["storage.selector-mismatch"]
    );
    assert_eq!(
        reason(&claim("").api("PersistentVolume/pv-1", &VOLUME.replace("10Gi", "1Gi"))),
        ["storage.volume-too-small"]
    );
    assert_eq!(
        reason(&claim("").api("PersistentVolume/pv-1", &VOLUME.replace("ReadWriteOnce", "ReadOnlyMany"))),
        ["storage.access-mode-mismatch"]
    );
    assert_eq!(
        reason(&claim(r#","volumeMode":"Block""#).api("PersistentVolume/pv-1", VOLUME)),
        ["storage.volume-mode-mismatch"]
    );
    assert_eq!(
        reason(&claim("").api("PersistentVolume/pv-1", &VOLUME.replace("manual", "other"))),
        ["storage.class-mismatch"]
    );
    assert_eq!(reason(&claim("")), ["storage.no-volume-available"]);
    let bound = VOLUME
        .replace("Available", "Bound")
        .replace("\"capacity\"", r#""claimRef":{"namespace":"shop","name":"logs"},"capacity""#);
    assert_eq!(reason(&claim("").api("PersistentVolume/pv-1", &bound)), ["storage.volume-bound-to-another"]);
    let released = bound.replace("Bound", "Released").replace("logs", "data");
    assert_eq!(reason(&claim("").api("PersistentVolume/pv-1", &released)), ["storage.volume-released"]);
    assert_eq!(
        reason(&claim(r#","volumeName":"pv-9""#).api("PersistentVolume/pv-1", VOLUME)),
        ["storage.named-volume-missing"]
    );
}

#[test]
fn the_finding_stands_on_the_workload_that_mounts_the_claim() {
    let sample = claim("").api(
        "Deployment/shop/api",
        r#"{"spec":{"template":{"spec":{"volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"data"}}]}}}}"#,
    );
    assert!(sample.found(detect).iter().all(|finding| finding.entity.to_string() == "Deployment/shop/api"));
    assert!(
        claim("").found(detect).iter().all(|finding| finding.entity.to_string() == "PersistentVolumeClaim/shop/data")
    );
}

#[test]
fn a_class_that_does_not_exist_is_not_a_class_that_waits() {
    let body = r#"{"spec":{"storageClassName":"fast","resources":{"requests":{"storage":"5Gi"}}},"status":{"phase":"Pending"}}"#;
    let missing =
        Sample::default().api("PersistentVolumeClaim/shop/data", body).listed(&["StorageClass", "PersistentVolume"]);
    assert_eq!(reason(&missing), ["storage.class-missing"]);
    let waits = Sample::default()
        .api("PersistentVolumeClaim/shop/data", body)
        .api("StorageClass/fast", r#"{"provisioner":"disk.example.org","volumeBindingMode":"WaitForFirstConsumer"}"#);
    assert_eq!(reason(&waits), ["storage.waits-for-consumer"]);
}

#[test]
fn a_mounted_claim_that_is_not_listed_is_missing() {
    let pod = |phase: &str| {
        format!(
            r#"{{"spec":{{"volumes":[{{"name":"d","persistentVolumeClaim":{{"claimName":"hoem"}}}}]}},"status":{{"phase":"{phase}"}}}}"#
        )
    };
    let sample = |phase: &str| {
        Sample::default()
            .api("Pod/shop/note", &pod(phase))
            .api("PersistentVolumeClaim/shop/hoen", r#"{"status":{"phase":"Bound"}}"#)
    };
    let found = sample("Pending").listed(&["PersistentVolumeClaim"]).found(detect);
    assert_eq!(ids(&found), ["storage.claim-missing"]);
    assert_eq!(found[0].field("alike"), "hoen");
    assert_eq!(ids(&sample("Pending").found(detect)), Vec::<&str>::new());
}

#[test]
fn mount_errors_are_told_apart() {
    for (reason, message, id) in [
        (
            "FailedAttachVolume",
            r#"Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node"#,
            "storage.multi-attach",
        ),
        (
            "FailedMount",
            r#"MountVolume.MountDevice failed for volume "pvc-1" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name disk.example.org not found in the list of registered CSI drivers"#,
            "storage.driver-not-registered",
        ),
        (
            "FailedMount",
            "MountVolume.SetUp failed for volume \"share\" : mount failed: exit status 32 Output: mount.nfs: Connection timed out",
            "storage.share-unreachable",
        ),
        (
            "FailedMount",
            "MountVolume.SetUp failed for volume \"share\" : mount failed: exit status 32 Output: mount.nfs: access denied by server while mounting nas:/x",
            "storage.share-denied",
        ),
        (
            "FailedMount",
            "MountVolume.SetUp failed for volume \"logs\" : hostPath type check failed: /var/data is not a directory",
            "storage.host-path-missing",
        ),
        (
            "FailedMount",
            "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data]: timed out waiting for the condition",
            "storage.mount-failed",
        ),
    ] {
        let sample = Sample::default().event("Pod/shop/api", reason, message);
        assert_eq!(ids(&sample.found(detect)), [id], "{message}");
    }
    let config = Sample::default().event(
        "Pod/shop/api",
        "FailedMount",
        r#"MountVolume.SetUp failed for volume "c" : configmap "c" not found"#,
    );
    assert_eq!(ids(&config.found(detect)), Vec::<&str>::new());
}
