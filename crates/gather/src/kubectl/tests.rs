//! Whole outputs, in the forms that kubectl prints them.

use firstfault_model::Name;

use super::FORMATS;
use crate::{Chunk, Command, Context, Yield};

fn command(line: &str) -> Command {
    let own = line.split('|').next().unwrap_or(line);
    let words = own.split_whitespace().map(str::to_owned).collect();
    let piped = line.split_once('|').map(|(_, rest)| rest.trim().to_owned());
    Command { line: line.to_owned(), host: None, words, piped }
}

fn read(line: &str, text: &str) -> Yield {
    let mut out = Yield::default();
    read_on(line, text, &mut out);
    out
}

/// Reads a further output of the same file.
fn read_on(line: &str, text: &str, out: &mut Yield) {
    let command = (!line.is_empty()).then(|| command(line));
    let (path, context) = (Name::from("out.txt"), Context::default());
    let chunk = Chunk { path: &path, first_line: 2, command: command.as_ref(), text, context: &context };
    if let Some(format) = FORMATS.iter().max_by_key(|format| (format.recognise)(&chunk))
        && (format.recognise)(&chunk) > 0
    {
        (format.read)(&chunk, out);
    }
}

const PODS: &str = "\
NAME                     READY   STATUS             RESTARTS        AGE     IP            NODE     NOMINATED NODE   READINESS GATES
ledger-6c9f7d5b8-h2xkq   1/2     CrashLoopBackOff   12 (3m2s ago)   4h10m   10.42.1.17    pool-a   <none>           <none>
ledger-6c9f7d5b8-zz9qp   2/2     Running            0               4h10m   10.42.2.8     pool-b   <none>           <none>
import-29011-5tq7c       0/1     Init:Error         0               2m      10.42.2.9     pool-b   <none>           <none>
search-0                 0/1     Pending            0               9s      <none>        <none>   <none>           <none>
";

#[test]
fn pods_tell_state_restarts_and_place() {
    let out = read("kubectl get pods -n bank -o wide", PODS);
    assert!(out.problems.is_empty(), "{:?}", out.problems);
    assert_eq!(out.objects.len(), 4);
    let ledger = &out.objects[0];
    assert_eq!(ledger.at("status.containerStatuses.0.state.waiting.reason").text(), "CrashLoopBackOff");
    assert_eq!(ledger.at("status.containerStatuses.0.restartCount").as_int(), Some(12));
    assert_eq!(ledger.at("status.printedLastRestartAge").as_int(), Some(182));
    assert_eq!(ledger.at("metadata.printedAge").as_int(), Some(15_000));
    assert_eq!(ledger.at("spec.nodeName").text(), "pool-a");
    assert_eq!(out.objects[2].at("status.initContainerStatuses.0.state.terminated.reason").text(), "Error");
    assert!(out.objects[3].at("spec.nodeName").is_null());
    assert_eq!(out.listed, [("Pod".into(), Some("bank".into()))]);
}

#[test]
fn the_rows_of_a_watch_replace_one_another_and_no_other_output() {
    let watch = "NAME    READY   STATUS    RESTARTS   AGE\nweb-0   0/1     Pending   0          1s\nweb-0   1/1     Running   0          9s\n";
    let mut out = read("kubectl get pods -n bank -w", watch);
    assert_eq!(out.objects.len(), 1);
    assert_eq!(out.objects[0].at("status.phase").text(), "Running");
    read_on(
        "kubectl get pods -n bank",
        "NAME    READY   STATUS    RESTARTS   AGE\nweb-0   1/1     Running   0          2m\n",
        &mut out,
    );
    assert_eq!(out.objects.len(), 2, "both outputs are kept, to be merged");
}

#[test]
fn only_a_whole_listing_is_complete() {
    for line in ["kubectl get pods -n bank -l app=ledger -o wide", "kubectl get pods -n bank -o wide | grep -v x"] {
        assert!(read(line, PODS).listed.is_empty(), "{line}");
    }
    let none = read("kubectl get pvc -n bank", "No resources found in bank namespace.\n");
    assert_eq!(none.listed, [("PersistentVolumeClaim".into(), Some("bank".into()))]);
    let denied = read("kubectl get secrets -n bank", "Error from server (Forbidden): secrets is forbidden\n");
    assert!(denied.listed.is_empty());
    assert_eq!(denied.errors.len(), 1);
}

#[test]
fn a_row_without_its_end_is_left_out() {
    let cut = &PODS[..PODS.len() - 60];
    let out = read("kubectl get pods -n bank -o wide", cut);
    assert_eq!((out.objects.len(), out.problems.len()), (3, 1));
    assert!(out.listed.is_empty());
}

#[test]
fn rows_without_header_are_read_when_the_command_tells_the_kind() {
    let row = "bank     ledger-6c9f7d5b8-h2xkq   1/2   CrashLoopBackOff   12 (3m2s ago)   4h10m\n";
    let out = read("kubectl get pods -A | grep ledger", row);
    assert_eq!(out.objects.len(), 1, "{:?}", out.problems);
    assert_eq!(out.objects[0].namespace.as_deref(), Some("bank"));
    let out =
        read("kubectl get cronjobs -n bank --no-headers", "nightly   */5 * * * *   <none>   True   0   2d   40d\n");
    assert_eq!(out.objects[0].at("spec.suspend").as_bool(), Some(true), "{:?}", out.problems);
}

#[test]
fn several_kinds_in_one_output() {
    let text = "\
NAME                 TYPE           CLUSTER-IP     EXTERNAL-IP   PORT(S)                      AGE   SELECTOR
service/front        LoadBalancer   10.43.0.9      <pending>     80:31080/TCP,443:31443/TCP   3d    app=front

NAME                    READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES      SELECTOR
deployment.apps/front   1/3     3            1           3d    web,proxy    f:2,p:1.1   app=front

NAME                                   STATUS    VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   AGE
persistentvolumeclaim/uploads          Pending                                      fast           3d
";
    let out = read("kubectl get svc,deploy,pvc,jobs -n shop", text);
    assert!(out.problems.is_empty(), "{:?}", out.problems);
    assert_eq!(out.objects[0].at("spec.ports.1.nodePort").as_int(), Some(31443));
    assert_eq!(out.objects[0].at("spec.selector.app").text(), "front");
    assert_eq!(out.objects[1].at("spec.template.spec.containers.1.image").text(), "p:1.1");
    assert_eq!(out.objects[1].at("status.unavailableReplicas").as_int(), Some(2));
    assert_eq!(out.objects[2].at("spec.storageClassName").text(), "fast");
    assert_eq!(out.listed.len(), 4, "there are no jobs");
}

#[test]
fn events_of_tables_keep_age_and_count() {
    let text = "\
LAST SEEN   TYPE      REASON      OBJECT                SUBOBJECT                SOURCE           MESSAGE                      FIRST SEEN   COUNT   NAME
90s         Warning   Unhealthy   pod/ledger-0          spec.containers{web}     kubelet, pool-a  Readiness probe failed: x    5m           7       ledger-0.18a
4m          Normal    NodeReady   node/pool-a                                    kubelet, pool-a  Node pool-a is now ready     4m           1       pool-a.18b
";
    let out = read("kubectl get events -n bank -o wide", text);
    assert_eq!(out.events.len(), 2, "{:?}", out.problems);
    let first = &out.events[0];
    assert_eq!((first.count, first.warning, first.from.as_str()), (7, true, "kubelet"));
    assert_eq!(first.ago.map(|(first, last)| (first.as_secs(), last.as_secs())), Some((300, 90)));
    assert_eq!(out.events[1].about.namespace, None);
}

#[test]
fn events_in_custom_columns_have_times_and_may_lack_the_kind() {
    let text = "\
LAST                   TYPE      REASON    OBJECT     MESSAGE
2026-03-03T10:00:05Z   Warning   BackOff   ledger-0   Back-off restarting failed container web in pod ledger-0_bank
";
    let out =
        read("kubectl get events -n bank -o custom-columns=LAST:.lastTimestamp,OBJECT:.involvedObject.name", text);
    assert_eq!((out.events.len(), out.problems.len()), (1, 0));
    let event = &out.events[0];
    assert_eq!((event.about.kind.as_str(), event.about.name.as_str()), ("", "ledger-0"), "looked up later");
    assert_eq!(event.last, "2026-03-03T10:00:05Z".parse().ok());
}

const POD: &str = "\
Name:             ledger-0
Namespace:        bank
Service Account:  default
Node:             pool-a/10.0.0.7
Start Time:       Tue, 03 Mar 2026 09:10:11 +0100
Labels:           app=ledger
                  tier=core
Status:           Running
Containers:
  web:
    Image:         ledger:4
    Port:          8080/TCP
    Command:
      sh
      -c
      exec /srv/ledger
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      Tue, 03 Mar 2026 09:20:11 +0100
    Ready:          False
    Restart Count:  4
    Limits:
      memory:  128Mi
    Liveness:   tcp-socket :9090 delay=3s timeout=1s period=10s #success=1 #failure=3
    Environment Variables from:
      ledger-env  ConfigMap  Optional: false
    Environment:
      DB_PASSWORD:  <set to the key 'password' in secret 'ledger-db'>  Optional: false
      DB_URL:       postgres://db:5432/ledger
    Mounts:
      /data from data (rw)
      /etc/l from cfg (ro,path=\"l.conf\")
Conditions:
  Type              Status
  Ready             False
  PodScheduled      True
Volumes:
  data:
    Type:       PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)
    ClaimName:  data-ledger-0
    ReadOnly:   false
QoS Class:                   Burstable
Node-Selectors:              disk=ssd
Tolerations:                 dedicated=core:NoSchedule
                             node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
Events:
  Type     Reason   Age                 From     Message
  ----     ------   ----                ----     -------
  Normal   Pulled   9m                  kubelet  Container image \"ledger:4\" already present on machine
  Warning  BackOff  5s (x31 over 8m2s)  kubelet  Back-off restarting failed container
goes on here
";

#[test]
fn a_described_pod_has_the_shape_of_the_api() {
    let out = read("kubectl describe pod ledger-0 -n bank", POD);
    assert!(out.problems.is_empty() && out.objects.len() == 1, "{:?}", out.problems);
    let pod = &out.objects[0];
    for (path, value) in [
        ("metadata.labels.tier", "core"),
        ("spec.nodeName", "pool-a"),
        ("spec.containers.0.command.2", "exec /srv/ledger"),
        ("spec.containers.0.resources.limits.memory", "128Mi"),
        ("spec.containers.0.envFrom.0.configMapRef.name", "ledger-env"),
        ("spec.containers.0.env.0.valueFrom.secretKeyRef.name", "ledger-db"),
        ("spec.containers.0.env.1.value", "postgres://db:5432/ledger"),
        ("spec.containers.0.volumeMounts.1.subPath", "l.conf"),
        ("spec.volumes.0.persistentVolumeClaim.claimName", "data-ledger-0"),
        ("spec.nodeSelector.disk", "ssd"),
        ("spec.tolerations.0.value", "core"),
        ("status.containerStatuses.0.state.waiting.reason", "CrashLoopBackOff"),
        ("status.containerStatuses.0.lastState.terminated.startedAt", "2026-03-03T08:20:11Z"),
        ("status.conditions.1.status", "True"),
    ] {
        assert_eq!(pod.at(path).text(), value, "{path}");
    }
    assert_eq!(pod.at("spec.containers.0.livenessProbe.tcpSocket.port").as_int(), Some(9090));
    assert_eq!(pod.at("spec.tolerations.1.tolerationSeconds").as_int(), Some(300));
    assert_eq!(out.events.len(), 2);
    assert_eq!(out.events[1].count, 31);
    assert_eq!(out.events[1].message, "Back-off restarting failed container\ngoes on here");
}

#[test]
fn the_keys_tell_the_kind_when_no_command_does() {
    let out = read("", POD);
    assert_eq!(out.objects[0].kind, "Pod");
    assert!(out.listed.is_empty());
}

#[test]
fn services_policies_and_config_maps() {
    let text = "\
Name:              front
Namespace:         shop
Labels:            <none>
Annotations:       <none>
Selector:          app=front,tier=web
Type:              NodePort
IP:                10.43.0.9
Port:              http  80/TCP
TargetPort:        web/TCP
NodePort:          http  31080/TCP
Endpoints:         <none>
Session Affinity:  None
Events:            <none>


Name:              back
Namespace:         shop
Labels:            <none>
Annotations:       <none>
Selector:          app=back
Type:              ClusterIP
IP:                None
Port:              <unset>  81/TCP
TargetPort:        8081/TCP
Endpoints:         10.42.0.5:8081
Session Affinity:  None
Events:            <none>
";
    let out = read("kubectl describe services -n shop", text);
    let services: Vec<_> = out.objects.iter().filter(|object| object.kind == "Service").collect();
    assert_eq!(services.len(), 2);
    assert_eq!(services[0].at("spec.ports.0.targetPort").text(), "web");
    assert_eq!(services[1].at("spec.clusterIP").text(), "None");
    assert_eq!(out.listed, [("Service".into(), Some("shop".into()))]);
    let policy = "\
Name:         back
Namespace:    shop
Created on:   2026-03-03 09:10:11 +0100 CET
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     app=back
  Allowing ingress traffic:
    To Port: 8081/TCP
    From:
      NamespaceSelector: team=web
      PodSelector: app=front
    ----------
    From:
      IPBlock:
        CIDR: 10.0.0.0/8
        Except: 10.9.0.0/16
  Allowing egress traffic:
    <none> (Selected pods are isolated for egress connectivity)
  Policy Types: Ingress, Egress
";
    let out = read("kubectl describe netpol back -n shop", policy);
    let policy = &out.objects[0];
    assert_eq!(policy.at("spec.ingress.0.ports.0.port").as_int(), Some(8081));
    assert_eq!(policy.at("spec.ingress.0.from.0.podSelector.matchLabels.app").text(), "front");
    assert_eq!(policy.at("spec.ingress.1.from.0.ipBlock.except.0").text(), "10.9.0.0/16");
    assert_eq!(policy.at("spec.policyTypes").list().len(), 2);
    let config = "Name:         c\nNamespace:    shop\nLabels:       <none>\nAnnotations:  <none>\n\nData\n====\na.conf:\n----\nport = 81\n\nhost = back\n\nb:\n----\nyes\n\nEvents:  <none>\n";
    let out = read("kubectl describe cm c -n shop", config);
    assert_eq!(out.objects[0].at("data").get("a.conf").text(), "port = 81\n\nhost = back");
    assert_eq!(out.objects[0].at("data.b").text(), "yes");
}

#[test]
fn usage_of_containers_belongs_to_their_pod() {
    let text = "POD       NAME    CPU(cores)   MEMORY(bytes)\nfront-0   web     12m          340Mi\nfront-0   proxy   1m           20Mi\n";
    let out = read("kubectl top pods -n shop --containers", text);
    assert_eq!((out.objects.len(), out.objects[0].name.as_str()), (1, "front-0"));
    assert_eq!(out.objects[0].at("containers.1.usage.memory").text(), "20Mi");
}

#[test]
fn an_ingress_keeps_its_rules_and_what_its_backends_lack() {
    let text = "\
Name:             shop
Labels:           <none>
Namespace:        shop
Address:          10.0.0.3
Ingress Class:    nginx
Default backend:  <default>
TLS:
  shop-tls terminates shop.example.org
Rules:
  Host              Path  Backends
  ----              ----  --------
  shop.example.org  
                    /     front:80 (<error: services \"front\" not found>)
                    /api  back:http (10.42.0.5:8081)
Annotations:        <none>
Events:             <none>
";
    let out = read("kubectl describe ingress shop -n shop", text);
    let ingress = &out.objects[0];
    assert_eq!(ingress.at("spec.rules.0.host").text(), "shop.example.org");
    assert_eq!(ingress.at("spec.rules.0.http.paths.0.backend.service.port.number").as_int(), Some(80));
    assert_eq!(ingress.at("spec.rules.0.http.paths.1.backend.service.port.name").text(), "http");
    assert_eq!(ingress.at("spec.tls.0.secretName").text(), "shop-tls");
}

#[test]
fn a_resource_of_any_operator_gives_conditions() {
    let text = "NAMESPACE   NAME       READY   SECRET     AGE\nshop        shop-tls   False   shop-tls   3d\n";
    let out = read("kubectl get certificates -A", text);
    assert_eq!(out.objects[0].at("status.conditions.0.type").text(), "Ready");
    assert_eq!(out.objects[0].at("status.printed.SECRET").text(), "shop-tls");
    assert_eq!(out.listed, [("Certificate".into(), None)]);
}

#[test]
fn answers_and_complaints() {
    let out = read("kubectl auth can-i list pods -n bank --as=system:serviceaccount:bank:bot", "no\n");
    assert!(!out.can_i[0].allowed);
    let out = read(
        "kubectl rollout status deploy/ledger -n bank",
        "error: deployment \"ledger\" exceeded its progress deadline\n",
    );
    assert_eq!(out.errors.len(), 1);
    let out = read(
        "kubectl rollout history deploy/ledger -n bank",
        "deployment.apps/ledger\nREVISION  CHANGE-CAUSE\n1         <none>\n2         image 4\n",
    );
    assert_eq!(out.changes[1].what, "revision 2: image 4");
}

#[test]
fn nothing_that_is_cut_anywhere_makes_a_reader_fall() {
    for (line, text) in
        [("kubectl get pods -n bank -o wide", PODS), ("kubectl describe pod ledger-0", POD), ("", POD), ("", PODS)]
    {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let out = read(line, &text[..end]);
            assert!(out.objects.iter().all(|object| !object.name.is_empty()));
        }
        for start in 0..text.len() {
            read(line, &text[start..]);
        }
        read(line, &text.replace("  ", "\t"));
        read(line, &text.replace(' ', "é"));
    }
}
