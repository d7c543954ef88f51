//! Medians, percentiles, and how far the middle half spreads.

/// Measurements of one thing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    /// Takes one more in.
    pub(crate) fn add(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The middle.
    pub(crate) fn median(&self) -> f64 {
        self.percentile(50.0)
    }

    /// The value that `percent` of the sample are at or below (nearest rank); NaN of nothing.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (percent / 100.0 * as_f64(sorted.len())).ceil();
        let index = (0..sorted.len()).find(|index| as_f64(index + 1) >= rank);
        index.map_or(f64::NAN, |index| sorted[index])
    }

    /// The middle half: from the first quartile to the third.
    pub(crate) fn spread(&self) -> (f64, f64) {
        (self.percentile(25.0), self.percentile(75.0))
    }

    /// Every value divided by so much.
    pub(crate) fn divided_by(&self, divisor: f64) -> Self {
        self.0.iter().map(|value| value / divisor).collect()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The same without the first `count`.
    pub(crate) fn part(&self, range: std::ops::Range<usize>) -> Self {
        Self(self.0[range].to_vec())
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// A count as a float: none here is large enough to lose anything.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
pub(crate) fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_of_the_sample() {
        let sample: Sample = (1..=100).rev().map(f64::from).collect();
        assert_eq!(sample.median().to_string(), "50");
        assert_eq!(sample.percentile(99.0).to_string(), "99");
        assert_eq!(sample.percentile(100.0).to_string(), "100");
        assert_eq!(sample.spread(), (25.0, 75.0));
    }

    #[test]
    fn a_sample_of_one_and_of_none() {
        let one = Sample::from_iter([7.0]);
        assert_eq!((one.median(), one.percentile(99.0)), (7.0, 7.0));
        assert!(Sample::default().median().is_nan());
    }
}
