//! Opening evidence, recognising formats, one reader a format, the World.

mod assemble;
mod bindings;
mod command_line;
mod follow;
mod formats;
mod host;
mod host_facts;
mod incident;
mod input;
mod kinds;
mod kubectl;
mod large;
mod log_files;
mod log_reader;
mod lookup;
mod mesh;
mod object;
mod objects;
mod read;
mod read_large;
mod retaken;
mod signals;
mod transcript;
mod world;

pub use bindings::{Binding, Variable};
pub use follow::{Follow, Grown};
pub use formats::{Chunk, Command, Context, Format, families};
pub use host_facts::{
    Answer, Certificate, CertificateFault, Clock, HostFacts, HostName, Interface, KernelEvent, KernelReport, Limit,
    LimitOf, Listener, Lookup, Memory, Mount, OomKill, Process, Routes, RuntimeContainer, SocketListing,
};
pub use incident::offset_of;
pub use input::each_block;
pub use log_files::{LeftOut, LogPath, OpenLog, log_paths, log_source};
pub use lookup::host_and_port;
pub use mesh::{Complaint, Level, MeshFacts, ProxySync};
pub use read::{GatherError, Options, Progress, gather, gather_stdin, read_as, read_one_text};
pub use world::{
    Alert, CanI, CommandError, Disk, Event, Form, Log, Measure, Object, Origin, Outcome, Reach, Unit, World, Yield,
};
