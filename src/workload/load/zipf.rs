//! Tenants that are asked for unevenly.

/// Which of some tenants comes, given a number between 0 and 1. The first is the most popular.
#[derive(Debug, Clone)]
pub(super) struct Popularity {
    /// For each tenant, how often it or one before it comes.
    up_to: Vec<f64>,
}

impl Popularity {
    /// The k-th of `count` tenants comes as often as 1/k^`exponent` says; 0 is evenly.
    pub(super) fn new(count: usize, exponent: f64) -> Self {
        let weights = (1..=count).map(|rank| {
            let rank = u32::try_from(rank).unwrap_or(u32::MAX);
            f64::from(rank).powf(-exponent)
        });
        let mut sum = 0.0;
        let mut up_to: Vec<f64> = weights
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        for one in &mut up_to {
            *one /= sum;
        }
        Self { up_to }
    }

    /// The tenant's index.
    pub(super) fn pick(&self, chance: f64) -> usize {
        let index = self.up_to.partition_point(|up_to| *up_to <= chance);
        index.min(self.up_to.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_is_twice_as_popular_as_the_second() {
        let popularity = Popularity::new(3, 1.0);
        // 6/11, 3/11, 2/11
        assert_eq!(popularity.pick(0.54), 0);
        assert_eq!(popularity.pick(0.55), 1);
        assert_eq!(popularity.pick(0.81), 1);
        assert_eq!(popularity.pick(0.82), 2);
    }

    proptest! {
        #[test]
        fn somebody_always_comes(count in 1_usize..500, exponent in 0.0..3.0_f64, chance in 0.0..1.0_f64) {
            prop_assert!(Popularity::new(count, exponent).pick(chance) < count);
        }

        #[test]
        fn without_an_exponent_all_are_alike(count in 1_u32..500, chance in 0.0..1.0_f64) {
            let expected = f64::from(count) * chance;
            let index = Popularity::new(count as usize, 0.0).pick(chance);
            let index = f64::from(u32::try_from(index).unwrap());
            prop_assert!((index - expected).abs() <= 1.0);
        }
    }
}
