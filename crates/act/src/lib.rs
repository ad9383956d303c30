//! Plans to mend what a case found: what to do, in which order, how to see that it worked, and the way back.
//!
//! Pure: a case and the catalogue go in, a plan comes out. Nothing is executed.
