//! Settings of a run, from the process environment.

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

use fastrand::Rng;

/// A setting, or what it is without being told.
pub(crate) fn number<T: FromStr<Err: Debug>>(name: &str, default: T) -> T {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Whether everything is tried, and timed: `make chaos` does; otherwise a little of each, for any machine.
pub(crate) fn whole() -> bool {
    number("WHOLE", false)
}

/// What a run draws from.
pub(crate) fn seed() -> u64 {
    number("SEED", 20_261_122)
}

/// A generator that depends on the seed and on what it draws for, and on nothing that happened before.
pub(crate) fn draw(seed: u64, what: impl Hash) -> Rng {
    let mut hasher = DefaultHasher::new();
    (seed, what).hash(&mut hasher);
    Rng::with_seed(hasher.finish())
}
