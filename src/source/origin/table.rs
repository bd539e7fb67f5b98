//! A table that grows without moving what is in it.

/// How many entries lie behind one another.
const CHUNK: usize = 1 << 10;

/// Entries by their numbers, from 0. A vector of the same would be copied again and again where it
/// grows, and leave behind memory that is too small for it.
#[derive(Debug)]
pub(super) struct Table<T>(Vec<Vec<T>>);

impl<T> Table<T> {
    /// The table of one entry.
    pub(super) fn of(first: T) -> Self {
        let mut table = Self(Vec::new());
        table.push(first);
        table
    }

    /// How many entries there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        let full = self.0.len().saturating_sub(1);
        full * CHUNK + self.0.last().map_or(0, Vec::len)
    }

    /// Adds an entry behind the others.
    #[inline]
    pub(super) fn push(&mut self, entry: T) {
        match self.0.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(entry),
            _ => self.open(entry),
        }
    }

    /// Adds an entry where the last chunk is full.
    #[cold]
    fn open(&mut self, entry: T) {
        let mut chunk = Vec::with_capacity(CHUNK);
        chunk.push(entry);
        self.0.push(chunk);
    }

    /// The entry with this number.
    #[inline]
    pub(super) fn get(&self, number: usize) -> Option<&T> {
        self.0.get(number / CHUNK)?.get(number % CHUNK)
    }

    /// The last entry.
    #[inline]
    pub(super) fn last(&self) -> Option<&T> {
        self.0.last()?.last()
    }

    /// All entries, in order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().flatten()
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
