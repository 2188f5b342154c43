//! Why a statement touches all shards, as far as its text says so.

use std::collections::BTreeMap;

use super::lexeme::Lexeme;
use super::shards::{Shards, is_spread};
use super::touched::Touched;
use super::words::one_line;
use crate::cluster::TableName;

/// What the text does with the distribution column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    /// Nothing, or it is joined by it.
    None,
    /// It is compared with constants.
    Constant,
    /// It is compared with what is known only when it runs.
    Late,
    /// It is held against a range, or told what it is not.
    Range,
}

/// The reason, when all shards of the tables of one colocation are touched, and several of them.
pub(super) fn reason(
    shards: &Shards<'_>,
    pieces: &[Lexeme<'_>],
    touched: &Touched,
) -> Option<String> {
    let commands = ["insert", "truncate", "copy", "alter", "drop", "create"];
    if pieces
        .first()
        .is_none_or(|first| commands.iter().any(|word| first.is(word)))
    {
        return None;
    }
    let spread = touched.shards.iter().filter(|one| {
        let found = shards.get(one.id);
        found.is_some_and(|(group, shard)| is_spread(shards, group, shard))
    });
    let spread: Vec<_> = spread.collect();
    let first = spread.first()?;
    let together = spread
        .iter()
        .all(|one| one.group.colocation_id == first.group.colocation_id);
    let mut counts: BTreeMap<&TableName, usize> = BTreeMap::new();
    for one in &spread {
        *counts.entry(&one.table).or_default() += 1;
    }
    let whole = counts
        .iter()
        .find(|(table, count)| **count > 1 && shards.of_table(table).count() == **count);
    let (table, _) = whole.filter(|_| together)?;
    let column = shards.distribution_column(table)?;
    let shown = one_line(column);
    match filter(pieces, column) {
        Filter::None => Some(format!("no filter on the distribution column {shown}")),
        Filter::Range => Some(format!("hashing scatters a range of {shown}")),
        Filter::Late => Some(format!(
            "what {shown} is compared with is known only when it runs"
        )),
        Filter::Constant => None,
    }
}

fn filter(pieces: &[Lexeme<'_>], column: &str) -> Filter {
    let mut strongest = Filter::None;
    for (at, piece) in pieces.iter().enumerate() {
        if piece.name() != Some(column) {
            continue;
        }
        let found = comparison(pieces, at);
        if found == Filter::Constant {
            return found;
        }
        if found != Filter::None && strongest != Filter::Late {
            strongest = found;
        }
    }
    strongest
}

fn comparison(pieces: &[Lexeme<'_>], at: usize) -> Filter {
    let symbol = |at: usize, symbol: &str| pieces.get(at).is_some_and(|one| one.is_symbol(symbol));
    let word = |at: usize, word: &str| pieces.get(at).is_some_and(|one| one.is(word));
    let literal = |at: usize| matches!(pieces.get(at), Some(Lexeme::Literal(_)));
    // `42 = users.user_id`
    let begins = if at >= 2 && symbol(at - 1, ".") {
        at - 2
    } else {
        at
    };
    if begins >= 2 && symbol(begins - 1, "=") && literal(begins - 2) {
        return Filter::Constant;
    }
    let Some(next) = pieces.get(at + 1) else {
        return Filter::None;
    };
    if next.is_symbol("=") {
        return equality(pieces, at + 2);
    }
    if next.is("in") {
        let query = word(at + 3, "select") || word(at + 3, "with") || word(at + 3, "table");
        return if query {
            Filter::Late
        } else {
            Filter::Constant
        };
    }
    if next.is_symbol("<") || next.is_symbol(">") || next.is_symbol("!") {
        // `a.user_id < b.user_id` is a range all the same.
        return Filter::Range;
    }
    if ["between", "like", "not", "is"]
        .iter()
        .any(|word| next.is(word))
    {
        return Filter::Range;
    }
    Filter::None
}

/// What stands at the right of an equals sign.
fn equality(pieces: &[Lexeme<'_>], at: usize) -> Filter {
    let called = pieces.get(at + 1).is_some_and(|next| next.is_symbol("("));
    match pieces.get(at) {
        Some(Lexeme::Word(word)) if word == "any" => Filter::Constant,
        Some(Lexeme::Word(_)) if called => Filter::Late,
        // `date '2026-01-01'`
        Some(Lexeme::Word(_)) if matches!(pieces.get(at + 1), Some(Lexeme::Literal(_))) => {
            Filter::Constant
        }
        Some(Lexeme::Word(_) | Lexeme::Quoted(_)) | None => Filter::None,
        Some(Lexeme::Symbol("(")) => match pieces.get(at + 1) {
            Some(Lexeme::Literal(_)) => Filter::Constant,
            _ => Filter::Late,
        },
        Some(_) => Filter::Constant,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xray::lexeme::lexemes;

    fn of(text: &str) -> Filter {
        filter(&lexemes(text), "user_id")
    }

    #[test]
    fn a_filter_is_told_from_a_join_and_from_a_range() {
        assert_eq!(of("SELECT * FROM orders"), Filter::None);
        assert_eq!(
            of("SELECT user_id FROM orders ORDER BY user_id"),
            Filter::None
        );
        assert_eq!(of("FROM a JOIN b ON a.user_id = b.user_id"), Filter::None);
        assert_eq!(of("WHERE a.user_id = 3"), Filter::Constant);
        assert_eq!(of("WHERE 3 = a.user_id"), Filter::Constant);
        assert_eq!(of("WHERE user_id = -3 OR true"), Filter::Constant);
        assert_eq!(of("WHERE user_id IN (1, 2)"), Filter::Constant);
        assert_eq!(of("WHERE user_id = ANY ('{1,2}')"), Filter::Constant);
        assert_eq!(of("WHERE user_id = ANY"), Filter::Constant);
        assert_eq!(of("WHERE user_id BETWEEN 1 AND 3"), Filter::Range);
        assert_eq!(of("WHERE user_id <> 3"), Filter::Range);
        assert_eq!(of("WHERE user_id IN (SELECT 1)"), Filter::Late);
        assert_eq!(of("WHERE user_id = (SELECT 1)"), Filter::Late);
        assert_eq!(of("WHERE user_id = random()"), Filter::Late);
        assert_eq!(of("WHERE user_id > 1 AND user_id = f(1)"), Filter::Late);
        assert_eq!(of("WHERE user_id ="), Filter::None);
    }
}
