//! What the command line accepts.

mod attach;
mod load;
mod play;
mod which;

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum, builder::FalseyValueParser};

use crate::lesson::parse_duration;

pub(super) use attach::AttachArguments;
pub(super) use load::LoadArguments;
pub(super) use play::{PlayArguments, VerifyArguments};
pub(super) use which::{ClusterName, OwnCluster, WhichCluster};

/// The tour of those who name none.
pub(super) const FIRST_TOUR: &str = "journey";

/// An interactive tour of distributed PostgreSQL: a real Citus cluster on your own machine, lesson by lesson.
#[derive(Debug, Parser)]
#[command(
    name = "citus-tour",
    version,
    max_term_width = 100,
    after_long_help = "\
Without a command, on a terminal, the screen opens; without a terminal the journey is played as plain text.

Exit codes: 0 all went well; 1 something that was played or checked failed; 2 the command line or a lesson is wrong;
3 no cluster could be started or found; 4 the program was interrupted."
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) cluster: ClusterArguments,
    #[command(flatten)]
    pub(super) screen: ScreenArguments,
    /// Lead through the first tour by questions and answers in plain text, as for screen readers, instead of the screen
    #[arg(long, env = "CITUS_TOUR_PLAIN", value_parser = FalseyValueParser::new())]
    pub(super) plain: bool,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Which servers and which lessons: the same for every command.
#[derive(Debug, Clone, Args)]
pub(super) struct ClusterArguments {
    /// Where the nodes live
    #[arg(long, global = true, value_enum, default_value_t = RuntimeName::Auto, env = "CITUS_TOUR_RUNTIME")]
    pub(super) runtime: RuntimeName,
    /// What makes the servers one database
    #[arg(long, global = true, value_enum, default_value_t = EngineName::Auto, env = "CITUS_TOUR_ENGINE")]
    pub(super) engine: EngineName,
    /// The directory of the PostgreSQL programs to use (initdb, postgres, …) instead of those found
    #[arg(long, global = true, value_name = "DIR", env = "CITUS_TOUR_PG_BINDIR")]
    pub(super) pg_bindir: Option<PathBuf>,
    /// The image of containers, in place of the one that the tour's Compose file pins
    #[arg(long, global = true, value_name = "IMAGE", env = "CITUS_TOUR_IMAGE")]
    pub(super) image: Option<String>,
    /// A file that `citus-tour bundle` wrote: its image is loaded where the engine does not have it. Implies --runtime docker
    #[arg(long, global = true, value_name = "FILE", env = "CITUS_TOUR_BUNDLE")]
    pub(super) bundle: Option<PathBuf>,
    /// Lessons to read instead of those built in
    #[arg(long, global = true, value_name = "DIR", env = "CITUS_TOUR_LESSONS")]
    pub(super) lessons: Option<PathBuf>,
}

/// How the screen looks and behaves.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct ScreenArguments {
    /// Colours of the screen
    #[arg(long, value_enum, env = "CITUS_TOUR_THEME")]
    pub(super) theme: Option<ThemeChoice>,
    /// Draw with ASCII characters only
    #[arg(long, env = "CITUS_TOUR_ASCII", value_parser = FalseyValueParser::new())]
    pub(super) ascii: bool,
    /// Nothing on the screen moves by itself
    #[arg(long, env = "CITUS_TOUR_NO_MOTION", value_parser = FalseyValueParser::new())]
    pub(super) no_motion: bool,
    /// Leave the mouse to the terminal
    #[arg(long, env = "CITUS_TOUR_NO_MOUSE", value_parser = FalseyValueParser::new())]
    pub(super) no_mouse: bool,
}

/// `--theme`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ThemeChoice {
    /// What the terminal says of its background, else dark
    Auto,
    /// For a dark background
    Dark,
    /// For a light background
    Light,
    /// Without colours
    Mono,
}

/// `--runtime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RuntimeName {
    /// The best that this machine offers
    Auto,
    /// PostgreSQL servers of the tour's own, on loopback, in a private directory
    Local,
    /// Containers of the official Citus image, through Docker or Podman
    Docker,
}

/// `--engine`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineName {
    /// Citus where the servers offer it, else the emulation
    Auto,
    /// The Citus extension
    Citus,
    /// PostgreSQL's own hash partitions and foreign tables, behind Citus's names
    Emulation,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Open the screen in a tour
    Tour(TourArguments),
    /// Look at somebody's own Citus, 12.1 or newer: map, nodes, SQL, X-ray, probes; read-only unless told otherwise
    ///
    /// Without a terminal, and with --json, what `status` says of it is printed. Passwords come from PGPASSWORD, ~/.pgpass, the URL (which
    /// every user of this machine can see in the list of processes; `CITUS_TOUR_URL` cannot be seen so), or a prompt.
    Attach(AttachArguments),
    /// Play a tour as plain text, with every check, on a cluster of its own, or as a guest on yours (--url)
    Play(PlayArguments),
    /// Start a tour's cluster and keep it running
    Up(UpArguments),
    /// End a kept cluster and remove its data
    Down(DownArguments),
    /// Show a kept cluster, or the one at --url: its nodes, tables and placements
    Status(StatusArguments),
    /// Say what goes on working in a kept cluster, or the one at --url, when nodes fail, and why; nothing is broken for it
    Survival(SurvivalArguments),
    /// Talk SQL to a node of a kept cluster, or of the one at --url (by the built-in prompt, which holds to reading)
    Psql(PsqlArguments),
    /// Show the log of a node of a kept cluster
    Logs(LogsArguments),
    /// Stop, kill, freeze, thaw, restart, destroy, cut off or heal a node of a kept cluster, or add one
    Node(NodeArguments),
    /// Break nodes of a kept cluster by a plan, and hold what was predicted against what happens
    ///
    /// Ctrl+C calls it off: what it broke is put back, then the report is printed. A second Ctrl+C ends it at once, leaves broken what is
    /// broken, and prints the commands that mend it.
    Experiment(ExperimentArguments),
    /// Put load on a kept cluster, or the one at --url: many clients' statements at a rate, with latencies, failures and a report
    Load(LoadArguments),
    /// Fill a tour's tables in a kept cluster
    Seed(SeedArguments),
    /// Say what was found on this machine, what would be used, and why
    Doctor(DoctorArguments),
    /// Bring a PostgreSQL server into the cache, for machines that have none
    Setup(SetupArguments),
    /// Write this program and the image of containers into one file, for machines without a network
    Bundle(BundleArguments),
    /// Check lessons without a cluster
    Lint,
    /// Play every lesson on a real cluster; each check must be false before its step and true after it
    Verify(VerifyArguments),
    /// Print every key and command of the screen
    Keys,
    /// Print a shell's completion script
    Completions(CompletionsArguments),
}

#[derive(Debug, Args)]
pub(super) struct TourArguments {
    /// The tour to open
    #[arg(default_value = FIRST_TOUR)]
    pub(super) tour: String,
    /// Where to begin, instead of where you left it
    #[arg(long, value_name = "LESSON[/STEP]")]
    pub(super) at: Option<String>,
    #[command(flatten)]
    pub(super) screen: ScreenArguments,
}

#[derive(Debug, Args)]
pub(super) struct UpArguments {
    /// The tour whose cluster to start
    #[arg(default_value = "journey")]
    pub(super) tour: String,
    /// What to call the cluster; the tour's name when not given
    #[arg(long, short, value_name = "NAME", value_parser = cluster_name)]
    pub(super) cluster: Option<String>,
    /// Where in the tour the cluster shall be: everything before is done silently
    #[arg(long, value_name = "LESSON[/STEP]")]
    pub(super) at: Option<String>,
}

/// A name is typed in other commands and printed, so it has nothing in it that a shell or a terminal takes for more.
fn cluster_name(name: &str) -> Result<String, String> {
    let fits =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    if name.chars().all(fits) && name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        Ok(name.to_owned())
    } else {
        Err("a name is made of letters, digits, `-`, `_` and `.`, and begins with a letter or a digit".to_owned())
    }
}

#[derive(Debug, Args)]
pub(super) struct DownArguments {
    #[command(flatten)]
    pub(super) name: ClusterName,
    /// Every kept cluster and whatever crashed runs left behind
    #[arg(long, conflicts_with = "cluster")]
    pub(super) all: bool,
    /// On your own Citus, as `attach` reaches it (`-` for the one in `CITUS_TOUR_URL`): the schemas that lessons of killed programs left
    /// behind, and nothing else
    #[arg(long, value_name = "URL", conflicts_with_all = ["cluster", "all"])]
    pub(super) url: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    #[command(flatten)]
    pub(super) which: WhichCluster,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Draw the map with ASCII characters only
    #[arg(long)]
    pub(super) ascii: bool,
}

#[derive(Debug, Args)]
pub(super) struct SurvivalArguments {
    #[command(flatten)]
    pub(super) which: WhichCluster,
    /// Nodes that are to be dead, besides those that are
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    pub(super) fail: Vec<String>,
    /// Nodes that are to be frozen
    #[arg(long, value_name = "NODE", value_delimiter = ',')]
    pub(super) freeze: Vec<String>,
    /// Count the failures of this many workers only, and name those that leave rows out of reach
    #[arg(long, value_name = "N")]
    pub(super) failures: Option<usize>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct PsqlArguments {
    #[command(flatten)]
    pub(super) which: WhichCluster,
    /// The node to talk to
    #[arg(default_value = "coordinator")]
    pub(super) node: String,
    /// Passed on to psql
    #[arg(last = true)]
    pub(super) arguments: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct LogsArguments {
    #[command(flatten)]
    pub(super) name: ClusterName,
    /// The node whose log to show
    #[arg(default_value = "coordinator")]
    pub(super) node: String,
    /// How many lines, counted from the end
    #[arg(long, short = 'n', default_value_t = 50)]
    pub(super) lines: usize,
}

#[derive(Debug, Args)]
pub(super) struct NodeArguments {
    #[command(flatten)]
    pub(super) name: ClusterName,
    /// What to do
    #[arg(value_enum)]
    pub(super) act: NodeAct,
    /// The node, or several at once: a name, or @tenant(VALUE) for whichever holds that tenant
    #[arg(required = true, value_name = "NODE")]
    pub(super) nodes: Vec<String>,
}

/// `node <ACT>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum NodeAct {
    /// Start a node of the topology that is not started with the others
    Add,
    /// Start a node that is down
    Start,
    /// End it in an orderly way
    Stop,
    /// SIGKILL to the whole server
    Kill,
    /// SIGSTOP to the whole server: it connects or answers never
    Freeze,
    /// SIGCONT to the whole server
    Thaw,
    /// Stop it and start it
    Restart,
    /// End it and remove its data
    Destroy,
    /// Take it out of the network: it runs and reaches nobody (containers only)
    Partition,
    /// Put it back into the network
    Heal,
}

#[derive(Debug, Args)]
pub(super) struct ExperimentArguments {
    #[command(flatten)]
    pub(super) name: ClusterName,
    /// What to do, and when, counted from the beginning: `kill worker2 at 5 s, freeze worker3 at 10 s, back at 30 s`
    pub(super) plan: String,
    /// How long to watch, such as 20s; a while beyond the plan's last act when not given
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub(super) lasts: Option<Duration>,
    /// Run the load of this tour meanwhile
    #[arg(long, value_name = "TOUR")]
    pub(super) with_load: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Write the report as Markdown, to keep
    #[arg(long, value_name = "FILE")]
    pub(super) markdown: Option<PathBuf>,
    /// When interrupted, leave broken what is broken
    #[arg(long)]
    pub(super) leave: bool,
    /// Exit with 1 when something came otherwise than predicted
    #[arg(long)]
    pub(super) demand: bool,
}

/// A time as in lessons and plans.
fn time(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .filter(|time| *time > Duration::ZERO)
        .ok_or_else(|| "a time is written such as 500ms, 20s or 2m".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct SeedArguments {
    #[command(flatten)]
    pub(super) name: ClusterName,
    /// The tour whose rows to load
    #[arg(default_value = "journey")]
    pub(super) tour: String,
}

#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct SetupArguments {
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct BundleArguments {
    /// The file to write
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}
