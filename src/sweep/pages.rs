//! Reading a list whole, although payments come and go while it is read.

use std::collections::HashSet;

use super::Window;
use crate::gateway::Page;

/// No shop has so many payments in one second: a list that goes on beyond makes them up.
const MAX_IN_A_SECOND: usize = 100_000;

/// Where pages come from, and where payments go to.
pub trait Source {
    /// One page of the list, 1 being the first; `None` if it cannot be had.
    fn page(&mut self, window: Window, number: u64) -> impl Future<Output = Option<Page>>;
    /// Takes the payments of a page.
    fn settle(&mut self, page: Page) -> impl Future<Output = ()>;
    /// Whether there is time for more.
    fn goes_on(&mut self) -> bool;
    /// The list is longer than what it shows, or than any list can be.
    fn contradicted(&mut self);
}

/// Hands over what is listed in the window: halves it while there is more than one page of it.
pub async fn walk(source: &mut impl Source, window: Window) {
    let mut windows = vec![window];
    while let Some(window) = windows.pop() {
        if !source.goes_on() {
            return;
        }
        let Some(page) = source.page(window, 1).await else {
            continue;
        };
        if page.is_whole() {
            source.settle(page).await;
        } else if page.entries.is_empty() {
            source.contradicted();
        } else if window.from < window.to {
            let middle = i64::midpoint(window.from, window.to);
            let (from, to) = (middle + 1, middle);
            windows.extend([Window { from, ..window }, Window { to, ..window }]);
        } else {
            walk_second(source, window, &page).await;
        }
    }
}

/// One second that overflows a page: all pages, the last one first, until nobody new is met and the list keeps its length.
/// Payments that leave move those behind them forwards: read backwards, these are met twice and not missed. One that comes
/// pushes others back, perhaps to a page that was read already; but it is new itself, so that they are met the next time.
async fn walk_second(source: &mut impl Source, window: Window, first: &Page) {
    // What the gateway makes of `limit`.
    let per_page = first.entries.len() as u64;
    let mut total = first.total;
    let mut met = HashSet::new();
    loop {
        let (met_before, mut is_at_rest) = (met.len(), true);
        for number in (1..=total.div_ceil(per_page)).rev() {
            let Some(mut page) = source.page(window, number).await else {
                return;
            };
            // A page that does not exist any more tells no total.
            if !page.entries.is_empty() {
                is_at_rest &= page.total == total;
                total = page.total;
            }
            page.entries
                .retain(|entry| entry.imp_uid().is_none_or(|imp_uid| met.insert(imp_uid)));
            source.settle(page).await;
            if met.len() > MAX_IN_A_SECOND {
                return source.contradicted();
            }
        }
        if is_at_rest && met.len() == met_before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;
    use crate::gateway::Entry;

    const PER_PAGE: usize = 4;

    /// A gateway where payments come and go between any two calls.
    #[derive(Debug, Default)]
    struct Gateway {
        /// The second of each; listed from the last to the first, as the latest start comes first.
        listed: BTreeMap<u16, i64>,
        /// What happens before each call, the last first.
        changes: Vec<Vec<Change>>,
        /// Who came since, or left.
        came: BTreeSet<u16>,
        met: BTreeSet<u16>,
        calls: usize,
        contradictions: usize,
        /// What it shows is none of these, but more than there are.
        lies: bool,
    }

    #[derive(Debug, Clone)]
    enum Change {
        /// A payment leaves: from paid to cancelled, say. One that only just came stays a while.
        Leaves(prop::sample::Index),
        /// One comes, to this place and second.
        Comes(u16, i64),
    }

    impl Gateway {
        fn change(&mut self) {
            for change in self.changes.pop().unwrap_or_default() {
                match change {
                    Change::Leaves(index) => {
                        let here = self.listed.keys().copied();
                        let old: Vec<_> = here.filter(|uid| !self.came.contains(uid)).collect();
                        if !old.is_empty() {
                            let uid = index.get(&old);
                            self.listed.remove(uid);
                            self.came.insert(*uid);
                        }
                    }
                    // Nobody comes twice.
                    Change::Comes(uid, second) => {
                        if !self.listed.contains_key(&uid) && self.came.insert(uid) {
                            self.listed.insert(uid, second);
                        }
                    }
                }
            }
        }
    }

    impl Source for Gateway {
        async fn page(&mut self, window: Window, number: u64) -> Option<Page> {
            self.change();
            self.calls += 1;
            assert!(self.calls < 10_000, "endless");
            let within = |second: &i64| (window.from..=window.to).contains(second);
            let found = self.listed.iter().rev().filter(|(_, at)| within(at));
            let found: Vec<_> = found.map(|(uid, _)| *uid).collect();
            let skipped = (usize::try_from(number).unwrap() - 1) * PER_PAGE;
            let shown = found.iter().skip(skipped).take(PER_PAGE);
            let entry = |uid: &u16| {
                let json = format!(r#"{{"imp_uid": "{uid}"}}"#);
                Entry::new(RawValue::from_string(json).unwrap())
            };
            let entries: Vec<_> = shown.map(entry).collect();
            // Beyond the last page there is an error in place of a list.
            let total = match (entries.len(), number) {
                (0, 2..) => 0,
                _ => found.len() as u64 + u64::from(self.lies),
            };
            Some(Page { total, entries })
        }

        async fn settle(&mut self, page: Page) {
            for entry in page.entries {
                let uid = entry.imp_uid().unwrap().parse().unwrap();
                self.met.insert(uid);
            }
        }

        fn goes_on(&mut self) -> bool {
            true
        }

        fn contradicted(&mut self) {
            self.contradictions += 1;
        }
    }

    const WINDOW: Window = Window { from: 0, to: 7 };

    fn walk_through(mut gateway: Gateway) -> Gateway {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(walk(&mut gateway, WINDOW));
        gateway
    }

    /// Payments, most of them in few seconds.
    fn payments(most: usize) -> impl Strategy<Value = BTreeMap<u16, i64>> {
        let second = prop_oneof![3 => Just(3_i64), 1 => 0..=7_i64];
        prop::collection::btree_map(any::<u16>(), second, 0..most)
    }

    fn change() -> impl Strategy<Value = Change> {
        let second = prop_oneof![3 => Just(3_i64), 1 => 0..=7_i64];
        prop_oneof![
            any::<prop::sample::Index>().prop_map(Change::Leaves),
            (any::<u16>(), second).prop_map(|(uid, second)| Change::Comes(uid, second)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn nobody_who_stays_is_missed(listed in payments(40), changes in vec(vec(change(), 0..4), 0..30)) {
            let before = listed.clone();
            let after = walk_through(Gateway { listed, changes, ..Gateway::default() });
            for uid in before.keys().filter(|uid| after.listed.contains_key(uid)) {
                prop_assert!(after.met.contains(uid), "{uid} of {before:?}");
            }
        }

        #[test]
        fn a_list_at_rest_is_met_whole(listed in payments(40)) {
            let before: BTreeSet<_> = listed.keys().copied().collect();
            let after = walk_through(Gateway { listed, ..Gateway::default() });
            prop_assert_eq!(after.met, before);
            prop_assert_eq!(after.contradictions, 0);
        }
    }

    /// As many in one second, for all that fit a page exactly, and one more and one less.
    #[test]
    fn pages_at_their_limit_are_read_once() {
        for (payments, calls) in [(0, 1), (3, 1), (4, 1), (5, 11), (8, 11), (9, 13)] {
            let listed: BTreeMap<u16, i64> = (0..payments).map(|uid| (uid, 3)).collect();
            let after = walk_through(Gateway {
                listed,
                ..Gateway::default()
            });
            assert_eq!(after.met.len(), usize::from(payments));
            assert_eq!(after.calls, calls, "{payments}");
        }
    }

    #[test]
    fn more_than_is_ever_shown_is_a_contradiction() {
        let after = walk_through(Gateway {
            lies: true,
            ..Gateway::default()
        });
        assert_eq!((after.contradictions, after.calls), (1, 1));
    }
}
