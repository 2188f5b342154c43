//! Secrets: words by chance, and files that only their owner reads.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::account::ServerAccount;
use super::fingerprint;
use crate::runtime::RuntimeError;

/// 128 random bits as digits, so that no place that quotes has to quote it.
pub(in crate::runtime) fn random_word(bytes: usize) -> String {
    let mut word = vec![0_u8; bytes];
    rand::fill(word.as_mut_slice());
    fingerprint::hex(&word)
}

/// Writes a file that only its owner can read, whole or not at all.
pub(in crate::runtime) fn write_secret(
    path: &Path,
    content: &str,
    owner: Option<&ServerAccount>,
) -> Result<(), RuntimeError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".{}", random_word(4)));
    let partial = Path::new(&partial);
    let failed = |error| RuntimeError::io("writing a private file", path, error);
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(partial)
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .map_err(failed)?;
    if let Some(account) = owner {
        account.own(partial)?;
    }
    std::fs::rename(partial, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn passwords_differ_and_need_no_quoting() {
        let (one, other) = (random_word(16), random_word(16));
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.chars().all(|digit| digit.is_ascii_hexdigit()));
    }

    #[test]
    fn a_secret_is_readable_by_its_owner_only_and_replaced_whole() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("secret");
        write_secret(&path, "one", None).unwrap();
        write_secret(&path, "two", None).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
