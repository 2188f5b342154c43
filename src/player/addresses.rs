//! Puts real addresses where a lesson writes a node's name. Pure.
//!
//! A lesson says `'worker1', 5432` wherever a statement takes a host and a port, on every runtime; this turns the pair into
//! what the runtime's nodes call that node, before the statement is shown and sent.

/// The port that lessons write beside a node's name.
pub const LESSON_PORT: u16 = 5432;

/// Replaces each `'<node>', 5432` in `sql` by the host and port that `inside_address` gives for that node; pairs with a name that it
/// does not know stay as they are.
pub fn fill_in(sql: &str, inside_address: impl Fn(&str) -> Option<(String, u16)>) -> String {
    let mut filled = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(start) = rest.find('\'') {
        filled.push_str(&rest[..start]);
        let literal = &rest[start + 1..];
        let Some(end) = literal.find('\'') else {
            filled.push_str(&rest[start..]);
            return filled;
        };
        let after = &literal[end + 1..];
        if let (Some(length), Some((host, port))) =
            (port_after(after), inside_address(&literal[..end]))
        {
            filled.push('\'');
            filled.push_str(&host.replace('\'', "''"));
            filled.push_str("', ");
            filled.push_str(&port.to_string());
            rest = &after[length..];
        } else {
            filled.push_str(&rest[start..start + end + 2]);
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

/// The length of `, 5432` at the beginning of `text`, when it stands there.
fn port_after(text: &str) -> Option<usize> {
    let after_comma = text.trim_start().strip_prefix(',')?.trim_start();
    let digits = after_comma.len()
        - after_comma
            .trim_start_matches(|character: char| character.is_ascii_digit())
            .len();
    (after_comma[..digits].parse() == Ok(LESSON_PORT))
        .then(|| text.len() - after_comma.len() + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(node: &str) -> Option<(String, u16)> {
        match node {
            "coordinator" => Some(("127.0.0.1".to_owned(), 5440)),
            "worker1" => Some(("127.0.0.1".to_owned(), 5441)),
            _ => None,
        }
    }

    #[test]
    fn a_nodes_name_and_port_become_its_address() {
        assert_eq!(
            fill_in("SELECT citus_add_node('worker1', 5432);", local),
            "SELECT citus_add_node('127.0.0.1', 5441);"
        );
    }

    #[test]
    fn several_pairs_in_one_statement() {
        assert_eq!(
            fill_in(
                "SELECT m(1, 'worker1',5432, 'coordinator' , 5432, 'x')",
                local
            ),
            "SELECT m(1, '127.0.0.1', 5441, '127.0.0.1', 5440, 'x')"
        );
    }

    #[test]
    fn anything_else_stays() {
        for sql in [
            "SELECT 'worker1'",
            "SELECT 'worker1', 5433",
            "SELECT 'worker1', 54321",
            "SELECT 'worker9', 5432",
            "SELECT 'it''s', 'worker",
            "",
        ] {
            assert_eq!(fill_in(sql, local), sql);
        }
    }
}
