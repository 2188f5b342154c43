use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::*;
use crate::{
    app::{
        Boot, BootEvent, ClusterFacts, Effect, Model, Msg, OpenTour, Pane, Screen, Settings,
        input::Chord, log::LogKind, next_deadline as due, overlay::Overlay, update,
    },
    cluster::{NodeState, Reachability, View, sample},
    lesson::{LessonSource, load},
    runtime::{Act, Exit},
};

const GENERATION: u64 = 3;

fn model(view: View) -> Model {
    let now = Instant::now();
    let mut model = Model::new(Settings::default(), (120, 36), now);
    let tour = load(&LessonSource::embedded()).unwrap().remove(0);
    let mut open = OpenTour::new(GENERATION, Arc::new(tour), (0, 0), Vec::new(), now);
    open.boot = Boot::Ready;
    model.screen = Screen::Tour;
    model.tour = Some(Box::new(open));
    let facts = ClusterFacts {
        engine: "Citus 13.2".to_owned(),
        real: true,
        runtime: "local".to_owned(),
        id: "id".to_owned(),
        read_only: false,
        schema: None,
        kept: None,
        acts: vec![
            Act::Start,
            Act::Stop,
            Act::Kill,
            Act::Freeze,
            Act::Thaw,
            Act::Restart,
            Act::Destroy,
        ],
        nodes: Vec::new(),
    };
    tell(&mut model, Msg::Boot(GENERATION, BootEvent::Facts(facts)));
    see(&mut model, view);
    model.focus = Pane::Nodes;
    model
}

fn tell(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let now = model.now;
    update(model, msg, now)
}

fn see(model: &mut Model, view: View) {
    tell(model, Msg::View(GENERATION, Box::new(view)));
}

fn press(model: &mut Model, chord: &str) -> Vec<Effect> {
    tell(model, Msg::Key(Chord::parse(chord).unwrap()))
}

fn with(index: usize, reachability: Reachability) -> View {
    let mut view = sample::journey();
    view.nodes[index].reachability = reachability;
    view
}

fn acts(effects: &[Effect]) -> Vec<(Act, &str)> {
    let act = |effect| match effect {
        &Effect::Act { act, ref node, .. } => Some((act, node.as_str())),
        _ => None,
    };
    effects.iter().filter_map(act).collect()
}

fn tour(model: &Model) -> &OpenTour {
    model.tour.as_deref().unwrap()
}

#[test]
fn a_kill_that_harms_is_asked_about_and_then_done() {
    let mut model = model(sample::journey());
    press(&mut model, "Down");
    assert!(press(&mut model, "k").is_empty());
    let Some(Overlay::ConfirmAct {
        act: Act::Kill,
        nodes,
        consequences,
        selected: 0,
        ..
    }) = model.overlays.last()
    else {
        panic!("{:?}", model.overlays)
    };
    assert_eq!(nodes, &["worker1"]);
    assert!(consequences[0].starts_with("4 of 8 shard groups of orders, users"));
    // The harmless button is chosen; the key that opened the question does nothing.
    assert!(press(&mut model, "k").is_empty());
    press(&mut model, "Right");
    let effects = press(&mut model, "Enter");
    assert_eq!(acts(&effects), [(Act::Kill, "worker1")]);
    let id = tour(&model).nodes.under_way["worker1"].id;
    assert!(
        refusal(
            tour(&model),
            &tour(&model).view.nodes[1],
            Deed::Act(Act::Stop)
        )
        .is_some()
    );

    let exit = Exit {
        node: "worker1".to_owned(),
        ordered: Some(Act::Kill),
        status: "signal 9".to_owned(),
    };
    tell(&mut model, Msg::Exit(GENERATION, exit));
    see(&mut model, with(1, Reachability::Down));
    let done = Msg::Acted {
        id,
        act: Act::Kill,
        node: "worker1".to_owned(),
        result: Ok(()),
    };
    let effects = tell(&mut model, done);
    assert!(matches!(effects.last(), Some(Effect::AskChecks)));
    assert!(tour(&model).nodes.under_way.is_empty());
    let log = &tour(&model).log.entries;
    assert!(
        log.iter().all(|entry| entry.kind != LogKind::Failure),
        "{log:?}"
    );
    assert!(log.iter().any(|entry| entry.text == "worker1 is down"));
}

#[test]
fn a_crash_is_no_order() {
    let mut model = model(sample::journey());
    let exit = Exit {
        node: "worker2".to_owned(),
        ordered: None,
        status: "signal 11".to_owned(),
    };
    tell(&mut model, Msg::Exit(GENERATION, exit));
    assert!(model.notice.as_ref().unwrap().alarming);
    see(&mut model, with(2, Reachability::Down));
    let log = &tour(&model).log.entries;
    let failures = log.iter().filter(|entry| entry.kind == LogKind::Failure);
    assert_eq!(failures.count(), 2);
}

#[test]
fn what_nothing_depends_on_is_done_at_once() {
    let mut model = model(sample::plain());
    press(&mut model, "Down");
    let effects = press(&mut model, "f");
    assert_eq!(acts(&effects), [(Act::Freeze, "worker1")]);
    assert!(model.overlays.is_empty());
}

#[test]
fn destruction_asks_for_the_name_even_where_nothing_depends() {
    let mut model = model(sample::plain());
    press(&mut model, "Down");
    assert!(press(&mut model, "d").is_empty());
    press(&mut model, "Right");
    assert!(press(&mut model, "Enter").is_empty());
    for character in "worker1".chars() {
        press(&mut model, &character.to_string());
    }
    let effects = press(&mut model, "Enter");
    assert_eq!(acts(&effects), [(Act::Destroy, "worker1")]);
}

#[test]
fn what_cannot_be_done_says_why() {
    let mut model = model(with(2, Reachability::Frozen));
    press(&mut model, "Down");
    press(&mut model, "Down");
    assert!(press(&mut model, "s").is_empty());
    assert!(model.notice.take().unwrap().text.contains("frozen"));
    assert_eq!(acts(&press(&mut model, "t")), [(Act::Thaw, "worker2")]);
    // A second act has to wait for the first.
    assert!(press(&mut model, "t").is_empty());
    assert!(model.notice.take().unwrap().text.contains("under way"));
}

#[test]
fn everything_is_put_back_at_once() {
    let mut view = with(1, Reachability::Frozen);
    view.nodes[2].reachability = Reachability::Down;
    let mut absent = view.nodes[2].clone();
    absent.name = "worker3".to_owned();
    absent.membership = None;
    absent.reachability = Reachability::Absent;
    view.nodes.push(absent);
    let mut model = model(view);
    model.focus = Pane::Editor;
    assert_eq!(
        acts(&press(&mut model, "F8")),
        [(Act::Thaw, "worker1"), (Act::Restart, "worker2")]
    );
    assert!(press(&mut model, "F8").is_empty());
    // The next node of the topology comes by its own key.
    model.focus = Pane::Nodes;
    assert_eq!(acts(&press(&mut model, "a")), [(Act::Start, "worker3")]);
}

#[test]
fn letters_do_nothing_to_nodes_from_the_editor() {
    for letter in ["s", "k", "f", "t", "r", "d", "a", "l"] {
        let mut model = model(sample::plain());
        model.focus = Pane::Editor;
        let effects = press(&mut model, letter);
        assert!(acts(&effects).is_empty() && model.overlays.is_empty());
    }
    let mut model = model(sample::plain());
    model.focus = Pane::Lesson;
    assert!(acts(&press(&mut model, "k")).is_empty());
    assert_eq!(model.focus, Pane::Nodes);
}

#[test]
fn time_is_counted_while_a_node_is_down_and_not_at_rest() {
    let mut model = model(sample::journey());
    model.notice = None;
    assert_eq!(due(&model, model.now), None);
    let at = model.now + Duration::from_millis(500);
    update(
        &mut model,
        Msg::View(GENERATION, Box::new(with(1, Reachability::Down))),
        at,
    );
    assert_eq!(tour(&model).nodes.since["worker1"], (NodeState::Down, at));
    assert_eq!(due(&model, at), Some(at + Duration::from_secs(1)));
    let later = at + Duration::from_secs(90);
    assert_eq!(due(&model, later), Some(at + Duration::from_secs(120)));
    see(&mut model, sample::journey());
    assert_eq!(due(&model, model.now), None);
}

#[test]
fn a_log_is_followed_while_it_is_open() {
    let mut model = model(sample::journey());
    let effects = press(&mut model, "l");
    assert!(matches!(effects.as_slice(), [Effect::FollowLog(Some(node))] if node == "coordinator"));
    let effects = press(&mut model, "Esc");
    assert!(matches!(effects.as_slice(), [Effect::FollowLog(None)]));
    assert!(model.overlays.is_empty());
}

#[test]
fn the_chosen_node_stays_chosen_when_others_come() {
    let mut model = model(sample::distributed(2, 8));
    press(&mut model, "Down");
    press(&mut model, "Down");
    assert_eq!(chosen(tour(&model)).unwrap().name, "worker2");
    let mut view = sample::distributed(3, 8);
    view.nodes.remove(1);
    see(&mut model, view);
    assert_eq!(chosen(tour(&model)).unwrap().name, "worker2");
}

/// The chosen button is the one that is pressed, whatever buttons a cluster has.
#[test]
fn the_button_that_is_shown_is_the_one_that_is_pressed() {
    let network = [Act::Partition, Act::Heal];
    let local = [
        Act::Start,
        Act::Stop,
        Act::Kill,
        Act::Freeze,
        Act::Thaw,
        Act::Restart,
        Act::Destroy,
    ];
    let of_containers = [local.as_slice(), &network].concat();
    for (acts, count) in [(local.to_vec(), 8), (of_containers, 10), (Vec::new(), 0)] {
        let mut model = model(with(1, Reachability::Up));
        let tour = model.tour.as_deref_mut().unwrap();
        if let Some(facts) = &mut tour.facts {
            facts.acts.clone_from(&acts);
        }
        let node = tour.view.nodes[1].clone();
        let shown = offers(tour, &node);
        assert_eq!(shown.len(), count);
        let pressed: Vec<Deed> = deeds(tour);
        let drawn: Vec<Deed> = shown.iter().map(|offer| offer.deed).collect();
        assert_eq!(pressed, drawn);
        let has_network = acts.contains(&Act::Heal);
        assert_eq!(drawn.contains(&Deed::Act(Act::Heal)), has_network);
    }
}
