//! What can be done in the laboratory.

use std::time::Instant;

use super::{Picture, load, plan, probing, report, rows};
use crate::app::{
    Effect, Model, Pane,
    keys::{Binding, Command, Context},
};

/// A command of the laboratory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LaboratoryCommand {
    /// Start the probes, or end them.
    Probe,
    /// The next picture.
    View,
    /// Choose the row above.
    Up,
    /// Choose the row below.
    Down,
    /// Unfold the chosen row into its shard groups, or fold it.
    Fold,
    /// Show a longer time.
    Longer,
    /// Show a shorter time.
    Shorter,
    /// Type a plan of faults.
    Plan,
    /// Call the plan off that runs.
    CancelPlan,
    /// Start the load, or end it.
    Load,
    /// More load.
    Faster,
    /// Less load.
    Slower,
    /// Load by a schedule, or by clients that wait for their answers.
    Loop,
    /// Reads and writes, or only one of them.
    Mix,
    /// The report of the last experiment.
    Report,
    /// Close it.
    Close,
}

impl LaboratoryCommand {
    /// Whether it has to do with plans of faults.
    #[must_use]
    pub fn breaks(self) -> bool {
        matches!(self, Self::Plan | Self::CancelPlan | Self::Report)
    }
}

/// Something of the laboratory that the mouse can press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaboratoryTarget {
    /// A row of the strips.
    Row(usize),
    /// A picture's name.
    Picture(Picture),
}

const fn bind(
    command: LaboratoryCommand,
    name: &'static str,
    title: &'static str,
    says: &'static str,
) -> Binding {
    Binding::new(Command::Laboratory(command), name, title, says)
}

/// Its keys.
pub const KEYS: &[Binding] = &[
    bind(
        LaboratoryCommand::Plan,
        "fault-plan",
        "plan",
        "Type a plan of faults, such as `kill worker2 at 5 s, back at 30 s`",
    )
    .on(Context::Laboratory, &["f", "/"])
    .footer(1),
    bind(
        LaboratoryCommand::View,
        "laboratory-view",
        "view",
        "Show the strips, the matrix, what came of the last fault, or the load",
    )
    .on(Context::Laboratory, &["v"])
    .footer(2),
    bind(
        LaboratoryCommand::Load,
        "load",
        "load",
        "Start a load of this tour's statements, or end it",
    )
    .on(Context::Laboratory, &["l"])
    .footer(3),
    bind(
        LaboratoryCommand::Faster,
        "more-load",
        "faster",
        "More statements a second, or more clients in a closed loop",
    )
    .on(Context::Laboratory, &["+", "="])
    .footer(4),
    bind(
        LaboratoryCommand::Slower,
        "less-load",
        "slower",
        "Fewer statements a second, or fewer clients in a closed loop",
    )
    .on(Context::Laboratory, &["-"])
    .footer(5),
    bind(
        LaboratoryCommand::Probe,
        "probes",
        "probes",
        "Start the probes, or end them",
    )
    .on(Context::Laboratory, &["p"])
    .footer(6),
    bind(
        LaboratoryCommand::Report,
        "incident-report",
        "report",
        "Show the report of the last experiment, to read and to save",
    )
    .on(Context::Laboratory, &["r"])
    .footer(7),
    bind(
        LaboratoryCommand::CancelPlan,
        "cancel-plan",
        "cancel",
        "Call off the plan that runs; `F8` puts back what it broke",
    )
    .on(Context::Laboratory, &["x"])
    .footer(8),
    bind(
        LaboratoryCommand::Close,
        "close-laboratory",
        "close",
        "Close the laboratory: probes and load end",
    )
    .on(Context::Laboratory, &["w"])
    .footer(10),
    bind(
        LaboratoryCommand::Fold,
        "unfold",
        "unfold",
        "Unfold the chosen row into its shard groups, or fold it",
    )
    .on(Context::Laboratory, &["Enter"])
    .footer(9),
    bind(
        LaboratoryCommand::Loop,
        "closed-loop",
        "closed loop",
        "Load by a schedule, or by clients that wait for their answers: the difference is what a closed loop hides",
    )
    .on(Context::Laboratory, &["c"]),
    bind(
        LaboratoryCommand::Mix,
        "load-mix",
        "mix",
        "Load of reads and writes, of reads only, or of writes only",
    )
    .on(Context::Laboratory, &["m"]),
    bind(
        LaboratoryCommand::Longer,
        "longer-time",
        "longer",
        "Show a longer time in the strips",
    )
    .on(Context::Laboratory, &["<", "Left"]),
    bind(
        LaboratoryCommand::Shorter,
        "shorter-time",
        "shorter",
        "Show a shorter time in the strips",
    )
    .on(Context::Laboratory, &[">", "Right"]),
    bind(
        LaboratoryCommand::Up,
        "strip-above",
        "up",
        "Choose the row above",
    )
    .on(Context::Laboratory, &["Up"])
    .movement(),
    bind(
        LaboratoryCommand::Down,
        "strip-below",
        "down",
        "Choose the row below",
    )
    .on(Context::Laboratory, &["Down"])
    .movement(),
];

/// Does a command.
pub fn command(model: &mut Model, command: LaboratoryCommand, now: Instant) -> Vec<Effect> {
    match command {
        LaboratoryCommand::Probe => return probing::toggle(model, now),
        LaboratoryCommand::View => turn(model, None),
        LaboratoryCommand::Up => rows::step(model, -1),
        LaboratoryCommand::Down => rows::step(model, 1),
        LaboratoryCommand::Fold => return rows::fold(model, now),
        LaboratoryCommand::Longer => rows::zoom(model, true),
        LaboratoryCommand::Shorter => rows::zoom(model, false),
        LaboratoryCommand::Plan => plan::begin(model),
        LaboratoryCommand::CancelPlan => return plan::cancel(model, now),
        LaboratoryCommand::Load => return load::toggle(model, now),
        LaboratoryCommand::Faster => return load::change(model, true, now),
        LaboratoryCommand::Slower => return load::change(model, false, now),
        LaboratoryCommand::Loop => return load::toggle_loop(model, now),
        LaboratoryCommand::Mix => return load::next_mix(model, now),
        LaboratoryCommand::Report => report::open(model),
        LaboratoryCommand::Close => return probing::close(model),
    }
    Vec::new()
}

/// Shows a picture: this one, or the next.
fn turn(model: &mut Model, picture: Option<Picture>) {
    model.focus = Pane::Laboratory;
    if let Some(tour) = model.tour.as_deref_mut() {
        let pane = &mut tour.laboratory;
        pane.picture = picture.unwrap_or_else(|| pane.picture.next());
        pane.offset = 0;
    }
}

/// A press of the mouse: the first one chooses a row, a second one on the same unfolds it.
pub fn press(model: &mut Model, target: LaboratoryTarget, now: Instant) -> Vec<Effect> {
    match target {
        LaboratoryTarget::Row(row) => {
            let Some(tour) = model.tour.as_deref_mut() else {
                return Vec::new();
            };
            if tour.laboratory.chosen == row {
                return rows::fold(model, now);
            }
            tour.laboratory.chosen = row;
        }
        LaboratoryTarget::Picture(picture) => turn(model, Some(picture)),
    }
    Vec::new()
}
