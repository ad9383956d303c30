//! Opening evidence, recognising formats, one reader a format, the World.

mod formats;
mod host;
mod kubectl;
mod log_reader;
mod objects;
mod signals;
mod world;

pub use formats::{Chunk, Command, Context, Format};
pub use world::{
    Alert, CanI, CommandError, Disk, Event, Form, Log, Measure, Object, Origin, Outcome, Reach, Unit, World, Yield,
};
