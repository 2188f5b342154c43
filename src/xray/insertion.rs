//! Where the rows of an insertion go, as far as that can be known without running it. Pure.
//!
//! A plan that routes rows only while it runs still shows what it puts into the distribution column: a constant, whose shard can be
//! asked for, or the distribution column of a co-located table, whose rows stay in their group.

use std::collections::BTreeSet;

use super::lexeme::{Lexeme, lexemes, path, placed_lexemes};
use super::plan::{Insertion, Source};
use super::shards::Shards;
use super::statement::is_emulated;
use crate::cluster::TableName;

/// More rows than these are not looked at one by one.
const MOST_ROWS: usize = 500;

/// Where the distribution column stands in its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// Its number, from one, dropped columns counted.
    pub(super) number: usize,
    /// Its place, from one, among the columns that there are.
    pub(super) place: usize,
    /// How many columns there are.
    pub(super) columns: usize,
    /// Its type, as SQL writes it.
    pub(super) type_name: String,
}

/// Where rows go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Targets {
    /// To these shards.
    pub(super) shards: BTreeSet<u64>,
    /// To the shards of these constants, as SQL writes them.
    pub(super) constants: BTreeSet<String>,
}

/// Where the rows of `insertion` go; `None` when only running it tells.
pub(super) fn targets(
    shards: &Shards<'_>,
    statement: &str,
    table: &TableName,
    insertion: &Insertion,
    position: &Position,
) -> Option<Targets> {
    let column = shards.distribution_column(table)?;
    let mut targets = Targets::default();
    if insertion.sources.is_empty() {
        targets.constants = values(statement, column, position)?;
        return Some(targets);
    }
    for source in &insertion.sources {
        if source.node_type == "Values Scan" {
            targets
                .constants
                .extend(values(statement, column, position)?);
            continue;
        }
        let expression = put_into(shards, source, position)?;
        if let Some((id, alias)) = &source.shard {
            targets
                .shards
                .insert(same_group(shards, table, *id, alias, expression)?);
        } else if source.node_type == "Result" && is_constant(expression) {
            targets.constants.insert(expression.to_owned());
        } else {
            return None;
        }
    }
    Some(targets)
}

/// What a source puts into the distribution column.
fn put_into<'a>(shards: &Shards<'_>, source: &'a Source, position: &Position) -> Option<&'a str> {
    // PostgreSQL's plan of a modification has dropped columns too; Citus's query has not, and may leave columns out.
    let at = if is_emulated(shards) {
        position.number
    } else if source.output.len() == position.columns {
        position.place
    } else {
        return None;
    };
    source.output.get(at.checked_sub(1)?).map(String::as_str)
}

/// The shard of `table` in the group of the shard that is read, when rows keep their distribution column.
fn same_group(
    shards: &Shards<'_>,
    table: &TableName,
    id: u64,
    alias: &str,
    expression: &str,
) -> Option<u64> {
    let (group, read) = shards.get(id)?;
    let column = shards.distribution_column(&read.table)?;
    let pieces = lexemes(expression);
    let (qualifier, name, end) = path(&pieces, 0)?;
    let keeps = name == column && end == pieces.len() && qualifier.is_none_or(|one| one == alias);
    let mut together = group.shards.iter().filter(|shard| shard.table == *table);
    let target = together.next()?;
    keeps.then_some(target.id)
}

/// The constants that `INSERT … VALUES` has for the distribution column; `None` when one is no constant.
fn values(statement: &str, column: &str, position: &Position) -> Option<BTreeSet<String>> {
    let placed = placed_lexemes(statement);
    let pieces: Vec<_> = placed.iter().map(|(_, lexeme)| lexeme.clone()).collect();
    let is = |at: usize, word: &str| pieces.get(at).is_some_and(|piece| piece.is(word));
    let symbol = |at: usize, one: &str| pieces.get(at).is_some_and(|piece| piece.is_symbol(one));
    if !is(0, "insert") || !is(1, "into") {
        return None;
    }
    let (_, _, mut at) = path(&pieces, 2)?;
    if is(at, "as") {
        at += 2;
    }
    let mut index = position.place.checked_sub(1)?;
    if symbol(at, "(") {
        let end = (at..pieces.len()).find(|at| symbol(*at, ")"))?;
        let columns: Vec<_> = pieces[at + 1..end]
            .iter()
            .filter_map(Lexeme::name)
            .collect();
        index = columns.iter().position(|name| *name == column)?;
        at = end + 1;
    }
    if is(at, "overriding") {
        at += 3;
    }
    if !is(at, "values") {
        return None;
    }
    let mut constants = BTreeSet::new();
    let mut rows = 0;
    loop {
        at += 1;
        let (row, end) = row(&placed, at)?;
        let (from, to) = *row.get(index)?;
        let expression = statement.get(from..to)?.trim();
        if !is_constant(expression) || rows == MOST_ROWS {
            return None;
        }
        constants.insert(expression.to_owned());
        rows += 1;
        at = end + 1;
        if !symbol(at, ",") {
            return Some(constants);
        }
    }
}

/// Where the expressions of the row in brackets at `at` begin and end, and where its closing bracket stands.
fn row(placed: &[(usize, Lexeme<'_>)], at: usize) -> Option<(Vec<(usize, usize)>, usize)> {
    if !placed.get(at)?.1.is_symbol("(") {
        return None;
    }
    let mut expressions = Vec::new();
    let mut depth = 0_usize;
    let mut from = placed[at].0 + 1;
    for (index, (place, piece)) in placed.iter().enumerate().skip(at + 1) {
        if depth == 0 && (piece.is_symbol(",") || piece.is_symbol(")")) {
            expressions.push((from, *place));
            from = place + 1;
            if piece.is_symbol(")") {
                return Some((expressions, index));
            }
        } else if piece.is_symbol("(") || piece.is_symbol("[") {
            depth += 1;
        } else if piece.is_symbol(")") || piece.is_symbol("]") {
            depth = depth.checked_sub(1)?;
        }
    }
    None
}

/// Whether an expression is made of literals, arithmetic and casts, so that asking for its value does nothing.
fn is_constant(expression: &str) -> bool {
    let pieces = lexemes(expression);
    let allowed = |(at, piece): (usize, &Lexeme<'_>)| match piece {
        Lexeme::Literal(_) => true,
        Lexeme::Quoted(_) => false,
        Lexeme::Symbol(symbol) => {
            ["+", "-", "*", "/", "(", ")", ":", ",", "[", "]"].contains(symbol)
        }
        // The name of a type: after `::`, a further word of it, or before a string.
        Lexeme::Word(_) => {
            let words = pieces[..at].iter().rev();
            let before = words
                .take_while(|piece| matches!(piece, Lexeme::Word(_)))
                .count();
            let cast = at > before && pieces[at - before - 1].is_symbol(":");
            cast || matches!(pieces.get(at + 1), Some(Lexeme::Literal(text)) if text.ends_with('\''))
        }
    };
    let has_literal = pieces
        .iter()
        .any(|piece| matches!(piece, Lexeme::Literal(_)));
    has_literal && pieces.iter().enumerate().all(allowed)
}

/// Words before a bracket that are no functions.
const NO_FUNCTIONS: [&str; 30] = [
    "values",
    "in",
    "exists",
    "any",
    "all",
    "some",
    "as",
    "and",
    "or",
    "not",
    "on",
    "where",
    "set",
    "returning",
    "using",
    "from",
    "select",
    "over",
    "when",
    "then",
    "else",
    "conflict",
    "row",
    "array",
    "with",
    "union",
    "materialized",
    "filter",
    "numeric",
    "varchar",
];

/// The functions that an insertion of values calls: Citus runs those while it plans, to see where the rows go.
pub(super) fn functions_in_values(pieces: &[Lexeme<'_>]) -> Vec<String> {
    let has = |word: &str| pieces.iter().any(|piece| piece.is(word));
    if !has("values") || !(has("insert") || has("merge")) {
        return Vec::new();
    }
    let mut found = BTreeSet::new();
    for (at, pair) in pieces.windows(2).enumerate() {
        let Some(name) = pair[0].name().filter(|_| pair[1].is_symbol("(")) else {
            continue;
        };
        let into = |back: usize| {
            at.checked_sub(back)
                .is_some_and(|before| pieces[before].is("into"))
        };
        if !NO_FUNCTIONS.contains(&name) && !into(1) && !into(3) {
            found.insert(name.to_owned());
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xray::sample::emulated;

    const POSITION: Position = Position {
        number: 2,
        place: 1,
        columns: 3,
        type_name: String::new(),
    };

    fn constants(statement: &str) -> Option<Vec<String>> {
        values(statement, "user_id", &POSITION).map(|found| found.into_iter().collect())
    }

    #[test]
    fn constants_are_found_in_values() {
        let some = |values: &[&str]| Some(values.iter().map(ToString::to_string).collect());
        assert_eq!(
            constants("INSERT INTO users VALUES (1, f(2, 3), 'a'), (-2,'(',1),(1,2,3)"),
            some(&["-2", "1"])
        );
        assert_eq!(
            constants(
                "insert into public.users AS u (name, \"user_id\") overriding system value values (f(1), '7'::bigint) returning *"
            ),
            some(&["'7'::bigint"])
        );
        assert_eq!(
            constants("INSERT INTO users VALUES (5000 + 1, 'x')"),
            some(&["5000 + 1"])
        );
        for unknown in [
            "INSERT INTO users VALUES (random(), 'x')",
            "INSERT INTO users VALUES (DEFAULT, 'x')",
            "INSERT INTO users VALUES (null, 'x')",
            "INSERT INTO users VALUES ((SELECT 1), 'x')",
            "INSERT INTO users VALUES (now, 'x')",
            "INSERT INTO users (name) VALUES ('x')",
            "INSERT INTO users SELECT 1",
            "INSERT INTO users VALUES (1",
            "INSERT INTO users DEFAULT VALUES",
            "WITH a AS (SELECT 1) INSERT INTO users VALUES (1)",
        ] {
            assert_eq!(constants(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_constant_has_no_names_but_types() {
        for constant in [
            "1",
            "'5001'::bigint",
            "'a'::character varying(10)",
            "date '2026-01-01'",
            "1.00::numeric(10,2)",
            "(2 + 3) * 4",
        ] {
            assert!(is_constant(constant), "{constant}");
        }
        for other in [
            "",
            "NULL::bigint",
            "now()",
            "users.user_id",
            "a",
            "$1",
            "1 + a",
            "'a'::text || f",
        ] {
            assert!(!is_constant(other), "{other}");
        }
    }

    #[test]
    fn rows_that_keep_their_key_stay_in_their_group() {
        let view = emulated();
        let shards = Shards::of(&view);
        let orders = TableName::new("public", "orders");
        let source = |output: &str| Source {
            node_type: "Foreign Scan".into(),
            shard: Some((102_013, "users".into())),
            output: vec!["1".into(), output.into()],
        };
        let find = |output: &str| {
            let insertion = Insertion {
                table: None,
                sources: vec![source(output)],
            };
            targets(&shards, "", &orders, &insertion, &POSITION)
        };
        let kept = find("users.user_id").unwrap();
        assert_eq!(kept.shards, BTreeSet::from([102_021]));
        assert_eq!(find("(users.user_id + 1)"), None);
        assert_eq!(find("other.user_id"), None);
    }

    #[test]
    fn functions_in_values_are_listed() {
        let find = |text: &str| functions_in_values(&lexemes(text));
        assert_eq!(
            find("INSERT INTO users (user_id) VALUES (nextval('a'), lower(upper('b')))"),
            ["lower", "nextval", "upper"]
        );
        assert_eq!(
            find("INSERT INTO public.users (user_id) SELECT f(1)"),
            [""; 0]
        );
        assert_eq!(find("SELECT random(), values FROM (VALUES (1)) v"), [""; 0]);
    }
}
