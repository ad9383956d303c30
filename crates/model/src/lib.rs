//! The words that all other crates share.
//!
//! Nothing here reads a file, knows a format or draws a conclusion: this crate
//! holds the nouns (`Entity`, `Value`, `Evidence`, `Finding`, `Coverage`,
//! `Case`) and the one door through which text becomes printable (`mask`).

pub mod case;
mod change;
mod coverage;
mod entity;
mod evidence;
mod finding;
mod health;
pub mod mask;
mod name;
mod quantity;
mod relation;
pub mod shell;
mod signature;
mod value;
mod window;

pub use change::Change;
pub use coverage::{Coverage, Fate, FileCoverage, Looked, Loss, Problem};
pub use entity::{Entity, kind};
pub use evidence::{Evidence, Place};
pub use finding::{Background, Declaration, Finding, Grade, State, Trust};
pub use health::Health;
pub use mask::Masked;
pub use name::{Interner, Name};
pub use quantity::{Quantity, is_bytes};
pub use relation::Relation;
pub use signature::SignatureSpec;
pub use value::{Map, Value};
pub use window::{Assume, Incident, Window};
