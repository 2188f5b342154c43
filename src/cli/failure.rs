//! Exit codes, and which error means which.

use std::process::ExitCode;

use crate::{
    engine::EngineError,
    lesson::LessonError,
    player::{PlayError, Tally},
    postgres::PostgresError,
    runtime::RuntimeError,
    terminal::TerminalError,
    topology::TopologyError,
};

/// How a command ended when it did not fail with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// All went well.
    Well,
    /// Something that was played or checked failed; it has been told.
    Failed,
    /// A lesson is wrong; it has been told.
    Wrong,
    /// Somebody ended the program before its time.
    Interrupted,
}

impl From<Tally> for Ending {
    fn from(tally: Tally) -> Self {
        if tally.failed == 0 {
            Self::Well
        } else {
            Self::Failed
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Well => 0,
            Ending::Failed => 1,
            Ending::Wrong => 2,
            Ending::Interrupted => 4,
        })
    }
}

/// A mistake on the command line that clap cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub(super) String);

const FAILED: u8 = 1;
const WRONG: u8 = 2;
const NO_CLUSTER: u8 = 3;

/// The exit code that an error stands for.
pub(super) fn code(error: &anyhow::Error) -> u8 {
    if error.is::<UsageError>()
        || error.is::<TerminalError>()
        || error.is::<LessonError>()
        || error.is::<TopologyError>()
    {
        WRONG
    } else if let Some(error) = error.downcast_ref::<PlayError>() {
        of_playing(error)
    } else if let Some(error) = error.downcast_ref::<RuntimeError>() {
        of_runtime(error)
    } else if let Some(error) = error.downcast_ref::<EngineError>() {
        match error {
            EngineError::Runtime(error) => of_runtime(error),
            _ => NO_CLUSTER,
        }
    } else if let Some(error) = error.downcast_ref::<PostgresError>() {
        of_postgres(error)
    } else {
        FAILED
    }
}

fn of_playing(error: &PlayError) -> u8 {
    match error {
        PlayError::NoSuchPlace { .. }
        | PlayError::NothingToSeed(_)
        | PlayError::NoLoad(_)
        | PlayError::NoMix(..) => WRONG,
        PlayError::Runtime(error) => of_runtime(error),
        PlayError::Postgres(error) => of_postgres(error),
        _ => FAILED,
    }
}

fn of_runtime(error: &RuntimeError) -> u8 {
    match error {
        RuntimeError::UnknownNode(_) => WRONG,
        RuntimeError::Refused { .. } => FAILED,
        _ => NO_CLUSTER,
    }
}

fn of_postgres(error: &PostgresError) -> u8 {
    match error {
        PostgresError::Statement { .. } => FAILED,
        _ => NO_CLUSTER,
    }
}

/// An error with its causes. Most messages of ours carry their cause already, which is then not said twice.
pub(super) fn words(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |said, cause| {
        let cause = cause.to_string();
        if said.is_empty() {
            cause
        } else if said.contains(&cause) {
            said
        } else {
            format!("{said}: {cause}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_the_codes_that_the_help_names() {
        assert_eq!(code(&UsageError("no such tour".to_owned()).into()), 2);
        assert_eq!(code(&PlayError::NothingToSeed("x".to_owned()).into()), 2);
        assert_eq!(code(&anyhow::anyhow!("something else")), 1);
    }

    #[test]
    fn an_error_has_the_same_code_whichever_room_hands_it_on() {
        let unknown = || RuntimeError::UnknownNode("x".to_owned());
        assert_eq!(code(&unknown().into()), 2);
        assert_eq!(code(&PlayError::Runtime(unknown()).into()), 2);
        assert_eq!(code(&RuntimeError::NoHome.into()), 3);
        assert_eq!(code(&PlayError::Runtime(RuntimeError::NoHome).into()), 3);
        assert_eq!(code(&EngineError::Runtime(RuntimeError::NoHome).into()), 3);
        let lost = || PostgresError::Disconnected {
            node: "worker1".to_owned(),
        };
        assert_eq!(code(&lost().into()), 3);
        assert_eq!(code(&PlayError::Postgres(lost()).into()), 3);
    }

    #[test]
    fn a_cause_is_said_once() {
        let cause = || std::io::Error::other("no room");
        let telling = anyhow::Error::new(cause()).context("cannot write: no room");
        assert_eq!(words(&telling), "cannot write: no room");
        let silent = anyhow::Error::new(cause()).context("cannot write");
        assert_eq!(words(&silent), "cannot write: no room");
    }
}
