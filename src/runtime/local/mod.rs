//! Nodes as `PostgreSQL` server processes of our own under a private directory.
