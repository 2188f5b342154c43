//! The report as Markdown, to keep.

use std::fmt::Write as _;

use super::{Incident, MomentKind, Service, Turn, TurnRow, percent, seconds, text};
use crate::cluster::Agreement;

impl Incident {
    /// The report as Markdown, for any viewer.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut page = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_markdown(&mut page);
        page
    }

    fn write_markdown(&self, page: &mut String) -> std::fmt::Result {
        writeln!(page, "# Experiment: {}\n", cell(&self.plan))?;
        let called_off = if self.called_off {
            "called off after"
        } else {
            "watched for"
        };
        writeln!(
            page,
            "On {}, {called_off} {}. **{}.**\n",
            cell(&self.engine),
            seconds(self.watched_ms),
            text::upper(&self.score.to_string())
        )?;
        writeln!(page, "## What happened\n\n| time | what |\n|---:|---|")?;
        for moment in &self.timeline {
            let words = cell(&moment.words);
            let words = match moment.kind {
                MomentKind::Act => format!("**{words}**"),
                MomentKind::ActFailed => format!("**could not be done:** {words}"),
                _ => words,
            };
            writeln!(page, "| {} | {words} |", seconds(moment.at_ms))?;
        }
        writeln!(page, "\n## What was predicted, and what came\n")?;
        for turn in &self.turns {
            write_turn(page, turn)?;
        }
        writeln!(
            page,
            "## How available it was\n\n| statements | whose | available | when not | SQLSTATE |\n|---|---|---:|---|---|"
        )?;
        for service in &self.services {
            write_service(page, service)?;
        }
        if let Some(load) = &self.load {
            writeln!(
                page,
                "\n## The load\n\n```text\n{}\n```",
                load.to_string().trim_end()
            )?;
        }
        Ok(())
    }
}

fn write_turn(page: &mut String, turn: &Turn) -> std::fmt::Result {
    writeln!(page, "### {}\n", cell(&text::upper(&turn.title())))?;
    writeln!(
        page,
        "Judged from {} to {}: {}.\n",
        seconds(turn.from_ms),
        seconds(turn.to_ms),
        turn.score()
    )?;
    if let Some(first) = turn.first_failure_ms {
        writeln!(
            page,
            "The first statement failed {} after it.\n",
            seconds(first)
        )?;
    }
    if let Some(recovery) = turn.recovery_ms {
        writeln!(
            page,
            "Everything worked again {} after it.\n",
            seconds(recovery)
        )?;
    }
    writeln!(
        page,
        "| | statements | whose | predicted | seen | why |\n|---|---|---|---|---|---|"
    )?;
    for row in &turn.rows {
        write_row(page, row)?;
    }
    writeln!(page)
}

fn write_row(page: &mut String, row: &TurnRow) -> std::fmt::Result {
    let mark = match row.agreement() {
        Some(Agreement::Same) => "✓",
        Some(_) => "**✗**",
        None => "",
    };
    let seen = match row.observed {
        Some(observed) => observed.words(),
        None if row.probed => "too little",
        None => "not probed",
    };
    writeln!(
        page,
        "| {mark} | {} | {} | {} | {seen} | {} |",
        row.subject.kind,
        cell(&row.subject.place().unwrap_or_default()),
        row.predicted.words(),
        cell(row.reason.as_deref().unwrap_or_default())
    )
}

fn write_service(page: &mut String, service: &Service) -> std::fmt::Result {
    let gaps: Vec<String> = service
        .outages
        .iter()
        .map(|gap| match gap.length_ms {
            Some(length) => format!("{} from {} on", seconds(length), seconds(gap.from_ms)),
            None => format!("from {} to the end", seconds(gap.from_ms)),
        })
        .collect();
    let codes: Vec<String> = service
        .codes
        .iter()
        .map(|(code, times)| format!("{code} × {times}"))
        .collect();
    writeln!(
        page,
        "| {} | {} | {} | {} | {} |",
        service.subject.kind,
        cell(&service.subject.place().unwrap_or_default()),
        service.share.map_or_else(|| "-".to_owned(), percent),
        gaps.join(", "),
        codes.join(", ")
    )
}

/// Text inside a table or a heading: it stays on its line and in its column, and is no markup.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '*' | '_' | '`' | '<' | '[' | '\\' | '#' => {
                safe.push('\\');
                safe.push(character);
            }
            character if character.is_control() => safe.push(' '),
            character => safe.push(character),
        }
    }
    safe
}
