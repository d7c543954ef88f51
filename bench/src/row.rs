//! A row of the table: a figure of everyone, and what it should be.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::stats::Sample;

/// A figure, by contestant.
pub(crate) struct Row {
    pub(crate) figure: String,
    pub(crate) values: BTreeMap<&'static str, Value>,
    rules: Vec<Rule>,
}

/// A middle, and where the middle half lies if it was measured more than once.
#[derive(Clone, Copy)]
pub(crate) struct Value {
    pub(crate) middle: f64,
    spread: Option<(f64, f64)>,
}

/// What ours should be.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// At most so many times what another one has.
    Times(f64, &'static str),
    /// At most so much.
    AtMost(f64),
    /// At most so much, as an aim: it depends on the machine.
    Aim(f64),
}

impl From<&Sample> for Value {
    fn from(sample: &Sample) -> Self {
        Self {
            middle: sample.median(),
            spread: (sample.len() > 1).then(|| sample.spread()),
        }
    }
}

impl From<f64> for Value {
    fn from(middle: f64) -> Self {
        Self {
            middle,
            spread: None,
        }
    }
}

impl Row {
    /// A row of what could be measured: what is not a number is left out.
    pub(crate) fn new<V: Into<Value>>(
        figure: impl Into<String>,
        values: impl IntoIterator<Item = (&'static str, V)>,
        rules: &[Rule],
    ) -> Self {
        let values = values.into_iter().map(|(name, value)| (name, value.into()));
        Self {
            figure: figure.into(),
            values: values
                .filter(|(_, value)| value.middle.is_finite())
                .collect(),
            rules: rules.to_vec(),
        }
    }

    /// How many times ours another one has.
    pub(crate) fn times_ours(&self, name: &str) -> Option<f64> {
        let (theirs, ours) = (self.values.get(name)?, self.values.get("ours")?);
        Some(theirs.middle / ours.middle)
    }

    /// The cell of one contestant: its figure, its spread, and how many times ours that is.
    pub(crate) fn cell(&self, name: &str) -> String {
        let Some(value) = self.values.get(name) else {
            return String::new();
        };
        let mut cell = short(value.middle);
        if let Some((low, high)) = value.spread {
            let _ = write!(cell, " ({}–{})", short(low), short(high));
        }
        if name != "ours"
            && let Some(times) = self.times_ours(name)
        {
            let _ = write!(cell, " ×{}", short(times));
        }
        cell
    }

    /// The gates and the aim, and whether ours is through.
    pub(crate) fn verdict(&self) -> String {
        let verdicts = self.rules.iter().map(|rule| self.judge(*rule));
        verdicts.collect::<Vec<_>>().join("; ")
    }

    fn judge(&self, rule: Rule) -> String {
        let Some(ours) = self.values.get("ours").map(|value| value.middle) else {
            return "not measured".to_owned();
        };
        let passes = |value: f64, limit: f64| if value <= limit { "pass" } else { "**FAIL**" };
        match rule {
            Rule::Times(limit, other) => match self.values.get(other) {
                Some(theirs) => {
                    let times = ours / theirs.middle;
                    let passes = passes(times, limit);
                    format!(
                        "{} of {other}'s, gate {}: {passes}",
                        ratio(times),
                        ratio(limit)
                    )
                }
                None => format!("{other} not measured"),
            },
            Rule::AtMost(limit) => format!("gate {}: {}", short(limit), passes(ours, limit)),
            Rule::Aim(aim) if ours <= aim => format!("aim {}: reached", short(aim)),
            Rule::Aim(aim) => format!("aim {}: missed", short(aim)),
        }
    }
}

/// Three significant digits.
pub(crate) fn short(value: f64) -> String {
    let decimals = match value.abs() {
        it if it >= 99.95 => 0,
        it if it >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    // Counts are whole, and so are most limits.
    let whole = text.trim_end_matches('0').strip_suffix('.');
    whole.map(str::to_owned).unwrap_or(text)
}

/// A part as the issue puts it: 1/20, or 1.03×.
fn ratio(times: f64) -> String {
    if times > 0.6 {
        format!("{times:.3}×")
    } else {
        format!("1/{}", short(1.0 / times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ours: f64, rules: &[Rule]) -> Row {
        Row::new(
            "CPU",
            [("ours", ours), ("guide", 10.0), ("floor", f64::NAN)],
            rules,
        )
    }

    #[test]
    fn gates_are_ratios_and_the_limit_itself_passes() {
        let gate = [Rule::Times(0.05, "guide")];
        assert_eq!(
            row(0.5, &gate).verdict(),
            "1/20 of guide's, gate 1/20: pass"
        );
        assert_eq!(
            row(0.6, &gate).verdict(),
            "1/16.7 of guide's, gate 1/20: **FAIL**"
        );
        assert_eq!(
            row(11.0, &[Rule::Times(1.03, "guide")]).verdict(),
            "1.100× of guide's, gate 1.030×: **FAIL**"
        );
    }

    #[test]
    fn what_was_not_measured_is_said() {
        let rules = [
            Rule::Times(1.0, "floor"),
            Rule::Aim(0.15),
            Rule::AtMost(2.0),
        ];
        assert_eq!(
            row(2.0, &rules).verdict(),
            "floor not measured; aim 0.15: missed; gate 2: pass"
        );
        assert_eq!(row(2.0, &rules).cell("floor"), "");
        assert_eq!(row(f64::NAN, &rules[2..]).verdict(), "not measured");
    }

    #[test]
    fn a_cell_tells_middle_spread_and_ratio() {
        let sample: Sample = [1.0, 2.0, 3.0, 4.0].into_iter().collect();
        let row = Row::new(
            "x",
            [("ours", Value::from(&sample)), ("guide", 123.4.into())],
            &[],
        );
        assert_eq!(
            (row.cell("ours"), row.cell("guide")),
            ("2 (1–3)".to_owned(), "123 ×61.7".to_owned())
        );
    }
}
