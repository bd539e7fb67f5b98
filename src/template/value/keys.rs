//! The keys of maps that are made of a text.

use std::rc::Rc;

use super::Key;

/// So many keys are remembered at most.
const RECENT: usize = 128;

/// Keys that were made lately, at places that follow from what they are: many maps have the same
/// keys, which are there only once then.
#[derive(Debug, Default)]
pub struct RecentKeys<'t>(Vec<Option<(&'t str, Key)>>);

impl<'t> RecentKeys<'t> {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self(vec![None; RECENT])
    }

    /// Of maps that have so many keys together: few of them are not worth remembering.
    #[must_use]
    pub fn of(keys: usize) -> Self {
        match keys {
            ..=8 => Self::default(),
            _ => Self(vec![None; keys.min(RECENT)]),
        }
    }

    /// The key of this name.
    pub fn key(&mut self, name: &'t str) -> Key {
        let bytes = name.as_bytes();
        let byte = |at: usize| bytes.get(at).copied().map_or(0, usize::from);
        let last = bytes.len().saturating_sub(1);
        let sum = bytes.len() + 7 * byte(0) + 31 * byte(last) + 11 * byte(last / 2);
        let place = sum.checked_rem(self.0.len());
        let Some(recent) = place.and_then(|place| self.0.get_mut(place)) else {
            return Rc::from(bytes);
        };
        match recent {
            Some((known, key)) if *known == name => Rc::clone(key),
            _ => {
                let key: Key = Rc::from(bytes);
                *recent = Some((name, Rc::clone(&key)));
                key
            }
        }
    }
}
