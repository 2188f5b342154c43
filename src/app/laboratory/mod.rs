//! The laboratory: probes that show what works and what does not, faults by a plan, load, and what was predicted beside what happened.

mod busy;
mod command;
mod load;
mod outlook;
mod plan;
mod probing;
mod prompt;
mod report;
mod rows;
mod state;
mod trial;

#[cfg(test)]
mod tests;

pub use busy::{busy, refuse};
pub use command::{KEYS, LaboratoryCommand, LaboratoryTarget, command, press};
pub use load::{
    Blend, LoadNews, LoadPane, Loading, begin_for_lesson as begin_load, came as load_came,
    words as load_words,
};
pub use outlook::survived;
pub use plan::{
    ExperimentNews, PlanPane, RunningPlan, begin_experiment, came as experiment_came, confirmed,
    paste, type_chord,
};
pub use probing::{
    ProbeNews, acted, came, changed, come_to_front, go_back, next_deadline, open, ready, viewed,
};
pub use prompt::Line;
pub use report::{IncidentReport, save, saved};
pub use rows::{Row, resting, rows, scroll};
pub use state::{LaboratoryPane, Picture, Probing, SPANS};
pub use trial::Trial;
