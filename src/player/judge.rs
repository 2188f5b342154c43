//! Whether a run went as its lesson says. Pure.

use super::{event::Verdict, expect};
use crate::{
    lesson::Run,
    postgres::{Outcome, format, state_matches},
};

/// Hears what the statements of a run brought, one after the other, and judges them together.
#[derive(Debug)]
pub struct Judge<'run> {
    run: &'run Run,
    output: String,
    failure: Option<Failure>,
}

/// Why a statement failed, with its SQLSTATE.
#[derive(Debug)]
struct Failure {
    code: String,
    words: String,
}

impl<'run> Judge<'run> {
    /// Has heard nothing yet.
    #[must_use]
    pub fn new(run: &'run Run) -> Self {
        Self {
            run,
            output: String::new(),
            failure: None,
        }
    }

    /// A statement was answered, well or not.
    pub fn hear(&mut self, statement: &str, outcome: &Outcome) {
        let printed = format::outcome(outcome, statement, format::Style::default());
        self.output.push_str(&printed);
        if let Some(report) = outcome.error() {
            self.hear_of_loss(&report.code, &report.to_string());
        }
    }

    /// A statement was not answered: the server could not be reached, or was lost.
    pub fn hear_of_loss(&mut self, code: &str, words: &str) {
        self.failure = Some(Failure {
            code: code.to_owned(),
            words: words.to_owned(),
        });
    }

    /// Whether a statement has failed; those after it are not run.
    #[must_use]
    pub fn has_failure(&self) -> bool {
        self.failure.is_some()
    }

    /// How it went.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (&self.run.fails, &self.failure) {
            (None, Some(failure)) => return Verdict::Failed(failure.words.clone()),
            (Some(states), None) => {
                let states = states.0.join(" or ");
                return Verdict::Failed(format!(
                    "it should have failed with SQLSTATE {states}, and succeeded"
                ));
            }
            (Some(states), Some(failure)) if !state_matches(&failure.code, &states.0) => {
                let states = states.0.join(" or ");
                return Verdict::Failed(format!(
                    "it should have failed with SQLSTATE {states}: {}",
                    failure.words
                ));
            }
            _ => {}
        }
        let compared = self
            .run
            .expect
            .as_ref()
            .map(|expected| expect::compare(expected, &self.output));
        match compared {
            Some(Err(difference)) => Verdict::Failed(difference.to_string()),
            _ => Verdict::Passed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lesson::{Expect, Sql, SqlStates},
        postgres::{Event, Report, Severity},
    };

    fn run(fails: Option<&str>, expect: Option<&str>) -> Run {
        Run {
            sql: Sql {
                text: "SELECT 1".to_owned(),
                line: 1,
            },
            on: None,
            fails: fails.map(|state| SqlStates(vec![state.to_owned()])),
            expect: expect.map(|text| Expect {
                text: text.to_owned(),
                unordered: false,
                line: 2,
            }),
        }
    }

    fn outcome(event: Event) -> Outcome {
        Outcome {
            events: vec![event],
            ..Outcome::default()
        }
    }

    #[test]
    fn a_failure_that_is_expected_is_success() {
        let run = run(Some("08"), None);
        let mut judge = Judge::new(&run);
        assert!(matches!(judge.verdict(), Verdict::Failed(_)));
        judge.hear_of_loss("08006", "worker1 is gone");
        assert!(judge.has_failure());
        assert_eq!(judge.verdict(), Verdict::Passed);
        judge.hear_of_loss("42P01", "no such table");
        assert!(
            matches!(judge.verdict(), Verdict::Failed(words) if words.contains("no such table"))
        );
    }

    #[test]
    fn what_was_printed_is_held_against_the_expectation() {
        let run = run(None, Some("CREATE TABLE"));
        let mut judge = Judge::new(&run);
        judge.hear(
            "CREATE …",
            &outcome(Event::Complete("CREATE TABLE".to_owned())),
        );
        assert_eq!(judge.verdict(), Verdict::Passed);
        judge.hear("DROP …", &outcome(Event::Complete("DROP TABLE".to_owned())));
        assert!(matches!(judge.verdict(), Verdict::Failed(words) if words.contains("DROP TABLE")));
    }

    #[test]
    fn an_error_nobody_expects_is_told() {
        let run = run(None, None);
        let mut judge = Judge::new(&run);
        let report = Report::new(Severity::Error, "22012", "division by zero");
        judge.hear("SELECT 1/0", &outcome(Event::Error(report)));
        assert!(judge.has_failure());
        assert!(matches!(judge.verdict(), Verdict::Failed(words) if words.contains("division")));
    }
}
