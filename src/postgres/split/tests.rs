use proptest::prelude::*;

use super::*;

fn texts(text: &str) -> Vec<&str> {
    split(text)
        .into_iter()
        .map(|statement| statement.text)
        .collect()
}

#[test]
fn semicolons_end_statements() {
    assert_eq!(
        texts("SELECT 1; SELECT 2 ;\n;; SELECT 3"),
        ["SELECT 1", "SELECT 2", "SELECT 3"]
    );
    assert_eq!(texts(""), [""; 0]);
    assert_eq!(texts(" ; -- nothing\n /* at all */ ;"), [""; 0]);
}

#[test]
fn lines_and_ends_are_known() {
    let statements = split("-- first\nSELECT 1;\n\n/* a\n b */ SELECT\n 2;  SELECT 3\n");
    let seen: Vec<_> = statements
        .iter()
        .map(|s| (s.line, s.text, s.terminated))
        .collect();
    assert_eq!(
        seen,
        [
            (2, "SELECT 1", true),
            (5, "SELECT\n 2", true),
            (6, "SELECT 3", false)
        ]
    );
}

#[test]
fn quotes_hide_semicolons() {
    for whole in [
        "SELECT ';', 'it''s;', \"a;\"\"b;\"",
        r"SELECT E'a\';b', e'\\', ';'",
        r"SELECT 'C:\', ';'",
        "SELECT $$a;b$$, $tag$ $$ ; $tag ; $tag$, $größe$;$größe$",
        "SELECT 1 /* ; /* nested; */ still; */ + 2",
        "SELECT 1 -- ; not here\n + 2",
        "SELECT U&'d\\0061t;', B'1', N'x;'",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))",
    ] {
        assert_eq!(
            texts(&format!("{whole}; SELECT 9")),
            [whole, "SELECT 9"],
            "{whole}"
        );
    }
}

#[test]
fn a_dollar_within_a_name_or_a_parameter_quotes_nothing() {
    assert_eq!(
        texts("SELECT a$b$c; SELECT d$b$e"),
        ["SELECT a$b$c", "SELECT d$b$e"]
    );
    assert_eq!(texts("SELECT $1; SELECT $2$"), ["SELECT $1", "SELECT $2$"]);
}

#[test]
fn bodies_of_sql_functions_stay_whole() {
    let function = "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC \
                    SELECT CASE WHEN a > 0 THEN 1 END; SELECT 2; END";
    assert_eq!(
        texts(&format!("{function}; SELECT 3;")),
        [function, "SELECT 3"]
    );
    let procedure = "create procedure p() begin atomic insert into t values (1); end";
    assert_eq!(
        texts(&format!("{procedure};BEGIN;COMMIT")),
        [procedure, "BEGIN", "COMMIT"]
    );
    assert_eq!(texts("BEGIN; SELECT 1; END;"), ["BEGIN", "SELECT 1", "END"]);
    assert_eq!(
        texts("CREATE TABLE begin_ (function int); SELECT 1").len(),
        2
    );
}

#[test]
fn what_is_left_open_reaches_the_end() {
    for open in [
        "SELECT 'a; b",
        "SELECT $$a; b",
        "SELECT \"a; b",
        "SELECT (1; 2",
        "SELECT E'\\",
    ] {
        assert_eq!(texts(open), [open]);
    }
    assert_eq!(texts("SELECT 1 /* ; "), ["SELECT 1"]);
}

#[test]
fn keywords_are_found_behind_comments() {
    let statements = split("create /* or */ Table t (a int); 'x'");
    assert_eq!(statements[0].keywords(2), ["CREATE", "TABLE"]);
    assert_eq!(statements[0].keyword(), "CREATE");
    assert_eq!(statements[1].keyword(), "");
}

fn sql() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        ";",
        "'",
        "\"",
        "$",
        "$$",
        "$a$",
        "--",
        "/*",
        "*/",
        "\n",
        " ",
        "E'",
        "\\",
        "(",
        ")",
        "a",
        "1",
        "é",
        "begin",
        "case",
        "end",
        "create function",
        "select",
        "\u{1F418}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_panics(text in sql()) {
        let statements = split(&text);
        let mut end = 0;
        for statement in &statements {
            prop_assert_eq!(&text[statement.range.clone()], statement.text);
            prop_assert!(statement.range.start >= end && !statement.text.is_empty());
            prop_assert_eq!(statement.line, text[..statement.range.start].matches('\n').count() + 1);
            prop_assert!(split(&text[end..statement.range.start]).is_empty());
            end = statement.range.end;
        }
        prop_assert!(split(&text[end..]).is_empty());
    }

    #[test]
    fn any_text_is_split(text in any::<String>()) {
        for statement in split(&text) {
            let _ = statement.keywords(3);
        }
    }

    #[test]
    fn what_was_split_can_be_joined(text in sql()) {
        let mut statements = split(&text);
        statements.retain(|statement| statement.terminated);
        let joined = statements.iter().map(|s| s.text).collect::<Vec<_>>().join(";\n");
        let again = split(&joined);
        prop_assert_eq!(
            again.iter().map(|s| s.text).collect::<Vec<_>>(),
            statements.iter().map(|s| s.text).collect::<Vec<_>>()
        );
    }
}
