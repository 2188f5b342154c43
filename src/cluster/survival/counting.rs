//! Counts failures without walking through them. A failure is a set of workers, as bits; a shard goes dark when all its holders are in it.

use std::collections::HashMap;

/// Workers that fit into a set.
pub(super) const MOST_WORKERS: usize = 128;
/// Steps after which a layout is called too large. Thirty workers in a ring take some hundreds.
const MOST_STEPS: usize = 20_000;

/// For each size from 0 to `workers`: how many sets of so many workers contain none of the `holders`. `None` where that is too much to
/// count exactly.
pub(super) fn survivors(workers: usize, holders: &[u128]) -> Option<Vec<u128>> {
    if workers > MOST_WORKERS {
        return None;
    }
    let holders = minimal(holders.to_vec());
    if holders.first() == Some(&0) {
        return Some(vec![0; workers + 1]);
    }
    let free = workers - width(&holders);
    let of_holders = Counter::default().count(holders)?;
    Some(multiplied(&of_holders, &binomials(free)))
}

/// In how many ways `chosen` of `of` can be chosen. `None` where the number is too large.
pub(super) fn ways(of: usize, chosen: usize) -> Option<u128> {
    (of <= MOST_WORKERS).then(|| binomials(of).get(chosen).copied().unwrap_or(0))
}

/// Sets that contain none of some sets, by size. Every step asks of one worker: does it fail or not?
#[derive(Default)]
struct Counter {
    known: HashMap<Vec<u128>, Vec<u128>>,
    steps: usize,
}

impl Counter {
    /// Of the workers in `holders`, which are [minimal] and not empty.
    fn count(&mut self, holders: Vec<u128>) -> Option<Vec<u128>> {
        if holders.is_empty() {
            return Some(vec![1]);
        }
        if let Some(known) = self.known.get(&holders) {
            return Some(known.clone());
        }
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return None;
        }
        let mut product = vec![1];
        let mut parts = parts(&holders);
        if parts.len() == 1 {
            product = self.count_connected(&parts.remove(0))?;
        }
        for part in parts {
            product = multiplied(&product, &self.count(part)?);
        }
        self.known.insert(holders, product.clone());
        Some(product)
    }

    fn count_connected(&mut self, holders: &[u128]) -> Option<Vec<u128>> {
        let worker = next(holders);
        let all = width(holders);
        // It lives: whatever it holds is safe.
        let safe: Vec<u128> = holders
            .iter()
            .copied()
            .filter(|set| set & worker == 0)
            .collect();
        let free = all - 1 - width(&safe);
        let mut sum = multiplied(&self.count(safe)?, &binomials(free));
        sum.resize(all + 1, 0);
        // It fails: whatever it holds depends on the others.
        let left = minimal(holders.iter().map(|set| set & !worker).collect());
        if left.first() != Some(&0) {
            let free = all - 1 - width(&left);
            let fails = multiplied(&self.count(left)?, &binomials(free));
            for (size, count) in fails.into_iter().enumerate() {
                sum[size + 1] += count;
            }
        }
        Some(sum)
    }
}

/// The worker to decide next: of the smallest set the one that is in most sets, so that sets fall apart soon.
fn next(holders: &[u128]) -> u128 {
    let smallest = holders.iter().min_by_key(|set| set.count_ones());
    let in_sets = |worker: &u128| holders.iter().filter(|set| *set & worker != 0).count();
    let workers = bits(smallest.copied().unwrap_or_default());
    // The first of several, so that neighbours are decided one after the other.
    let chosen = workers.min_by_key(|worker| std::cmp::Reverse(in_sets(worker)));
    chosen.unwrap_or_default()
}

/// Each member of a set as a set of its own.
fn bits(set: u128) -> impl Iterator<Item = u128> {
    (0..MOST_WORKERS)
        .map(|bit| 1_u128 << bit)
        .filter(move |bit| set & bit != 0)
}

/// How many workers are in any of the sets.
fn width(holders: &[u128]) -> usize {
    let all = holders.iter().fold(0, |all, set| all | set);
    all.count_ones() as usize
}

/// Without sets that contain another: whoever contains them contains that one. Sorted, the empty set first.
fn minimal(mut holders: Vec<u128>) -> Vec<u128> {
    holders.sort_unstable_by_key(|set| (set.count_ones(), *set));
    holders.dedup();
    let mut kept: Vec<u128> = Vec::new();
    for set in holders {
        if !kept.iter().any(|smaller| set & smaller == *smaller) {
            kept.push(set);
        }
    }
    kept.sort_unstable();
    kept
}

/// Sets that share workers, directly or through others, stay together.
fn parts(holders: &[u128]) -> Vec<Vec<u128>> {
    let mut parts: Vec<(u128, Vec<u128>)> = Vec::new();
    for set in holders {
        let (touching, mut apart): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|(all, _)| all & set != 0);
        let mut joined = (*set, vec![*set]);
        for (all, sets) in touching {
            joined.0 |= all;
            joined.1.extend(sets);
        }
        joined.1.sort_unstable();
        apart.push(joined);
        parts = apart;
    }
    parts.into_iter().map(|(_, sets)| sets).collect()
}

/// A row of Pascal's triangle.
fn binomials(of: usize) -> Vec<u128> {
    let mut row = vec![1_u128];
    for _ in 0..of {
        let inner = row.windows(2).map(|pair| pair[0] + pair[1]);
        row = std::iter::once(1)
            .chain(inner)
            .chain(std::iter::once(1))
            .collect();
    }
    row
}

/// Sizes of independent choices add up, their counts multiply.
fn multiplied(left: &[u128], right: &[u128]) -> Vec<u128> {
    let mut product = vec![0; left.len() + right.len() - 1];
    for (size, count) in left.iter().enumerate() {
        for (more, other) in right.iter().enumerate() {
            product[size + more] += count * other;
        }
    }
    product
}

/// At most `at_most` sets of `size` of the workers that contain one of `holders`, in the order of the workers. Every branch that is entered
/// leads to one, so that it takes no longer than naming them.
pub(super) fn fatal(workers: usize, holders: &[u128], size: usize, at_most: usize) -> Vec<u128> {
    let mut found = Vec::new();
    if size <= workers && workers <= MOST_WORKERS {
        walk(
            workers,
            &minimal(holders.to_vec()),
            size,
            at_most,
            0,
            0,
            &mut found,
        );
    }
    found
}

fn walk(
    workers: usize,
    holders: &[u128],
    size: usize,
    at_most: usize,
    next: usize,
    chosen: u128,
    found: &mut Vec<u128>,
) {
    let missing = size - chosen.count_ones() as usize;
    let later = if next < MOST_WORKERS {
        u128::MAX << next
    } else {
        0
    };
    let reachable = |set: &u128| {
        let wanted = set & !chosen;
        wanted & !later == 0 && wanted.count_ones() as usize <= missing
    };
    if found.len() >= at_most || workers - next < missing || !holders.iter().any(reachable) {
        return;
    }
    if missing == 0 {
        found.push(chosen);
        return;
    }
    walk(
        workers,
        holders,
        size,
        at_most,
        next + 1,
        chosen | 1 << next,
        found,
    );
    walk(workers, holders, size, at_most, next + 1, chosen, found);
}
