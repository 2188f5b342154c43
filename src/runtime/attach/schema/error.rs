//! What hinders making or dropping the schema of lessons.

use crate::postgres::{Address, PostgresError, escape_identifier};

/// The SQLSTATE of somebody who may not.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// Each message is the end of a sentence that names the schema.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The server refused, or did not answer.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// A cluster without nodes would be given one for good.
    #[error(
        "pg_dist_node is empty: the first distributed table would enter the coordinator there as `localhost`, and keep you from adding workers later. Name it yourself before, with the host by which workers will reach it: SELECT citus_set_coordinator_host('host', 5432). Without workers let it hold shards, too: SELECT citus_set_node_property('host', 5432, 'shouldhaveshards', true)"
    )]
    NoNodes,
    /// Nothing could be distributed.
    #[error(
        "no active node may hold shards (shouldhaveshards in pg_dist_node). Where there are no workers, let the coordinator: SELECT citus_set_node_property('host', 5432, 'shouldhaveshards', true)"
    )]
    NoNodeForShards,
    /// Names do not lead into the schema.
    #[error(
        "a session that was to look for names in it alone looks in `{0}`: something between drops what sessions ask for, as poolers do. Name the coordinator's own host and port"
    )]
    NamesLeadElsewhere(String),
    /// Dropping it would take more than what is in it.
    #[error("outside of it this stands on what is in it, and would be dropped too: {}. Drop or change that first", .0.join("; "))]
    NeededOutside(Vec<String>),
    /// Somebody else holds the lock of that name.
    #[error("another program has a schema of that name in use")]
    InUse,
    /// A defect of ours.
    #[error("citus-tour has a defect there")]
    Broken,
}

impl SchemaError {
    /// What lets a role make the schema, where it may not; begins with a full stop, or is empty.
    pub(in crate::runtime::attach) fn help(&self, address: &Address) -> String {
        let Self::Postgres(error) = self else {
            return String::new();
        };
        let (user, database) = (named(&address.user), named(&address.database));
        if error.code() == INSUFFICIENT_PRIVILEGE {
            format!(". GRANT CREATE ON DATABASE {database} TO {user} allows it, on every node")
        } else if error.to_string().contains("no password supplied") {
            format!(
                ". The coordinator cannot log in to its workers as {user}: give it a way, by a password file, by pg_hba.conf on the workers, or by a row in pg_dist_authinfo"
            )
        } else {
            String::new()
        }
    }
}

/// A name as SQL takes it, short where that is the same.
fn named(name: &str) -> String {
    let plain = |character: char| character.is_ascii_lowercase() || character == '_';
    if name.starts_with(plain) && name.chars().all(|c| plain(c) || c.is_ascii_digit()) {
        name.to_owned()
    } else {
        escape_identifier(name)
    }
}
