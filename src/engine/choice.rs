//! Which PostgreSQL and which engine: a pure function of what was asked for and what was found, with its reasons.

use super::{Citus, Emulation, Engine, EngineError};
use crate::runtime::RuntimeError;
use crate::runtime::local::{Discovery, Installation};

/// `--engine`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum EnginePreference {
    /// Citus where it is, else the emulation.
    #[default]
    Auto,
    /// Citus or nothing.
    Citus,
    /// The emulation, also where Citus is.
    Emulation,
}

/// Which engine was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EngineKind {
    /// Citus itself.
    Citus,
    /// The emulation.
    Emulation,
}

impl EngineKind {
    /// The engine.
    #[must_use]
    pub fn engine(self) -> &'static dyn Engine {
        match self {
            Self::Citus => &Citus,
            Self::Emulation => &Emulation,
        }
    }

    /// The engine of a name that a description holds.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Citus, Self::Emulation]
            .into_iter()
            .find(|kind| kind.engine().name() == name)
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// From which PostgreSQL servers start.
    pub installation: Installation,
    /// What makes them one database.
    pub engine: EngineKind,
    /// Why, one sentence each, for `doctor`.
    pub reasons: Vec<String>,
}

/// Chooses: an installation with Citus first, then the newest that can carry the emulation.
///
/// # Errors
/// When nothing found can do what was asked for; the message says what would.
pub fn choose(preference: EnginePreference, discovery: &Discovery) -> Result<Choice, EngineError> {
    let found: Vec<&Installation> = discovery.installations().collect();
    if found.is_empty() {
        return Err(RuntimeError::NoPostgres {
            tried: discovery.refusals(),
        }
        .into());
    }
    let real = || {
        newest(
            found
                .iter()
                .copied()
                .filter(|installation| installation.citus.is_some()),
        )
    };
    let emulating = || {
        newest(
            found
                .iter()
                .copied()
                .filter(|installation| installation.can_emulate()),
        )
    };
    let by_citus = |installation: &Installation| Choice {
        installation: installation.clone(),
        engine: EngineKind::Citus,
        reasons: vec![format!(
            "Citus {} is installed for the PostgreSQL {} in {}.",
            installation.citus.as_deref().unwrap_or_default(),
            installation.short_version(),
            installation.bindir.display()
        )],
    };
    let by_emulation = |installation: &Installation, why: &str| Choice {
        installation: installation.clone(),
        engine: EngineKind::Emulation,
        reasons: vec![
            why.to_owned(),
            format!(
                "The PostgreSQL {} in {} is the newest found that has postgres_fdw and dblink.",
                installation.short_version(),
                installation.bindir.display()
            ),
        ],
    };
    match preference {
        EnginePreference::Auto => real()
            .map(by_citus)
            .or_else(|| emulating().map(|it| by_emulation(it, "No PostgreSQL found here has Citus.")))
            .ok_or_else(|| no_engine(&found)),
        EnginePreference::Citus => real().map(by_citus).ok_or_else(|| EngineError::Unavailable {
            wanted: "the engine `citus`".to_owned(),
            why: format!(
                "no PostgreSQL found here has Citus 12.1 or newer ({}). Install Citus for one of them, or use --engine emulation",
                names(&found)
            ),
        }),
        EnginePreference::Emulation => emulating()
            .map(|installation| by_emulation(installation, "The emulation was asked for."))
            .ok_or_else(|| no_engine(&found)),
    }
}

fn no_engine(found: &[&Installation]) -> EngineError {
    EngineError::Unavailable {
        wanted: "the engine `emulation`".to_owned(),
        why: format!(
            "it stands on postgres_fdw and dblink, which no PostgreSQL found here has ({}). \
             Install PostgreSQL's additional modules (the package is often called postgresql-contrib)",
            names(found)
        ),
    }
}

/// The newest; of two equal ones the one that was found first.
fn newest<'a>(installations: impl Iterator<Item = &'a Installation>) -> Option<&'a Installation> {
    installations.fold(None, |best: Option<&Installation>, next| match best {
        Some(best) if best.numbers() >= next.numbers() => Some(best),
        _ => Some(next),
    })
}

fn names(found: &[&Installation]) -> String {
    let names: Vec<String> = found
        .iter()
        .map(|installation| {
            format!(
                "{} in {}",
                installation.short_version(),
                installation.bindir.display()
            )
        })
        .collect();
    names.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::local::{Candidate, Rejection, Source};

    fn candidate(version: &str, citus: Option<&str>, can_emulate: bool) -> Candidate {
        let bindir = std::path::PathBuf::from(format!("/pg/{version}/bin"));
        let major = version.split('.').next().unwrap().parse().unwrap();
        Candidate {
            bindir: bindir.clone(),
            source: Source::UsualPlace,
            found: Ok(Installation {
                share: bindir.clone(),
                libraries: bindir.clone(),
                bindir,
                major,
                version: format!("{version} (a package)"),
                citus: citus.map(str::to_owned),
                has_postgres_fdw: can_emulate,
                has_dblink: can_emulate,
                source: Source::UsualPlace,
                remarks: Vec::new(),
            }),
        }
    }

    fn choice(
        preference: EnginePreference,
        candidates: Vec<Candidate>,
    ) -> Result<(String, EngineKind), String> {
        choose(preference, &Discovery { candidates })
            .map(|choice| {
                (
                    choice.installation.short_version().to_owned(),
                    choice.engine,
                )
            })
            .map_err(|error| error.to_string())
    }

    #[test]
    fn citus_comes_before_a_newer_server_without_it() {
        let found = vec![
            candidate("18.1", None, true),
            candidate("16.2", Some("13.2"), true),
        ];
        assert_eq!(
            choice(EnginePreference::Auto, found.clone()),
            Ok(("16.2".into(), EngineKind::Citus))
        );
        assert_eq!(
            choice(EnginePreference::Emulation, found),
            Ok(("18.1".into(), EngineKind::Emulation))
        );
    }

    #[test]
    fn without_citus_the_newest_that_can_emulate_is_taken() {
        let found = vec![
            candidate("15.3", None, true),
            candidate("17.10", None, true),
            candidate("17.9", None, true),
            candidate("18.1", None, false),
        ];
        assert_eq!(
            choice(EnginePreference::Auto, found.clone()),
            Ok(("17.10".into(), EngineKind::Emulation))
        );
        let refused = choice(EnginePreference::Citus, found).unwrap_err();
        assert!(
            refused.contains("--engine emulation") && refused.contains("15.3"),
            "{refused}"
        );
    }

    #[test]
    fn nothing_found_lists_what_was_refused() {
        let refused = Candidate {
            bindir: "/pg/13/bin".into(),
            source: Source::UsualPlace,
            found: Err(Rejection::TooOld("13.4".into())),
        };
        let message = choice(EnginePreference::Auto, vec![refused]).unwrap_err();
        assert!(
            message.contains("/pg/13/bin: PostgreSQL 13.4 is too old"),
            "{message}"
        );
        assert!(message.contains("apt install postgresql"), "{message}");
    }

    #[test]
    fn a_server_without_modules_says_what_to_install() {
        let message =
            choice(EnginePreference::Auto, vec![candidate("17.1", None, false)]).unwrap_err();
        assert!(message.contains("postgresql-contrib"), "{message}");
    }

    #[test]
    fn names_in_descriptions_lead_back_to_engines() {
        assert_eq!(EngineKind::from_name("citus"), Some(EngineKind::Citus));
        assert_eq!(
            EngineKind::from_name("emulation"),
            Some(EngineKind::Emulation)
        );
        assert_eq!(EngineKind::from_name("none"), None);
    }
}
