use std::{sync::Arc, time::Instant};

use ratatui::{buffer::Buffer, layout::Rect};

use super::*;
use crate::{
    app::{
        Boot, ClusterFacts, Model, Msg, OpenTour, Pane, Regions, Screen, Settings, Target,
        nodes::NodesTarget, update,
    },
    cluster::{Reachability, View, sample},
    lesson::{LessonSource, load},
    runtime::Act,
    ui::Theme,
};

fn model(view: View) -> Model {
    let now = Instant::now();
    let mut model = Model::new(Settings::default(), (120, 36), now);
    let tour = load(&LessonSource::embedded()).unwrap().remove(0);
    let mut open = OpenTour::new(1, Arc::new(tour), (0, 0), Vec::new(), now);
    open.boot = Boot::Ready;
    open.facts = Some(ClusterFacts {
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
        nodes: view
            .nodes
            .iter()
            .map(|node| crate::app::NodeFacts {
                name: node.name.clone(),
                port: Some(node.port),
                commands: vec![(Act::Kill, format!("kill -9 {}", node.port))],
            })
            .collect(),
    });
    model.screen = Screen::Tour;
    model.tour = Some(Box::new(open));
    model.focus = Pane::Nodes;
    update(&mut model, Msg::View(1, Box::new(view)), now);
    model
}

fn text(buffer: &Buffer) -> String {
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    rows.map(|row| {
        let row: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        row.trim_end().to_owned() + "\n"
    })
    .collect()
}

fn strip(model: &Model, width: u16) -> (String, Regions) {
    let area = Rect::new(0, 0, width, 1);
    let (mut buffer, mut regions) = (Buffer::empty(area), Regions::default());
    let tour = model.tour.as_deref().unwrap();
    let theme = Theme::new(&model.settings);
    draw_strip(model, tour, &theme, area, &mut buffer, &mut regions);
    (text(&buffer).trim_end().to_owned(), regions)
}

fn panel(model: &Model, size: (u16, u16)) -> (String, Regions) {
    let area = Rect::new(0, 0, size.0, size.1);
    let (mut buffer, mut regions) = (Buffer::empty(area), Regions::default());
    let tour = model.tour.as_deref().unwrap();
    let theme = Theme::new(&model.settings);
    draw(model, tour, &theme, area, &mut buffer, &mut regions);
    (text(&buffer), regions)
}

fn troubled() -> View {
    let mut view = sample::distributed(3, 8);
    view.nodes[2].reachability = Reachability::Down;
    view.nodes[3].reachability = Reachability::Absent;
    view.nodes[3].membership = None;
    view
}

#[test]
fn the_strip_has_the_buttons_that_fit() {
    let model = model(troubled());
    let (wide, regions) = strip(&model, 140);
    assert_eq!(
        wide,
        " nodes  ● coordinator [stop][kill][freeze]  ● worker1 [stop][kill][freeze]  \
         ╳ worker2 DOWN 0s [restart]  ○ worker3 [add]  [all back F8]"
    );
    let acts = |act: Act, name: &str| {
        let target = Target::Nodes(NodesTarget::Act(act, name.to_owned()));
        regions.hits.iter().any(|hit| hit.target == target)
    };
    assert!(acts(Act::Start, "worker3") && acts(Act::Restart, "worker2"));
    assert!(!acts(Act::Kill, "worker2"));
    let (narrow, _) = strip(&model, 90);
    assert!(
        narrow.contains("● coordinator [stop][kill][freeze]"),
        "{narrow}"
    );
    assert!(narrow.contains("╳ worker2 DOWN 0s") && narrow.contains("○ worker3"));
}

#[test]
fn nodes_that_do_not_fit_are_counted() {
    let mut view = sample::distributed(40, 80);
    view.nodes[39].reachability = Reachability::Frozen;
    let mut model = model(view);
    let (shown, _) = strip(&model, 80);
    assert!(
        shown.ends_with("1 not up") && shown.contains('+'),
        "{shown}"
    );
    model.tour.as_deref_mut().unwrap().nodes.selected = 39;
    let (shown, _) = strip(&model, 80);
    assert!(shown.contains("worker39 FROZEN 0s [thaw][kill]"), "{shown}");
    for width in 1..100 {
        strip(&model, width);
    }
}

#[test]
fn the_chosen_card_is_open() {
    let mut model = model(troubled());
    model.tour.as_deref_mut().unwrap().nodes.button = 1;
    let (shown, _) = panel(&model, (80, 12));
    for words in [
        "▌● coordinator :5440  1 shard 8 kB ▪1",
        "up, active, metadata synced, may hold no shards · since 00:00",
        "[stop] [kill] [freeze] [thaw] [restart] [destroy] [add] [log]",
        "kill: SIGKILL, as a power cut",
        "$ kill -9 5440",
        " ╳ worker2 DOWN 0s :5442  7 shards 56 kB",
        " ○ worker3 not started",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    model.tour.as_deref_mut().unwrap().nodes.selected = 2;
    let (shown, _) = panel(&model, (80, 12));
    assert!(shown.contains("kill: it is not running"), "{shown}");
}

#[test]
fn the_panel_keeps_the_chosen_node_in_sight() {
    let mut model = model(sample::distributed(300, 300));
    for selected in [0, 1, 150, 299, 300] {
        model.tour.as_deref_mut().unwrap().nodes.selected = selected;
        for size in [(60, 8), (40, 20), (120, 36)] {
            let (shown, _) = panel(&model, size);
            let name = if selected == 0 {
                "coordinator".to_owned()
            } else {
                format!("worker{selected} ")
            };
            assert!(
                shown.contains(&format!("▌● {name}")),
                "{selected} {size:?}\n{shown}"
            );
            assert!(shown.contains("[kill]"), "{selected} {size:?}\n{shown}");
        }
        let (shown, _) = panel(&model, (60, 14));
        assert!(shown.contains(" of 301"), "{shown}");
    }
    for (width, height) in [(1, 1), (2, 2), (5, 3), (20, 4)] {
        panel(&model, (width, height));
    }
}
