//! What the audit says of worlds that are made up here.
