//! What was found out about pieces of the templates, by where these lie: most are walked many
//! times, and they stay where they are.

/// How many places are kept.
const COUNT: usize = 1024;

/// A table in which each place has one slot that it may use, and shares with others.
#[derive(Debug)]
pub(super) struct Near<T> {
    /// The places, nought where there is none yet, and what was found.
    slots: Vec<(usize, T)>,
}

impl<T: Copy> Near<T> {
    /// `nothing` stands where nothing was found out yet.
    pub(super) fn new(nothing: T) -> Self {
        Self {
            slots: vec![(0, nothing); COUNT],
        }
    }

    pub(super) fn get(&self, place: usize) -> Option<T> {
        let (known, found) = self.slots.get(slot(place))?;
        (*known == place).then_some(*found)
    }

    pub(super) fn put(&mut self, place: usize, found: T) {
        if let Some(slot) = self.slots.get_mut(slot(place)) {
            *slot = (place, found);
        }
    }
}

/// What lies one behind the other is that of one template, and has slots one behind the other.
fn slot(place: usize) -> usize {
    ((place >> 3) ^ (place >> 13)) % COUNT
}

#[cfg(test)]
mod tests {
    use super::Near;

    #[test]
    fn the_last_of_a_slot_is_found_again() {
        let mut near = Near::new(0);
        assert_eq!(near.get(0x1000), None);
        for number in 0..5000 {
            near.put(0x1000 + 8 * number, number);
            assert_eq!(near.get(0x1000 + 8 * number), Some(number));
        }
        assert_eq!(near.get(0x1000), None);
    }
}
