//! What a server reports beside rows: errors, warnings, notices, with every field it sent.

use std::fmt;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;

/// How grave a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// For developers.
    Debug,
    /// For the server's log.
    Log,
    /// Asked for by the statement.
    Info,
    /// Worth knowing.
    Notice,
    /// Likely a mistake.
    Warning,
    /// Ended the statement.
    Error,
    /// Ended the session.
    Fatal,
    /// Ended the server.
    Panic,
}

impl Severity {
    fn parse(text: &str) -> Self {
        match text {
            "PANIC" => Self::Panic,
            "FATAL" => Self::Fatal,
            "WARNING" => Self::Warning,
            "NOTICE" => Self::Notice,
            "INFO" => Self::Info,
            "LOG" => Self::Log,
            debug if debug.starts_with("DEBUG") => Self::Debug,
            _ => Self::Error,
        }
    }

    /// Whether the server ends the connection after it.
    #[must_use]
    pub fn ends_session(self) -> bool {
        self >= Self::Fatal
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Debug => "DEBUG",
            Self::Log => "LOG",
            Self::Info => "INFO",
            Self::Notice => "NOTICE",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
            Self::Panic => "PANIC",
        })
    }
}

/// One error, warning or notice in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How grave.
    pub severity: Severity,
    /// SQLSTATE, five characters.
    pub code: String,
    /// The first line.
    pub message: String,
    /// DETAIL.
    pub detail: Option<String>,
    /// HINT.
    pub hint: Option<String>,
    /// CONTEXT; names the worker when the trouble came from one.
    pub context: Option<String>,
    /// One-based character within the statement.
    pub position: Option<usize>,
    /// A statement that the server made itself, and which failed.
    pub internal_query: Option<String>,
    /// One-based character within `internal_query`.
    pub internal_position: Option<usize>,
    /// The table at fault.
    pub table: Option<String>,
    /// The column at fault.
    pub column: Option<String>,
    /// The constraint at fault.
    pub constraint: Option<String>,
}

impl Report {
    /// A report with nothing but its first line.
    #[must_use]
    pub fn new(severity: Severity, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity,
            code: code.into(),
            message: message.into(),
            detail: None,
            hint: None,
            context: None,
            position: None,
            internal_query: None,
            internal_position: None,
            table: None,
            column: None,
            constraint: None,
        }
    }

    pub(super) fn parse(mut fields: ErrorFields<'_>) -> std::io::Result<Self> {
        let mut report = Self::new(Severity::Error, "", "");
        let mut plain_severity = false;
        while let Some(field) = fields.next()? {
            let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
            match field.type_() {
                // `V` is never translated, `S` may be.
                b'V' => {
                    report.severity = Severity::parse(&value);
                    plain_severity = true;
                }
                b'S' if !plain_severity => report.severity = Severity::parse(&value),
                b'C' => report.code = value,
                b'M' => report.message = value,
                b'D' => report.detail = Some(value),
                b'H' => report.hint = Some(value),
                b'W' => report.context = Some(value),
                b'P' => report.position = value.parse().ok(),
                b'q' => report.internal_query = Some(value),
                b'p' => report.internal_position = value.parse().ok(),
                b't' => report.table = Some(value),
                b'c' => report.column = Some(value),
                b'n' => report.constraint = Some(value),
                _ => {}
            }
        }
        Ok(report)
    }

    /// The same with no field longer than `limit` bytes; what was cut says how long it was.
    #[must_use]
    pub fn shortened(mut self, limit: usize) -> Self {
        let optional = [
            &mut self.detail,
            &mut self.hint,
            &mut self.context,
            &mut self.internal_query,
        ];
        for text in optional.into_iter().flatten().chain([&mut self.message]) {
            if text.len() > limit {
                let whole = text.len();
                let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end));
                text.truncate(end.unwrap_or(0));
                text.push_str(&["… (", &whole.to_string(), " bytes in all)"].concat());
            }
        }
        self
    }

    /// Whether the SQLSTATE is one of these or begins with one of them (`08`, `57P01`).
    #[must_use]
    pub fn matches<S: AsRef<str>>(&self, states: &[S]) -> bool {
        state_matches(&self.code, states)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:  {}: {}",
            self.severity, self.code, self.message
        )
    }
}

/// Whether an SQLSTATE is one of `states` or begins with one of them.
#[must_use]
pub fn state_matches<S: AsRef<str>>(code: &str, states: &[S]) -> bool {
    states
        .iter()
        .map(AsRef::as_ref)
        .any(|state| !state.is_empty() && code.starts_with(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_matches_by_itself_and_by_its_class() {
        let report = Report::new(Severity::Fatal, "57P01", "terminating connection");
        assert!(report.matches(&["08", "57P01"]));
        assert!(report.matches(&["57"]));
        assert!(!report.matches(&["08", "57P03"]));
        assert!(!report.matches(&[""]));
        assert!(!report.matches::<&str>(&[]));
    }

    #[test]
    fn severities_read_back_what_they_print() {
        for severity in [
            Severity::Debug,
            Severity::Log,
            Severity::Info,
            Severity::Notice,
            Severity::Warning,
            Severity::Error,
            Severity::Fatal,
            Severity::Panic,
        ] {
            assert_eq!(Severity::parse(&severity.to_string()), severity);
        }
        assert!(Severity::Fatal.ends_session());
        assert!(!Severity::Error.ends_session());
    }
}
