//! Loading, checking and compiling failure modes.
