use super::*;

fn watch(text: &str, is_ring_buffer: bool) -> Yield {
    let mut context = Context::default();
    context.assume.year = Some(2026);
    let mut watch = Watch::new(&"dmesg.txt".into(), &context, is_ring_buffer);
    for (i, line) in text.lines().enumerate() {
        watch.line(u32::try_from(i + 1).expect("few"), line);
    }
    let mut out = Yield::default();
    watch.finish(&Entity::new("host", "birch-1"), &mut out);
    out
}

fn kills(text: &str) -> Vec<OomKill> {
    let of = |r: KernelReport| match r.what {
        KernelEvent::OutOfMemory(kill) => Some(kill),
        _ => None,
    };
    watch(text, true).host.kernel.into_iter().filter_map(of).collect()
}

const OF_A_POD: &str = "\
[ 8211.100001] gunicorn invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=984
[ 8211.100020] CPU: 1 PID: 40021 Comm: gunicorn Not tainted 5.15.0-91-generic #101-Ubuntu
[ 8211.100190] memory: usage 262144kB, limit 262144kB, failcnt 88
[ 8211.100210] Tasks state (memory values in pages):
[ 8211.100211] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[ 8211.100215] [  40021]  1000 40021   198221    65002   790528        0           984 gunicorn
[ 8211.100220] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=cri-containerd-0a1b.scope,mems_allowed=0,oom_memcg=/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f0c2d3e_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice,task_memcg=/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f0c2d3e_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice/cri-containerd-0a1b.scope,task=gunicorn,pid=40021,uid=1000
[ 8211.100300] Memory cgroup out of memory: Killed process 40021 (gunicorn) total-vm:792884kB, anon-rss:259000kB, file-rss:1008kB, shmem-rss:0kB, UID:1000 pgtables:772kB oom_score_adj:984
[ 8211.110300] oom_reaper: reaped process 40021 (gunicorn), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB
";

#[test]
fn a_kill_in_a_pods_cgroup_names_the_pod() {
    let kills = kills(OF_A_POD);
    assert_eq!(kills.len(), 1);
    let kill = &kills[0];
    assert_eq!((kill.process.as_str(), kill.pid, kill.of_host), ("gunicorn", 40021, false));
    assert_eq!((kill.resident, kill.limit), (Some(259_000), Some(262_144)));
    assert_eq!(kill.pod_uid.as_deref(), Some("1f0c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5f"));
}

#[test]
fn a_report_that_is_cut_off_still_names_the_process() {
    let cut = OF_A_POD.split("[ 8211.100300]").next().expect("the first part");
    assert_eq!(kills(cut)[0].process, "gunicorn");
    assert!(kills(OF_A_POD.split("oom-kill:").next().expect("the first part")).is_empty());
}

#[test]
fn old_kernels_say_it_in_two_lines() {
    let text = "\
[ 101.1] Task in /kubepods/besteffort/pod1f0c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5f/0a1b killed as a result of limit of /kubepods
[ 101.2] memory: usage 1024kB, limit 1024kB, failcnt 1
[ 101.3] Memory cgroup out of memory: Kill process 77 (stress) score 1999 or sacrifice child
[ 101.4] Killed process 77 (stress) total-vm:5000kB, anon-rss:1000kB, file-rss:4kB, shmem-rss:0kB
[ 102.3] Out of memory: Kill process 78 (java) score 900 or sacrifice child
[ 102.4] Killed process 78 (java), UID 1000, total-vm:50000kB, anon-rss:10000kB, file-rss:4kB
";
    let kills = kills(text);
    assert_eq!(kills.len(), 2);
    assert_eq!((kills[0].of_host, kills[0].resident, kills[0].pod_uid.is_some()), (false, Some(1000), true));
    assert_eq!((kills[1].process.as_str(), kills[1].of_host, kills[1].resident), ("java", true, Some(10000)));
}

#[test]
fn the_whole_host_was_short() {
    let text = "Jan 02 16:01:18 birch-1 kernel: oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/system.slice/indexer.service,task=indexer,pid=9,uid=0\nJan 02 16:01:18 birch-1 kernel: Out of memory: Killed process 9 (indexer) total-vm:9kB, anon-rss:8kB, file-rss:0kB\n";
    let out = watch(text, false);
    assert_eq!(out.host.kernel.len(), 1);
    assert_eq!(out.host.kernel[0].first, Some("2026-01-02T16:01:18Z".parse().expect("a time")));
    assert!(
        matches!(&out.host.kernel[0].what, KernelEvent::OutOfMemory(k) if k.of_host && k.cgroup == "/system.slice/indexer.service")
    );
}

#[test]
fn disks_and_tables() {
    let text = "\
[1.0] blk_update_request: I/O error, dev sdb, sector 12345 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 0
[1.1] I/O error, dev sdb, sector 12353 op 0x0:(READ)
[1.2] Buffer I/O error on dev sdb1, logical block 5, lost async page write
[1.3] EXT4-fs error (device sdb1): ext4_find_entry:1455: inode #2: comm cp: reading directory lblock 0
[1.4] EXT4-fs (sdb1): Remounting filesystem read-only
[1.5] XFS (dm-0): Log I/O Error Detected. Shutting down filesystem
[1.6] nf_conntrack: nf_conntrack: table full, dropping packet
[1.7] nf_conntrack: nf_conntrack: table full, dropping packet
[1.8] VFS: file-max limit 65536 reached
[1.9] cgroup: fork rejected by pids controller in /system.slice/jobs.service
[2.0] neighbour: arp_cache: neighbor table overflow!
[2.1] blk_update_request: I/O error, dev fd0, sector 0
[2.2] blk_update_request: I/O error, dev sr0, sector 0
[2.3] EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: errors=remount-ro
[2.4] nf_conntrack version 0.5.0 (65536 buckets, 262144 max)
";
    let seen: Vec<(KernelEvent, u32)> = watch(text, true).host.kernel.into_iter().map(|r| (r.what, r.count)).collect();
    let on = |device: &str| device.to_owned();
    assert_eq!(
        seen,
        [
            (KernelEvent::DiskError { device: on("sdb") }, 2),
            (KernelEvent::DiskError { device: on("sdb1") }, 1),
            (KernelEvent::FileSystemError { device: on("sdb1") }, 1),
            (KernelEvent::RemountedReadOnly { device: on("sdb1") }, 1),
            (KernelEvent::FileSystemError { device: on("dm-0") }, 1),
            (KernelEvent::ConnectionTableFull, 2),
            (KernelEvent::FilesExhausted, 1),
            (KernelEvent::ProcessesExhausted { cgroup: on("/system.slice/jobs.service") }, 1),
            (KernelEvent::NeighbourTableFull, 1),
        ]
    );
}

#[test]
fn what_programs_quote_is_not_the_kernels_word() {
    let text = "Jan 02 16:01:18 birch-1 web[12]: Out of memory: Killed process 9 (x) total-vm:9kB, anon-rss:8kB\n";
    assert!(watch(text, false).host.kernel.is_empty());
}

#[test]
fn the_keeper_of_the_clock_has_the_last_word() {
    let lost = "Jan 02 16:01:18 birch-1 chronyd[974]: Selected source 192.0.2.1\nJan 02 17:01:18 birch-1 chronyd[974]: Can't synchronise: no selectable sources\n";
    assert_eq!(watch(lost, false).host.clocks[0].synchronised, Some(false));
    let found: String = lost.lines().rev().flat_map(|l| [l, "\n"]).collect();
    assert_eq!(watch(&found, false).host.clocks[0].synchronised, Some(true));
}
