//! psql's commands, as far as habit types them. Pure.

use crate::postgres::escape_literal;

/// What a command of psql means here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A statement that shows the same.
    Statement(String),
    /// One column a line, or a grid again.
    Expanded,
    /// Something to say.
    Words(String),
}

const TABLES: &str = "\
SELECT n.nspname AS schema, c.relname AS name,
       CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                      WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table' WHEN 'i' THEN 'index' ELSE 'table' END AS type,
       pg_catalog.pg_get_userbyid(c.relowner) AS owner
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = ANY (KINDS) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY 1, 2";

const COLUMNS: &str = "\
SELECT a.attname AS column, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       CASE WHEN a.attnotnull THEN 'not null' ELSE '' END AS nullable,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default
FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = RELATION::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum";

/// What a text means that begins with a backslash; `None` when it does not.
pub(super) fn meaning(text: &str) -> Option<Meaning> {
    let command = text.trim().trim_end_matches(';').strip_prefix('\\')?;
    let mut words = command.split_whitespace();
    let name = words.next().unwrap_or_default().trim_end_matches('+');
    let of = words.next();
    let list = |kinds: &str| Meaning::Statement(TABLES.replace("KINDS", kinds));
    Some(match (name, of) {
        ("x", _) => Meaning::Expanded,
        ("d", Some(relation)) => {
            Meaning::Statement(COLUMNS.replace("RELATION", &escape_literal(relation)))
        }
        ("d", None) => list("'{r,p,v,m,S,f}'"),
        ("dt", _) => list("'{r,p}'"),
        ("dv", _) => list("'{v,m}'"),
        ("di", _) => list("'{i}'"),
        ("ds", _) => list("'{S}'"),
        ("l", _) => Meaning::Statement(
            "SELECT datname AS name, pg_catalog.pg_get_userbyid(datdba) AS owner FROM pg_catalog.pg_database ORDER BY 1".to_owned(),
        ),
        ("dx", _) => Meaning::Statement(
            "SELECT extname AS name, extversion AS version FROM pg_catalog.pg_extension ORDER BY 1".to_owned(),
        ),
        ("dn", _) => Meaning::Statement(
            "SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1".to_owned(),
        ),
        ("du", _) => Meaning::Statement(
            "SELECT rolname AS role, rolsuper AS superuser, rolcanlogin AS login FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY 1".to_owned(),
        ),
        ("timing", _) => Meaning::Words("every result says how long it took".to_owned()),
        ("q", _) => Meaning::Words("that is psql's; Ctrl+Q leaves".to_owned()),
        ("?" | "h", _) => Meaning::Words("F1 shows the keys".to_owned()),
        ("c" | "connect", _) => Meaning::Words("Alt+n sends statements to the next node".to_owned()),
        (other, _) => Meaning::Words(format!(
            "\\{other} is a command of psql's own; `citus-tour psql` opens a psql on this cluster"
        )),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn habits_of_psql_work() {
        assert_eq!(meaning("SELECT 1"), None);
        assert_eq!(meaning("\\x"), Some(Meaning::Expanded));
        let Some(Meaning::Statement(sql)) = meaning("\\d+ it's") else {
            panic!("a statement");
        };
        assert!(sql.contains("'it''s'::pg_catalog.regclass"));
        assert!(
            matches!(meaning("\\dt"), Some(Meaning::Statement(sql)) if sql.contains("'{r,p}'"))
        );
        assert!(
            matches!(meaning("\\gexec"), Some(Meaning::Words(words)) if words.contains("\\gexec"))
        );
    }
}
