//! How long a frame takes, and a key until its frame, without a terminal: the bytes for the terminal are made and go nowhere.

#[path = "../../tests/screens/large.rs"]
mod large;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use citus_tour::app::input::Chord;
use citus_tour::app::laboratory::ProbeNews;
use citus_tour::app::{
    Boot, BootEvent, ClusterFacts, Model, Msg, OpenTour, Screen, Settings, update,
};
use citus_tour::cluster::{StatementKind, Subject, predictions};
use citus_tour::lesson::{self, LessonSource};
use citus_tour::ui::{Theme, highlight, view};
use citus_tour::workload::{Batch, Sample};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use crate::figure::{Bar, Figure};

const SHARDS: u32 = 10_000;
const WORKERS: u16 = 20;
/// Full high definition with an ordinary font.
const SIZE: (u16, u16) = (240, 67);
/// Keys pressed in a round.
const KEYS: usize = 400;

/// Shard groups that are probed.
const PROBED: usize = 72;
const PROBE_EVERY: Duration = Duration::from_millis(250);
const PROBES: u32 = 120;

const FRAME_BAR: Bar = Bar::Value(5.0);
const KEY_BAR: Bar = Bar::Value(16.0);

pub(crate) fn measure(rounds: usize) -> Result<Vec<Figure>> {
    highlight::warm_up();
    let mut model = open()?;
    let mut figures = Vec::new();
    let frames: Vec<Duration> = (0..rounds.max(9)).map(|_| frame(&mut model)).collect();
    figures.push(Figure::times(
        "a frame of 10,000 shards at 240x67",
        &frames,
        FRAME_BAR,
    ));
    for (name, keys) in [
        (
            "the map",
            &["Alt+2", "Right", "Down", "Left", "Up", "v", "v", "v"][..],
        ),
        (
            "the editor",
            &["Alt+3", "S", "E", "L", "E", "C", "T", "Backspace"],
        ),
        ("the lesson", &["Alt+1", "Down", "PgDn", "PgUp", "h", "Up"]),
    ] {
        let mut slowest = Vec::new();
        for _ in 0..rounds {
            slowest.push(keys_to_frames(&mut model, keys)?);
        }
        let name = format!("a key to its frame in {name}, 10,000 shards, 99th percentile");
        figures.push(Figure::times(name, &slowest, KEY_BAR));
    }
    watch(&mut model);
    let frames: Vec<Duration> = (0..rounds.max(9)).map(|_| frame(&mut model)).collect();
    figures.push(Figure::times(
        "a frame of the laboratory, 10,000 shards, 72 shard groups probed",
        &frames,
        FRAME_BAR,
    ));
    let mut slowest = Vec::new();
    for _ in 0..rounds {
        let keys = ["Down", "Enter", "Down", "v", "Down", "v", "v", "v"];
        slowest.push(keys_to_frames(&mut model, &keys)?);
    }
    figures.push(Figure::times(
        "a key to its frame in the laboratory, 10,000 shards, 99th percentile",
        &slowest,
        KEY_BAR,
    ));
    Ok(figures)
}

/// Half a minute of probes in the laboratory, as many shard groups as are probed at most.
fn watch(model: &mut Model) {
    let start = Instant::now();
    if let Some(chord) = Chord::parse("F3") {
        update(model, Msg::Key(chord), start);
    }
    let view = model.tour.as_ref().map(|tour| tour.view.clone());
    let view = view.unwrap_or_default();
    let groups = view.groups.iter().take(PROBED);
    let tenants: Vec<_> = groups.map(|group| (group.key, "1".to_owned())).collect();
    let subjects: Vec<Subject> = predictions(&view, &BTreeMap::new())
        .into_iter()
        .map(|prediction| prediction.subject)
        .filter(|subject| {
            subject.kind != StatementKind::Rebalance
                && subject
                    .group
                    .is_none_or(|group| tenants.iter().any(|(known, _)| *known == group))
        })
        .collect();
    let began = ProbeNews::Began(tenants);
    update(model, Msg::Probed(1, began), start);
    for step in 0..PROBES {
        let at = start + PROBE_EVERY * step;
        let seen = |subject: &Subject| Sample {
            subject: *subject,
            intended: at,
            ended: at + Duration::from_millis(3),
            result: Ok(()),
        };
        let batch = Batch {
            at: at + PROBE_EVERY,
            samples: subjects.iter().map(seen).collect(),
            outstanding: Vec::new(),
            dropped: Vec::new(),
        };
        let news = ProbeNews::Saw(Box::new(batch));
        update(model, Msg::Probed(1, news), at + PROBE_EVERY);
    }
}

fn open() -> Result<Model> {
    let now = Instant::now();
    let tours = lesson::load(&LessonSource::embedded())?;
    let tour = Arc::new(tours.into_iter().next().context("there is no tour")?);
    let mut model = Model::new(Settings::default(), SIZE, now);
    model.screen = Screen::Tour;
    let nodes = vec!["coordinator".to_owned()];
    model.tour = Some(Box::new(OpenTour::new(1, tour, (0, 0), nodes, now)));
    let facts = ClusterFacts {
        engine: "Citus 13.2".to_owned(),
        real: true,
        runtime: "local".to_owned(),
        id: "bench".to_owned(),
        read_only: false,
        schema: None,
        kept: None,
        acts: Vec::new(),
        nodes: Vec::new(),
    };
    update(&mut model, Msg::Boot(1, BootEvent::Facts(facts)), now);
    update(&mut model, Msg::Boot(1, BootEvent::Ready), now);
    let cluster = large::large(SHARDS, WORKERS);
    update(&mut model, Msg::View(1, Box::new(cluster)), now);
    if let Some(tour) = &mut model.tour {
        tour.boot = Boot::Ready;
    }
    Ok(model)
}

/// Draws into a buffer.
fn frame(model: &mut Model) -> Duration {
    let screen = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut buffer = ratatui::buffer::Buffer::empty(screen);
    let started = Instant::now();
    let regions = view(model, &Theme::new(&model.settings), screen, &mut buffer);
    let took = started.elapsed();
    model.regions = regions;
    took
}

/// From a key to the bytes for the terminal: the time that one key in a hundred exceeds.
fn keys_to_frames(model: &mut Model, keys: &[&str]) -> Result<Duration> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
    let options = TerminalOptions { viewport };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(std::io::sink()), options)?;
    let mut times = Vec::with_capacity(KEYS);
    for key in keys.iter().cycle().take(KEYS) {
        let chord = Chord::parse(key).with_context(|| format!("{key} is no key"))?;
        let started = Instant::now();
        update(model, Msg::Key(chord), started);
        model.overlays.clear();
        let mut regions = None;
        terminal.draw(|frame| {
            let area = frame.area();
            let theme = Theme::new(&model.settings);
            regions = Some(view(model, &theme, area, frame.buffer_mut()));
        })?;
        times.push(started.elapsed());
        model.regions = regions.unwrap_or_default();
    }
    times.sort();
    Ok(times[KEYS * 99 / 100])
}
