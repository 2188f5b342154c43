//! What a person would type to do the same act. Each line works as it stands, in the shell of the one who started the program.

use super::node::Node;
use super::setup::ServerSetup;
use crate::runtime::ServerAccount;
use crate::runtime::{Act, RuntimeError};

/// The shell command for an act on a node, with the process ids of this moment.
pub(super) fn command(
    act: Act,
    node: &Node,
    setup: &ServerSetup,
    account: &ServerAccount,
) -> Result<String, RuntimeError> {
    let control = format!(
        "{}{} -D {}",
        account.shell_prefix(),
        quote(&setup.installation.program("pg_ctl").to_string_lossy()),
        quote(&node.data().to_string_lossy()),
    );
    let start = || {
        format!(
            "{}env PGPASSFILE={} {} -D {} -p {} -l {} start",
            account.shell_prefix(),
            quote(&node.launch.passfile.to_string_lossy()),
            quote(&setup.installation.program("pg_ctl").to_string_lossy()),
            quote(&node.data().to_string_lossy()),
            quote(&setup.postgres.to_string_lossy()),
            quote(&node.launch.log().to_string_lossy()),
        )
    };
    Ok(match act {
        Act::Start => start(),
        Act::Stop => format!("{control} stop -m fast"),
        Act::Kill => kill("KILL", node)?,
        Act::Freeze => kill("STOP", node)?,
        Act::Thaw => kill("CONT", node)?,
        Act::Restart => format!("{control} stop -m fast && {}", start()),
        Act::Partition | Act::Heal => {
            return Err(node.refused(act, "local servers have no network of their own"));
        }
        Act::Destroy => {
            let remove = format!("rm -rf {}", quote(&node.launch.directory.to_string_lossy()));
            kill("KILL", node).map_or_else(|_| remove.clone(), |kill| format!("{kill}; {remove}"))
        }
    })
}

fn kill(signal: &str, node: &Node) -> Result<String, RuntimeError> {
    let members = node
        .mark
        .members()
        .map_err(|error| RuntimeError::io("listing processes", &node.mark.data, error))?;
    if members.is_empty() {
        let act = match signal {
            "KILL" => Act::Kill,
            "STOP" => Act::Freeze,
            _ => Act::Thaw,
        };
        return Err(node.refused(act, "it is not running"));
    }
    let pids: Vec<String> = members
        .iter()
        .map(|member| member.pid.to_string())
        .collect();
    Ok(format!("kill -{signal} {}", pids.join(" ")))
}

/// A word for a POSIX shell.
fn quote(word: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "/._-+=:@%,".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_a_shell_would_stumble() {
        assert_eq!(quote("/tmp/run/7"), "/tmp/run/7");
        assert_eq!(quote("/My Disk/it's"), r"'/My Disk/it'\''s'");
        assert_eq!(quote(""), "''");
    }
}
