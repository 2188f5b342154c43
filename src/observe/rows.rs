//! Reading the values of a catalog's row by their place.

use std::str::FromStr;

use super::error::ObserveError;
use crate::postgres::ResultSet;

/// One row, and whom it came from for the message when it is strange.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    node: &'a str,
    values: &'a [Option<String>],
}

/// The rows of a result.
pub(super) fn rows<'a>(node: &'a str, result: &'a ResultSet) -> impl Iterator<Item = Row<'a>> {
    result.rows.iter().map(move |values| Row { node, values })
}

impl<'a> Row<'a> {
    /// The text at a place, `None` for NULL.
    pub(super) fn text(self, place: usize) -> Option<&'a str> {
        self.values.get(place).and_then(|value| value.as_deref())
    }

    /// The text at a place, empty for NULL.
    pub(super) fn string(self, place: usize) -> String {
        self.text(place).unwrap_or_default().to_owned()
    }

    /// Whether the value at a place is true.
    pub(super) fn is_true(self, place: usize) -> bool {
        self.text(place) == Some("t")
    }

    /// The number at a place, `None` for NULL.
    pub(super) fn optional<Number: FromStr>(
        self,
        place: usize,
    ) -> Result<Option<Number>, ObserveError> {
        let parse = |text: &str| {
            text.parse()
                .map_err(|_| self.strange(format!("`{text}` where a number stands")))
        };
        self.text(place).map(parse).transpose()
    }

    /// The number at a place.
    pub(super) fn number<Number: FromStr>(self, place: usize) -> Result<Number, ObserveError> {
        self.optional(place)?
            .ok_or_else(|| self.strange("nothing where a number stands".into()))
    }

    fn strange(self, what: String) -> ObserveError {
        ObserveError::Strange {
            node: self.node.to_owned(),
            what,
        }
    }
}
