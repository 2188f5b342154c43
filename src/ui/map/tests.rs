use std::{collections::BTreeSet, sync::Arc, time::Instant};

use super::*;
use crate::{
    app::{
        Boot, BootEvent, Msg, Screen, Settings, Target, ThemeName,
        map::{MapTarget, Pin},
        update,
    },
    cluster::{Leftover, Move, Reachability, View, sample},
    lesson::{LessonSource, load},
    runtime::Event,
};

const GENERATION: u64 = 1;

fn model(view: View) -> Model {
    let now = Instant::now();
    let mut model = Model::new(Settings::default(), (120, 36), now);
    let tour = load(&LessonSource::embedded()).unwrap().remove(0);
    let nodes = view.nodes.iter().map(|node| node.name.clone()).collect();
    let mut open = OpenTour::new(GENERATION, Arc::new(tour), (0, 0), nodes, now);
    open.boot = Boot::Ready;
    model.screen = Screen::Tour;
    model.tour = Some(Box::new(open));
    model.focus = Pane::Map;
    update(&mut model, Msg::View(GENERATION, Box::new(view)), now);
    model
}

fn tour(model: &mut Model) -> &mut OpenTour {
    model.tour.as_deref_mut().unwrap()
}

fn drawn(model: &Model, (width, height): (u16, u16)) -> (Buffer, Regions) {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    let mut regions = Regions::default();
    let theme = Theme::new(&model.settings);
    let tour = model.tour.as_deref().unwrap();
    draw(model, tour, &theme, area, &mut buffer, &mut regions);
    (buffer, regions)
}

fn lines(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    let rows = buffer.content.chunks(width);
    rows.map(|row| {
        row.iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect::<String>()
    })
    .map(|row| {
        let inner: String = row.chars().skip(1).take(width - 2).collect();
        inner.trim_end().to_owned()
    })
    .collect()
}

fn text(model: &Model, size: (u16, u16)) -> String {
    lines(&drawn(model, size).0).join("\n")
}

#[test]
fn lanes_of_the_journey() {
    let model = model(sample::journey());
    let shown = lines(&drawn(&model, (92, 10)).0);
    assert!(shown[0].contains(" shards · 8 groups · 19 placements · live "));
    assert_eq!(
        shown[1..7],
        [
            "● coordinator :5440  1 shard 8 kB ▪1                                                  ◆",
            "",
            "● worker1 :5441  9 shards 72 kB                     ■01     ■03     ■05     ■07       ◆",
            "",
            "● worker2 :5442  9 shards 72 kB                         ■02     ■04     ■06     ■08   ◆",
            "",
        ]
    );
    let legend =
        "■ 8 orders, users by user_id   ◆ reference: regions   ▪ 1 table on the coordinator only";
    assert_eq!(shown[8], legend);
    // Where there is less room the heads give way, not the tiles.
    let narrow = lines(&drawn(&model, (72, 10)).0);
    assert_eq!(
        narrow[3],
        "● worker1 :5441  9 shards      ■01     ■03     ■05     ■07       ◆"
    );
}

#[test]
fn a_dead_worker_is_said_without_any_colour() {
    let mut view = sample::journey();
    view.nodes[1].reachability = Reachability::Down;
    let mut model = model(view);
    model.settings.theme = ThemeName::Mono;
    let shown = text(&model, (90, 12));
    assert!(shown.contains("╳ worker1 DOWN 0s :5441"), "{shown}");
    assert!(shown.contains("╳01") && shown.contains("■02"));
    assert!(shown.contains("╳ 5 out of reach"));
    model.settings.ascii = true;
    let shown = text(&model, (90, 12));
    assert!(shown.is_ascii(), "{shown}");
    assert!(shown.contains("x01") && shown.contains("#02") && shown.contains("x worker1 DOWN"));
}

/// Eyes follow a tile by its place: what changes about its node must not push it aside.
#[test]
fn tiles_stay_where_they_are_when_nodes_fail() {
    let places = |model: &Model, width: u16| -> Vec<Rect> {
        let (_, regions) = drawn(model, (width, 10));
        let tiles = regions
            .hits
            .into_iter()
            .filter(|hit| matches!(hit.target, Target::Map(MapTarget::Tile(..))));
        tiles.map(|hit| hit.area).collect()
    };
    for width in [72, 92] {
        let before = places(&model(sample::journey()), width);
        for (reachability, seconds) in [
            (Reachability::Down, 0),
            (Reachability::Frozen, 12),
            (Reachability::Down, 4000),
        ] {
            let mut view = sample::journey();
            view.nodes[1].reachability = reachability;
            let mut model = model(view);
            model.now += std::time::Duration::from_secs(seconds);
            assert_eq!(places(&model, width), before);
        }
    }
}

#[test]
fn a_move_is_seen_at_both_ends() {
    let mut view = sample::distributed(3, 8);
    let (group, on) = (view.groups[2].key, view.groups[2].holders());
    view.moves = vec![Move {
        group,
        from: on[0],
        to: 3,
        copies: false,
        bytes_done: 62,
        bytes_total: 100,
        phase: "Copying Data".to_owned(),
    }];
    // The second is what would be removed if the move failed: it is drawn as what arrives.
    view.leftovers = [("users", 102_009), ("users", 102_010)]
        .map(|(table, shard)| Leftover {
            group_id: 3,
            name: format!("public.{table}_{shard}"),
        })
        .to_vec();
    let shown = text(&model(view), (90, 14));
    assert!(shown.contains("▶02") && shown.contains("▓02"), "{shown}");
    assert!(shown.contains("▶ 02 worker2 → worker3 62 % Copying Data"));
    assert!(shown.contains("·01") && shown.contains("· 1 left over"));
}

#[test]
fn before_the_distribution_the_tables_are_shown() {
    let shown = text(&model(sample::plain()), (90, 9));
    assert!(
        shown.contains("● coordinator :5440 ▪4  ")
            && shown.contains(" ▪ notes  ▪ orders  ▪ regions  ▪ users"),
        "{shown}"
    );
    assert!(shown.contains("▪ 4 tables on the coordinator only"));
    let narrow = text(&model(sample::plain()), (44, 5));
    assert!(narrow.contains("more"), "{narrow}");
}

#[test]
fn the_start_is_drawn_as_lanes() {
    let mut model = model(sample::plain());
    let now = model.now;
    let open = tour(&mut model);
    open.view_at = None;
    open.boot = Boot::Starting {
        what: None,
        nodes: vec![
            ("coordinator".to_owned(), None),
            ("worker1".to_owned(), None),
        ],
    };
    let event = BootEvent::Progress(Event::Copied {
        node: "worker1".to_owned(),
    });
    update(&mut model, Msg::Boot(GENERATION, event), now);
    let shown = text(&model, (70, 9));
    assert!(shown.contains("○ coordinator  ░░░░░░░░  waits"), "{shown}");
    assert!(shown.contains("○ worker1      ██░░░░░░  data directory copied"));
    tour(&mut model).boot = Boot::Failed("no port\u{1b}[2J is free".to_owned());
    let shown = text(&model, (70, 9));
    assert!(shown.contains("could not be started") && shown.contains("\\x1B[2J"));
}

#[test]
fn what_is_old_says_so() {
    let mut view = sample::journey();
    view.outdated = Some("coordinator is down".to_owned());
    let mut model = model(view);
    model.now += std::time::Duration::from_secs(12);
    let shown = text(&model, (100, 9));
    assert!(
        shown.contains("as of 12s ago: coordinator is down"),
        "{shown}"
    );
    assert!(!shown.contains("live"));
}

#[test]
fn touched_tiles_are_underlined_and_counted() {
    let mut model = model(sample::journey());
    let group = tour(&mut model).view.groups[1].key;
    tour(&mut model).map.touched = vec![crate::app::map::TouchedTile {
        group,
        node: "worker1".to_owned(),
        written: false,
        failed: false,
    }];
    let (buffer, _) = drawn(&model, (90, 12));
    let underlined = buffer.content.iter().filter(|cell| {
        cell.modifier.contains(ratatui::style::Modifier::UNDERLINED) && cell.symbol() != "_"
    });
    assert_eq!(
        underlined
            .map(ratatui::buffer::Cell::symbol)
            .collect::<String>(),
        "■01"
    );
    assert!(text(&model, (90, 12)).contains("__ 1 read"));
    model.settings.ascii = true;
    assert!(text(&model, (90, 12)).contains("#01r"));
    tour(&mut model).map.touched[0].failed = true;
    assert!(text(&model, (90, 12)).contains("! 1 failed"));
}

#[test]
fn tables_by_nodes() {
    let mut model = model(sample::journey());
    tour(&mut model).map.picture = MapView::Matrix;
    let shown = text(&model, (90, 10));
    for line in [
        "table   ● coordinator",
        "notes   ▪ 1",
        "orders  ·",
        "regions ◆ 1",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    let many = model_of_many_nodes();
    let shown = text(&many, (60, 8));
    assert!(shown.contains(" of 41"), "{shown}");
}

fn model_of_many_nodes() -> Model {
    let mut model = model(sample::distributed(40, 80));
    tour(&mut model).map.picture = MapView::Matrix;
    model
}

#[test]
fn the_hash_range_carries_the_pin() {
    let mut model = model(sample::journey());
    let open = tour(&mut model);
    open.map.picture = MapView::Strip;
    open.map.pin = Some(Pin {
        table: Some(open.view.tables[1].name.clone()),
        value: "42".to_owned(),
        place: Some(Ok(open.view.groups[3].key)),
    });
    let shown = lines(&drawn(&model, (82, 8)).0);
    assert!(shown[1].contains("0 coordinator  1 worker1  2 worker2"));
    assert_eq!(shown[2], "orders, users by hash of user_id: 8 groups");
    assert_eq!(shown[3].matches('│').count(), 8);
    assert!(shown[3].starts_with("│──01:1───│──02:2───"), "{}", shown[3]);
    assert_eq!(shown[4].find('^'), Some(20));
    assert!(shown[4].ends_with("^ 42"));
}

#[test]
fn typing_a_value_has_the_cursor() {
    let mut model = model(sample::journey());
    tour(&mut model).map.input = Some("42".to_owned());
    let (buffer, regions) = drawn(&model, (80, 10));
    let shown = lines(&buffer);
    let row = usize::from(regions.cursor.unwrap().y);
    assert_eq!(shown[row], "where is user_id of orders › 42");
    assert_eq!(regions.cursor.unwrap().x, 32);
}

#[test]
fn lanes_that_do_not_fit_are_announced() {
    let mut model = model(sample::distributed(60, 120));
    let shown = text(&model, (80, 14));
    assert!(shown.contains("lanes 1-9 of 61"), "{shown}");
    tour(&mut model).map.offset = 500;
    assert!(text(&model, (80, 14)).contains("lanes 53-61 of 61"));
}

/// Every group of every lane that is shown has a cell that shows something, and cells are shared only as the legend says.
#[test]
fn no_shard_is_left_out_at_any_size() {
    for (workers, count) in [(1, 1), (2, 8), (3, 100), (5, 999), (20, 10_000)] {
        let mut model = model(sample::distributed(workers, count));
        for size in [(60, 8), (80, 24), (120, 36), (200, 60), (300, 80)] {
            for ascii in [false, true] {
                model.settings.ascii = ascii;
                let (buffer, regions) = drawn(&model, size);
                check(&mut model, size, &buffer, &regions);
            }
        }
    }
}

fn check(model: &mut Model, size: (u16, u16), buffer: &Buffer, regions: &Regions) {
    let open = tour(model);
    let picture = Picture::new(&open.view, &open.map);
    let placements: usize = picture.lanes.iter().map(|lane| lane.shards).sum();
    assert_eq!(placements + picture.elsewhere, open.view.placement_count());
    let viewport = regions.viewport(Pane::Map);
    let visible = open.map.offset..open.map.offset + viewport.height;
    let tiles: usize = picture.lanes[visible]
        .iter()
        .map(|lane| lane.tiles.len())
        .sum();
    let mut cells = BTreeSet::new();
    for hit in &regions.hits {
        if let Target::Map(MapTarget::Tile(..)) = hit.target {
            assert!(cells.insert((hit.area.x, hit.area.y)), "{size:?}");
            assert_ne!(buffer[(hit.area.x, hit.area.y)].symbol(), " ", "{size:?}");
        }
    }
    let legend = lines(buffer).join("\n");
    let per_cell = legend.split("1 cell = ").nth(1).map_or(1, |rest| {
        rest.split(' ').next().unwrap().parse::<usize>().unwrap()
    });
    if per_cell == 1 {
        assert_eq!(cells.len(), tiles, "{size:?}");
    } else {
        assert!(
            cells.len() <= tiles && cells.len() * per_cell >= tiles,
            "{size:?}"
        );
    }
    if viewport.height < picture.lanes.len() {
        assert!(
            legend.contains(&format!("of {}", picture.lanes.len())),
            "{size:?}\n{legend}"
        );
    }
}

#[test]
fn every_level_can_be_chosen() {
    let mut model = model(sample::journey());
    for level in 0..=4 {
        tour(&mut model).map.detail = Some(level);
        let (buffer, regions) = drawn(&model, (160, 30));
        assert_eq!(regions.map_detail, level);
        check(&mut model, (160, 30), &buffer, &regions);
    }
    tour(&mut model).map.detail = None;
    let cards = text(&model, (160, 30));
    assert!(
        cards.contains("■ 01 active") && cards.contains("orders users"),
        "{cards}"
    );
    assert!(cards.contains("████ 16 kB"));
}
