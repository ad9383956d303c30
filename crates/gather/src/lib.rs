//! Opening evidence, recognising formats, one reader a format, the World.

mod world;

pub use world::{
    Alert, CanI, CommandError, Disk, Event, Form, Log, Measure, Object, Origin, Outcome, Reach, Unit, World, Yield,
};
