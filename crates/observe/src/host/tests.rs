use firstfault_gather::read_one_text;
use firstfault_model::State;

use super::detect;
use crate::sample::{Sample, ids};

/// A world with what tools printed: command and output.
fn printed(mut sample: Sample, outputs: &[(&str, &str)]) -> Sample {
    for (i, (command, text)) in outputs.iter().enumerate() {
        let out = read_one_text(&format!("{i}.txt"), Some(command), text);
        let world = &mut sample.0;
        world.host.memory.extend(out.host.memory);
        world.host.processes.extend(out.host.processes);
        world.host.listings.extend(out.host.listings);
        world.host.kernel.extend(out.host.kernel);
        world.host.certificates.extend(out.host.certificates);
        world.host.lookups.extend(out.host.lookups);
        world.host.clocks.extend(out.host.clocks);
        world.host.routes.extend(out.host.routes);
        world.host.mounts.extend(out.host.mounts);
        world.host.containers.extend(out.host.containers);
        world.host.limits.extend(out.host.limits);
        world.disks.extend(out.disks);
        world.reaches.extend(out.reaches);
        world.units.extend(out.units);
        world.now = out.collected_at.into_iter().chain(world.now).max();
    }
    sample
}

fn found(outputs: &[(&str, &str)]) -> Vec<&'static str> {
    ids(&printed(Sample::default(), outputs).found(detect))
}

const DF: &str = "Filesystem      Size  Used Avail Use% Mounted on\n";

#[test]
fn full_disks_but_not_images_nor_large_ones() {
    let df = |row: &str| found(&[("ssh birch-1 df -h", &format!("{DF}{row}"))]);
    assert_eq!(df("/dev/vda1        50G   50G     0 100% /\n"), ["host.disk-full"]);
    assert_eq!(df("/dev/vdb1        50G   50G   20M 100% /var/lib/containerd\n"), ["host.disk-full"]);
    assert!(df("/dev/vdb1        10T  9.8T  200G  98% /data\n").is_empty());
    assert!(df("composefs        10M   10M     0 100% /\n").is_empty());
    assert!(df("/dev/vda2       400M  400M     0 100% /boot\n").is_empty());
    assert!(df("shm              64M   64M     0 100% /run/containerd/x/shm\n").is_empty());
    let inodes =
        "Filesystem      Inodes   IUsed   IFree IUse% Mounted on\n/dev/vda1      3276800 3276800       0  100% /\n";
    assert_eq!(found(&[("ssh birch-1 df -i", inodes)]), ["host.inodes-full"]);
}

#[test]
fn memory_that_is_gone_and_memory_that_is_only_used() {
    let free = |available: &str, swap: &str| {
        let text = format!(
            "               total        used        free      shared  buff/cache   available\nMem:         8192000     7900000      100000        1000      192000      {available}\nSwap:        2048000     {swap}       48000\n"
        );
        found(&[("ssh birch-1 free", &text)])
    };
    assert_eq!(free("100000", "2000000"), ["host.memory-exhausted", "host.swapping"]);
    assert!(free("2000000", "2000000").is_empty());
}

#[test]
fn a_kill_at_a_limit_stands_on_the_workload_and_one_for_the_host_on_both() {
    let owned = r#"{"metadata":{"uid":"1f0c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5f"},"status":{}}"#;
    let group = "/kubepods.slice/kubepods-pod1f0c2d3e_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice/cri-containerd-0a.scope";
    let kill = |constraint: &str, words: &str| {
        format!(
            "[1.0] oom-kill:constraint={constraint},nodemask=(null),task_memcg={group},task=api,pid=9,uid=0\n[1.1] {words}: Killed process 9 (api) total-vm:9kB, anon-rss:8kB, file-rss:0kB\n"
        )
    };
    let sample = Sample::default().api("Pod/shop/api", owned);
    let own = printed(sample, &[("ssh birch-1 dmesg", &kill("CONSTRAINT_MEMCG", "Memory cgroup out of memory"))])
        .found(detect);
    assert_eq!((ids(&own), own[0].entity.to_string().as_str()), (vec!["kernel.killed-at-own-limit"], "Pod/shop/api"));
    let sample = Sample::default().api("Pod/shop/api", owned);
    let host = printed(sample, &[("ssh birch-1 dmesg", &kill("CONSTRAINT_NONE", "Out of memory"))]).found(detect);
    assert_eq!(ids(&host), ["host.out-of-memory-kill", "kernel.killed-for-host"]);
    let of_host = host.iter().find(|f| f.id == "host.out-of-memory-kill").expect("found above");
    assert_eq!((of_host.entity.to_string().as_str(), of_host.field("process")), ("host/birch-1", "api"));
}

#[test]
fn old_reports_are_over() {
    let journal = "2026-01-01T02:00:00+0000 birch-1 kernel: nf_conntrack: table full, dropping packet\n";
    let date = ("ssh birch-1 date", "Fri Jan  2 16:01:18 UTC 2026\n");
    let found = printed(Sample::default(), &[("journalctl -o short-iso", journal), date]).found(detect);
    assert_eq!((found[0].id, found[0].state), ("host.connection-table-full", State::Recovered));
}

#[test]
fn tables_are_joined_from_two_files() {
    let count = |used| {
        found(&[
            ("ssh birch-1 cat /proc/sys/net/netfilter/nf_conntrack_count", used),
            ("ssh birch-1 sysctl net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_max = 262144\n"),
        ])
    };
    assert_eq!(count("262100\n"), ["host.connection-table-full"]);
    assert!(count("20000\n").is_empty());
}

#[test]
fn clocks() {
    let tracking = |offset: &str, leap: &str| {
        format!(
            "Reference ID    : C0000207 (x)\nSystem time     : {offset} seconds slow of NTP time\nLeap status     : {leap}\n"
        )
    };
    assert_eq!(found(&[("ssh birch-1 chronyc tracking", &tracking("312.5", "Normal"))]), ["host.clock-off"]);
    assert!(found(&[("ssh birch-1 chronyc tracking", &tracking("0.00002", "Normal"))]).is_empty());
    let no = ("ssh birch-1 timedatectl", "System clock synchronized: no\n");
    assert_eq!(found(&[no]), ["host.clock-unsynchronised"]);
    assert!(found(&[no, ("ssh birch-1 chronyc tracking", &tracking("0.1", "Normal"))]).is_empty());
}

#[test]
fn a_certificate_is_judged_by_its_dates() {
    let dates = "notBefore=Jan  1 00:00:00 2025 GMT\nnotAfter=Jan  1 00:00:00 2026 GMT\n";
    let command = "echo | openssl s_client -connect api.shop.svc:443 2>/dev/null | openssl x509 -noout -dates";
    let service = || Sample::default().api("Service/shop/api", r#"{"spec":{"ports":[{"port":443}]}}"#);
    let at = |date: &str| printed(service(), &[(command, dates), ("date", date)]).found(detect);
    let late = at("Fri Jan  2 16:01:18 UTC 2026\n");
    assert_eq!(
        (ids(&late), late[0].entity.to_string().as_str()),
        (vec!["tls.certificate-expired"], "Service/shop/api")
    );
    assert!(at("Fri Dec 26 16:01:18 UTC 2025\n").is_empty());
    assert_eq!(ids(&at("Fri Dec 27 16:01:18 UTC 2024\n")), ["tls.certificate-not-yet-valid"]);
    // Without any notion of now, dates alone say nothing.
    assert!(ids(&printed(service(), &[(command, dates)]).found(detect)).is_empty());
}

#[test]
fn dns_faults_stand_on_who_has_them() {
    let service = r#"{"metadata":{"labels":{"k8s-app":"kube-dns"}},"spec":{"clusterIP":"10.96.0.10"}}"#;
    let ask = |text: &str| {
        let sample = Sample::default()
            .api("Service/kube-system/kube-dns", service)
            .api("Deployment/shop/api", "{}")
            .api("Pod/shop/tool", "{}");
        printed(sample, &[("kubectl -n shop exec deploy/api -- nslookup ledger.bank", text)]).found(detect)
    };
    let none = ask("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find ledger.bank: NXDOMAIN\n");
    assert_eq!((ids(&none), none[0].entity.to_string().as_str()), (vec!["dns.no-such-name"], "Deployment/shop/api"));
    let failed = ask("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find ledger.bank: SERVFAIL\n");
    assert_eq!(
        (ids(&failed), failed[0].entity.to_string().as_str()),
        (vec!["dns.server-failed"], "Service/kube-system/kube-dns")
    );
    let silent = ask(";; connection timed out; no servers could be reached\n");
    assert_eq!(ids(&silent), ["dns.server-silent"]);
    let fine = ask("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tledger.bank\nAddress: 10.0.0.9\n");
    assert!(fine.is_empty());
}

#[test]
fn a_pod_that_listens_on_loopback_cannot_be_reached() {
    let listing = |address: &str| {
        format!(
            "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 0      128    {address}:8080     0.0.0.0:*\n"
        )
    };
    let look = |text: &str| {
        let sample = Sample::default()
            .api("Pod/shop/api", r#"{"metadata":{"labels":{"app":"api"}},"spec":{"containers":[{"name":"app"}]}}"#)
            .api("Service/shop/api", r#"{"spec":{"selector":{"app":"api"},"ports":[{"port":80,"targetPort":8080}]}}"#);
        ids(&printed(sample, &[("kubectl -n shop exec api -- ss -ltn", text)]).found(detect))
    };
    assert_eq!(look(&listing("127.0.0.1")), ["host.listens-on-loopback-only"]);
    assert!(look(&listing("0.0.0.0")).is_empty());
    assert_eq!(look(&listing("0.0.0.0").replace("8080", "3000")), ["host.port-not-listening"]);
}

#[test]
fn a_running_service_that_does_not_listen() {
    let status = "● nginx.service - web\n     Loaded: loaded (/lib/systemd/system/nginx.service; enabled)\n     Active: active (running) since Fri 2026-01-02 15:58:00 UTC; 7min ago\n";
    let listing = |port: u16| {
        format!(
            "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 0      128    0.0.0.0:{port}     0.0.0.0:*\n"
        )
    };
    let look = |port| found(&[("ssh birch-1 systemctl status nginx", status), ("ssh birch-1 ss -ltn", &listing(port))]);
    assert_eq!(look(22), ["host.port-not-listening"]);
    assert!(look(80).is_empty());
}

#[test]
fn containers_outside_kubernetes() {
    let ps = |status: &str| {
        found(&[(
            "ssh birch-1 docker ps -a",
            &format!(
                "CONTAINER ID   IMAGE        COMMAND   CREATED       {:<30}   PORTS     NAMES\n0a1b2c3d4e5f   shop/api:1   \"api\"     2 hours ago   {status:<30}             api\n",
                "STATUS"
            ),
        )])
    };
    assert_eq!(ps("Restarting (1) 5 seconds ago"), ["runtime.container-failing"]);
    assert_eq!(ps("Up 2 hours (unhealthy)"), ["runtime.container-unhealthy"]);
    assert!(ps("Up 2 hours (healthy)").is_empty());
    assert!(ps("Exited (0) 2 hours ago").is_empty());
}

#[test]
fn a_certificate_in_a_secret_is_judged_for_the_ingress_that_shows_it() {
    let body =
        serde_json::json!({"type": "kubernetes.io/tls", "decoded": {"tls.crt": super::x509::tests::PEM}}).to_string();
    let look = |host: &str, now: &str| {
        let ingress = serde_json::json!({"spec": {"tls": [{"hosts": [host], "secretName": "quotes"}]}}).to_string();
        let mut sample = Sample::default().api("Secret/shop/quotes", &body).api("Ingress/shop/quotes", &ingress);
        sample.0.now = Some(now.parse().expect("a time"));
        let found = sample.found(detect);
        assert!(found.iter().all(|f| f.entity.to_string() == "Ingress/shop/quotes"), "{found:?}");
        ids(&found)
    };
    assert!(look("quotes.larch.example", "2027-01-01T00:00:00Z").is_empty());
    assert!(look("eu.quotes.larch.example", "2027-01-01T00:00:00Z").is_empty());
    assert_eq!(look("quotes.larch.example", "2027-03-01T00:00:00Z"), ["tls.certificate-expired"]);
    assert_eq!(look("quotes.larch.example", "2026-01-01T00:00:00Z"), ["tls.certificate-not-yet-valid"]);
    assert_eq!(look("shop.larch.example", "2027-01-01T00:00:00Z"), ["tls.wrong-name"]);
}
