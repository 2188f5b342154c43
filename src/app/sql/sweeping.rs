//! Statements that take everything away at once, as a slip of the hand does. Pure.

use crate::postgres::{
    Statement,
    split::{Scanner, Token},
};

/// What a statement takes away, if it is such a one.
pub(super) fn what(statement: &Statement<'_>) -> Option<&'static str> {
    let words = words(statement.text);
    let first = words.first()?.as_str();
    let has_condition = || words.iter().any(|word| word == "WHERE");
    match first {
        "TRUNCATE" => Some("TRUNCATE takes all rows"),
        "DROP" => Some("DROP takes it away with all that it holds"),
        "DELETE" if !has_condition() => Some("without WHERE, DELETE takes all rows"),
        "UPDATE" if !has_condition() => Some("without WHERE, UPDATE changes all rows"),
        "ALTER" if words.iter().any(|word| word == "DROP") => {
            Some("DROP takes it away with all that it holds")
        }
        "WITH" | "EXPLAIN" => hidden(statement.text),
        _ => None,
    }
}

/// The same of a change that stands within another statement.
fn hidden(text: &str) -> Option<&'static str> {
    let words = words_of(text, usize::MAX);
    let says = |wanted: &str| words.iter().any(|word| word == wanted);
    if says("WHERE") {
        None
    } else if says("DELETE") {
        Some("without WHERE, DELETE takes all rows")
    } else if says("UPDATE") && says("SET") {
        Some("without WHERE, UPDATE changes all rows")
    } else {
        None
    }
}

/// The words outside of parentheses, in capitals.
fn words(text: &str) -> Vec<String> {
    words_of(text, 0)
}

/// The words within so many parentheses, in capitals.
fn words_of(text: &str, deepest: usize) -> Vec<String> {
    let mut scanner = Scanner::new(text);
    let mut depth = 0_usize;
    let mut words = Vec::new();
    while let Some(token) = scanner.token() {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Word(word) if depth <= deepest => words.push(word.to_ascii_uppercase()),
            _ => {}
        }
    }
    words
}

/// Whether it makes sense to ask which shards a statement touches: an engine can explain it without doing it.
pub(super) fn can_be_explained(statement: &str) -> bool {
    const LONGEST: usize = 64 << 10;
    let explained = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "TABLE", "VALUES", "EXPLAIN",
        "TRUNCATE", "COPY",
    ];
    let mut scanner = Scanner::new(statement);
    let first = loop {
        match scanner.token() {
            Some(Token::Space | Token::Comment | Token::Open) => {}
            Some(Token::Word(word)) => break word.to_ascii_uppercase(),
            _ => return false,
        }
    };
    statement.len() <= LONGEST && explained.contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::split;

    fn sweeps(sql: &str) -> bool {
        split(sql).iter().any(|statement| what(statement).is_some())
    }

    #[test]
    fn everything_at_once_is_noticed() {
        assert!(sweeps("DELETE FROM orders"));
        assert!(sweeps("update orders set total = (select 1 where true)"));
        assert!(sweeps("TRUNCATE orders") && sweeps("drop table orders"));
        assert!(!sweeps("DELETE FROM orders WHERE user_id = 42"));
        assert!(!sweeps("SELECT 'DELETE FROM orders'"));
        assert!(sweeps("DELETE FROM orders -- WHERE user_id = 42"));
        assert!(sweeps(
            "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT 1"
        ));
        assert!(sweeps("EXPLAIN ANALYZE DELETE FROM orders"));
        assert!(sweeps("ALTER TABLE orders DROP COLUMN total"));
        assert!(!sweeps("WITH a AS (SELECT 1) SELECT * FROM a FOR UPDATE"));
    }

    #[test]
    fn only_what_has_a_plan_is_explained() {
        assert!(can_be_explained("  (select 1)"));
        assert!(can_be_explained(
            "-- why\nWITH a AS (SELECT 1) SELECT * FROM a"
        ));
        assert!(!can_be_explained("BEGIN"));
        assert!(!can_be_explained("SET a = 1"));
        assert!(!can_be_explained("CREATE TABLE a ()"));
        assert!(!can_be_explained(""));
    }
}
