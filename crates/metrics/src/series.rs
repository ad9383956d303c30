use firstfault_model::{Entity, Name, Place};
use jiff::Timestamp;

/// A time series about one entity.
#[derive(Clone, Debug)]
pub struct Series {
    /// The metric's name as the source has it (`container_memory_working_set_bytes`, `auth-p95latency`).
    pub metric: Name,
    /// What it measures, where the name tells.
    pub role: Option<Role>,
    /// Whom it is about: a workload, pod, service or node.
    pub entity: Entity,
    /// Labels that are not part of the entity (`container`, `code`, `quantile`, …).
    pub labels: Vec<(Name, Name)>,
    /// Times in order, with their values; a missing sample is not there.
    pub points: Vec<(Timestamp, f64)>,
    /// The file, and the line or column it stands in.
    pub place: Place,
}

/// What a series measures; decides which way is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// CPU used, in cores or percent.
    Cpu,
    /// CPU throttled periods or time.
    CpuThrottled,
    /// CPU allowed.
    CpuLimit,
    /// Memory used, in bytes.
    Memory,
    /// Memory allowed.
    MemoryLimit,
    /// Requests a second.
    Throughput,
    /// Share of requests that succeed, in percent or as a fraction.
    SuccessRate,
    /// Errors a second, or share of requests that fail.
    Errors,
    /// A quantile or mean of the response time.
    Latency,
    /// Bytes or packets received.
    NetworkIn,
    /// Bytes or packets sent.
    NetworkOut,
    /// TCP segments sent again.
    Retransmits,
    /// Packets dropped.
    Drops,
    /// Disk input and output.
    DiskIo,
    /// Disk used.
    DiskUsed,
    /// Disk size.
    DiskSize,
    /// Container restarts.
    Restarts,
    /// Items waiting.
    Queue,
    /// Connections in use.
    Connections,
    /// Entries of a cache.
    CacheSize,
    /// Garbage collection.
    GarbageCollection,
    /// Up (1) or down (0).
    Up,
    /// The load of a host.
    Load,
}
