//! Times as lessons and people write them: `500ms`, `30s`, `1.5s`, `2m`.

use std::{fmt, time::Duration};

/// Reads a number and a unit: `ms`, `s` or `m`, or those words in full. `None`: it is no time.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let split = text.find(|character: char| !character.is_ascii_digit() && character != '.')?;
    milliseconds(&text[..split], text[split..].trim_start()).map(Duration::from_millis)
}

/// How many milliseconds a number of units is; finer than that nobody plans.
fn milliseconds(number: &str, unit: &str) -> Option<u64> {
    let of_one: u64 = match unit {
        "ms" | "millisecond" | "milliseconds" => 1,
        "s" | "sec" | "second" | "seconds" => 1_000,
        "m" | "min" | "minute" | "minutes" => 60_000,
        _ => return None,
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (number, "0"),
    };
    let whole: u64 = whole.parse().ok()?;
    if fraction.is_empty() || fraction.len() > 3 {
        return None;
    }
    let thousandths: u64 = format!("{fraction:0<3}").parse().ok()?;
    let part = thousandths.checked_mul(of_one)?;
    if part % 1_000 != 0 {
        return None;
    }
    whole.checked_mul(of_one)?.checked_add(part / 1_000)
}

/// A time as [`parse_duration`] reads it again: `30s`, `2500ms`. Parts of a millisecond are not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short(pub Duration);

impl fmt::Display for Short {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_millis();
        if milliseconds.is_multiple_of(1_000) {
            write!(formatter, "{}s", milliseconds / 1_000)
        } else {
            write!(formatter, "{milliseconds}ms")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, milliseconds, short) in [
            ("500ms", 500, "500ms"),
            ("30s", 30_000, "30s"),
            ("5 s", 5_000, "5s"),
            ("1.5s", 1_500, "1500ms"),
            ("2m", 120_000, "120s"),
            ("0.5 minutes", 30_000, "30s"),
            ("0s", 0, "0s"),
        ] {
            let time = Duration::from_millis(milliseconds);
            assert_eq!(parse_duration(text), Some(time), "{text}");
            assert_eq!(Short(time).to_string(), short);
            assert_eq!(parse_duration(short), Some(time));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "5",
            "s",
            "-5s",
            "5h",
            "5 s s",
            "1.s",
            ".5s",
            "1.2.3s",
            "0.5ms",
            "1.2345s",
            "99999999999999999999s",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
