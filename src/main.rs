//! Parses the arguments and picks the command. Nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    citus_tour::cli::main()
}
