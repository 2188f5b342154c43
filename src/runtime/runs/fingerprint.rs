//! Names for what is made once and used again: equal content, equal name.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Sixteen hexadecimal digits that stand for the parts, each taken with its length so that no two lists run together.
#[must_use]
pub fn short(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()[..8])
}

/// Bytes as hexadecimal digits.
pub(in crate::runtime) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(short(&[b"ab", b"c"]), short(&[b"a", b"bc"]));
        assert_eq!(short(&[b"ab"]), short(&[b"ab"]));
        assert_eq!(short(&[]).len(), 16);
    }
}
