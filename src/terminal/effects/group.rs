//! Looks into a shard group: how many rows its shards have, and who lives there. The nodes that hold them are asked, each for itself, so that
//! one that does not answer costs its own numbers only.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::time::timeout;

use super::{context::Context, open::Running};
use crate::{
    app::{Msg, map::GroupFacts},
    cluster::{GroupKey, Node, Shard, ShardGroup, View},
    postgres::{ApplicationName, Session, Target, escape_identifier},
};

/// How long a node may take for everything.
const DEADLINE: Duration = Duration::from_secs(3);
/// Tenants that are shown.
const TENANTS: usize = 8;
/// The longest name that a table can have, in bytes.
const LONGEST_NAME: usize = 63;

/// Looks and tells.
pub(super) async fn look(
    context: Context,
    generation: u64,
    running: Arc<Running>,
    key: GroupKey,
    view: Box<View>,
) {
    let Some(group) = view.group(key) else { return };
    let mut by_node: BTreeMap<&str, Vec<&Shard>> = BTreeMap::new();
    let mut rows: BTreeMap<u64, Result<u64, String>> = BTreeMap::new();
    for shard in &group.shards {
        if let Some(node) = holder(&view, shard) {
            by_node.entry(&node.name).or_default().push(shard);
        } else {
            let words = "no node that answers holds it".to_owned();
            rows.insert(shard.id, Err(words));
        }
    }
    let asked = by_node
        .iter()
        .map(|(node, shards)| ask_in_time(&running, &view, node, shards));
    let mut tenants = Vec::new();
    for answer in join_all(asked).await {
        rows.extend(answer.rows);
        if tenants.is_empty() {
            tenants = answer.tenants;
        }
    }
    let facts = GroupFacts {
        group: key,
        rows: in_order(group, &mut rows),
        tenants,
    };
    context
        .send(Msg::GroupFacts(generation, Box::new(facts)))
        .await;
}

fn in_order(
    group: &ShardGroup,
    rows: &mut BTreeMap<u64, Result<u64, String>>,
) -> Vec<(String, Result<u64, String>)> {
    let row = |shard: &Shard| {
        let count = rows.remove(&shard.id);
        let count = count.unwrap_or_else(|| Err("not asked".to_owned()));
        (shard.table.to_string(), count)
    };
    group.shards.iter().map(row).collect()
}

/// A node that holds a shard: one that answers, if there is one.
fn holder<'view>(view: &'view View, shard: &Shard) -> Option<&'view Node> {
    let active = shard.placements.iter().filter(|placement| placement.active);
    let mut nodes = active.filter_map(|placement| view.node_of_group(placement.group_id));
    nodes.find(|node| node.reachability.answers())
}

struct Answer {
    rows: Vec<(u64, Result<u64, String>)>,
    tenants: Vec<String>,
}

async fn ask_in_time(running: &Running, view: &View, node: &str, shards: &[&Shard]) -> Answer {
    let asked = timeout(DEADLINE, ask(running, view, node, shards)).await;
    let failed = match asked {
        Ok(Ok(answer)) => return answer,
        Ok(Err(words)) => words,
        Err(_) => format!("{node} did not answer within {} s", DEADLINE.as_secs()),
    };
    Answer {
        rows: shards
            .iter()
            .map(|shard| (shard.id, Err(failed.clone())))
            .collect(),
        tenants: Vec::new(),
    }
}

async fn ask(
    running: &Running,
    view: &View,
    node: &str,
    shards: &[&Shard],
) -> Result<Answer, String> {
    let address = running.cluster.address(node);
    let target = Target::new(node, address.map_err(|error| error.to_string())?);
    let mut session = Session::connect(&target, ApplicationName::Observer, DEADLINE)
        .await
        .map_err(|error| error.to_string())?;
    let mut answer = Answer {
        rows: Vec::new(),
        tenants: Vec::new(),
    };
    for shard in shards {
        let counted = match relation(shard) {
            Some(relation) => {
                let question = format!("SELECT count(*) FROM {relation}");
                scalars(&mut session, &question).await.and_then(|counted| {
                    let count = counted.first().and_then(|count| count.parse().ok());
                    count.ok_or_else(|| "no number came".to_owned())
                })
            }
            None => Err("its shards have names that are cut off".to_owned()),
        };
        answer.rows.push((shard.id, counted));
        if answer.tenants.is_empty()
            && let Some(question) = tenants(view, shard)
        {
            answer.tenants = scalars(&mut session, &question).await.unwrap_or_default();
        }
    }
    Ok(answer)
}

/// The first column of what a question brings.
async fn scalars(session: &mut Session, question: &str) -> Result<Vec<String>, String> {
    let outcome = session.query(question, DEADLINE).await;
    let rows = outcome.map_err(|error| error.to_string())?.into_rows().rows;
    let first = |row: Vec<Option<String>>| row.into_iter().next().flatten();
    Ok(rows.into_iter().filter_map(first).collect())
}

/// The table that holds a shard's rows on its node; `None` where the engine has shortened the name.
fn relation(shard: &Shard) -> Option<String> {
    let name = format!("{}_{}", shard.table.name, shard.id);
    (name.len() <= LONGEST_NAME).then(|| {
        format!(
            "{}.{}",
            escape_identifier(&shard.table.schema),
            escape_identifier(&name)
        )
    })
}

/// Asks for some values of the distribution column: a few of the first rows, so that a large shard is not read whole.
fn tenants(view: &View, shard: &Shard) -> Option<String> {
    let table = view.tables.iter().find(|table| table.name == shard.table)?;
    let column = escape_identifier(table.distribution_column.as_ref()?);
    let relation = relation(shard)?;
    Some(format!(
        "SELECT DISTINCT {column} FROM (SELECT {column} FROM {relation} LIMIT 1000) sample ORDER BY 1 LIMIT {TENANTS}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Table, TableKind, TableName};

    fn shard(table: &str) -> Shard {
        Shard {
            id: 102_008,
            table: TableName::new("Shop", table),
            placements: Vec::new(),
        }
    }

    #[test]
    fn a_shard_is_a_table_of_its_node() {
        assert_eq!(
            relation(&shard("orders")).unwrap(),
            "\"Shop\".\"orders_102008\""
        );
        assert_eq!(relation(&shard(&"x".repeat(57))), None);
    }

    #[test]
    fn tenants_are_asked_for_by_the_distribution_column() {
        let view = View {
            tables: vec![Table {
                name: TableName::new("Shop", "orders"),
                kind: TableKind::Distributed,
                distribution_column: Some("user \"id\"".to_owned()),
                colocation_id: Some(1),
                shard_count: 1,
                replication_factor: Some(1),
            }],
            ..View::default()
        };
        let question = tenants(&view, &shard("orders")).unwrap();
        assert!(
            question.starts_with("SELECT DISTINCT \"user \"\"id\"\"\" FROM (SELECT"),
            "{question}"
        );
        assert_eq!(tenants(&view, &shard("regions")), None);
    }
}
