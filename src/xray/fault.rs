//! An error read the other way round: which node and which shard it names.

use super::lexeme::lexemes;
use super::shards::Shards;
use crate::cluster::{GroupKey, View};
use crate::postgres::Report;

/// Where an error happened, as far as it says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// The node's name.
    pub node: Option<String>,
    /// The shards that it names.
    pub shards: Vec<u64>,
    /// Their groups.
    pub groups: Vec<GroupKey>,
}

/// The node and the shards that a report names; `None` when it names neither.
#[must_use]
pub fn from_report(view: &View, report: &Report) -> Option<Fault> {
    let shards = Shards::of(view);
    let mut fault = Fault::default();
    // DETAIL is left out: it quotes rows, and those may hold anything.
    let naming = [
        report.constraint.as_deref(),
        report.table.as_deref(),
        Some(report.message.as_str()),
        report.context.as_deref(),
        report.internal_query.as_deref(),
    ];
    for text in naming.into_iter().flatten() {
        for id in shards_named(&shards, text) {
            if let Some((group, _)) = shards.get(id)
                && !fault.shards.contains(&id)
            {
                fault.shards.push(id);
                if !fault.groups.contains(&group.key) {
                    fault.groups.push(group.key);
                }
            }
        }
    }
    let locating = [
        report.context.as_deref(),
        Some(report.message.as_str()),
        report.detail.as_deref(),
    ];
    let mut located = locating.into_iter().flatten();
    fault.node = located.find_map(|text| node_named(view, text));
    if fault.node.is_none()
        && let [id] = fault.shards[..]
        && let Some((_, shard)) = shards.get(id)
        && let [only] = shards.holders(shard).as_slice()
    {
        fault.node = Some(only.clone());
    }
    (fault.node.is_some() || !fault.shards.is_empty()).then_some(fault)
}

/// The shards whose tables, constraints or indexes a text names.
fn shards_named(shards: &Shards<'_>, text: &str) -> Vec<u64> {
    // Messages put names into double quotes; plain words are names too. What a string holds is no name.
    let pieces = lexemes(text);
    let names = pieces.iter().filter_map(super::lexeme::Lexeme::name);
    let numbers = names.filter_map(|name| name.rsplit_once('_')?.1.parse().ok());
    numbers.filter(|id| shards.get(*id).is_some()).collect()
}

/// The node that a text names as `host:port`, as `"host", port 5432`, or as the emulation calls its servers.
fn node_named(view: &View, text: &str) -> Option<String> {
    const SERVER: &str = "citus_node_";
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit());
    let contains = |form: &str| {
        let mut places = text.match_indices(form);
        places.any(|(at, _)| ends(&text[at + form.len()..]))
    };
    let named = view.nodes.iter().find(|node| {
        contains(&format!("{}:{}", node.host, node.port))
            || contains(&format!("\"{}\", port {}", node.host, node.port))
            || node
                .group_id()
                .is_some_and(|group| contains(&format!("{SERVER}{group}")))
    });
    named.map(|node| node.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::Severity;
    use crate::xray::sample::journey;

    fn report(message: &str) -> Report {
        Report::new(Severity::Error, "08001", message)
    }

    fn fault(report: &Report) -> Option<(Option<String>, Vec<u64>)> {
        from_report(&journey(), report).map(|fault| (fault.node, fault.shards))
    }

    #[test]
    fn a_duplicate_key_names_its_shard_and_its_node() {
        let mut citus =
            report("duplicate key value violates unique constraint \"users_pkey_102013\"");
        citus.constraint = Some("users_pkey_102013".into());
        citus.detail = Some("Key (user_id)=(users_102014) already exists.".into());
        citus.context = Some("while executing command on 127.0.0.1:5462".into());
        let expected = Some((Some("worker2".to_owned()), vec![102_013]));
        assert_eq!(fault(&citus), expected);
        let mut emulation =
            report("duplicate key value violates unique constraint \"users_pkey_102013\"");
        emulation.context =
            Some("remote SQL command: INSERT INTO public.users_102013(user_id) VALUES ($1)".into());
        assert_eq!(fault(&emulation), expected);
    }

    #[test]
    fn a_lost_connection_names_its_node() {
        let node = |name: &str| Some((Some(name.to_owned()), Vec::new()));
        let citus = report(
            "connection to the remote node root@127.0.0.1:5461 failed with the following error: refused",
        );
        assert_eq!(fault(&citus), node("worker1"));
        assert_eq!(
            fault(&report("could not connect to server \"citus_node_2\"")),
            node("worker2")
        );
        let mut detailed = report("could not connect");
        detailed.detail = Some("connection to server at \"127.0.0.1\", port 5462 failed".into());
        assert_eq!(fault(&detailed), node("worker2"));
    }

    #[test]
    fn other_errors_name_nothing() {
        for message in [
            "syntax error at or near \"users_102\"",
            "connection to 127.0.0.1:54610 failed",
            "could not connect to server \"citus_node_21\"",
            "value 'users_102013' is too long",
        ] {
            assert_eq!(fault(&report(message)), None, "{message}");
        }
        let several = report("shards users_102013 and orders_102018");
        assert_eq!(fault(&several), Some((None, vec![102_013, 102_018])));
    }
}
