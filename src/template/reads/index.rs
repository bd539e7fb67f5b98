//! Numbers that are found by what they stand for, which lies elsewhere.

use std::hash::{BuildHasher, Hash};

use rustc_hash::FxBuildHasher;

/// The hash of what a number stands for.
pub(super) fn hash_of(key: impl Hash) -> u64 {
    FxBuildHasher.hash_one(key)
}

/// A table that holds nothing but the numbers: it takes a fraction of what one with keys takes.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// One more than a number; nought where there is none. Their count is a power of two.
    slots: Vec<u32>,
    len: usize,
}

/// The slots of the smallest table.
const LEAST: usize = 512;

impl Index {
    /// The number that stands for something with this hash, of which `is` says whether it is that.
    pub(super) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = start(hash) & mask;
        // A slot is always free, so that this comes to an end.
        while let Some(number) = self.slots.get(at).and_then(|slot| slot.checked_sub(1)) {
            if is(number) {
                return Some(number);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// Takes a number in. `hash_of` gives the hashes of those that are there.
    pub(super) fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let count = (self.slots.len() * 2).max(LEAST);
            let before = std::mem::replace(&mut self.slots, vec![0; count]);
            for number in before.iter().filter_map(|slot| slot.checked_sub(1)) {
                self.put(hash_of(number), number);
            }
        }
        self.len += 1;
        self.put(hash, number);
    }

    fn put(&mut self, hash: u64, number: u32) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = start(hash) & mask;
        while self.slots.get(at).is_some_and(|slot| *slot != 0) {
            at = (at + 1) & mask;
        }
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = number.saturating_add(1);
        }
    }

    pub(super) fn clear(&mut self) {
        self.slots.fill(0);
        self.len = 0;
    }
}

/// The lower half of a hash tells more where it is folded with the upper one.
fn start(hash: u64) -> usize {
    usize::try_from((hash ^ (hash >> 32)) & u64::from(u32::MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Index, hash_of};

    #[test]
    fn numbers_are_found_again() {
        let mut index = Index::default();
        let find = |index: &Index, number: u32| index.find(hash_of(number), |it| it == number);
        assert_eq!(find(&index, 1), None);
        for number in 0..1000 {
            index.insert(hash_of(number), number, hash_of);
        }
        assert!((0..1000).all(|number| find(&index, number) == Some(number)));
        assert_eq!(find(&index, 1000), None);
        index.clear();
        assert_eq!(find(&index, 1), None);
    }
}
