//! What this machine offers.

/// A cluster that was kept for later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCluster {
    /// Its name.
    pub name: String,
    /// The tour whose topology it has.
    pub tour: String,
    /// Its engine's name.
    pub engine: String,
}

/// What a tour needs to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TourCard {
    /// The tour's id.
    pub tour: String,
    /// The nodes of its topology that start at once.
    pub nodes: Vec<String>,
}

/// What this machine offers, what is kept, what was left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The runtime and engine that will be used, in words, or why there is none.
    pub choice: Option<Result<String, String>>,
    /// The engine of the choice is Citus itself.
    pub real: bool,
    /// Why.
    pub reasons: Vec<String>,
    /// What else could be chosen, and what each needs.
    pub alternatives: Vec<String>,
    /// For each tour what it starts.
    pub cards: Vec<TourCard>,
    /// Clusters kept for later.
    pub kept: Vec<KeptCluster>,
    /// Runs that are gone and left something behind, in words.
    pub leftovers: Vec<String>,
}
