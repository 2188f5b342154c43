//! `.pgpass`: lines of host, port, database, user and password; a star fits anything; backslashes before colons and backslashes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Its text. A file that others may read is passed over, with a remark, as libpq does; one that is not there silently.
pub(super) fn read(path: &Path) -> Result<String, Option<String>> {
    let Ok(facts) = fs::metadata(path) else {
        return Err(None);
    };
    if !facts.is_file() {
        return Err(Some(format!(
            "the password file {} is no file",
            path.display()
        )));
    }
    if facts.permissions().mode() & 0o077 != 0 {
        return Err(Some(format!(
            "the password file {} is not used: others may read it. `chmod 600` it",
            path.display()
        )));
    }
    fs::read_to_string(path).map_err(|error| {
        Some(format!(
            "the password file {} cannot be read: {error}",
            path.display()
        ))
    })
}

/// The password of the first line that fits host, port, database and user. A socket file's directory goes by `localhost` too.
pub(super) fn find(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let fields = fields(line);
            let (password, place) = fields.split_last()?;
            let fits = place.len() == wanted.len()
                && place
                    .iter()
                    .zip(wanted)
                    .enumerate()
                    .all(|(at, (field, wanted))| {
                        let socket =
                            at == 0 && wanted.starts_with('/') && field.text == "localhost";
                        field.any || field.text == wanted || socket
                    });
            (fits && !password.text.is_empty()).then(|| password.text.clone())
        })
}

#[derive(Default)]
struct Field {
    text: String,
    /// A star that no backslash stands before.
    any: bool,
}

/// The fifth field takes the rest of its line, colons and all.
fn fields(line: &str) -> Vec<Field> {
    let mut fields = vec![Field::default()];
    let mut escaped = false;
    let mut rest = line.chars();
    while let Some(next) = rest.next() {
        let last = fields.len() == 5;
        let Some(field) = fields.last_mut() else {
            break;
        };
        match next {
            '\\' => {
                field.text.extend(rest.next());
                escaped = true;
            }
            ':' if !last => {
                field.any = field.text == "*" && !escaped;
                escaped = false;
                fields.push(Field::default());
            }
            other => field.text.push(other),
        }
    }
    fields
}
