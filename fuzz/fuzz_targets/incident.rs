#![no_main]

use firstfault_fuzz::scratch;
use firstfault_gather::{Options, gather};
use libfuzzer_sys::fuzz_target;

const PODS: &[u8] = b"$ kubectl get pods -n mill\nNAME    READY   STATUS    RESTARTS   AGE\nsaw-1   1/1     Running   0          3d\n";

fuzz_target!(|data: &[u8]| {
    scratch("incident", "pods.txt", PODS);
    let file = scratch("incident", "incident.yaml", data);
    let folder = file.parent().expect("a folder").to_path_buf();
    gather(&[folder], &Options::default()).expect("a folder that is there");
});
