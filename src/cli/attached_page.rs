//! The page that stands on the screen where a lesson stands otherwise, on somebody's own cluster; lessons for guests follow it.

use super::kept::left_behind;
use crate::{
    lesson::{Block, Lesson, Phase, Step, Tour},
    runtime::{Runtime, attach::AttachedCluster},
};

/// What stands where a lesson stands otherwise; lessons for guests follow it, where writes are allowed.
pub(super) fn page(cluster: &AttachedCluster, guests: impl Iterator<Item = Tour>) -> Tour {
    let writes = if cluster.is_read_only() {
        "**Read-only.** Statements that would change something are refused, by the server and before it. Probes and load only \
         read. `--allow-writes` lifts that, and brings lessons that run in a schema of their own."
    } else {
        "**Writes are allowed.** What you run here changes this cluster. Probes write nothing that stays; a load does. Lessons begin \
         at the end of this page, in a schema of their own."
    };
    let way = if cluster.is_encrypted() {
        "The connection is encrypted."
    } else {
        "The connection is not encrypted."
    };
    let mut text = format!(
        "This is your own cluster, as its coordinator tells it.\n\n{writes}\n\n{way} Every session ends its statements \
         after a minute and waits two seconds for a lock, unless you `SET` it otherwise.\n\n\
         - The map shows every shard group and its placements; press one to see what it holds.\n\
         - Type SQL; under each result the X-ray says which shards and nodes it touched.\n\
         - The laboratory probes what works, kind of statement by kind of statement. Nothing is broken here: there are no faults.\n\
         - A node that has never answered from here is *unknown*: the way to it may not be yours.\n"
    );
    if !cluster.unseen().is_empty() {
        text.push_str("\nWhat is not seen:\n\n");
        for sentence in cluster.unseen() {
            text.push_str("- ");
            text.push_str(sentence);
            text.push('\n');
        }
    }
    if let Some(sentence) = left_behind(cluster.leftovers()) {
        text.push('\n');
        text.push_str(&sentence);
        text.push('\n');
    }
    let lessons: Vec<Phase> = guests
        .filter(|_| !cluster.is_read_only())
        .flat_map(|tour| tour.phases)
        .collect();
    let name = cluster.id().to_owned();
    let lesson = Lesson {
        id: "attach".to_owned(),
        title: name.clone(),
        minutes: 0,
        topology: name.clone(),
        engine: None,
        start: None,
        end: None,
        file: String::new(),
        introduction: vec![Block::Prose(text)],
        steps: invitation(cluster, &lessons).into_iter().collect(),
    };
    Tour {
        id: "attach".to_owned(),
        title: name,
        phases: std::iter::once(Phase {
            title: "Attached".to_owned(),
            lessons: vec![lesson],
        })
        .chain(lessons)
        .collect(),
    }
}

/// What going on to the lessons means for the cluster; nothing where there are none.
fn invitation(cluster: &AttachedCluster, phases: &[Phase]) -> Option<Step> {
    let lessons: Vec<&Lesson> = phases.iter().flat_map(|phase| &phase.lessons).collect();
    if lessons.is_empty() {
        return None;
    }
    let minutes: u16 = lessons.iter().map(|lesson| lesson.minutes).sum();
    let schema = cluster.lesson_schema();
    let text = format!(
        "{} lessons of {minutes} minutes together let you try on this cluster what Citus does with tables, shards and tenants. \
         Going on makes an empty schema, `{schema}`. From then on names without a schema mean tables in it and never yours, in the \
         lessons and in what you type. Nothing outside of it is changed, no server is touched, and it is dropped with all that is in \
         it when you leave.\n",
        lessons.len()
    );
    Some(Step {
        id: "lessons".to_owned(),
        title: "Lessons, in a schema of their own".to_owned(),
        line: 0,
        blocks: vec![Block::Prose(text)],
    })
}
