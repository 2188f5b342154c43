//! Lessons, topologies and SQL are compiled in; Cargo must know that they are sources too, also when a file comes or goes.

fn main() {
    for directory in ["lessons", "compose", "sql"] {
        println!("cargo::rerun-if-changed={directory}");
    }
}
