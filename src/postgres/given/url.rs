//! `postgres://user:password@host:port/database?keyword=value`.

use super::GivenError;

/// What stands behind the scheme, if the text is a URL.
pub(super) fn without_scheme(text: &str) -> Option<&str> {
    let schemes = ["postgres://", "postgresql://"];
    schemes.iter().find_map(|scheme| text.strip_prefix(scheme))
}

/// Keywords and values.
pub(super) fn read(rest: &str) -> Result<Vec<(String, String)>, GivenError> {
    let mut pairs = Vec::new();
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            pairs.push((name.to_owned(), decode(value)?));
        }
        Ok::<_, GivenError>(())
    };
    let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (server, database) = rest.split_once('/').unwrap_or((rest, ""));
    // A password may hold an `@` that nobody has encoded; a host never does.
    let (account, place) = server.rsplit_once('@').unwrap_or(("", server));
    let (user, password) = account.split_once(':').unwrap_or((account, ""));
    add("user", user)?;
    add("password", password)?;
    let (host, port) = host_and_port(place)?;
    add("host", host)?;
    add("port", port)?;
    add("dbname", database)?;
    for parameter in parameters
        .split('&')
        .filter(|parameter| !parameter.is_empty())
    {
        let Some((name, value)) = parameter.split_once('=') else {
            let words = "a parameter behind the `?` has no `=`".to_owned();
            return Err(GivenError::Unreadable(words));
        };
        // The one that is no keyword: what JDBC and others write.
        match (decode(name)?.as_str(), value) {
            ("ssl", "true") => add("sslmode", "require")?,
            (name, value) => add(name, value)?,
        }
    }
    Ok(pairs)
}

/// An IPv6 address stands in brackets.
fn host_and_port(place: &str) -> Result<(&str, &str), GivenError> {
    if let Some(inside) = place.strip_prefix('[') {
        let unclosed = || GivenError::Unreadable("a `[` without its `]`".to_owned());
        let (host, behind) = inside.split_once(']').ok_or_else(unclosed)?;
        return Ok((host, behind.strip_prefix(':').unwrap_or("")));
    }
    // Several hosts are told of later, with what to do.
    Ok(match place.rsplit_once(':') {
        Some((host, port)) if !place.contains(',') => (host, port),
        _ => (place, ""),
    })
}

fn decode(text: &str) -> Result<String, GivenError> {
    let wrong = || {
        GivenError::Unreadable(
            "a `%` is not followed by two hexadecimal digits of a text".to_owned(),
        )
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(wrong());
        };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}
