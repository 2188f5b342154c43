//! What a learner types at a prompt of the dialogue.

use std::time::Duration;

use tokio::time::timeout;

use super::{input::next_line, output::is_interactive};
use crate::postgres::split;

/// The longest pause between two lines of a paste; nobody types a line that fast.
const PASTE: Duration = Duration::from_millis(50);

/// What the learner wants next.
pub(super) enum Answer {
    /// Enter.
    Go,
    Skip,
    Hint,
    Solution,
    Reset,
    Quit,
    /// Anything else is SQL.
    Sql(String),
}

/// Reads the next answer.
pub(super) async fn answer() -> Answer {
    match next_line().await.as_deref().map(str::trim) {
        None | Some("q") => Answer::Quit,
        Some("") => Answer::Go,
        Some("s") => Answer::Skip,
        Some("h") => Answer::Hint,
        Some("x") => Answer::Solution,
        Some("r") => Answer::Reset,
        Some(sql) => Answer::Sql(with_pasted_lines(sql).await),
    }
}

/// What is pasted comes line by line and at once: a `DELETE` must not run before the line with its `WHERE` is read. A line that was
/// typed is whole even without a semicolon.
async fn with_pasted_lines(first: &str) -> String {
    let mut text = first.to_owned();
    let waits = |text: &str| split(text).last().is_some_and(|last| !last.terminated);
    while is_interactive() && waits(&text) {
        let Ok(Some(line)) = timeout(PASTE, next_line()).await else {
            break;
        };
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// `1`, `1 3` or `1, 3`. Anything with more in it than numbers is no answer to a question with numbered answers.
pub(super) fn numbers(text: &str) -> Option<Vec<usize>> {
    let separates = |character: char| character == ',' || character.is_whitespace();
    let words = text.split(separates).filter(|word| !word.is_empty());
    let numbers: Vec<usize> = words.map(str::parse).collect::<Result<_, _>>().ok()?;
    (!numbers.is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_no_prediction() {
        assert_eq!(numbers("2"), Some(vec![2]));
        assert_eq!(numbers("1, 3 4"), Some(vec![1, 3, 4]));
        for other in ["SELECT 1;", "q2", "", ",", "-1"] {
            assert_eq!(numbers(other), None, "{other}");
        }
    }
}
