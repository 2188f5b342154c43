//! What works, over time: a row a kind of statement or a shard group, a cell a span of time, at the right edge now.

use std::time::{Duration, Instant};

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    Bench,
    axis::{self, Axis},
    cells::State,
    say,
};
use crate::{
    app::{
        Regions, Target, Viewport,
        keys::{Command, chords_of},
        laboratory::{LaboratoryCommand, LaboratoryTarget, Row, resting, rows},
    },
    cluster::{GroupKey, StatementKind},
    ui::{
        text::{age, clip, one_line, scrollbar, write},
        theme::Role,
    },
    workload::{Availability, Cell, LATE, Track},
};

/// Columns of a row's name.
const NAME: u16 = 19;
/// Columns of its share.
const SHARE: u16 = 7;
/// Columns of what is wrong with it.
const TROUBLE: u16 = 20;
/// Columns of a strip below which what is wrong gives way.
const NARROW: u16 = 20;
/// Rows besides those of subjects: what happened, and the ages.
const FRAME: usize = 2;

/// Rows that it would like to have.
pub(super) fn wanted(bench: &Bench<'_>) -> usize {
    rows(bench.tour).len().max(3) + FRAME
}

/// Draws the strips.
pub(super) fn draw(
    bench: &Bench<'_>,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> Viewport {
    let Bench { tour, theme, .. } = *bench;
    let pane = &tour.laboratory;
    if let Some(words) = resting(tour) {
        say(bench, &words, Role::Dim, area, buffer);
        return Viewport::default();
    }
    let Some(availability) = &pane.availability else {
        let key = chords_of(Command::Laboratory(LaboratoryCommand::Fold)).first();
        let words = format!(
            "Probes ask for rows of every kind, several times a second, and show here what works and what does not. \
             {} starts them.",
            key.copied().unwrap_or_default()
        );
        say(bench, &words, Role::Dim, area, buffer);
        return Viewport::default();
    };
    let trouble = if area.width >= NAME + SHARE + TROUBLE + NARROW {
        TROUBLE
    } else {
        0
    };
    let width = area.width.saturating_sub(NAME + SHARE + trouble + 1);
    let axis = Axis::new(
        availability.started(),
        bench.model.now,
        pane.span(),
        usize::from(width),
    );
    let strip = Rect {
        x: area.x + NAME + SHARE,
        width: width.min(area.width.saturating_sub(NAME + SHARE)),
        height: area.height.min(1),
        ..area
    };
    let above = Rect {
        width: area.right().saturating_sub(strip.x),
        ..strip
    };
    axis::marks(bench, axis, availability.marks(), above, buffer);
    let all = rows(tour);
    let height = usize::from(area.height).saturating_sub(FRAME);
    let viewport = Viewport {
        height,
        width: usize::from(area.width),
        content: all.len(),
    };
    let offset = pane.offset.min(viewport.last_offset());
    let first = area.y + 1;
    let last = (first + u16::try_from(height).unwrap_or(0)).min(area.bottom());
    for (y, (index, row)) in (first..last).zip(all.iter().enumerate().skip(offset)) {
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        let row = Drawn::new(bench, availability, *row, axis);
        row.draw(
            bench,
            index == pane.chosen,
            trouble,
            place,
            Rect { y, ..strip },
            buffer,
        );
        regions.hit(place, Target::Laboratory(LaboratoryTarget::Row(index)));
    }
    let shown = Rect {
        y: first.min(area.bottom()),
        height: last.saturating_sub(first),
        ..area
    };
    scrollbar(theme, viewport, offset, shown, buffer);
    let below = last.min(first + u16::try_from(all.len().min(height)).unwrap_or(0));
    if below < area.bottom() {
        let place = Rect { y: below, ..strip };
        axis::ages(bench, axis, place, buffer);
        legend(
            bench,
            Rect {
                y: below,
                height: 1,
                width: NAME + SHARE,
                ..area
            },
            buffer,
        );
    }
    viewport
}

/// How much time a cell stands for.
fn legend(bench: &Bench<'_>, area: Rect, buffer: &mut Buffer) {
    let span = bench.tour.laboratory.span();
    let words = if span < Duration::from_secs(1) {
        "a cell: 0.5 s".to_owned()
    } else {
        format!("a cell: {} s", span.as_secs())
    };
    let style = bench.theme.style(Role::Dim);
    write(buffer, area, Span::styled(format!("  {words}"), style));
}

/// A row with all that is known of it.
struct Drawn {
    row: Row,
    name: String,
    cells: Vec<State>,
    /// Statements that did their work, and all.
    share: (u64, u64),
    /// Its subjects, and how many of them do not work now.
    subjects: usize,
    broken: usize,
    /// Since when, and how it ends.
    trouble: Option<(Duration, String)>,
}

impl Drawn {
    fn new(bench: &Bench<'_>, availability: &Availability, row: Row, axis: Axis) -> Self {
        let tracks = availability
            .tracks()
            .filter(|(subject, _)| row.holds(*subject));
        let now = bench.model.now;
        let mut strips: Vec<Vec<State>> = Vec::new();
        let (mut broken, mut trouble, mut share) = (0, None, (0, 0));
        for (_, track) in tracks {
            let cells = track.cells(axis.from, axis.span, axis.cells);
            for cell in &cells {
                share.0 += u64::from(cell.ok + cell.late);
                share.1 += counted(*cell);
            }
            strips.push(states(&cells, track, now));
            let Some(since) = broken_since(track) else {
                continue;
            };
            broken += 1;
            let lasts = now.saturating_duration_since(since);
            if trouble.as_ref().is_none_or(|(longest, _)| *longest < lasts) {
                trouble = Some((lasts, how(track, since)));
            }
        }
        let cell = |index: usize| {
            let column = strips.iter().filter_map(|strip| strip.get(index).copied());
            State::together(column)
        };
        Self {
            name: name(bench, row),
            row,
            cells: (0..axis.cells).map(cell).collect(),
            share,
            subjects: strips.len(),
            broken,
            trouble,
        }
    }

    fn draw(
        &self,
        bench: &Bench<'_>,
        chosen: bool,
        trouble: u16,
        place: Rect,
        strip: Rect,
        buffer: &mut Buffer,
    ) {
        let theme = bench.theme;
        let is_head = matches!(self.row, Row::Kind(_));
        let folds = is_head && self.row.kind().is_about_a_group();
        let unfolded = bench.tour.laboratory.unfolded.contains(&self.row.kind());
        let sign = match (folds, unfolded) {
            (true, true) => theme.glyphs.unfolded,
            (true, false) => theme.glyphs.folded,
            (false, _) => " ",
        };
        let marker = if chosen { theme.glyphs.marker } else { " " };
        let room = usize::from(NAME) - 3;
        let style = theme.style(if is_head { Role::Text } else { Role::Dim });
        let style = if chosen { theme.selected(style) } else { style };
        let name = Line::from(vec![
            Span::styled(marker, theme.style(Role::Marked)),
            Span::styled(sign, theme.style(Role::Dim)),
            Span::styled(clip(&self.name, room, theme.glyphs.ellipsis), style),
        ]);
        write(
            buffer,
            Rect {
                width: NAME.min(place.width),
                ..place
            },
            name,
        );
        let (words, role) = match self.share {
            _ if self.row.kind() == StatementKind::Rebalance => (String::new(), Role::Dim),
            (_, 0) => ("--".to_owned(), Role::Dim),
            (good, all) if good == all => ("100 %".to_owned(), Role::Good),
            (good, all) => (percent(good, all), Role::Alert),
        };
        let share = Rect {
            x: place.x + NAME.min(place.width),
            width: SHARE.min(place.width.saturating_sub(NAME)),
            ..place
        };
        write(
            buffer,
            share,
            Span::styled(format!("{words:>6}"), theme.style(role)),
        );
        if self.subjects == 0 {
            let words = if self.row.kind() == StatementKind::Rebalance {
                "not probed: it would move shards"
            } else {
                "not probed"
            };
            let place = Rect {
                width: place.right().saturating_sub(strip.x),
                ..strip
            };
            let words = clip(words, usize::from(place.width), theme.glyphs.ellipsis);
            write(buffer, place, Span::styled(words, theme.style(Role::Dim)));
            return;
        }
        for (x, state) in (strip.x..strip.right()).zip(&self.cells) {
            let (glyph, role) = state.look(theme);
            buffer.set_string(x, strip.y, glyph, theme.style(role));
        }
        if let Some((lasts, how)) = self.trouble.as_ref().filter(|_| trouble > 0) {
            let part = if self.subjects > 1 && self.broken < self.subjects {
                format!("{}/{} ", self.broken, self.subjects)
            } else {
                String::new()
            };
            let words = format!("{}{part}{} {how}", theme.glyphs.failed, age(*lasts));
            let place = Rect {
                x: strip.right() + 1,
                width: trouble.min(place.right().saturating_sub(strip.right() + 1)),
                ..place
            };
            let words = clip(
                &one_line(&words),
                usize::from(place.width),
                theme.glyphs.ellipsis,
            );
            write(buffer, place, Span::styled(words, theme.style(Role::Alert)));
        }
    }
}

/// Statements of a cell that say whether a subject works.
fn counted(cell: Cell) -> u64 {
    u64::from(cell.ok + cell.late + cell.failed + cell.expired + cell.dropped)
}

/// The states of a subject's cells. What has only just been sent waits for nobody yet.
fn states(cells: &[Cell], track: &Track, now: Instant) -> Vec<State> {
    let mut states: Vec<State> = cells.iter().map(|cell| State::of(*cell)).collect();
    let waits = track
        .waiting_since()
        .is_some_and(|since| now.saturating_duration_since(since) > LATE);
    if let Some((last, cell)) = states.last_mut().zip(cells.last())
        && *last == State::Waits
        && !waits
        && counted(*cell) == 0
    {
        *last = State::Gap;
    }
    states
}

/// Since when a subject does not work; `None` while it does.
fn broken_since(track: &Track) -> Option<Instant> {
    let last = track.outages().pop()?;
    last.end.is_none().then_some(last.start)
}

/// How it does not: by what it failed last of late; an earlier error is not of this trouble.
fn how(track: &Track, since: Instant) -> String {
    track.code_since(since).unwrap_or("waits").to_owned()
}

/// `98.2 %`: never 100 where something failed, never 0 where something worked.
fn percent(good: u64, all: u64) -> String {
    let tenths = good * 1000 / all.max(1);
    match tenths {
        0 if good > 0 => "<0.1 %".to_owned(),
        0 => "0 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// A row's name: its kind, or its group with the tenant that is asked for.
fn name(bench: &Bench<'_>, row: Row) -> String {
    match row {
        Row::Kind(kind) => kind.to_string(),
        Row::Group(_, group) => group_name(bench, group),
    }
}

fn group_name(bench: &Bench<'_>, group: GroupKey) -> String {
    let ordinal = bench
        .tour
        .view
        .group(group)
        .map_or(0, |group| group.ordinal);
    match bench.tour.laboratory.tenants.get(&group) {
        Some(tenant) => format!(" {ordinal:02} tenant {}", one_line(tenant)),
        None => format!(" {ordinal:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_share_never_says_more_than_it_is() {
        assert_eq!(percent(999, 1000), "99.9 %");
        assert_eq!(percent(99_999, 100_000), "99.9 %");
        assert_eq!(percent(0, 3), "0 %");
        assert_eq!(percent(1, 100_000), "<0.1 %");
    }
}
