//! A table that grows without moving what is in it.

/// How many entries lie behind one another.
const CHUNK: usize = 1 << 10;

/// Entries by their numbers, from 0. A vector of the same would be copied again and again where it
/// grows, and leave behind memory that is too small for it.
#[derive(Debug)]
pub(super) struct Table<T> {
    full: Vec<Vec<T>>,
    /// The last entries; never none.
    last: Vec<T>,
}

impl<T> Table<T> {
    /// The table of one entry.
    pub(super) fn of(first: T) -> Self {
        let mut last = Vec::with_capacity(CHUNK);
        last.push(first);
        let full = Vec::new();
        Self { full, last }
    }

    /// How many entries there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.full.len() * CHUNK + self.last.len()
    }

    /// Adds an entry behind the others.
    #[inline]
    pub(super) fn push(&mut self, entry: T) {
        if self.last.len() == CHUNK {
            self.open();
        }
        self.last.push(entry);
    }

    /// Begins another chunk.
    #[cold]
    fn open(&mut self) {
        let full = std::mem::replace(&mut self.last, Vec::with_capacity(CHUNK));
        self.full.push(full);
    }

    /// The entry with this number.
    #[inline]
    pub(super) fn get(&self, number: usize) -> Option<&T> {
        let chunk = number / CHUNK;
        let entries = match chunk == self.full.len() {
            true => &self.last,
            false => self.full.get(chunk)?,
        };
        entries.get(number % CHUNK)
    }

    /// The last entry.
    #[inline]
    pub(super) fn last(&self) -> Option<&T> {
        self.last.last()
    }

    /// All entries, in order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.full.iter_mut().flatten().chain(&mut self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_their_numbers() {
        let mut table = Table::of(0);
        for entry in 1..3 * CHUNK {
            assert_eq!(table.len(), entry);
            assert_eq!(table.get(entry), None);
            table.push(entry);
            assert_eq!(table.last(), Some(&entry));
        }
        assert!((0..3 * CHUNK).all(|number| table.get(number) == Some(&number)));
        assert!(table.iter_mut().map(|entry| *entry).eq(0..3 * CHUNK));
    }
}
