//! What a storm came to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::life::Life;
use crate::matrix::LIMIT;
use crate::network_fault::NetworkFault;

/// Counts, of one delivery or of a whole run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) payments: BTreeMap<Life, usize>,
    pub(crate) deliveries: usize,
    /// Deliveries after which the order was settled: at once, and after one more.
    pub(crate) first: usize,
    pub(crate) second: usize,
    /// Accounts whose notice was still due then.
    pub(crate) late_notices: usize,
    pub(crate) slowest: Duration,
    /// Transitions that happened, and conditional writes that went through.
    pub(crate) transitions: usize,
    pub(crate) writes: usize,
    pub(crate) calls: usize,
    pub(crate) faults: BTreeMap<NetworkFault, usize>,
    /// What befell the deliveries that the first did not settle.
    pub(crate) excuses: Vec<String>,
    /// Wrong answers, rows and counts.
    pub(crate) problems: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        for (life, times) in other.payments {
            *self.payments.entry(life).or_default() += times;
        }
        for (fault, times) in other.faults {
            *self.faults.entry(fault).or_default() += times;
        }
        self.deliveries += other.deliveries;
        self.first += other.first;
        self.second += other.second;
        self.late_notices += other.late_notices;
        self.slowest = self.slowest.max(other.slowest);
        self.transitions += other.transitions;
        self.writes += other.writes;
        self.calls += other.calls;
        self.excuses.extend(other.excuses);
        self.problems.extend(other.problems);
    }

    pub(crate) fn print(&self, seed: u64) {
        let sum = |counts: &mut dyn Iterator<Item = &usize>| counts.sum::<usize>();
        let (payments, faults) = (
            sum(&mut self.payments.values()),
            sum(&mut self.faults.values()),
        );
        let accounts = [Life::Account, Life::Deposit].map(|life| self.payments.get(&life));
        let accounts = sum(&mut accounts.into_iter().flatten());
        let settled = self.first + self.second;
        println!("seed {seed}");
        line("payments", payments, None);
        line("calls", self.calls, None);
        line("  met by a fault", faults, Some(self.calls));
        line("deliveries", self.deliveries, None);
        line("  settled by the first", self.first, Some(self.deliveries));
        line("  settled after one more", settled, Some(self.deliveries));
        line("accounts", accounts, None);
        line("  notice late", self.late_notices, Some(accounts));
        line("transitions", self.transitions, None);
        line("  written", self.writes, Some(self.transitions));
        line("wrong answers, rows, counts", self.problems.len(), None);
        println!(
            "{:28} {:6.1} s",
            "slowest answer",
            self.slowest.as_secs_f32()
        );
        for excuse in &self.excuses {
            println!("not settled by the first: {excuse}");
        }
        println!("lives:  {}", list(&self.payments));
        println!("faults: {}\n", list(&self.faults));
    }

    /// What holds for any number of payments.
    pub(crate) fn check(&self) {
        assert!(self.problems.is_empty(), "{:#?}", self.problems);
        assert_eq!(
            self.writes, self.transitions,
            "each transition is written once"
        );
        let settled = self.first + self.second;
        assert_eq!(settled, self.deliveries, "one more delivery settles it");
    }

    /// What needs more than a few payments, or a machine with time to spare.
    pub(crate) fn check_figures(&self) {
        assert!(self.slowest <= LIMIT, "answered after {:?}", self.slowest);
        let enough = self.first * 1000 >= self.deliveries * 999;
        assert!(
            enough,
            "less than 99.9 % were settled by the first delivery"
        );
    }
}

fn line(name: &str, count: usize, of: Option<usize>) {
    let share = of.map(|whole| {
        let hundredths = count * 10_000 / whole.max(1);
        format!("{:6}.{:02} %", hundredths / 100, hundredths % 100)
    });
    println!("{name:28} {count:6}{}", share.unwrap_or_default());
}

fn list(counts: &BTreeMap<impl ToString, usize>) -> String {
    let counts = counts
        .iter()
        .map(|(what, times)| format!("{} {times}", what.to_string()));
    counts.collect::<Vec<_>>().join(", ")
}
