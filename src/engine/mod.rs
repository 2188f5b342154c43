//! What makes servers one database: Citus itself, or the emulation over `PostgreSQL`'s own sharding.
