//! What jobs bring.

use std::time::{Duration, Instant};

use super::{
    Answer, Grid, JobId, Origin, Piece, SqlPane, elsewhere,
    running::coordinator,
    sweeping::can_be_explained,
    words::{short, took},
};
use crate::{
    app::{
        Effect, Model, OpenTour, SqlEvent,
        lesson::{self},
        log::LogKind,
        map,
    },
    lesson::NodeReference,
    postgres::{Report, TransactionStatus},
    xray::{self, Touched},
};

/// Answers that are kept.
const ANSWERS: usize = 200;

/// Bytes of answers that are kept; the last one is kept however large it is.
const BYTES: usize = 32 << 20;

/// Notices of a statement that are kept.
const NOTICES: usize = 500;

/// Bytes of copied text that are kept of a statement.
const COPIED: usize = 1 << 20;

/// Statements of one run that are asked about and told in the event log: more of them nobody reads.
const TOLD: usize = 20;

/// How long a statement takes whose end is worth telling.
const LONG: Duration = Duration::from_secs(1);

/// A job brought something.
pub fn came(model: &mut Model, job: JobId, event: SqlEvent, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    // What comes later than its job's end, or from another cluster, is nobody's.
    if tour.sql.running != Some(job) {
        return Vec::new();
    }
    match event {
        SqlEvent::Started {
            index,
            node,
            statement,
        } => started(tour, (job, index), node, statement, now),
        SqlEvent::Finished {
            duration,
            transaction,
            expired,
        } => finished(tour, duration, transaction, expired, now),
        SqlEvent::Done(verdict) => {
            let origin = done(tour, now);
            match origin {
                Some(Origin::Lesson(item, _)) => {
                    elsewhere::keep(tour, job, item);
                    lesson::run_done(model, item, verdict, now)
                }
                _ => Vec::new(),
            }
        }
        SqlEvent::Patience(patience) => {
            tour.sql.patience = patience;
            Vec::new()
        }
        other => {
            brought(tour, other, now);
            Vec::new()
        }
    }
}

fn started(
    tour: &mut OpenTour,
    (job, index): (JobId, usize),
    node: String,
    statement: String,
    now: Instant,
) -> Vec<Effect> {
    let pane = &mut tour.sql;
    let mut of_lesson = false;
    let mut pieces = Vec::new();
    if let Some(running) = &mut pane.job {
        running.since = now;
        of_lesson = matches!(running.origin, Origin::Lesson(..));
        pieces.extend(running.remark.take().map(Piece::Remark));
    }
    if !of_lesson && index < TOLD {
        let text = format!("{}  on {node}", short(&statement));
        tour.log.add(tour.opened, now, LogKind::Learner, text);
    }
    let explained = (index < TOLD && can_be_explained(&statement)).then(|| Effect::Xray {
        job,
        index,
        statement: statement.clone(),
        view: Box::new(tour.view.clone()),
    });
    pane.answers.push(Answer {
        job,
        index,
        node,
        bytes: statement.len(),
        statement,
        of_lesson,
        pieces,
        started: now,
        duration: None,
        transaction: pane.transaction,
        touched: None,
    });
    pane.forget();
    pane.show(usize::MAX);
    explained.into_iter().collect()
}

impl SqlPane {
    /// Forgets the oldest answers where there are too many or too large ones.
    fn forget(&mut self) {
        let mut bytes: usize = self.answers.iter().map(|answer| answer.bytes).sum();
        while self.answers.len() > 1 && (self.answers.len() > ANSWERS || bytes > BYTES) {
            bytes -= self.answers.remove(0).bytes;
            self.shown = self.shown.saturating_sub(1);
        }
    }

    /// The answer of the statement that runs.
    fn last(&mut self) -> Option<&mut Answer> {
        let job = self.running?;
        self.answers.last_mut().filter(|answer| answer.job == job)
    }
}

fn brought(tour: &mut OpenTour, event: SqlEvent, now: Instant) {
    let pane = &mut tour.sql;
    let Some(answer) = pane.last() else {
        if let (SqlEvent::Reconnected, Some(job)) = (&event, &mut pane.job) {
            job.remark = Some(RECONNECTED.to_owned());
        }
        if let SqlEvent::Unreachable { message, .. } = event {
            let text = format!("not run: {message}");
            tour.log.add(tour.opened, now, LogKind::Failure, text);
        }
        return;
    };
    match event {
        SqlEvent::Reconnected => {
            answer.pieces.push(Piece::Remark(RECONNECTED.to_owned()));
            pane.transaction = TransactionStatus::Idle;
        }
        SqlEvent::Columns(columns) => answer.pieces.push(Piece::Grid(Grid::new(columns))),
        SqlEvent::Rows(rows) => {
            if let Some(Piece::Grid(grid)) = answer.pieces.last_mut() {
                answer.bytes += grid.take(rows);
            } else if let Some(grid) = answer.pieces.iter_mut().rev().find_map(grid_of) {
                // A notice came between the rows.
                answer.bytes += grid.take(rows);
            }
            pane.forget();
        }
        SqlEvent::Beyond(count) => {
            if let Some(grid) = answer.pieces.iter_mut().rev().find_map(grid_of) {
                grid.beyond = count;
            }
        }
        SqlEvent::Notice(report) => notice(answer, report),
        SqlEvent::CopyOut(text) => copied(answer, &text),
        SqlEvent::Complete(tag) => answer.pieces.push(Piece::Tag(tag)),
        SqlEvent::Empty => answer
            .pieces
            .push(Piece::Remark("there was nothing to run".to_owned())),
        SqlEvent::Error(report) => {
            let index = answer.index;
            let words = format!("{}  ({})", report, short(&answer.statement));
            answer.pieces.push(Piece::Error(report.clone()));
            tour.log.add(tour.opened, now, LogKind::Failure, words);
            tour.sql.point_at(index, &report);
            blame(tour, &report);
        }
        SqlEvent::Unreachable { message, .. } => {
            let words = format!("{message}  ({})", short(&answer.statement));
            answer.pieces.push(Piece::Unreachable(message));
            tour.log.add(tour.opened, now, LogKind::Failure, words);
        }
        SqlEvent::Started { .. }
        | SqlEvent::Finished { .. }
        | SqlEvent::Done(_)
        | SqlEvent::Patience(_) => {}
    }
}

const RECONNECTED: &str =
    "a new session: settings, temporary tables and an open transaction of the one before are gone";

fn grid_of(piece: &mut Piece) -> Option<&mut Grid> {
    match piece {
        Piece::Grid(grid) => Some(grid),
        _ => None,
    }
}

fn notice(answer: &mut Answer, report: Report) {
    let notices = answer
        .pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Notice(_)))
        .count();
    if notices < NOTICES {
        answer.bytes += report.message.len();
        answer.pieces.push(Piece::Notice(report));
    } else if notices == NOTICES
        && !matches!(answer.pieces.last(), Some(Piece::Remark(words)) if words == TOO_MANY)
    {
        answer.pieces.push(Piece::Remark(TOO_MANY.to_owned()));
    }
}

const TOO_MANY: &str = "more notices came; only the first 500 are kept";

fn copied(answer: &mut Answer, text: &str) {
    if !matches!(answer.pieces.last(), Some(Piece::CopyOut(_))) {
        answer.pieces.push(Piece::CopyOut(String::new()));
    }
    let Some(Piece::CopyOut(kept)) = answer.pieces.last_mut() else {
        return;
    };
    let room = COPIED.saturating_sub(kept.len());
    let end = (0..=room.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    answer.bytes += end;
    kept.push_str(&text[..end]);
    if end < text.len() && !kept.ends_with(CUT) {
        kept.push_str(CUT);
    }
}

const CUT: &str = "\n… more was copied; only the first megabyte is kept";

impl SqlPane {
    /// Marks the place in the editor at which a statement failed, unless the text has changed since.
    fn point_at(&mut self, index: usize, report: &Report) {
        let source = self.job.as_ref().and_then(|job| job.source.as_ref());
        let Some((version, spans)) = source else {
            return;
        };
        let (Some(span), Some(position)) = (spans.get(index), report.position) else {
            return;
        };
        if *version != self.written.version() {
            return;
        }
        let Some(statement) = self.written.text().get(span.clone()) else {
            return;
        };
        let at = statement
            .char_indices()
            .nth(position.saturating_sub(1))
            .map_or(statement.len(), |(at, _)| at);
        self.mark = Some(self.written.place(span.start + at));
    }
}

/// Marks on the map where a statement failed, as far as its error names a node or a shard.
fn blame(tour: &mut OpenTour, report: &Report) {
    let Some(fault) = xray::from_report(&tour.view, report) else {
        return;
    };
    for tile in &mut tour.map.touched {
        let here = fault.node.as_ref().is_none_or(|node| *node == tile.node);
        if here && (fault.groups.is_empty() || fault.groups.contains(&tile.group)) {
            tile.failed = true;
        }
    }
}

fn finished(
    tour: &mut OpenTour,
    duration: Duration,
    transaction: TransactionStatus,
    expired: bool,
    now: Instant,
) -> Vec<Effect> {
    let pane = &mut tour.sql;
    // A statement of the lesson on another node says nothing about the editor's session.
    let is_ours = pane
        .job
        .as_ref()
        .is_none_or(|job| match (&job.node, &pane.node) {
            (None, None) => true,
            (Some(NodeReference::Named(job)), Some(own)) => job == own,
            _ => false,
        });
    if is_ours {
        pane.transaction = transaction;
    }
    if let Some(answer) = pane.last() {
        answer.duration = Some(duration);
        answer.transaction = transaction;
        if expired {
            let words = format!("it did not end within {} and was cancelled", took(duration));
            answer.pieces.push(Piece::Remark(words));
        }
        if duration >= LONG && !answer.has_failed() {
            let text = format!(
                "done after {}: {}",
                took(duration),
                short(&answer.statement)
            );
            tour.log.add(tour.opened, now, LogKind::Learner, text);
        }
    }
    vec![Effect::AskChecks]
}

/// The job is over; says who had asked for it.
fn done(tour: &mut OpenTour, now: Instant) -> Option<Origin> {
    let pane = &mut tour.sql;
    let statements = pane.job.as_ref().map_or(0, |job| job.statements);
    if let Some(answer) = pane.last() {
        let rest = statements.saturating_sub(answer.index + 1);
        if rest > 0 {
            let words = if rest == 1 {
                "the statement after it was not run".to_owned()
            } else {
                format!("the {rest} statements after it were not run")
            };
            answer.pieces.push(Piece::Remark(words));
        }
        let since = now.saturating_duration_since(answer.started);
        answer.duration.get_or_insert(since);
    }
    pane.running = None;
    pane.cancelling = false;
    pane.job.take().map(|job| job.origin)
}

/// It is known what a statement touches.
pub fn touched(
    model: &mut Model,
    job: JobId,
    index: usize,
    touched: Result<Option<Touched>, String>,
    now: Instant,
) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let place = tour
        .sql
        .answers
        .iter()
        .rposition(|answer| answer.job == job && answer.index == index);
    let Some(place) = place else {
        return;
    };
    let is_last = place + 1 == tour.sql.answers.len();
    let coordinator = coordinator(tour);
    let Some(answer) = tour.sql.answers.get_mut(place) else {
        return;
    };
    // The coordinator was asked: what it does not know may well be there on another node, such as the table of a shard.
    if touched.is_err() && answer.node != coordinator {
        return;
    }
    answer.touched = touched.transpose();
    let failure = answer.pieces.iter().find_map(|piece| match piece {
        Piece::Error(report) => Some(report.clone()),
        _ => None,
    });
    if let (true, Some(Ok(touched))) = (is_last, &answer.touched) {
        map::touch(&mut tour.map, touched, now);
        if let Some(report) = failure {
            blame(tour, &report);
        }
    }
}
