use std::{sync::Arc, time::Instant};

use super::*;
use crate::{
    app::{
        Boot, Screen, Settings, Target,
        lesson::{ItemId, ItemState, LessonTarget, Opened, enter, items},
    },
    lesson::{Block, LessonSource, load},
    ui::highlight,
};

fn model(place: (usize, usize), (width, height): (u16, u16)) -> Model {
    highlight::warm_up();
    let now = Instant::now();
    let mut model = Model::new(Settings::default(), (width, height), now);
    let tour = load(&LessonSource::embedded()).unwrap().swap_remove(0);
    let mut open = OpenTour::new(1, Arc::new(tour), place, Vec::new(), now);
    open.boot = Boot::Ready;
    model.tour = Some(Box::new(open));
    model.screen = Screen::Tour;
    enter(&mut model, place, now);
    model
}

fn draw_pane(model: &mut Model) -> (Buffer, Regions) {
    let theme = Theme::new(&model.settings);
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let mut buffer = Buffer::empty(area);
    let mut regions = Regions::default();
    let tour = model.tour.as_deref().unwrap();
    draw(model, tour, &theme, area, &mut buffer, &mut regions);
    model.regions = regions.clone();
    (buffer, regions)
}

fn text(buffer: &Buffer) -> String {
    let rows = (0..buffer.area.height).map(|y| {
        let row: String = (0..buffer.area.width)
            .map(|x| buffer[(x, y)].symbol())
            .collect();
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn pane(model: &mut Model) -> &mut crate::app::lesson::LessonPane {
    &mut model.tour.as_mut().unwrap().lesson
}

fn block(model: &Model, place: (usize, usize), wanted: fn(&Block) -> bool) -> ItemId {
    let tour = &model.tour.as_ref().unwrap().tour;
    let blocks = &tour.lesson(place.0).unwrap().steps[place.1].blocks;
    ItemId::of_block(place, blocks.iter().position(wanted).unwrap())
}

#[test]
fn every_item_of_every_step_is_drawn_in_order() {
    for (width, height) in [(30, 8), (48, 34), (96, 60)] {
        let count = model((0, 0), (width, height))
            .tour
            .unwrap()
            .tour
            .lessons()
            .map(|(_, lesson)| lesson.steps.len())
            .collect::<Vec<_>>();
        for (lesson, steps) in count.into_iter().enumerate() {
            let mut model = model((lesson, 0), (width, height));
            for step in 0..steps {
                let now = model.now;
                enter(&mut model, (lesson, step), now);
                for unfolded in [false, true] {
                    if unfolded {
                        pane(&mut model).opened.insert(
                            (lesson, step),
                            Opened {
                                hints: 1,
                                solution: true,
                            },
                        );
                    }
                    let all = items(model.tour.as_deref().unwrap()).len();
                    for mark in 0..all {
                        pane(&mut model).marked = mark;
                        pane(&mut model).follow = Follow::Mark;
                        let (_, regions) = draw_pane(&mut model);
                        assert_eq!(regions.item_rows.len(), all);
                        assert!(regions.item_rows.is_sorted());
                        let row = regions.item_rows[mark];
                        let seen = regions.lesson_offset
                            ..regions.lesson_offset + regions.viewport(Pane::Lesson).height;
                        assert!(
                            seen.contains(&row),
                            "{lesson}/{step} {mark}: {row} {seen:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn the_step_s_heading_comes_first_when_it_is_entered() {
    let mut model = model((3, 5), (60, 20));
    let (buffer, _) = draw_pane(&mut model);
    let first = text(&buffer).lines().nth(1).unwrap().to_owned();
    assert!(first.contains("Clear away the old copies"), "{first}");
}

#[test]
fn a_lesson_s_beginning_is_seen_with_its_title() {
    let mut model = model((0, 0), (60, 30));
    let (buffer, _) = draw_pane(&mut model);
    let text = text(&buffer);
    assert!(text.contains("One server, four tables"), "{text}");
    assert!(
        text.contains("Regular tables · lesson 1 of 10 · 8 minutes"),
        "{text}"
    );
}

#[test]
fn what_a_run_should_print_is_not_told_before() {
    let mut model = model((5, 6), (100, 60));
    let (buffer, _) = draw_pane(&mut model);
    let before = text(&buffer);
    assert!(
        before.contains("SELECT count(*), sum(total) FROM orders;"),
        "{before}"
    );
    assert!(!before.contains("3118750.00"), "{before}");
}

#[test]
fn states_are_glyphs_and_words() {
    let mut model = model((5, 1), (100, 40));
    let action = block(&model, (5, 1), |block| matches!(block, Block::Action(_)));
    let check = block(&model, (5, 1), |block| matches!(block, Block::Check(_)));
    for (state, words) in [
        (ItemState::Open, "[▶ kill the node of tenant 42]\n"),
        (ItemState::Running, "] - under way".trim_start_matches("] ")),
        (ItemState::Passed, "✓ done"),
        (
            ItemState::Differs("no such node".to_owned()),
            "! not as expected",
        ),
    ] {
        pane(&mut model).items.insert(action, state);
        let (buffer, _) = draw_pane(&mut model);
        let text = text(&buffer)
            .replace('┃', "")
            .lines()
            .map(|line| line.trim_end().to_owned() + "\n")
            .collect::<String>();
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text(&draw_pane(&mut model).0).contains("no such node"));
    assert!(text(&draw_pane(&mut model).0).contains("○ one of the two workers does not answer"));
    pane(&mut model).items.insert(
        check,
        ItemState::Differs("2 of 2 workers answer".to_owned()),
    );
    assert!(text(&draw_pane(&mut model).0).contains("2 of 2 workers answer"));
    pane(&mut model).items.insert(check, ItemState::Passed);
    assert!(text(&draw_pane(&mut model).0).contains("✓ one of the two workers does not answer"));
}

#[test]
fn where_results_are_not_beside_the_lesson_a_key_leads_there() {
    for (size, told) in [((80, 24), true), ((120, 36), false)] {
        let mut model = model((5, 2), size);
        let run = block(&model, (5, 2), |block| matches!(block, Block::Run(_)));
        pane(&mut model).items.insert(run, ItemState::Passed);
        let (buffer, _) = draw_pane(&mut model);
        let text = text(&buffer);
        assert_eq!(text.contains("Alt+4 shows what came"), told, "{text}");
    }
}

#[test]
fn buttons_wait_for_the_cluster() {
    let mut model = model((5, 1), (100, 40));
    model.tour.as_mut().unwrap().boot = Boot::Starting {
        what: None,
        nodes: vec![("worker1".to_owned(), None)],
    };
    let (buffer, _) = draw_pane(&mut model);
    let text = text(&buffer);
    assert!(text.contains("0 of 1 nodes answer"), "{text}");
    assert!(
        text.contains("[▶ kill the node of tenant 42]  the cluster is starting"),
        "{text}"
    );
}

#[test]
fn a_start_that_failed_can_be_tried_again() {
    let mut model = model((0, 0), (60, 30));
    model.tour.as_mut().unwrap().boot = Boot::Failed("no \u{1b}port".to_owned());
    let (buffer, regions) = draw_pane(&mut model);
    assert!(text(&buffer).contains("No cluster: no \\x1Bport"));
    assert!(
        regions
            .hits
            .iter()
            .any(|hit| hit.target == Target::Lesson(LessonTarget::Retry))
    );
}

#[test]
fn a_prediction_is_kept_and_compared_where_it_happens() {
    let mut model = model((5, 0), (100, 70));
    let predict = block(&model, (5, 0), |block| matches!(block, Block::Predict(_)));
    pane(&mut model).marked = 1;
    let before = text(&draw_pane(&mut model).0);
    assert!(
        before.contains("1 ( ) Nothing: the other worker takes over"),
        "{before}"
    );
    assert!(before.contains("What follows waits"), "{before}");
    pane(&mut model).predictions.insert(predict, vec![0]);
    let kept = text(&draw_pane(&mut model).0);
    assert!(kept.contains("1 (•) Nothing"), "{kept}");
    assert!(kept.contains("Kept; we shall see."), "{kept}");
    let now = model.now;
    enter(&mut model, (5, 2), now);
    let run = block(&model, (5, 2), |block| matches!(block, Block::Run(_)));
    assert!(!text(&draw_pane(&mut model).0).contains("You expected"));
    pane(&mut model).items.insert(run, ItemState::Passed);
    let shown = text(&draw_pane(&mut model).0);
    assert!(
        shown.contains("You expected: Nothing: the other worker takes over"),
        "{shown}"
    );
    assert!(
        shown.contains("→ What happens: Tenant 9 goes on"),
        "{shown}"
    );
    pane(&mut model).predictions.insert(predict, vec![2]);
    let shown = text(&draw_pane(&mut model).0);
    assert!(shown.contains("✓ It came as you expected."), "{shown}");
}

#[test]
fn what_is_pressed_is_where_it_is_seen() {
    let mut model = model((3, 4), (80, 60));
    let (buffer, regions) = draw_pane(&mut model);
    let seen = |wanted: &LessonTarget| {
        let hit = regions
            .hits
            .iter()
            .find(|hit| hit.target == Target::Lesson(wanted.clone()))
            .unwrap_or_else(|| panic!("{wanted:?}"));
        let row: String = (hit.area.x..hit.area.right())
            .map(|x| buffer[(x, hit.area.y)].symbol())
            .collect();
        row
    };
    assert!(seen(&LessonTarget::Hint).contains("Hint 1 of 2"));
    assert!(seen(&LessonTarget::Solution).contains("Solution"));
    assert_eq!(
        seen(&LessonTarget::Next),
        "[▶ next: Clear away the old copies]"
    );
    assert!(seen(&LessonTarget::Step((3, 0))).contains("Begin at the wrong end"));
    let check = block(&model, (3, 4), |block| matches!(block, Block::Check(_)));
    assert!(seen(&LessonTarget::Item(check)).contains("order_items lies together"));
}

#[test]
fn reading_back_shows_no_buttons_but_the_way_forward() {
    let mut model = model((3, 4), (80, 60));
    pane(&mut model).reading = Some((3, 1));
    let (buffer, regions) = draw_pane(&mut model);
    let text = text(&buffer);
    assert!(text.contains("reading back"), "{text}");
    assert!(text.contains("SELECT create_reference_table"), "{text}");
    assert!(!text.contains("▶ run"), "{text}");
    assert_eq!(regions.item_rows.len(), 1);
}

#[test]
fn notes_for_presenters_are_not_shown() {
    let mut model = model((5, 0), (100, 80));
    pane(&mut model).marked = usize::MAX;
    assert!(!text(&draw_pane(&mut model).0).contains("show of hands"));
}

/// How long a frame of the longest lesson takes: `cargo test --release --lib a_frame -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a test"]
fn a_frame_of_the_longest_lesson() {
    let mut model = model((3, 9), (96, 66));
    for step in [9, 5] {
        let now = model.now;
        enter(&mut model, (3, step), now);
        draw_pane(&mut model);
        let begin = Instant::now();
        for _ in 0..1000 {
            draw_pane(&mut model);
        }
        println!("step {step}: {:?} a frame", begin.elapsed() / 1000);
    }
}
