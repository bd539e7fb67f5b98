//! Which map or list it is, of those that may stand in its place.

use rustc_hash::FxHashSet;

use super::{Origins, Prov, Set};

impl Origins {
    /// Of what decided a map or list, what decided which one it is.
    pub fn choice(&mut self, of: Prov) -> Prov {
        if self.choices.is_empty() {
            return Prov::NONE;
        }
        if let Some(choice) = self.chosen.get(&of) {
            return *choice;
        }
        let choice = match self.set(of) {
            Set::Union(..) => self.choice_of_several(of),
            one => {
                self.look(1);
                match one {
                    Set::Choice(_) => of,
                    _ => Prov::NONE,
                }
            }
        };
        self.chosen.insert(of, choice);
        self.weight += 1;
        choice
    }

    /// As [`Origins::choice`], which asks of each set only once.
    fn choice_of_several(&mut self, of: Prov) -> Prov {
        let (mut open, mut seen) = (vec![of], FxHashSet::default());
        let mut found = Vec::new();
        while let Some(prov) = open.pop() {
            if !seen.insert(prov) {
                continue;
            }
            match self.set(prov) {
                Set::Union(a, b) => open.extend([a, b]),
                Set::Choice(_) => found.push(prov),
                _ => {}
            }
        }
        self.look(seen.len() as u64);
        found
            .into_iter()
            .fold(Prov::NONE, |all, one| self.union(all, one))
    }
}
