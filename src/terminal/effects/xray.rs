//! What a statement touches, asked in a session of its own.
