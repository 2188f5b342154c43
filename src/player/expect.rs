//! Compares what a run printed with the `text expect` that follows it. Pure.

use crate::lesson::Expect;

/// The word that stands for text that may be anything: a whole line of it, any number of lines.
const ELISION: char = '…';

/// The first difference between what was expected and what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// This line of the expectation did not come.
    Missing {
        /// As the lesson writes it.
        expected: String,
        /// What stood in its place, if anything did.
        found: Option<String>,
    },
    /// This line came and nothing in the expectation stands for it.
    Surplus {
        /// As printed.
        found: String,
    },
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing {
                expected,
                found: Some(found),
            } => {
                write!(formatter, "expected `{expected}`, found `{found}`")
            }
            Self::Missing {
                expected,
                found: None,
            } => {
                write!(
                    formatter,
                    "expected `{expected}`, found the end of the output"
                )
            }
            Self::Surplus { found } => write!(formatter, "`{found}` was not expected"),
        }
    }
}

/// Compares `printed` with `expect`, after normalising white space and the width of table rules.
///
/// Notices count only when the expectation itself shows one.
///
/// # Errors
/// The first difference.
pub fn compare(expect: &Expect, printed: &str) -> Result<(), Difference> {
    let wanted = lines(&expect.text);
    let keeps_notices = wanted.iter().any(|line| is_notice(line));
    let found = if keeps_notices {
        lines(printed)
    } else {
        lines(&without_notices(printed))
    };
    if expect.unordered {
        compare_unordered(&wanted, &found)
    } else {
        compare_ordered(&wanted, &found)
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(normalise)
        .filter(|line| !line.is_empty())
        .collect()
}

/// White space is folded, and a table's rule becomes one dash a column: widths follow the longest value, which may differ.
fn normalise(line: &str) -> String {
    let folded = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_rule = folded.contains("--")
        && folded
            .chars()
            .all(|character| matches!(character, '-' | '+'));
    if is_rule {
        folded.split('+').map(|_| "-").collect::<Vec<_>>().join("+")
    } else {
        folded
    }
}

fn is_notice(line: &str) -> bool {
    ["NOTICE:", "WARNING:", "INFO:", "LOG:"]
        .iter()
        .any(|word| line.starts_with(word))
}

/// A notice may have several lines: libpq begins those after the first with a tab, and no row of a table begins so.
fn without_notices(printed: &str) -> String {
    let mut kept = String::new();
    let mut inside_notice = false;
    for line in printed.lines() {
        let belongs_to_notice = |line: &str| {
            line.starts_with('\t')
                || ["DETAIL:", "HINT:", "CONTEXT:"]
                    .iter()
                    .any(|word| line.starts_with(word))
        };
        inside_notice = is_notice(line) || inside_notice && belongs_to_notice(line);
        if !inside_notice {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

fn compare_ordered(wanted: &[String], found: &[String]) -> Result<(), Difference> {
    let mut position = 0;
    let mut wanted = wanted.iter().peekable();
    while let Some(line) = wanted.next() {
        if is_elision(line) {
            while wanted.peek().is_some_and(|next| is_elision(next)) {
                wanted.next();
            }
            let Some(next) = wanted.peek() else {
                return Ok(());
            };
            match found[position..]
                .iter()
                .position(|candidate| line_matches(next, candidate))
            {
                Some(offset) => position += offset,
                None => {
                    return Err(Difference::Missing {
                        expected: (*next).clone(),
                        found: None,
                    });
                }
            }
        } else {
            match found.get(position) {
                Some(candidate) if line_matches(line, candidate) => position += 1,
                candidate => {
                    return Err(Difference::Missing {
                        expected: line.clone(),
                        found: candidate.cloned(),
                    });
                }
            }
        }
    }
    match found.get(position) {
        Some(line) => Err(Difference::Surplus {
            found: line.clone(),
        }),
        None => Ok(()),
    }
}

fn compare_unordered(wanted: &[String], found: &[String]) -> Result<(), Difference> {
    let mut left: Vec<&String> = found.iter().collect();
    for line in wanted.iter().filter(|line| !is_elision(line)) {
        match left
            .iter()
            .position(|candidate| line_matches(line, candidate))
        {
            Some(index) => {
                left.remove(index);
            }
            None => {
                return Err(Difference::Missing {
                    expected: line.clone(),
                    found: None,
                });
            }
        }
    }
    match left.first() {
        Some(line) if !wanted.iter().any(|wanted| is_elision(wanted)) => Err(Difference::Surplus {
            found: (*line).clone(),
        }),
        _ => Ok(()),
    }
}

fn is_elision(line: &str) -> bool {
    line.chars().all(|character| character == ELISION)
}

/// Whether `line` is `pattern`, each `…` in which stands for any text.
fn line_matches(pattern: &str, line: &str) -> bool {
    let Some((first, pieces)) = pattern.split_once(ELISION) else {
        return pattern == line;
    };
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.split(ELISION).collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(text: &str) -> Expect {
        Expect {
            text: text.to_owned(),
            unordered: false,
            line: 1,
        }
    }

    fn unordered(text: &str) -> Expect {
        Expect {
            unordered: true,
            ..ordered(text)
        }
    }

    const TABLE: &str =
        " count |    sum     \n-------+------------\n 10000 | 3118750.00\n(1 row)\n";

    #[test]
    fn widths_and_white_space_do_not_count() {
        assert_eq!(
            compare(
                &ordered(" count | sum\n----+----\n 10000 | 3118750.00\n(1 row)"),
                TABLE
            ),
            Ok(())
        );
    }

    #[test]
    fn a_different_value_is_named() {
        let difference = compare(
            &ordered(" count | sum\n--+--\n 10000 | 1.00\n(1 row)"),
            TABLE,
        )
        .unwrap_err();
        assert_eq!(
            difference.to_string(),
            "expected `10000 | 1.00`, found `10000 | 3118750.00`"
        );
    }

    #[test]
    fn an_elision_stands_for_lines_and_for_parts_of_a_line() {
        assert_eq!(compare(&ordered("…\n(1 row)"), TABLE), Ok(()));
        assert_eq!(compare(&ordered(" count | sum\n…"), TABLE), Ok(()));
        assert_eq!(
            compare(&ordered("…\n 10000 | …50.00\n(1 row)"), TABLE),
            Ok(())
        );
        assert!(compare(&ordered("…\n 10000 | …51.00\n(1 row)"), TABLE).is_err());
    }

    #[test]
    fn rows_may_come_in_any_order_when_the_lesson_says_so() {
        let printed = " a \n---\n 2\n 1\n(2 rows)\n";
        assert!(compare(&ordered(" a \n---\n 1\n 2\n(2 rows)"), printed).is_err());
        assert_eq!(
            compare(&unordered(" a \n---\n 1\n 2\n(2 rows)"), printed),
            Ok(())
        );
        assert!(compare(&unordered(" a \n---\n 1\n(2 rows)"), printed).is_err());
    }

    #[test]
    fn notices_count_only_when_they_are_expected() {
        let printed =
            "NOTICE:  Copying data from local table...\nDETAIL:  x\n ok \n----\n t\n(1 row)\n";
        assert_eq!(
            compare(&ordered(" ok \n----\n t\n(1 row)"), printed),
            Ok(())
        );
        assert!(compare(&ordered("NOTICE:  something else\n…"), printed).is_err());
    }

    #[test]
    fn surplus_lines_are_named() {
        let difference = compare(&ordered(" count | sum\n--+--"), TABLE).unwrap_err();
        assert_eq!(
            difference,
            Difference::Surplus {
                found: "10000 | 3118750.00".to_owned()
            }
        );
    }
}
