//! Talking to one server: session, statement splitting, rows, notices, errors in full, cancel.
