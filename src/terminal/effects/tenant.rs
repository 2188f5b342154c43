//! Asks the coordinator where a value of a distribution column lives.

use std::{sync::Arc, time::Duration};

use super::{context::Context, open::Running};
use crate::{
    app::{Msg, map::TenantAnswer},
    cluster::TableName,
    observe::tenant_place,
    postgres::{ApplicationName, Session, Target, escape_identifier},
};

/// How long the coordinator may take.
const DEADLINE: Duration = Duration::from_secs(3);

/// Asks and tells.
pub(super) async fn look(
    context: Context,
    generation: u64,
    running: Arc<Running>,
    table: TableName,
    value: String,
) {
    let shard = ask(&running, &table, &value).await;
    let answer = TenantAnswer {
        table,
        value,
        shard,
    };
    context
        .send(Msg::TenantPlace(generation, Box::new(answer)))
        .await;
}

async fn ask(running: &Running, table: &TableName, value: &str) -> Result<u64, String> {
    let node = running.coordinator();
    let address = running.cluster.address(&node);
    let target = Target::new(&node, address.map_err(|error| error.to_string())?);
    let mut session = Session::connect(&target, ApplicationName::Observer, DEADLINE)
        .await
        .map_err(|error| error.to_string())?;
    let table = format!(
        "{}.{}",
        escape_identifier(&table.schema),
        escape_identifier(&table.name)
    );
    let place = tenant_place(&mut session, &table, value, DEADLINE).await;
    place
        .map(|place| place.shard)
        .map_err(|error| error.to_string())
}
