//! Exit codes, and which error means which.

use std::process::ExitCode;

use crate::{
    lesson::LessonError, player::PlayError, postgres::PostgresError, runtime::RuntimeError,
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

/// The exit code that an error stands for.
pub(super) fn code(error: &anyhow::Error) -> u8 {
    let is_usage = error.is::<UsageError>()
        || error.is::<LessonError>()
        || error.is::<TopologyError>()
        || matches!(
            error.downcast_ref(),
            Some(PlayError::NoSuchPlace { .. } | PlayError::NothingToSeed(_))
        );
    if is_usage {
        2
    } else if error.is::<RuntimeError>() || error.is::<PostgresError>() {
        3
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_the_codes_that_the_help_names() {
        assert_eq!(code(&UsageError("no such tour".to_owned()).into()), 2);
        assert_eq!(code(&PlayError::NothingToSeed("x".to_owned()).into()), 2);
        assert_eq!(code(&RuntimeError::UnknownNode("x".to_owned()).into()), 3);
        assert_eq!(code(&anyhow::anyhow!("something else")), 1);
    }
}
