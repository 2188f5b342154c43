//! What kind of statement it is: one that the engine can plan, one that changes tables, or one that touches no shard.

use std::ops::Range;

use super::lexeme::{Lexeme, path, placed_lexemes};
use super::shards::Shards;
use super::touched::Access;
use crate::cluster::{Engine, TableKind, TableName};

/// How to find out what a statement touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// By EXPLAIN of this part of it.
    Planned(Range<usize>),
    /// It does this to all of these tables.
    Whole(Vec<TableName>, Access),
    /// It brings rows to this table.
    Fed(TableName),
    /// No way: it is none of a shard's business.
    Nothing,
}

/// Words that begin what EXPLAIN takes.
const PLANNED: [&str; 9] = [
    "select", "with", "insert", "update", "delete", "merge", "values", "table", "declare",
];

/// What kind of statement it is.
pub(super) fn kind(shards: &Shards<'_>, statement: &str, search_path: &[String]) -> Kind {
    let placed = placed_lexemes(statement);
    let pieces: Vec<_> = placed.iter().map(|(_, lexeme)| lexeme.clone()).collect();
    let is = |at: usize, word: &str| pieces.get(at).is_some_and(|piece| piece.is(word));
    let tables = |from: usize| named_tables(shards, &pieces, from, search_path);
    let Some(Lexeme::Word(first)) = pieces.iter().find(|piece| !piece.is_symbol("(")) else {
        return Kind::Nothing;
    };
    match first.as_str() {
        word if PLANNED.contains(&word) => Kind::Planned(0..statement.len()),
        "explain" => analyzed(statement, &placed)
            .map_or(Kind::Nothing, |inner| Kind::Planned(inner..statement.len())),
        "truncate" => whole(tables(1), Access::Write),
        "alter" | "drop" if is(1, "table") => whole(tables(2), Access::Definition),
        "create" if makes_table_of_rows(&pieces) => Kind::Planned(0..statement.len()),
        "create" if is(1, "index") || (is(1, "unique") && is(2, "index")) => {
            let on = pieces.iter().position(|piece| piece.is("on"));
            let indexed = on.map(|on| tables(on + 1)).unwrap_or_default();
            whole(indexed.into_iter().take(1).collect(), Access::Definition)
        }
        "copy" => copied(shards, &placed, search_path),
        _ => Kind::Nothing,
    }
}

fn whole(tables: Vec<TableName>, access: Access) -> Kind {
    if tables.is_empty() {
        Kind::Nothing
    } else {
        Kind::Whole(tables, access)
    }
}

/// The tables of a list such as `IF EXISTS ONLY a, b.c *`.
fn named_tables(
    shards: &Shards<'_>,
    pieces: &[Lexeme<'_>],
    from: usize,
    search_path: &[String],
) -> Vec<TableName> {
    let mut found: Vec<TableName> = Vec::new();
    let mut at = from;
    while pieces.get(at).is_some_and(|piece| {
        ["if", "exists", "only", "table"]
            .iter()
            .any(|word| piece.is(word))
    }) {
        at += 1;
    }
    while let Some((schema, name, end)) = path(pieces, at) {
        if let Some(table) = shards.resolve(schema, name, search_path) {
            found.push(table.name.clone());
        }
        let after = end + usize::from(pieces.get(end).is_some_and(|next| next.is_symbol("*")));
        if !pieces.get(after).is_some_and(|next| next.is_symbol(",")) {
            break;
        }
        at = after + 1;
    }
    found
}

/// Where the statement begins that an `EXPLAIN ANALYZE` runs; `None` for an EXPLAIN that runs nothing.
fn analyzed(statement: &str, placed: &[(usize, Lexeme<'_>)]) -> Option<usize> {
    let mut at = 1;
    let mut analyzes = false;
    if placed.get(at)?.1.is_symbol("(") {
        while !placed.get(at)?.1.is_symbol(")") {
            let off = placed.get(at + 1).is_some_and(|(_, next)| {
                next.is("off") || next.is("false") || matches!(next, Lexeme::Literal("0"))
            });
            analyzes |= placed[at].1.is("analyze") && !off;
            at += 1;
        }
        at += 1;
    }
    while placed
        .get(at)
        .is_some_and(|(_, piece)| piece.is("analyze") || piece.is("verbose"))
    {
        analyzes |= placed[at].1.is("analyze");
        at += 1;
    }
    let inner = placed.get(at)?.0;
    (analyzes && inner < statement.len()).then_some(inner)
}

/// Whether it is `CREATE TABLE … AS` or a materialized view: EXPLAIN plans the query in it.
fn makes_table_of_rows(pieces: &[Lexeme<'_>]) -> bool {
    let makes = pieces
        .iter()
        .take(4)
        .any(|piece| piece.is("table") || piece.is("materialized"));
    let queries = pieces.windows(2).any(|pair| {
        pair[0].is("as")
            && (["select", "with", "values", "table"]
                .iter()
                .any(|word| pair[1].is(word))
                || pair[1].is_symbol("("))
    });
    makes && queries && !pieces.iter().any(|piece| piece.is("generated"))
}

/// `COPY table FROM`, `COPY table TO` or `COPY (query) TO`.
fn copied(shards: &Shards<'_>, placed: &[(usize, Lexeme<'_>)], search_path: &[String]) -> Kind {
    let pieces: Vec<_> = placed.iter().map(|(_, lexeme)| lexeme.clone()).collect();
    if pieces.get(1).is_some_and(|piece| piece.is_symbol("(")) {
        let mut depth = 0_usize;
        for (place, piece) in &placed[1..] {
            depth += usize::from(piece.is_symbol("("));
            depth -= usize::from(piece.is_symbol(")"));
            if depth == 0 {
                return Kind::Planned(placed[1].0 + 1..*place);
            }
        }
        return Kind::Nothing;
    }
    let direction = pieces
        .iter()
        .find(|piece| piece.is("from") || piece.is("to"));
    let table =
        path(&pieces, 1).and_then(|(schema, name, _)| shards.resolve(schema, name, search_path));
    match (table, direction) {
        (Some(table), Some(direction)) if direction.is("from") => match table.kind {
            TableKind::Distributed => Kind::Fed(table.name.clone()),
            _ => Kind::Whole(vec![table.name.clone()], Access::Write),
        },
        // The emulation cannot copy a distributed table out.
        (Some(table), Some(_)) if is_emulated(shards) && table.kind == TableKind::Distributed => {
            Kind::Nothing
        }
        (Some(table), Some(_)) => Kind::Whole(vec![table.name.clone()], Access::Read),
        _ => Kind::Nothing,
    }
}

/// Whether the cluster's engine is the emulation rather than Citus.
pub(super) fn is_emulated(shards: &Shards<'_>) -> bool {
    matches!(&shards.view.engine, Engine::Extension(version) if version.contains("emulation"))
}

/// Words behind which tables stand.
const BEFORE_TABLES: [&str; 7] = ["from", "join", "using", "into", "update", "table", "only"];

/// Words behind which columns stand.
const BEFORE_COLUMNS: [&str; 12] = [
    "select",
    "where",
    "on",
    "set",
    "values",
    "group",
    "order",
    "having",
    "limit",
    "window",
    "returning",
    "union",
];

/// The tables of the view that a statement reads or writes by name, each once. A column or an alias of such a name is none.
pub(super) fn mentioned(
    shards: &Shards<'_>,
    pieces: &[Lexeme<'_>],
    search_path: &[String],
) -> Vec<TableName> {
    let mut found: Vec<TableName> = Vec::new();
    let mut outside: Vec<bool> = Vec::new();
    let mut among_tables = false;
    let mut at = 0;
    while at < pieces.len() {
        let piece = &pieces[at];
        let begins_name = pieces.get(at.wrapping_sub(1)).is_none_or(|before| {
            before.is_symbol(",") || before.is_symbol("(") || is_one_of(before, &BEFORE_TABLES)
        });
        at += 1;
        if piece.is_symbol("(") {
            outside.push(among_tables);
        } else if piece.is_symbol(")") {
            among_tables = outside.pop().unwrap_or(false);
        } else if is_one_of(piece, &BEFORE_TABLES) {
            among_tables = true;
        } else if is_one_of(piece, &BEFORE_COLUMNS) {
            among_tables = false;
        } else if among_tables
            && begins_name
            && let Some((schema, name, end)) = path(pieces, at - 1)
        {
            if let Some(table) = shards.resolve(schema, name, search_path)
                && !found.contains(&table.name)
            {
                found.push(table.name.clone());
            }
            at = end;
        }
    }
    found
}

fn is_one_of(piece: &Lexeme<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| piece.is(word))
}

/// The table after INSERT INTO.
pub(super) fn insertion_target(
    shards: &Shards<'_>,
    pieces: &[Lexeme<'_>],
    search_path: &[String],
) -> Option<TableName> {
    let into = pieces
        .windows(2)
        .position(|pair| pair[0].is("insert") && pair[1].is("into"))?;
    let (schema, name, _) = path(pieces, into + 2)?;
    let table = shards.resolve(schema, name, search_path)?;
    Some(table.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xray::lexeme::lexemes;
    use crate::xray::sample::{journey, public};

    fn kind_of(statement: &str) -> Kind {
        kind(&Shards::of(&journey()), statement, &public())
    }

    fn name(table: &str) -> TableName {
        TableName::new("public", table)
    }

    #[test]
    fn what_can_be_planned_is_planned() {
        for statement in [
            "SELECT 1",
            "(select 1) union select 2",
            "/* a */ With x AS (SELECT 1) TABLE x",
            "CREATE TABLE t AS SELECT * FROM orders",
        ] {
            assert_eq!(kind_of(statement), Kind::Planned(0..statement.len()));
        }
        for (statement, inner) in [
            ("EXPLAIN ANALYZE VERBOSE SELECT 1", "SELECT 1"),
            ("EXPLAIN (costs off, analyze) SELECT 1", "SELECT 1"),
            ("COPY (SELECT (1)) TO STDOUT", "SELECT (1)"),
        ] {
            let Kind::Planned(range) = kind_of(statement) else {
                panic!("{statement} is not planned")
            };
            assert_eq!(&statement[range], inner);
        }
    }

    #[test]
    fn changes_of_tables_touch_all_of_them() {
        let whole = |tables: &[&str], access| {
            Kind::Whole(tables.iter().map(|table| name(table)).collect(), access)
        };
        assert_eq!(
            kind_of("TRUNCATE TABLE ONLY users, public.orders CASCADE"),
            whole(&["users", "orders"], Access::Write)
        );
        assert_eq!(
            kind_of("ALTER TABLE IF EXISTS users ADD COLUMN orders int"),
            whole(&["users"], Access::Definition)
        );
        assert_eq!(
            kind_of("CREATE UNIQUE INDEX ON \"users\" (user_id, name)"),
            whole(&["users"], Access::Definition)
        );
        assert_eq!(kind_of("COPY users FROM STDIN"), Kind::Fed(name("users")));
        assert_eq!(
            kind_of("COPY regions FROM STDIN"),
            whole(&["regions"], Access::Write)
        );
    }

    #[test]
    fn the_rest_is_none_of_a_shards_business() {
        for statement in [
            "BEGIN",
            "SET citus.shard_count = 4",
            "EXPLAIN SELECT * FROM orders",
            "EXPLAIN (ANALYZE off) SELECT 1",
            "EXPLAIN (ANALYZE",
            "COPY (SELECT",
            "CREATE TABLE t (user_id int)",
            "DROP TABLE nothere",
            "VACUUM users",
            "",
            "\\d",
        ] {
            assert_eq!(kind_of(statement), Kind::Nothing, "{statement}");
        }
    }

    #[test]
    fn tables_are_found_where_tables_stand() {
        let view = journey();
        let shards = Shards::of(&view);
        let find = |text| mentioned(&shards, &lexemes(text), &public());
        assert_eq!(
            find("SELECT users.name, 'orders' FROM public.users"),
            [name("users")]
        );
        assert_eq!(find("SELECT * FROM crm.users"), []);
        assert_eq!(
            find("SELECT 1 FROM (users u JOIN ONLY orders ON true), regions"),
            [name("users"), name("orders"), name("regions")]
        );
        assert_eq!(
            find("SELECT count(*) AS users FROM t AS orders ORDER BY users"),
            []
        );
        let target = |text| insertion_target(&shards, &lexemes(text), &public());
        assert_eq!(
            target("WITH a AS (SELECT 1) INSERT INTO public.Users SELECT 1"),
            Some(name("users"))
        );
    }
}
