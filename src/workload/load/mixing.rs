//! What comes next: which statement, for which tenant. Pure, but for the chance that it is given.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::plan::{Class, LoadPlan, Mix};
use super::statements::{Draw, Operation};
use super::tenants::Tenants;
use super::zipf::Popularity;

/// The least common multiple of what the weights within classes add up to, or at least a multiple of each.
const PARTS: u32 = 12;

/// Draws statements.
#[derive(Debug, Clone)]
pub(super) struct Mixing {
    operations: &'static [Operation],
    /// For each statement, the weight of it and of all before it.
    up_to: Vec<u32>,
    popularity: Popularity,
}

/// What was drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn {
    /// Its place in the workload.
    pub(super) statement: usize,
    /// Its tenant's place among the tenants.
    pub(super) tenant: usize,
}

impl Mixing {
    pub(super) fn new(plan: &LoadPlan, tenants: usize) -> Self {
        let operations = plan.workload.operations();
        let mut sum = 0_u32;
        let up_to = operations
            .iter()
            .map(|operation| {
                sum = sum.saturating_add(weight(operations, *operation, plan.mix));
                sum
            })
            .collect();
        Self {
            operations,
            up_to,
            popularity: Popularity::new(tenants, plan.skew.unwrap_or(0.0)),
        }
    }

    /// What comes next.
    pub(super) fn draw(&self, chance: &mut SmallRng) -> Drawn {
        let all = self.up_to.last().copied().unwrap_or(0).max(1);
        let weight = chance.random_range(0..all);
        let last = self.operations.len().saturating_sub(1);
        Drawn {
            statement: self
                .up_to
                .partition_point(|up_to| *up_to <= weight)
                .min(last),
            tenant: self.popularity.pick(chance.random()),
        }
    }

    /// Writes it down; gives its class.
    pub(super) fn write(
        &self,
        drawn: Drawn,
        tenants: &Tenants,
        id: i64,
        chance: &mut SmallRng,
        into: &mut String,
    ) {
        into.clear();
        if let Some(operation) = self.operations.get(drawn.statement) {
            let draw = Draw {
                tenant: tenants.value(drawn.tenant),
                id,
                number: chance.random(),
            };
            (operation.write)(into, draw);
        }
    }
}

/// A chance of its own for each client.
pub(super) fn chance(seed: u64, client: usize) -> SmallRng {
    let client = u64::try_from(client).unwrap_or(u64::MAX);
    SmallRng::seed_from_u64(
        seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(client),
    )
}

fn weight(operations: &[Operation], operation: Operation, mix: Mix) -> u32 {
    let of_class = match operation.class {
        Class::Read => mix.reads,
        Class::Write => mix.writes,
        Class::Report => mix.reports,
    };
    let alike = operations.iter().filter(|one| one.class == operation.class);
    let all: u32 = alike.map(|one| one.weight).sum();
    of_class.saturating_mul(PARTS) * operation.weight / all.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::load::plan::Workload;

    #[test]
    fn the_mix_is_kept() {
        for workload in [Workload::Chat, Workload::Shop] {
            let mut plan = LoadPlan::new(workload);
            plan.mix = Mix {
                reads: 60,
                writes: 30,
                reports: 10,
            };
            let mixing = Mixing::new(&plan, 10);
            let mut chance = chance(1, 0);
            let mut counted = [0_u32; 3];
            for _ in 0..10_000 {
                let drawn = mixing.draw(&mut chance);
                counted[workload.operations()[drawn.statement].class as usize] += 1;
            }
            for (count, expected) in counted.into_iter().zip([6_000, 3_000, 1_000]) {
                assert!(count.abs_diff(expected) < 300, "{counted:?}");
            }
        }
    }

    #[test]
    fn what_has_no_weight_never_comes() {
        let mut plan = LoadPlan::new(Workload::Chat);
        plan.mix = Mix {
            reads: 0,
            writes: 1,
            reports: 0,
        };
        let mixing = Mixing::new(&plan, 1);
        let mut chance = chance(1, 0);
        for _ in 0..1_000 {
            let drawn = mixing.draw(&mut chance);
            assert_eq!(
                Workload::Chat.operations()[drawn.statement].class,
                Class::Write
            );
        }
    }

    #[test]
    fn a_seed_repeats_itself() {
        let plan = LoadPlan::new(Workload::Shop);
        let mixing = Mixing::new(&plan, 100);
        let run = |seed| {
            let mut chance = chance(seed, 3);
            let drawn: Vec<_> = (0..50).map(|_| mixing.draw(&mut chance).tenant).collect();
            drawn
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }
}
