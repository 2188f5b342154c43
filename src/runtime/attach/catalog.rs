//! What the coordinator says of the cluster when it is first asked.

use std::time::Duration;

use semver::Version;

use super::super::{RuntimeError, Served};
use super::schema::{Leftover, leftovers};
use crate::postgres::{ResultSet, Session};

const SERVER: &str = include_str!("../../../sql/attach/server.sql");
const ENGINE: &str = include_str!("../../../sql/attach/engine.sql");
const MEMBERS: &str = include_str!("../../../sql/attach/members.sql");
const RIGHTS: &str = include_str!("../../../sql/attach/rights.sql");

/// The oldest Citus whose catalogs are known here.
const OLDEST: Version = Version::new(12, 1, 0);

/// A primary of `pg_dist_node`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) group_id: i32,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) served: Served,
    pub(super) members: Vec<Member>,
    /// What cannot be seen, a sentence each.
    pub(super) unseen: Vec<String>,
    /// Schemas of lessons that nobody removed.
    pub(super) leftovers: Vec<Leftover>,
}

/// Asks for everything, and refuses what is no Citus that is known here.
pub(super) async fn look(session: &mut Session, deadline: Duration) -> Result<Found, RuntimeError> {
    let address = session.target().address.clone();
    let refuse = |reason: String| RuntimeError::NotAttachable {
        endpoint: format!("{}:{}/{}", address.host, address.port, address.database),
        reason,
    };
    let postgres = session
        .parameter("server_version")
        .unwrap_or("?")
        .to_owned();
    let database = ask(session, SERVER, deadline).await?;
    if text(&database, 0, 0) != "t" {
        return Err(refuse(format!(
            "this database of a PostgreSQL {postgres} has no Citus. Citus is installed per database: name the right one, or CREATE EXTENSION citus in it"
        )));
    }
    let engine = ask(session, ENGINE, deadline).await?;
    let served = served(text(&engine, 0, 0), postgres);
    match version(&served.version) {
        Some(version) if version >= OLDEST => {}
        _ => {
            return Err(refuse(format!(
                "it runs Citus {}, and citus-tour knows 12.1 and newer. Update the extension",
                served.version
            )));
        }
    }
    if text(&engine, 0, 1)
        .parse::<i32>()
        .is_ok_and(|group| group != 0)
    {
        return Err(refuse(
            "it is a worker. Name the coordinator: its catalogs are the ones that are looked at"
                .to_owned(),
        ));
    }
    let members = ask(session, MEMBERS, deadline).await?;
    let member = |row: usize| {
        Some(Member {
            host: text(&members, row, 0).to_owned(),
            port: text(&members, row, 1).parse().ok()?,
            group_id: text(&members, row, 2).parse().ok()?,
        })
    };
    let members = (0..members.rows.len()).filter_map(member).collect();
    let rights = ask(session, RIGHTS, deadline).await?;
    Ok(Found {
        served,
        members,
        unseen: unseen(&address.user, &rights),
        leftovers: leftovers(session, deadline).await?,
    })
}

async fn ask(
    session: &mut Session,
    question: &str,
    deadline: Duration,
) -> Result<ResultSet, RuntimeError> {
    Ok(session.query(question, deadline).await?.into_rows())
}

fn text(result: &ResultSet, row: usize, column: usize) -> &str {
    let value = result.rows.get(row).and_then(|row| row.get(column));
    value.and_then(Option::as_deref).unwrap_or_default()
}

/// `Citus 13.2.2 on x86_64-…`, or the emulation's words.
fn served(version: &str, postgres: String) -> Served {
    let (engine, rest) = match version.strip_prefix("emulation of Citus ") {
        Some(rest) => ("emulation", rest),
        None => ("citus", version.strip_prefix("Citus ").unwrap_or(version)),
    };
    Served {
        engine: engine.to_owned(),
        version: rest
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned(),
        postgres,
    }
}

/// Releases that are being made (`13.0devel`, `12.1.1-1`) count as what they become.
fn version(text: &str) -> Option<Version> {
    let number = |text: &str| {
        text.chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .ok()
    };
    let mut parts = text.split('.');
    let major = number(parts.next()?)?;
    let minor = parts.next().and_then(number).unwrap_or(0);
    let patch = parts.next().and_then(number).unwrap_or(0);
    Some(Version::new(major, minor, patch))
}

/// What a plain role does not see, and what would show it.
fn unseen(user: &str, rights: &ResultSet) -> Vec<String> {
    let is = |column: usize| text(rights, 0, column) == "t";
    let (superuser, monitor, progress) = (is(0), is(1), is(2));
    let mut unseen = Vec::new();
    if !superuser && !monitor {
        unseen.push(format!(
            "{user} is no member of pg_monitor: what other sessions run is hidden from it. GRANT pg_monitor TO {user} shows it"
        ));
    }
    if !progress {
        unseen.push(format!(
            "{user} may not ask for the progress of moves: shards under way are seen only when they have arrived. GRANT EXECUTE ON FUNCTION get_rebalance_progress() TO {user} shows them"
        ));
    }
    let unread: Vec<&str> = text(rights, 0, 3)
        .split(' ')
        .filter(|name| !name.is_empty())
        .collect();
    if !unread.is_empty() {
        unseen.push(format!(
            "{user} may not read {}: the map lacks what stands there. GRANT SELECT ON {} TO {user} shows it",
            unread.join(", "),
            unread.join(", ")
        ));
    }
    let (closed, all) = (text(rights, 0, 4), text(rights, 0, 5));
    if closed != "0" {
        unseen.push(format!(
            "{user} may not read {closed} of {all} tables that Citus knows: they are on the map, and neither X-ray nor probes can ask them. GRANT pg_read_all_data TO {user} opens them for reading"
        ));
    }
    unseen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_server_says() {
        let real = served(
            "Citus 13.2.2 on x86_64-pc-linux-gnu, compiled by gcc",
            "15.3".to_owned(),
        );
        assert_eq!(
            (real.engine.as_str(), real.version.as_str()),
            ("citus", "13.2.2")
        );
        let emulated = served(
            "emulation of Citus 13.2 by citus-tour on PostgreSQL 15",
            "15.3".to_owned(),
        );
        assert_eq!(
            (emulated.engine.as_str(), emulated.version.as_str()),
            ("emulation", "13.2")
        );
        assert_eq!(version("12.1devel"), Some(Version::new(12, 1, 0)));
        assert_eq!(version("12.1.5-1"), Some(Version::new(12, 1, 5)));
        assert!(version("11.3.1") < Some(OLDEST));
        assert_eq!(version("?"), None);
    }
}
