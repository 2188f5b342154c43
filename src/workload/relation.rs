//! Tables in statements.

use crate::cluster::TableName;
use crate::postgres::escape_identifier;

/// A table's name as a statement has it. Short where nothing is lost, since learners read it.
pub(crate) fn named(table: &TableName) -> String {
    if table.schema == "public" {
        identifier(&table.name)
    } else {
        format!("{}.{}", identifier(&table.schema), identifier(&table.name))
    }
}

/// The same with its schema, whatever it is, for functions that take a name as text.
pub(crate) fn quoted(table: &TableName) -> String {
    format!(
        "{}.{}",
        escape_identifier(&table.schema),
        escape_identifier(&table.name)
    )
}

/// A name, quoted where it could be taken for something else.
pub(crate) fn identifier(name: &str) -> String {
    let plain = |character: char| character.is_ascii_lowercase() || character == '_';
    let is_plain = name.starts_with(plain)
        && name.chars().all(|c| plain(c) || c.is_ascii_digit())
        && !RESERVED.contains(&name);
    if is_plain {
        name.to_owned()
    } else {
        escape_identifier(name)
    }
}

/// Words that stand for themselves only in quotes.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_must_be() {
        assert_eq!(named(&TableName::new("public", "rooms")), "rooms");
        assert_eq!(
            named(&TableName::new("Shop", "order")),
            "\"Shop\".\"order\""
        );
        assert_eq!(
            quoted(&TableName::new("public", "a\"b")),
            "\"public\".\"a\"\"b\""
        );
        assert_eq!(identifier("2nd"), "\"2nd\"");
    }
}
