//! What a cell of a strip stands for: some buckets of one or several subjects, as one state.

use crate::{
    cluster::Outcome,
    ui::theme::{Role, Theme},
    workload::Cell,
};

/// The state of some probes in some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    /// None was due.
    #[default]
    Gap,
    /// All did their work.
    Works,
    /// All did it, some late.
    Late,
    /// They wait.
    Waits,
    /// Some did not.
    Partly,
    /// None did.
    Failed,
}

impl State {
    /// Of several subjects together: what all do, else that only some do their work.
    pub(super) fn together(states: impl Iterator<Item = Self>) -> Self {
        let mut seen = states.filter(|state| *state != Self::Gap);
        let Some(first) = seen.next() else {
            return Self::Gap;
        };
        seen.fold(first, |all, state| match (all, state) {
            (a, b) if a == b => a,
            (Self::Works | Self::Late, Self::Works | Self::Late) => Self::Late,
            (Self::Waits | Self::Failed, Self::Waits | Self::Failed) => Self::Failed,
            _ => Self::Partly,
        })
    }

    /// Of what happened.
    pub(super) fn of(cell: Cell) -> Self {
        let (good, bad) = (cell.ok + cell.late, cell.failed + cell.expired);
        let stuck = cell.waiting + cell.dropped;
        match (good, bad) {
            (0, 0) if stuck > 0 => Self::Waits,
            (0, 0) => Self::Gap,
            (0, _) if cell.failed == 0 => Self::Waits,
            (0, _) => Self::Failed,
            (_, 1..) => Self::Partly,
            (_, 0) if cell.late > 0 => Self::Late,
            (_, 0) => Self::Works,
        }
    }

    /// Its glyph and look.
    pub(super) fn look(self, theme: &Theme) -> (&'static str, Role) {
        let glyphs = theme.glyphs;
        match self {
            Self::Gap => (" ", Role::Dim),
            Self::Works => (glyphs.works, Role::Good),
            Self::Late => (glyphs.late, Role::Warning),
            Self::Waits => (glyphs.waits, Role::Busy),
            Self::Partly => (glyphs.partly, Role::Alert),
            Self::Failed => (glyphs.unreachable, Role::Alert),
        }
    }
}

/// Glyph and look of an outcome.
pub(super) fn outcome(theme: &Theme, outcome: Outcome) -> (&'static str, Role) {
    match outcome {
        Outcome::Works => State::Works,
        Outcome::Late => State::Late,
        Outcome::Waits => State::Waits,
        Outcome::Fails => State::Failed,
    }
    .look(theme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_seen_and_a_gap_is_no_failure() {
        let nothing = Cell::default();
        for (cell, state) in [
            (nothing, State::Gap),
            (Cell { ok: 4, ..nothing }, State::Works),
            (
                Cell {
                    ok: 3,
                    late: 1,
                    ..nothing
                },
                State::Late,
            ),
            (
                Cell {
                    ok: 3,
                    waiting: 1,
                    ..nothing
                },
                State::Works,
            ),
            (
                Cell {
                    waiting: 2,
                    ..nothing
                },
                State::Waits,
            ),
            (
                Cell {
                    dropped: 2,
                    ..nothing
                },
                State::Waits,
            ),
            (
                Cell {
                    expired: 2,
                    waiting: 1,
                    ..nothing
                },
                State::Waits,
            ),
            (
                Cell {
                    failed: 2,
                    waiting: 1,
                    ..nothing
                },
                State::Failed,
            ),
            (
                Cell {
                    ok: 1,
                    failed: 1,
                    ..nothing
                },
                State::Partly,
            ),
        ] {
            assert_eq!(State::of(cell), state, "{cell:?}");
        }
    }

    #[test]
    fn of_several_subjects_it_is_told_when_they_differ() {
        use State::{Failed, Gap, Late, Partly, Waits, Works};
        for (states, together) in [
            (vec![], Gap),
            (vec![Gap, Works, Gap], Works),
            (vec![Works, Late], Late),
            (vec![Works, Failed], Partly),
            (vec![Works, Waits], Partly),
            (vec![Waits, Waits], Waits),
            (vec![Waits, Failed], Failed),
        ] {
            assert_eq!(State::together(states.into_iter()), together);
        }
    }
}
