//! From the protocol's messages to what a caller sees.

use std::collections::BTreeMap;
use std::io;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{DataRowBody, Message};

use super::outcome::{Column, Event, Notification, ResultSet, TransactionStatus};
use super::report::Report;

/// One piece of what a statement brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A result begins.
    Columns(Vec<Column>),
    /// One row of it.
    Row(Vec<Option<String>>),
    /// A command is complete, with its tag.
    Complete(String),
    /// There was no command.
    Empty,
    /// Text of a `COPY … TO STDOUT`.
    CopyOut(String),
    /// A notice, a warning, …
    Notice(Report),
    /// The statement failed.
    Error(Report),
    /// A NOTIFY.
    Notification(Notification),
}

/// Takes what comes, in order.
pub type Receiver<'a> = dyn FnMut(Incoming) + Send + 'a;

/// What stands at the end of an exchange.
#[derive(Debug, Default)]
pub(super) struct End {
    pub(super) transaction: TransactionStatus,
    /// The server said that it closes the connection.
    pub(super) session_ended: bool,
    pub(super) parameters: BTreeMap<String, String>,
}

impl End {
    /// Hands a message on; says whether it was the last.
    pub(super) fn take_in(
        &mut self,
        message: Message,
        receiver: &mut Receiver<'_>,
    ) -> io::Result<bool> {
        match message {
            Message::ReadyForQuery(body) => {
                self.transaction = TransactionStatus::parse(body.status());
                return Ok(true);
            }
            Message::ParameterStatus(body) => {
                self.parameters
                    .insert(body.name()?.to_owned(), body.value()?.to_owned());
            }
            other => {
                if let Some(incoming) = decode(other)? {
                    if let Incoming::Error(report) = &incoming {
                        self.session_ended |= report.severity.ends_session();
                    }
                    receiver(incoming);
                }
            }
        }
        Ok(false)
    }
}

/// The piece that a message carries, if any.
pub(super) fn decode(message: Message) -> io::Result<Option<Incoming>> {
    Ok(Some(match message {
        Message::RowDescription(body) => {
            let column = |field: postgres_protocol::message::backend::Field<'_>| {
                Ok(Column {
                    name: field.name().to_owned(),
                    type_oid: field.type_oid(),
                })
            };
            Incoming::Columns(body.fields().map(column).collect()?)
        }
        Message::DataRow(body) => Incoming::Row(row(&body)?),
        Message::CommandComplete(body) => Incoming::Complete(body.tag()?.to_owned()),
        Message::EmptyQueryResponse => Incoming::Empty,
        Message::CopyData(body) => {
            Incoming::CopyOut(String::from_utf8_lossy(body.data()).into_owned())
        }
        Message::NoticeResponse(body) => Incoming::Notice(Report::parse(body.fields())?),
        Message::ErrorResponse(body) => Incoming::Error(Report::parse(body.fields())?),
        Message::NotificationResponse(body) => Incoming::Notification(Notification {
            channel: body.channel()?.to_owned(),
            payload: body.message()?.to_owned(),
            process_id: body.process_id(),
        }),
        _ => return Ok(None),
    }))
}

fn row(body: &DataRowBody) -> io::Result<Vec<Option<String>>> {
    let buffer = body.buffer();
    let value = |range: Option<std::ops::Range<usize>>| {
        Ok(range.map(|range| String::from_utf8_lossy(&buffer[range]).into_owned()))
    };
    body.ranges().map(value).collect()
}

/// Puts the pieces together, in the order in which psql shows them: a result stands where it is complete, behind the
/// notices that came while it was made, and a statement that fails half-way has none.
#[derive(Debug, Default)]
pub struct Collector {
    events: Vec<Event>,
    unfinished: Option<ResultSet>,
}

impl Collector {
    /// Adds a piece.
    pub fn take(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Columns(columns) => {
                self.unfinished = Some(ResultSet {
                    columns,
                    rows: Vec::new(),
                });
            }
            Incoming::Row(row) => {
                if let Some(result) = self.unfinished.as_mut() {
                    result.rows.push(row);
                }
            }
            Incoming::CopyOut(text) => match self.events.last_mut() {
                Some(Event::CopyOut(before)) => before.push_str(&text),
                _ => self.events.push(Event::CopyOut(text)),
            },
            Incoming::Complete(tag) => {
                self.events.extend(self.unfinished.take().map(Event::Rows));
                self.events.push(Event::Complete(tag));
            }
            Incoming::Error(report) => {
                self.unfinished = None;
                self.events.push(Event::Error(report));
            }
            Incoming::Empty => self.events.push(Event::Empty),
            Incoming::Notice(report) => self.events.push(Event::Notice(report)),
            Incoming::Notification(one) => self.events.push(Event::Notification(one)),
        }
    }

    /// Everything that came.
    #[must_use]
    pub fn events(self) -> Vec<Event> {
        self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::report::Severity;

    #[test]
    fn a_result_stands_where_it_is_complete() {
        let column = Column {
            name: "a".into(),
            type_oid: 23,
        };
        let notice = Report::new(Severity::Notice, "00000", "half way");
        let error = Report::new(Severity::Error, "22012", "division by zero");
        let mut collector = Collector::default();
        for incoming in [
            Incoming::Columns(vec![column.clone()]),
            Incoming::Row(vec![Some("1".into())]),
            Incoming::Notice(notice.clone()),
            Incoming::Row(vec![None]),
            Incoming::Complete("SELECT 2".into()),
            Incoming::Columns(vec![column.clone()]),
            Incoming::Row(vec![Some("3".into())]),
            Incoming::Error(error.clone()),
        ] {
            collector.take(incoming);
        }
        let rows = vec![vec![Some("1".into())], vec![None]];
        assert_eq!(
            collector.events(),
            [
                Event::Notice(notice),
                Event::Rows(ResultSet {
                    columns: vec![column],
                    rows
                }),
                Event::Complete("SELECT 2".into()),
                Event::Error(error),
            ]
        );
    }
}
