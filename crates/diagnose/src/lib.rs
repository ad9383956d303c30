//! The inference: theories, chain, next test, severity.
