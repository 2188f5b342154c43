//! The line behind a fence's back-ticks: a language, then attributes.

/// A fence's first line, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Attributes {
    /// The first word; empty when there is none.
    pub(super) language: String,
    /// In order; a bare word has no value.
    pub(super) pairs: Vec<(String, Option<String>)>,
}

impl Attributes {
    /// Takes `sql check="all is well" within=30s` apart; `Err` says what cannot be read.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let line = line.trim();
        let (language, mut rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let mut pairs: Vec<(String, Option<String>)> = Vec::new();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                break;
            }
            let end = rest
                .find(|character: char| character == '=' || character.is_whitespace())
                .unwrap_or(rest.len());
            let key = rest[..end].to_owned();
            rest = &rest[end..];
            let value = match rest.strip_prefix('=') {
                None => None,
                Some(after) => {
                    let (value, remaining) = value(after).ok_or_else(|| {
                        format!("the quotation mark after `{key}=` is not closed")
                    })?;
                    rest = remaining;
                    Some(value)
                }
            };
            if pairs.iter().any(|(known, _)| *known == key) {
                return Err(format!("the attribute `{key}` stands there twice"));
            }
            pairs.push((key, value));
        }
        Ok(Self {
            language: language.to_owned(),
            pairs,
        })
    }

    /// Whether the key stands there, with a value or without.
    pub(super) fn has(&self, key: &str) -> bool {
        self.pairs.iter().any(|(known, _)| known == key)
    }

    /// The key's value, where it has one.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(known, _)| known == key)?;
        value.as_deref()
    }
}

/// The value at the beginning of `text`, quoted or a word, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[index + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_values_and_quotations() {
        let attributes =
            Attributes::parse(r#" sql check="it says \"yes\"" within=30s run on="#).unwrap();
        assert_eq!(attributes.language, "sql");
        assert_eq!(attributes.value("check"), Some(r#"it says "yes""#));
        assert_eq!(attributes.value("within"), Some("30s"));
        assert!(attributes.has("run") && attributes.value("run").is_none());
        assert_eq!(attributes.value("on"), Some(""));
        assert_eq!(Attributes::parse("").unwrap(), Attributes::default());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(
            Attributes::parse("sql check=\"open")
                .unwrap_err()
                .contains("not closed")
        );
        assert!(
            Attributes::parse("sql run run")
                .unwrap_err()
                .contains("twice")
        );
    }
}
