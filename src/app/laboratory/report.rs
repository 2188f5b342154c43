//! The report of an experiment: read on the screen, saved as Markdown.

use std::path::PathBuf;

use crate::app::{Effect, Model, overlay::Overlay};

/// The report of an experiment, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentReport {
    /// What it is about.
    pub title: String,
    /// To be read here.
    pub text: String,
    /// To be kept.
    pub markdown: String,
    /// Where it was saved.
    pub saved: Option<PathBuf>,
}

/// Shows the report of the last experiment.
pub(super) fn open(model: &mut Model) {
    let report = model
        .tour
        .as_deref()
        .map(|tour| tour.laboratory.incident.is_some());
    if report == Some(true) {
        model.overlays.push(Overlay::Report { offset: 0 });
    } else {
        model.say("there is no report yet: f types a plan of faults, whose end brings one");
    }
}

/// Saves it as Markdown.
pub fn save(model: &mut Model) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let Some(report) = &tour.laboratory.incident else {
        return Vec::new();
    };
    if let Some(path) = &report.saved {
        let words = format!("it is saved already: {}", path.display());
        model.say(words);
        return Vec::new();
    }
    vec![Effect::SaveReport {
        generation: tour.generation,
        tour: tour.tour.id.clone(),
        markdown: report.markdown.clone(),
    }]
}

/// It was saved, or not.
pub fn saved(model: &mut Model, result: Result<PathBuf, String>) {
    match result {
        Ok(path) => {
            model.say(format!("saved as {}", path.display()));
            let tour = model.tour.as_deref_mut();
            if let Some(report) = tour.and_then(|tour| tour.laboratory.incident.as_mut()) {
                report.saved = Some(path);
            }
        }
        Err(problem) => model.warn(format!("the report was not saved: {problem}")),
    }
}
