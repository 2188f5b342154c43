//! Plans as both engines made them of the journey's tables, and what is said of each.

use serde::Deserialize;
use serde_json::Value;

use super::assemble::{Asked, assemble};
use super::lexeme::lexemes;
use super::plan::Found;
use super::sample::{emulated, journey, public};
use super::shards::Shards;
use super::touched::{Access, Certainty, Touched};
use crate::cluster::{Placement, Reachability, View};

#[derive(Deserialize)]
struct Recorded {
    statement: String,
    words: String,
    plan: Value,
}

const CITUS: &str = include_str!("../../tests/recorded/plans-citus.json");
const EMULATION: &str = include_str!("../../tests/recorded/plans-emulation.json");

fn recorded(text: &str) -> Vec<Recorded> {
    serde_json::from_str(text).unwrap()
}

fn touched(view: &View, statement: &str, plan: &Value) -> Option<Touched> {
    let shards = Shards::of(view);
    let mut found = Found::read(&shards, plan);
    found.complete(&shards);
    let asked = Asked {
        pieces: lexemes(statement),
        search_path: public(),
    };
    assemble(&shards, &asked, &found)
}

fn of(view: &View, text: &str, statement: &str) -> Touched {
    let all = recorded(text);
    let one = all.iter().find(|one| one.statement == statement).unwrap();
    touched(view, statement, &one.plan).unwrap()
}

fn assert_words(view: &View, text: &str) {
    let mut wrong = Vec::new();
    for one in recorded(text) {
        let said = touched(view, &one.statement, &one.plan);
        let said = said.map(|touched| touched.to_string()).unwrap_or_default();
        if said != one.words {
            wrong.push(format!("{}\n  {}\n  {said}", one.statement, one.words));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn plans_of_citus_are_understood() {
    assert_words(&journey(), CITUS);
}

#[test]
fn plans_of_the_emulation_are_understood() {
    assert_words(&emulated(), EMULATION);
}

#[test]
fn a_tenant_is_one_shard_on_one_node() {
    let statement = "SELECT * FROM orders WHERE user_id = 42";
    for (view, text) in [(journey(), CITUS), (emulated(), EMULATION)] {
        let touched = of(&view, text, statement);
        let [one] = touched.shards.as_slice() else {
            panic!("{touched:?}")
        };
        assert_eq!((one.id, one.access), (102_024, Access::Read));
        assert_eq!(touched.nodes, ["worker1"]);
        assert_eq!(touched.certainty, Certainty::Exact);
        let marks = touched.marks();
        assert_eq!(marks.get(&(one.group, "worker1")), Some(&Access::Read));
        assert_eq!(touched.groups(), [one.group]);
    }
}

#[test]
fn a_reference_table_is_read_beside_the_shards_and_written_everywhere() {
    let join = "SELECT r.name, count(*) FROM users u JOIN regions r USING (region_id) GROUP BY 1";
    let nodes = |view: &View, text, statement| {
        let touched = of(view, text, statement);
        let copy = touched.shards.iter().find(|one| one.id == 102_008).unwrap();
        (copy.nodes.join(" "), copy.access)
    };
    assert_eq!(
        nodes(&journey(), CITUS, join),
        ("worker1 worker2".into(), Access::Read)
    );
    // There the coordinator joins.
    assert_eq!(
        nodes(&emulated(), EMULATION, join),
        ("coordinator".into(), Access::Read)
    );
    let write = "INSERT INTO regions VALUES (99,'x')";
    for (view, text) in [(journey(), CITUS), (emulated(), EMULATION)] {
        assert_eq!(
            nodes(&view, text, write),
            ("coordinator worker1 worker2".into(), Access::Write)
        );
    }
}

#[test]
fn a_node_that_does_not_answer_is_named_so() {
    let mut view = journey();
    view.nodes[1].reachability = Reachability::Frozen;
    let words = |statement| of(&view, CITUS, statement).to_string();
    assert_eq!(
        words("SELECT * FROM orders WHERE user_id = 42"),
        "1 of 8 shards, worker1 (frozen)"
    );
    assert_eq!(
        words("UPDATE users SET name='x' WHERE user_id=42"),
        "1 of 8 shards, worker1 (frozen)"
    );
}

#[test]
fn of_several_copies_the_one_whose_node_answers_is_read() {
    let mut view = emulated();
    let groups = view.groups.iter_mut();
    let mut shards = groups.flat_map(|group| &mut group.shards);
    let shard = shards.find(|shard| shard.id == 102_024).unwrap();
    let first = shard.placements[0].clone();
    let second = view.nodes[2].membership.unwrap().group_id;
    shard.placements.push(Placement {
        group_id: second,
        ..first
    });
    let words = |view: &View| {
        let statement = "SELECT * FROM orders WHERE user_id = 42";
        of(view, EMULATION, statement).to_string()
    };
    assert_eq!(words(&view), "1 of 8 shards, worker1");
    view.nodes[1].reachability = Reachability::Down;
    assert_eq!(words(&view), "1 of 8 shards, worker2");
    view.nodes[2].reachability = Reachability::Down;
    assert_eq!(words(&view), "1 of 8 shards, worker1 (down)");
}

#[test]
fn a_task_that_could_not_be_planned_still_names_its_shard() {
    let plan = serde_json::json!([{"Plan": {
        "Node Type": "Custom Scan", "Custom Plan Provider": "Citus Adaptive",
        "Distributed Query": {"Job": {"Task Count": 1, "Tasks Shown": "All", "Tasks": [{
            "Query": "SELECT order_id FROM public.orders_102024 orders WHERE true",
            "Error": "Could not get remote plan."
        }]}}
    }}]);
    let touched = touched(
        &journey(),
        "SELECT order_id FROM orders WHERE user_id = 42",
        &plan,
    );
    assert_eq!(touched.unwrap().to_string(), "1 of 8 shards, worker1");
}

#[test]
fn tasks_that_are_not_shown_are_counted() {
    let plan = serde_json::json!([{"Plan": {
        "Node Type": "Custom Scan", "Custom Plan Provider": "Citus Adaptive",
        "Distributed Query": {"Job": {"Task Count": 3, "Tasks Shown": "One of 3", "Tasks": [{
            "Query": "SELECT order_id FROM public.orders_102018 orders WHERE true",
            "Node": "host=127.0.0.1 port=5461 dbname=postgres"
        }]}}
    }}]);
    let statement = "SELECT order_id FROM orders WHERE user_id IN (1, 2, 3)";
    let counted = touched(&journey(), statement, &plan).unwrap();
    assert_eq!(counted.certainty, Certainty::Counted);
    assert_eq!(
        (counted.words.as_str(), counted.shards.len()),
        ("3 of 8 shards", 1)
    );
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let mut view = journey();
    view.tables
        .iter_mut()
        .filter(|table| table.distribution_column.is_some())
        .for_each(|table| table.distribution_column = Some("a\x1b[2J\nb".into()));
    let words = of(&view, CITUS, "SELECT count(*) FROM orders").to_string();
    assert_eq!(
        words,
        "8 of 8 shards on 2 workers: no filter on the distribution column a\\x1B[2J b"
    );
}
